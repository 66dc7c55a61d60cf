"""Logs: no words of a citizen, no address, no token, whoever writes the line."""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot import logs, metrics

SECRET = "Mannerheimintie 5 A, 040 1234567, maija@example.fi, s3cr3t"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    stream = io.StringIO()
    logs.configure(level="debug", form="json", stream=stream)

    def read() -> list[dict[str, Any]]:
        text = stream.getvalue()
        assert all(part not in text for part in ("Mannerheim", "1234567", "maija", "s3cr3t"))
        return [json.loads(line) for line in text.splitlines()]

    yield read
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def test_only_allowed_keys_pass_and_the_others_are_named(lines: Lines) -> None:
    structlog.get_logger("engine").info("turn_done", channel="webchat", seconds=0.5, text=SECRET, address=SECRET)
    (line,) = lines()
    assert (line["event"], line["channel"], line["seconds"], line["level"]) == ("turn_done", "webchat", 0.5, "info")
    assert line["dropped"] == "address,text"
    assert line["timestamp"].endswith("Z")


def test_context_passes_the_same_gate(lines: Lines) -> None:
    with structlog.contextvars.bound_contextvars(channel="sms", phone=SECRET):
        structlog.get_logger().warning("late")
    (line,) = lines()
    assert (line["channel"], line["dropped"]) == ("sms", "phone")


def test_a_library_line_is_its_template_without_arguments(lines: Lines) -> None:
    logging.getLogger("aiohttp.server").error("Error handling request from %s", SECRET, extra={"body": SECRET})
    (line,) = lines()
    assert (line["event"], line["logger"]) == ("Error handling request from %s", "aiohttp.server")


@pytest.mark.parametrize(
    "words",
    [
        f"could not send '{SECRET}'",
        f'invalid input: "{SECRET}"',
        "call to +358 40 1234567 failed",
        "mail to maija@example.fi failed",
        "GET /x?token=s3cr3t failed",
        "GET https://api.example/x?token=s3cr3t",
        "<Task coro=<handle() text=s3cr3t>>",
        f"line one\n{SECRET}",
    ],
)
def test_a_finished_sentence_of_a_library_loses_what_came_from_outside(lines: Lines, words: str) -> None:
    logging.getLogger("lib").warning(words)
    assert len(lines()) == 1


def _fail(secret: str) -> None:
    try:
        raise KeyError(secret)  # noqa: TRY301
    except KeyError as error:
        raise ValueError(f"no such {secret}") from error


@pytest.mark.parametrize("library", [False, True])
def test_an_exception_is_its_types_and_places(lines: Lines, library: bool) -> None:
    logger = logging.getLogger("lib") if library else structlog.get_logger()
    try:
        _fail(SECRET)
    except ValueError:
        logger.exception("turn_failed")
    (line,) = lines()
    assert line["exception"] == "ValueError from KeyError"
    assert "test_logs.py:" in line["stack"]
    assert line["stack"].endswith("_fail")


def test_warnings_come_the_same_way(lines: Lines) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"strange '{SECRET}'", stacklevel=1)
    assert lines()[0]["logger"] == "py.warnings"


def test_values_of_unknown_types_and_great_length_are_cut(lines: Lines) -> None:
    structlog.get_logger().info("x", reason="a" * 500, state=object(), count=3)
    (line,) = lines()
    assert (len(line["reason"]), line["state"], line["count"]) == (logs.LONGEST, "object", 3)


def test_the_level_holds(lines: Lines) -> None:
    logs.configure(level="error", form="json", stream=io.StringIO())
    structlog.get_logger().info("quiet")
    assert lines() == []


def test_the_console_shows_no_more(lines: Lines) -> None:
    stream = io.StringIO()
    logs.configure(form="console", stream=stream)
    try:
        _fail(SECRET)
    except ValueError:
        structlog.get_logger().exception("turn_failed", text=SECRET)
    assert "turn_failed" in stream.getvalue()
    assert "s3cr3t" not in stream.getvalue()


async def test_the_access_log_has_the_route_and_neither_path_nor_query(lines: Lines) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.router.add_get("/conversations/{id}", answer)
    server = TestServer(application)
    await server.start_server(access_log_class=logs.AccessLogger)
    async with TestClient(server) as client:
        await client.get("/conversations/s3cr3t?token=s3cr3t")
        await client.get("/s3cr3t")
    found = [(line["route"], line["status"]) for line in lines() if line.get("logger") == "access"]
    assert found == [("/conversations/{id}", 200), ("unmatched", 404)]


def test_metrics_are_in_prometheus_format() -> None:
    metrics.turns.labels("webchat", "library", "done").inc()
    text = metrics.exposition().decode()
    assert 'neuvo_turns_total{channel="webchat",intent="library",outcome="done"}' in text
    assert "process_resident_memory_bytes" in text
