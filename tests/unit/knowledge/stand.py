"""A real HTTP server that says what a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Stand:
    """Answers each path with its handler, else 404."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self._handlers: dict[str, Handler] = {}

    def on(self, path: str, handler: Handler) -> None:
        self._handlers[path] = handler

    def body(self, path: str, raw: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(body=raw, status=status, headers=headers)

        self.on(path, handler)

    def json(self, path: str, value: object, *, headers: dict[str, str] | None = None) -> None:
        self.body(path, json.dumps(value, ensure_ascii=False).encode(), headers=headers)

    def hang(self, path: str, first: bytes = b"", *, drip: float | None = None) -> None:
        """Send the beginning, and then nothing, or a blank every ``drip`` seconds for ever."""

        async def handler(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse()
            await response.prepare(request)
            await response.write(first)
            while True:
                await asyncio.sleep(drip if drip is not None else 30)
                await response.write(b" ")

        self.on(path, handler)

    def cut(self, path: str, first: bytes) -> None:
        """Promise more than is sent, and hang up."""

        async def handler(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Length": str(len(first) + 1000)})
            await response.prepare(request)
            await response.write(first)
            assert request.transport is not None
            request.transport.abort()
            return response

        self.on(path, handler)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        self.headers.append(dict(request.headers))
        handler = self._handlers.get(request.path)
        return web.Response(status=404) if handler is None else await handler(request)


@asynccontextmanager
async def standing() -> AsyncIterator[Stand]:
    stand = Stand()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stand._answer)
    server = TestServer(app)
    await server.start_server(shutdown_timeout=0.1)
    stand.url = str(server.make_url("")).rstrip("/")
    try:
        yield stand
    finally:
        await server.close()


def unit(number: int, **more: Any) -> dict[str, Any]:
    """A unit as TPREK v4 writes it."""
    return {
        "id": number,
        "org_id": "83e74666-0836-4c1d-948a-4b34a8b90301",
        "name_fi": f"Kirjasto {number}",
        "name_sv": f"Bibliotek {number}",
        "name_en": f"Library {number}",
        "ontologyword_ids": [473, 813],
        "latitude": 60.1 + (number % 100) / 1000,
        "longitude": 24.85 + (number // 100 % 100) / 1000,
        "street_address_fi": f"Katu {number}",
        "street_address_sv": f"Gatan {number}",
        "address_zip": "00530",
        "phone": "+358 9 310 85053",
        "www_fi": f"https://kirjasto.example/{number}",
        "accessibility_viewpoints": "00:unknown,11:red,12:red,21:green,61:red",
        "modified_time": "2020-06-30T00:32:06",
    } | more


def nested(number: int, **more: Any) -> dict[str, Any]:
    """The same as servicemap v2 writes it."""
    flat = unit(number)
    return {
        "id": number,
        "name": {"fi": flat["name_fi"], "sv": flat["name_sv"], "en": flat["name_en"]},
        "street_address": {"fi": flat["street_address_fi"], "sv": flat["street_address_sv"]},
        "address_zip": "00530",
        "location": {"type": "Point", "coordinates": [flat["longitude"], flat["latitude"]]},
        "services": [473, 813],
        "phone": flat["phone"],
        "www": {"fi": flat["www_fi"]},
        "accessibility_viewpoints": {"00": "unknown", "11": "red", "12": "red", "21": "green", "61": "red"},
        "connections": [],
    } | more
