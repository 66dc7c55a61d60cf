"""A thousand requests that are forged or malformed, over all routes: refused, with nothing stored and nothing told."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import logs
from channels.webchat.tokens import Tokens, new_grant
from tests.unit.webchat.files import ACTIVITY, drawn
from tests.unit.webchat.server import SECRET, Citizen, Server, serving

MARKS = ("Mannerheimintie", "0401234567", "maija@example.fi", "131052-308T")
"""What must not be in a log, wherever in a request it stood."""
MESSAGE = json.dumps({"type": "message", "text": " ".join(MARKS), "from": {"id": MARKS[1], "name": MARKS[2]}}).encode()
FORM = (
    b"--b\r\nContent-Type: " + ACTIVITY.encode() + b"\r\n\r\n" + MESSAGE + b"\r\n"
    b'--b\r\nContent-Type: image/jpeg\r\nContent-Disposition: form-data; name=file; filename="maija@example.fi"\r\n\r\n'
    + drawn(size=(9, 9))
    + b"\r\n--b--\r\n"
)


class Running:
    """A server in a thread with a loop of its own, so that a test without one can ask it."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._stack = AsyncExitStack()
        self.server: Server
        self.citizen: Citizen

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def __enter__(self) -> Running:
        self._thread.start()
        self.server = self.run(self._stack.enter_async_context(serving(self._database_url)))
        self.citizen = self.run(self.server.begin())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._stack.aclose())
        self.run(self._rest())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _rest(self) -> None:
        """What aiohttp still waits for of requests that were broken off."""
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)

    async def send(self, request: bytes, *, whole: bool) -> int | None:
        """The status; ``None`` when there is none, as of a request that is not ``whole``."""
        host, _, port = self.server.url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(request)
            await writer.drain()
            async with asyncio.timeout(20 if whole else 0.1):
                line = await reader.readline()
        except (ConnectionError, TimeoutError):
            assert not whole
            return None
        finally:
            writer.transport.abort()
        return int(line.split()[1]) if line.startswith(b"HTTP/1.1 ") else None


@dataclass(frozen=True)
class Request:
    """What is drawn; the tokens and ids of the running server are put in their places."""

    method: str
    path: str
    token: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: int

    def encoded(self, running: Running) -> bytes:
        places = {
            "{own}": running.citizen.id,
            "{genuine}": str(running.citizen.opened["token"]),
            "{ticket}": running.citizen.opened["streamUrl"].partition("t=")[2],
            "{other}": Tokens("t" * 32).make(new_grant()),
            "{elsewhere}": Tokens(SECRET).make(new_grant()),
        }
        lines = [f"{self.method} {self.path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"Authorization: Bearer {self.token}"] if self.token else []
        lines += [f"{name}: {value}" for name, value in self.headers]
        head = "\r\n".join(lines)
        for place, value in places.items():
            head = head.replace(place, value)
        length = max(0, len(self.body) - self.cut)
        return f"{head}\r\nContent-Length: {length}\r\n\r\n".encode("utf-8", "surrogatepass") + self.body


_words = st.one_of(st.sampled_from(MARKS), st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs")), max_size=20))
_ids = st.one_of(st.just("{own}"), st.sampled_from(("x", "%00", "..", "%F0%9F", "undefined", *MARKS)))
_tails = st.sampled_from(("", "/activities", "/upload", "/stream", "/nothing", "/activities/x"))
_marks = st.sampled_from(
    ("", "?watermark=-5", "?watermark=%00", "?t={genuine}", "?t={other}", "?t=x", "?t=maija@example.fi")
)
_paths = st.one_of(
    st.builds("/v3/directline/conversations/{}{}{}".format, _ids, _tails, _marks),
    st.sampled_from(("tokens/generate", "tokens/refresh", "conversations", "session/getsessionid", "nothing", "")).map(
        "/v3/directline/{}".format
    ),
    st.sampled_from(("/", "/static/../api.py", "/static/%2e%2e/kind.py", "/static/", "//", "/v3", "/%00")),
)
_methods = st.sampled_from(("GET", "POST", "POST", "POST", "DELETE", "OPTIONS", "PUT", "HEAD", "TRACE", "NONSENSE"))
_json = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), _words),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_words, inner, max_size=3)),
    max_leaves=8,
)
_malformed = st.one_of(
    st.binary(max_size=200),
    st.builds(lambda value: json.dumps(value).encode(), _json),
    st.builds(
        lambda name, value: json.dumps({"type": "message", "text": MARKS[0], name: value}).encode(),
        st.sampled_from(("text", "channelData", "attachments", "locale", "value")),
        st.sampled_from(([1, {}], 5, "x" * 100_001, {"clientActivityID": 7})),
    ).filter(lambda body: b'"value"' not in body and b'"text": "xxx' not in body and b'"locale": "xxx' not in body),
    st.builds(lambda at: FORM[:at] + FORM[at + 7 :], st.integers(len(MESSAGE), len(FORM) - 40)),
)
_kinds = st.sampled_from(("application/json", "multipart/form-data; boundary=b", "image/png", "x"))
_names = st.sampled_from(("Referer", "User-Agent", "Cookie", "X-\u00e5", "Sec-WebSocket-Key", "Upgrade"))
_origins = st.sampled_from(("https://evil.example", "null", "http://127.0.0.1", "\u00e4"))
_peers = st.sampled_from(("192.0.2.1", "maija@example.fi, x", ","))
_headers = st.lists(
    st.one_of(
        st.tuples(st.just("Content-Type"), _kinds),
        st.tuples(st.just("Origin"), _origins),
        st.tuples(st.just("X-Forwarded-For"), _peers),
        st.tuples(st.just("Content-Encoding"), st.sampled_from(("gzip", "deflate", "br", "x"))),
        st.tuples(st.just("Transfer-Encoding"), st.sampled_from(("chunked", "x"))),
        st.tuples(st.just("Accept-Language"), st.one_of(st.just("fi;q=2"), _words)),
        st.tuples(_names, _words),
        st.tuples(st.just("Expect"), st.just("100-continue")),
    ),
    max_size=4,
).map(tuple)
_forged = st.builds(
    Request,
    method=_methods,
    path=_paths,
    token=st.one_of(st.just(""), st.sampled_from(("{other}", "{ticket}", "x", "å", SECRET[:-1], *MARKS)), _words),
    headers=_headers,
    body=st.one_of(st.just(MESSAGE), st.just(FORM), _malformed),
    cut=st.sampled_from((0, 0, 0, 0, 0, 0, 5, 5, -5)),
)
_bad_bodies = st.builds(
    Request,
    method=st.sampled_from(("GET", "POST", "PUT")),
    path=_paths.filter(lambda path: not path.endswith("/conversations")),
    token=st.just("{genuine}"),
    headers=_headers,
    body=_malformed,
    cut=st.sampled_from((0, 0, 0, 0, 0, 0, 5, 5, -5)),
)
_of_others = st.builds(
    Request,
    method=st.sampled_from(("GET", "POST", "DELETE")),
    path=st.builds("/v3/directline/conversations/{}{}{}".format, st.just("{own}"), _tails, _marks),
    token=st.just("{elsewhere}"),
    headers=_headers,
    body=st.sampled_from((MESSAGE, FORM)),
    cut=st.just(0),
)


@pytest.fixture
def running(database_url: str) -> Iterator[Running]:
    with Running(database_url) as found:
        yield found


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    stream = io.StringIO()
    logs.configure(level="debug", form="json", stream=stream)
    yield stream
    logging.captureWarnings(False)
    structlog.reset_defaults()
    root.handlers[:], root.level = before


def test_a_thousand_forged_or_malformed_requests(running: Running, logged: io.StringIO) -> None:
    seen: set[int | None] = set()

    @settings(max_examples=1000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(_forged, _bad_bodies, _of_others))
    def ask(request: Request) -> None:
        status = running.run(running.send(request.encoded(running), whole=request.cut >= 0))
        seen.add(status)
        assert status is None or status < 500, status
        assert not running.server.neighbour.kept

    ask()
    assert {400, 401, 403, 404, 405} <= seen
    assert running.run(running.server.rows()) == 0
    told = logged.getvalue()
    assert told.count("\n") > 100, "the log is on"
    for secret in (*MARKS, str(running.citizen.opened["token"]), running.citizen.id, "127.0.0.1", "192.0.2.1", SECRET):
        assert secret not in told
    running.run(running.citizen.say("elossa"))
