"""A real server with the web chat on a real database, and an engine of one line that answers over ``send``."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import asyncpg
from aiohttp import web
from aiohttp.test_utils import unused_port

from bot.codec import Plain
from bot.http import BODY, listen
from bot.messages import Choice, Event, Incoming, Reply
from channels.base import Unavailable
from channels.webchat.channel import WebChat
from channels.webchat.pace import Paces, Rate
from channels.webchat.parts import Manner
from tests.sentences import LOOK

SECRET = "s" * 32
MUCH = Rate(100_000, 100_000)
HURRIED = Paces(begin=MUCH, address=MUCH, talk=MUCH, look=MUCH, pictures=MUCH)
"""For tests that ask for more than a person would."""


@dataclass
class Neighbour:
    """What stands in the engine's place: keeps each message once and answers it."""

    chat: WebChat = field(init=False)
    kept: dict[str, Incoming] = field(default_factory=dict)
    replies: Callable[[Incoming], list[Reply]] = lambda incoming: [
        Reply(text=f"Kuulin: {incoming.text}", language="fi", choices=(Choice("Kyllä", "yes"),))
    ]
    unavailable: bool = False
    gate: asyncio.Event | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def receive(self, incoming: Event) -> None:
        assert isinstance(incoming, Incoming)
        if self.gate is not None:
            await self.gate.wait()
        if self.unavailable:
            raise Unavailable
        if incoming.text.startswith("112"):
            safety = Reply(text="Soita 112", language="fi")
            await self.chat.send(incoming.address, safety, key=f"safety-{incoming.message_id}")
            return
        if incoming.message_id in self.kept:
            return
        self.kept[incoming.message_id] = incoming
        task = asyncio.create_task(self.answer(incoming))
        self.tasks.add(task)

    async def answer(self, incoming: Incoming) -> None:
        for number, reply in enumerate(self.replies(incoming)):
            await self.chat.send(incoming.address, reply, key=f"{incoming.message_id}-{number}")

    async def settled(self) -> None:
        while self.tasks:
            task = self.tasks.pop()
            await task


@dataclass
class Server:
    """A running server and a client's session to it."""

    chat: WebChat
    neighbour: Neighbour
    url: str
    http: aiohttp.ClientSession
    pool: asyncpg.Pool[Any]

    @property
    def base(self) -> str:
        return f"{self.url}/v3/directline"

    async def begin(self, **headers: str) -> Citizen:
        async with self.http.post(f"{self.base}/tokens/generate", headers=headers) as response:
            assert response.status == 200, await response.text()
            token = (await response.json())["token"]
        async with self.http.post(
            f"{self.base}/conversations", headers={**headers, "Authorization": f"Bearer {token}"}
        ) as response:
            assert response.status == 201
            return Citizen(self, await response.json())

    async def rows(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM webchat_activities"))


@dataclass
class Citizen:
    """One conversation as a client sees it."""

    server: Server
    opened: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.opened["conversationId"])

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.opened['token']}"}

    @property
    def url(self) -> str:
        return f"{self.server.base}/conversations/{self.id}"

    async def post(self, activity: Any) -> tuple[int, Any]:
        async with self.server.http.post(f"{self.url}/activities", headers=self.headers, json=activity) as response:
            return response.status, await response.json()

    async def say(self, text: str, **more: Any) -> str:
        status, body = await self.post({"type": "message", "text": text, **more})
        assert status == 200, body
        return str(body["id"])

    async def upload(self, form: aiohttp.FormData | bytes | io.BytesIO, **headers: str) -> tuple[int, Any]:
        """Post a form, or a file alone."""
        async with self.server.http.post(
            f"{self.url}/upload", headers={**self.headers, **headers}, data=form, params={"userId": "ignored"}
        ) as response:
            return response.status, await response.json()

    async def end(self) -> int:
        """Close and erase."""
        async with self.server.http.delete(self.url, headers=self.headers) as response:
            return response.status

    async def read(self, watermark: str | None = None) -> dict[str, Any]:
        query = {} if watermark is None else {"watermark": watermark}
        async with self.server.http.get(f"{self.url}/activities", headers=self.headers, params=query) as response:
            assert response.status == 200
            found: dict[str, Any] = await response.json()
            return found

    async def texts(self, watermark: str | None = None) -> list[str]:
        return [activity["text"] for activity in (await self.read(watermark))["activities"]]

    async def socket(self) -> aiohttp.ClientWebSocketResponse:
        return await self.server.http.ws_connect(self.opened["streamUrl"])


async def next_texts(socket: aiohttp.ClientWebSocketResponse, count: int) -> list[dict[str, Any]]:
    """The next activities of a socket."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while len(found) < count:
            found += (await socket.receive_json())["activities"]
    return found


@asynccontextmanager
async def serving(database_url: str, **options: Any) -> AsyncIterator[Server]:
    """A server until the block ends. ``options`` go to ``WebChat``."""
    neighbour = Neighbour()
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    async with asyncpg.create_pool(database_url, min_size=0, max_size=5, timeout=5, command_timeout=5) as pool:
        usual = {"public_url": url, "development": True, "listen_url": database_url, "look": LOOK}
        chosen = {**usual, "manner": Manner(paces=HURRIED), **options}
        chat = WebChat(lambda: pool, Plain(), SECRET, **chosen)
        neighbour.chat = chat
        application = web.Application(client_max_size=BODY)
        application.add_routes(chat.routes(neighbour.receive))
        _, close = await listen(application, "127.0.0.1", port, wait=0.1)
        await chat.start()
        try:
            async with aiohttp.ClientSession() as http:
                yield Server(chat, neighbour, url, http, pool)
        finally:
            await neighbour.settled()
            await chat.close()
            await close()
