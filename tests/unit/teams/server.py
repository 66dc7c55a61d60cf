"""A real server with the Teams channel on a real database, and an engine of one line; Microsoft is the stand-in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from aiohttp import web

from bot.codec import Plain
from bot.http import BODY
from bot.messages import Address, Choice, Event, Incoming, Reach, Reply
from channels.base import Unavailable
from channels.kind import House
from channels.teams.channel import Teams
from channels.teams.kind import PATH, TeamsSettings, make
from tests.contract.teams_stand import APP_ID, PASSWORD, TENANT, Stand, post, standing
from tests.sentences import TEXTS


@dataclass
class Neighbour:
    """What stands in the engine's place: keeps each event, each message once."""

    messages: dict[str, Incoming] = field(default_factory=dict)
    reaches: list[Reach] = field(default_factory=list)
    calls: int = 0
    delay: float = 0.0
    unavailable: bool = False

    async def receive(self, event: Event) -> None:
        self.calls += 1
        await asyncio.sleep(self.delay)
        if self.unavailable:
            raise Unavailable
        if isinstance(event, Incoming):
            self.messages.setdefault(event.message_id, event)
        elif isinstance(event, Reach):
            self.reaches.append(event)

    @property
    def last(self) -> Incoming:
        return list(self.messages.values())[-1]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages.values()]


@dataclass
class Server:
    """One process of ours."""

    teams: Teams
    neighbour: Neighbour
    stand: Stand
    url: str
    http: aiohttp.ClientSession
    pool: asyncpg.Pool[Any]

    async def post(self, activity: Any, token: str | None = "") -> tuple[int, Any]:
        """Post an activity; with a genuine token unless another is given."""
        return await post(self.http, self.url, activity, self.stand.token() if token == "" else token)

    async def say(self, text: str, **changes: Any) -> Incoming:
        status, _ = await self.post(self.stand.activity(text=text, **changes))
        assert status == 200
        return self.neighbour.last

    async def rows(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM teams_references"))


def reply(text: str = "Hei!", *labels: str, language: str = "fi") -> Reply:
    return Reply(text=text, language=language, choices=tuple(Choice(label, f"c|{label}") for label in labels))


def settings_for(stand: Stand, **changes: Any) -> TeamsSettings:
    usual = {
        "app_id": APP_ID,
        "app_password": PASSWORD,
        "tenant_id": TENANT,
        "openid_url": stand.openid_url,
        "login_url": stand.url,
        "service_hosts": ("127.0.0.1",),
    }
    return TeamsSettings(**{**usual, **changes})


def house_for(pool: asyncpg.Pool[Any], **changes: Any) -> House:
    usual: dict[str, Any] = {
        "pool": lambda: pool,
        "codec": Plain(),
        "public_url": "https://chat.example.fi",
        "listen_url": None,
        "peer": lambda request: request.remote or "",
        "urgent": lambda text: "112" in text,
        "texts": TEXTS,
        "languages": ("fi", "sv", "en"),
        "var_dir": Path("var"),
        "development": True,
    }
    return House(**{**usual, **changes})


@asynccontextmanager
async def process(database_url: str, stand: Stand, *, house: Any = None, **changes: Any) -> AsyncIterator[Server]:
    """One process of ours beside a Microsoft that goes on."""
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(
            asyncpg.create_pool(database_url, min_size=0, max_size=5, timeout=5, command_timeout=5)
        )
        teams = make(settings_for(stand, **changes), house_for(pool, **(house or {})))
        assert isinstance(teams, Teams)
        neighbour = Neighbour()
        application = web.Application(client_max_size=BODY)
        application.add_routes(teams.routes(neighbour.receive))
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await teams.start()
        stack.push_async_callback(teams.close)
        http = await stack.enter_async_context(aiohttp.ClientSession())
        url = f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
        yield Server(teams, neighbour, stand, url, http, pool)


@asynccontextmanager
async def serving(database_url: str, **changes: Any) -> AsyncIterator[Server]:
    """A process and a Microsoft of its own."""
    async with standing() as stand, process(database_url, stand, **changes) as server:
        yield server


def address(incoming: Incoming) -> Address:
    return incoming.address
