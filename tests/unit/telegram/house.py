"""A real server with the Telegram channel on a real database, against the stand-in of the Bot API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from aiohttp import web

from bot.codec import Plain
from bot.messages import Address, Choice, Event, Incoming, Reach, Reply
from channels.base import Unavailable
from channels.kind import House
from channels.telegram.channel import Telegram
from channels.telegram.client import Client
from channels.telegram.pace import Pacer
from dialogs.buttons import intent_payload
from tests.contract.telegram_stand import CITIZEN, SECRET, TOKEN, Stand, deliver, standing
from tests.sentences import LANGUAGES, TEXTS

KNOWLEDGE = Path(__file__).resolve().parents[3] / "knowledge"
ADDRESS = Address("telegram", str(CITIZEN))


@dataclass
class Clock:
    """Time that passes only while somebody sleeps."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Server:
    """A running channel. ``taken`` is what the server in the engine's place was handed."""

    stand: Stand
    channel: Telegram
    pool: asyncpg.Pool[Any]
    http: aiohttp.ClientSession
    clock: Clock
    url: str = ""
    taken: list[Event] = field(default_factory=list)
    unavailable: bool = False

    async def receive(self, event: Event) -> None:
        if self.unavailable:
            raise Unavailable
        self.taken.append(event)

    async def deliver(self, update: Any, secret: str | None = SECRET) -> int:
        return await deliver(self.http, self.url, update, secret)

    async def hears(self, update: Any) -> Event | None:
        """What an update tells the server."""
        before = len(self.taken)
        assert await self.deliver(update) == 200
        assert len(self.taken) <= before + 1
        return self.taken[-1] if len(self.taken) > before else None

    async def message(self, update: Any) -> Incoming:
        event = await self.hears(update)
        assert isinstance(event, Incoming)
        return event

    async def reach(self, update: Any) -> Reach:
        event = await self.hears(update)
        assert isinstance(event, Reach)
        return event

    async def say(self, reply: Reply | str, key: str = "1", chat: int = CITIZEN) -> str | None:
        reply = Reply(text=reply, language="fi") if isinstance(reply, str) else reply
        return await self.channel.send(Address("telegram", str(chat)), reply, key=key)

    async def rows(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM telegram_buttons"))


def make_house(pool: asyncpg.Pool[Any] | None = None, **changes: Any) -> House:
    """What the channel is handed."""

    def lent() -> asyncpg.Pool[Any]:
        assert pool is not None
        return pool

    chosen: dict[str, Any] = {
        "pool": lent,
        "codec": Plain(),
        "public_url": "https://chat.example.fi",
        "listen_url": None,
        "peer": lambda request: request.remote or "",
        "urgent": lambda text: "112" in text,
        "texts": TEXTS,
        "languages": LANGUAGES,
        "var_dir": Path(),
        "intent_payload": intent_payload,
    }
    return House(**{**chosen, **changes})


@asynccontextmanager
async def serving(
    database_url: str,
    stand: Stand,
    *,
    secret: str | None = SECRET,
    token: str = TOKEN,
    patience: float = 5.0,
    **house: Any,
) -> AsyncIterator[Server]:
    """The channel over HTTP until the block ends."""
    clock = Clock()
    async with (
        asyncpg.create_pool(database_url, min_size=0, max_size=5, timeout=5, command_timeout=5) as pool,
        aiohttp.ClientSession() as http,
    ):
        client = Client(token, stand.url, patience=patience)
        pacer = Pacer(clock=clock, sleep=clock.sleep)
        channel = Telegram(client, make_house(pool, **house), secret=secret, pacer=pacer)
        server = Server(stand, channel, pool, http, clock)
        site = web.Application()
        site.add_routes(channel.routes(server.receive))
        runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        tcp = web.TCPSite(runner, "127.0.0.1", 0)
        await tcp.start()
        server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/telegram/webhook"
        await channel.start()
        try:
            yield server
        finally:
            await channel.close()
            await runner.cleanup()


@asynccontextmanager
async def house_and_stand(database_url: str, **options: Any) -> AsyncIterator[Server]:
    async with standing() as stand, serving(database_url, stand, **options) as server:
        yield server


def asked(label: str, payload: str) -> Reply:
    """A question with one button."""
    return Reply(text="Lähetetäänkö?", language="fi", choices=(Choice(label, payload),))


async def eventually(true: Callable[[], bool]) -> None:
    """Wait until something is so, for two seconds at most."""
    async with asyncio.timeout(2):
        while not true():  # noqa: ASYNC110  what is waited for is another process's to tell
            await asyncio.sleep(0.005)
