"""The client of docs/api.md, and that page's own examples, against the API."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from bot.http import listen
from tests.unit.proactive.service import sent, service
from tests.unit.proactive.store import VALUES

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def client() -> Iterator[ModuleType]:
    """The file, as who copied it imports it."""
    spec = importlib.util.spec_from_file_location("api_client", DOCS / "api_client.py")
    assert spec is not None and spec.loader is not None
    module = sys.modules["api_client"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["api_client"]


async def test_it_sends_looks_lists_and_cancels(database_url: str, client: ModuleType) -> None:
    async with service(database_url) as api:
        neuvo = client.Neuvo(api.url, api.key.secret)

        def work() -> None:
            one = neuvo.send(sent())
            batch = neuvo.send([sent(), sent(values={})], name="two")
            assert (batch["created"], batch["refused"]) == (1, 1)
            assert neuvo.send([sent(), sent(values={})], name="two") == batch
            assert neuvo.get(one["id"])["status"] == "created"
            assert neuvo.cancel(one["id"])["status"] == "cancelled"
            assert [found["id"] for found in neuvo.list(status="cancelled", limit="1")] == [one["id"]]
            assert len(list(neuvo.list(limit="1"))) == 2
            with pytest.raises(client.Refused, match="409 Too late to cancel"):
                neuvo.cancel(one["id"])
            with pytest.raises(client.Refused) as refused:
                neuvo.send(sent(values={}))
            assert refused.value.problem["errors"][0]["field"] == "values.name"

        await asyncio.to_thread(work)


async def test_it_waits_and_sends_the_same_again(client: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)

    async def busy(request: web.Request) -> web.StreamResponse:
        names.append(request.headers["Idempotency-Key"])
        if len(names) == 1:
            return web.json_response({}, status=503, headers={"Retry-After": "7"})
        if len(names) == 2:
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        return web.json_response({"id": "x"})

    site = web.Application()
    site.add_routes([web.post("/api/v1/nudges", busy)])
    port, close = await listen(site, "127.0.0.1", 0, wait=0.1)
    try:
        neuvo = client.Neuvo(f"http://127.0.0.1:{port}", "key")
        assert await asyncio.to_thread(neuvo.send, {}) == {"id": "x"}
    finally:
        await close()
    assert len(names) == 3
    assert len(set(names)) == 1
    assert waits == [7.0, 2]


def test_it_hears_what_was_signed_by_the_secret_alone(client: ModuleType) -> None:
    secret, body, now = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", '{"type": "nudge.status"}', datetime.now(UTC)

    def headers(at: datetime) -> dict[str, str]:
        signed = Webhook(secret).sign("msg_1", at, body)
        return {"Webhook-Id": "msg_1", "Webhook-Timestamp": str(int(at.timestamp())), "Webhook-Signature": signed}

    assert client.heard(secret, headers(now), body.encode())["type"] == "nudge.status"
    with pytest.raises(ValueError, match="signature"):
        client.heard(secret, headers(now), body.encode() + b" ")
    with pytest.raises(ValueError, match="signature"):
        client.heard("whsec_" + "A" * 32, headers(now), body.encode())
    with pytest.raises(ValueError, match="old"):
        client.heard(secret, headers(datetime(2020, 1, 1, tzinfo=UTC)), body.encode())


async def test_the_pages_example_runs(
    database_url: str, client: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (DOCS / "api.md").read_text(), re.DOTALL)
    async with service(database_url) as api:
        monkeypatch.setenv("NEUVO_KEY", api.key.secret)
        code = code.replace("https://chat.example.fi", api.url).replace("library_due", "appointment_reminder")
        code = re.sub(r'"values": \{.*?\}', f'"values": {VALUES}', code)
        scope: dict[str, Any] = {}
        await asyncio.to_thread(exec, code, scope)
        assert scope["answer"]["created"] == 1
        assert scope["answer"]["nudges"][0]["id"] in capsys.readouterr().out
