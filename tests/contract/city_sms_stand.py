"""A stand-in of the City of Helsinki's notification service, as its OpenAPI description (0.4.1) has it."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.contract.twilio_stand import served

TOKEN = "city-token-0123456789"
SENDER = "+358457000000"


@dataclass
class CityStand:
    """What was sent to it, and how it answers; ``next`` answers go out before the usual ones."""

    url: str = ""
    sent: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0
    next: deque[tuple[int, bytes, dict[str, str]]] = field(default_factory=deque)
    delay: float = 0.0
    drop: bool = False
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    async def send(self, request: web.Request) -> web.Response:
        """``POST /v1/message/send``."""
        self.calls += 1
        body = await request.read()
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.drop:
            assert request.transport is not None
            request.transport.abort()
        if self.next:
            status, text, headers = self.next.popleft()
            return web.Response(status=status, body=text, content_type="application/json", headers=headers)
        if request.headers.get("Authorization") != f"Token {TOKEN}":
            return web.json_response({"error": "Invalid token."}, status=401)
        payload: Any = await request.json() if body else None
        if not _valid(payload):
            return web.json_response({"error": "Invalid payload."}, status=400)
        self.sent.append(payload)
        return web.json_response({"id": next(self._ids), "report": {}}, status=201)


def _valid(payload: Any) -> bool:
    if not isinstance(payload, dict) or set(payload) != {"sender", "to", "text"}:
        return False
    return (
        payload["sender"] == SENDER
        and isinstance(payload["text"], str)
        and bool(payload["text"])
        and isinstance(payload["to"], list)
        and len(payload["to"]) > 0
        and all(
            set(each) == {"destination", "format"}
            and each["format"] == "MOBILE"
            and re.fullmatch(r"\+[1-9]\d{6,14}", each["destination"])
            for each in payload["to"]
        )
    )


@asynccontextmanager
async def city_service() -> AsyncIterator[CityStand]:
    """A running stand-in until the block ends."""
    stand = CityStand()
    async with served([web.post("/v1/message/send", stand.send)]) as base:
        stand.url = base + "/v1"
        yield stand
