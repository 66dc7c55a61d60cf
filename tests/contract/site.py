"""A channel on a real server over a real database: alone, with a recorder for an engine, or with the whole city."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path

import aiohttp
from aiohttp import web

from bot.app import App
from bot.city import City
from bot.data import erasing, forget
from bot.database import Database
from bot.engine import Engine
from bot.http import BODY, Health, application, listen
from bot.keys import KeyStore
from bot.messages import Address, Reply
from bot.services import Addresses
from bot.turns import Respond, Timing
from channels.base import Channel
from channels.kind import House
from dialogs.buttons import command_payload, intent_payload
from knowledge import sandbox
from mydata.holds import Holds
from tests.contract.provider import Neighbour, Post, Provider, Row
from tests.keys import keys_over, opened_keys
from tests.sentences import LANGUAGES, TEXTS


@dataclass
class Site:
    """A channel that is served, and its provider."""

    name: str
    channel: Channel
    provider: Provider
    http: aiohttp.ClientSession
    url: str
    neighbour: Neighbour = field(default_factory=Neighbour)
    app: App | None = None

    async def post(self, post: Post, *, to: str | None = None) -> int:
        """Send a request to us (or to another process of ours); the status of the answer."""
        url = (to or self.url) + post.path
        headers = {"Content-Type": "application/json", **post.headers}
        async with self.http.post(url, data=BytesIO(post.body), headers=headers) as response:
            await response.read()
            return response.status

    async def say(self, text: str, by: int = 0) -> None:
        """Let a citizen say something that must be taken."""
        status = await self.post(self.provider.says(text, by=by))
        assert 200 <= status < 300

    async def address(self) -> Address:
        """The first citizen's, who says something for it."""
        await self.say("moi")
        return self.neighbour.messages[-1].address

    async def send(self, reply: Reply | str, key: str = "1") -> str | None:
        """Send the first citizen a reply."""
        reply = Reply(text=reply, language="fi") if isinstance(reply, str) else reply
        return await self.channel.send(await self.address(), reply, key=key)


def house(database: Database, keys: KeyStore, url: str) -> House:
    """What the server hands to a channel."""
    erasures = erasing(database, keys, keys, Holds(lambda: database.pool, {}), TEXTS)
    return House(
        pool=lambda: database.pool,
        codec=keys,
        public_url=url,
        listen_url=database.url,
        peer=lambda request: request.remote or "",
        urgent=lambda text: "112" in text,
        texts=TEXTS,
        languages=LANGUAGES,
        var_dir=Path("var"),
        development=True,
        intent_payload=intent_payload,
        welcome_payload=command_payload("help"),
        erase=partial(forget, erasures, keys),
    )


@asynccontextmanager
async def alone(row: Row, database_url: str) -> AsyncIterator[Site]:
    """The channel with a recorder behind it."""
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(row.provider())
        database = await stack.enter_async_context(Database(database_url))
        keys = await stack.enter_async_context(opened_keys(database_url))
        neighbour = Neighbour()
        listener, url = _reserved()
        channel = _made(row, provider, database, keys, url)
        site = web.Application(client_max_size=BODY)
        site.add_routes(channel.routes(neighbour.receive))
        await _serve(stack, site, listener)
        await channel.start()
        stack.push_async_callback(channel.close)
        http = await _client(stack)
        await provider.begin(http, url)
        neighbour.events.clear()  # what opening a page tells
        yield Site(row.kind.name, channel, provider, http, url, neighbour)


@asynccontextmanager
async def slow(row: Row, database_url: str, respond: Respond) -> AsyncIterator[Site]:
    """The channel with the engine behind it, and somebody who decides turns as slowly as they like."""
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(row.provider())
        database = await stack.enter_async_context(Database(database_url))
        keys = await stack.enter_async_context(opened_keys(database_url))
        listener, url = _reserved()
        channel = _made(row, provider, database, keys, url)
        apologies = {language: Reply(text="apology", language=language) for language in LANGUAGES}
        timing = Timing(turn=120.0, lease=180.0)
        engine = Engine(database, {channel.name: channel}, respond, lambda _: None, apologies=apologies, timing=timing)
        site = web.Application(client_max_size=BODY)
        site.add_routes(channel.routes(engine.handle))
        await _serve(stack, site, listener)
        await channel.start()
        stack.push_async_callback(channel.close)
        stack.push_async_callback(engine.stop, 0.1)
        http = await _client(stack)
        await provider.begin(http, url)
        yield Site(row.kind.name, channel, provider, http, url)


@asynccontextmanager
async def process(
    row: Row, provider: Provider, city: City, database_url: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> AsyncIterator[Site]:
    """One whole process of ours over a database: the channel, the engine, the dialogs and the sandbox's services."""
    async with AsyncExitStack() as stack:
        port, close = await listen(sandbox.application(), "127.0.0.1", 0, wait=0.1)
        stack.push_async_callback(close)
        base = f"http://127.0.0.1:{port}"
        addresses = Addresses(
            hauki=f"{base}/hauki",
            open311=f"{base}/open311/v1",
            open311_key="demo",
            appointments=f"{base}/fhir",
            demonstration=True,
        )
        database, keys = Database(database_url), keys_over(database_url)
        listener, url = _reserved()
        channel = _made(row, provider, database, keys, url)
        app = await stack.enter_async_context(App(city, database, [channel], addresses, keys, public_url=url, now=now))
        app.work()
        await _serve(stack, application(app, Health(app)), listener)
        http = await _client(stack)
        await provider.begin(http, url)
        yield Site(row.kind.name, channel, provider, http, url, app=app)


def _made(row: Row, provider: Provider, database: Database, keys: KeyStore, url: str) -> Channel:
    settings = row.kind.settings(**provider.settings)
    assert settings.on
    assert settings.missing() == ()
    return row.kind.make(settings, house(database, keys, provider.public_url or url))


def _reserved() -> tuple[socket.socket, str]:
    """A socket that listens, and its address, which channels are told before they are served."""
    found = socket.create_server(("127.0.0.1", 0))
    return found, f"http://127.0.0.1:{found.getsockname()[1]}"


async def _serve(stack: AsyncExitStack, site: web.Application, listener: socket.socket) -> None:
    runner = web.AppRunner(site, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener).start()


async def _client(stack: AsyncExitStack) -> aiohttp.ClientSession:
    return await stack.enter_async_context(aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)))
