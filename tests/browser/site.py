"""The real engine, database and web chat, with a scripted bot in the place of understanding and dialogs."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Self

from aiohttp import web
from aiohttp.test_utils import unused_port

from bot.codec import Plain
from bot.database import Database
from bot.engine import Engine
from bot.http import BODY, listen
from bot.messages import Address, Outcome, Reply, Turn
from channels.webchat.channel import WebChat
from channels.webchat.pace import Paces, Rate
from channels.webchat.pages import PageWords
from channels.webchat.parts import Manner
from channels.webchat.tokens import Tokens
from tests.browser.script import WELCOME, answer
from tests.sentences import LANGUAGES, LOOK, TEXTS

SECRET = "a secret of the tests, of forty letters."
MUCH = Rate(100_000, 100_000)
HURRIED = Paces(begin=MUCH, address=MUCH, talk=MUCH, look=MUCH, pictures=MUCH)
APOLOGY = {"fi": Reply(text="Jokin meni vikaan.", language="fi")}


class Site:
    """One process at one address, which can end and come back over the same database."""

    def __init__(self, database_url: str, *, origins: Sequence[str] = (), development: bool = True) -> None:
        self._database_url = database_url
        self._origins = origins
        self._development = development
        self._port = unused_port()
        self._process = AsyncExitStack()
        self.url = f"http://127.0.0.1:{self._port}/"
        self.ahead = 0.0
        """Seconds by which the clock of the tokens goes ahead."""
        self.taken: list[str] = []
        self.photos: list[int] = []
        """How many pictures each message had."""
        self.erased: list[str] = []

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop."""
        await self.stop()

    async def start(self) -> None:
        """Open the database, the channel and the port."""
        database = await self._process.enter_async_context(Database(self._database_url, size=4))
        chat = WebChat(
            lambda: database.pool,
            Plain(),
            SECRET,
            public_url=self.url,
            look=LOOK,
            origins=self._origins,
            development=self._development,
            listen_url=self._database_url,
            manner=Manner(paces=HURRIED, welcome=WELCOME, erase=self._erase),
            tokens=Tokens(SECRET, clock=lambda: time.time() + self.ahead),
            words={language: PageWords.of(TEXTS, language) for language in LANGUAGES},
        )
        engine = Engine(database, {chat.name: chat}, self._respond, lambda _: None, apologies=APOLOGY)
        self._process.push_async_callback(engine.stop)
        await chat.start()
        application = web.Application(client_max_size=BODY)
        application.add_routes(chat.routes(engine.handle))
        _, close = await listen(application, "127.0.0.1", self._port, wait=0.1)
        self._process.push_async_callback(close)
        self._process.push_async_callback(chat.close)

    async def stop(self) -> None:
        """End the process; what is kept stays in the database."""
        await self._process.aclose()

    async def _erase(self, address: Address) -> None:
        self.erased.append(address.key)

    async def _respond(self, turn: Turn) -> Outcome:
        said = turn.incoming
        language = said.language or "fi"
        if said.payload != WELCOME:
            self.taken.append(said.text)
            self.photos.append(len([photo for photo in said.photos if photo.id]))
        return Outcome(state=None, language=language, replies=answer(said.text, said.payload, language))


@asynccontextmanager
async def scripted_site(database_url: str) -> AsyncIterator[Site]:
    """A site until the block ends."""
    async with Site(database_url) as site:
        yield site
