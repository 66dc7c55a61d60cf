"""The API over HTTP, with the store behind it and a key of each kind."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import web

from bot.codec import Sealer
from bot.database import DOWN
from bot.http import listen
from proactive.api import NudgeApi
from proactive.intake import Intake
from proactive.keys import ApiKeys, NewKey
from proactive.template import Template, Templates
from tests.unit.proactive.store import PHONE, VALUES, Store, store, template

WORDS = {"cancelled": {"fi": "peruttu", "sv": "avbruten", "en": "cancelled"}}


@dataclass
class Service:
    """The API with who calls it."""

    store: Store
    keys: ApiKeys
    url: str
    http: aiohttp.ClientSession
    key: NewKey

    async def call(
        self, method: str, path: str, *, key: str | None = None, headers: Mapping[str, str] | None = None, **more: Any
    ) -> tuple[int, Any, Mapping[str, str]]:
        """The status, the body and the headers of an answer."""
        if isinstance(more.get("data"), bytes):
            more["data"] = io.BytesIO(more["data"])
        sent = {"Authorization": f"Bearer {key or self.key.secret}"} | dict(headers or {})
        async with self.http.request(method, f"{self.url}/api/v1{path}", headers=sent, **more) as response:
            assert response.content_type in {"application/json", "application/problem+json"}
            return response.status, await response.json(content_type=None), response.headers

    async def post(self, body: Any, *, name: str | None = None, **more: Any) -> tuple[int, Any, Mapping[str, str]]:
        """Send nudges, under a name of the request."""
        headers = {"Content-Type": "application/json"} | ({} if name is None else {"Idempotency-Key": name})
        return await self.call("POST", "/nudges", data=json.dumps(body).encode(), headers=headers, **more)

    async def new_key(self, **changes: Any) -> str:
        """One more key."""
        parts: dict[str, Any] = {"name": "another", "team": "Libraries", "mode": "live"}
        return (await self.keys.make(**{**parts, **changes})).secret


def sent(**changes: Any) -> dict[str, Any]:
    """A message as a program sends it."""
    return {"template": "appointment_reminder", "to": {"phone": PHONE}, "values": VALUES, **changes}


@asynccontextmanager
async def service(url: str, templates: Sequence[Template] = (), **key: Any) -> AsyncIterator[Service]:
    """The API until the block ends."""
    async with store(url, templates) as there, aiohttp.ClientSession() as http:
        pool = there.database.pool
        keys = ApiKeys(lambda: pool, Sealer(there.keys))
        made = await keys.make(**{"name": "library", "team": "Libraries", "mode": "live", "per_minute": 6000, **key})
        api = NudgeApi(
            there.nudges,
            keys,
            Intake(lambda: pool, there.nudges),
            Templates(templates or [template()]),
            explain=WORDS.get,
            down=DOWN,
        )
        site = web.Application(client_max_size=1024)
        site.add_routes(api.routes())
        port, close = await listen(site, "127.0.0.1", 0, wait=0.1)
        try:
            yield Service(there, keys, f"http://127.0.0.1:{port}", http, made)
        finally:
            await close()
