"""A whole process without a network side, for written conversations and for talking in the terminal.

The engine, the database, the understanding, the dialogs and the sandbox are the real ones; only the channel is in
memory, since who talks sits here.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from aiohttp import web

from bot.app import App
from bot.city import City
from bot.database import Database
from bot.http import listen
from bot.keys import KeyStore
from bot.messages import JSON, Address, Incoming, Location, Photo, Reply
from bot.services import Addresses
from channels.base import Limits, Receive
from knowledge import sandbox
from mydata.ledger import Wish
from proactive.wanted import ToAddress, Wanted

UNFINISHED = """
SELECT EXISTS (SELECT FROM inbox WHERE status = 'waiting')
    OR EXISTS (SELECT FROM effects WHERE status IN ('waiting', 'running'))
    OR EXISTS (SELECT FROM nudges WHERE status IN ('created', 'held') AND due_at <= $1 OR status = 'sending')
"""
"""now."""


LEVEL = "UPDATE conversations SET level = $2, level_at = now() WHERE id = $1"
"""conversation, how surely it is known whose it is."""
WEBCHAT, SMS = "webchat", "sms"
HOME = "https://neuvo.example"
"""Where the citizen's pages would be."""


class Here:
    """A channel in this process's memory: what was sent to each address, each key once."""

    limits = Limits()

    def __init__(self, name: str) -> None:
        self.name = name
        self.sent: dict[str, dict[str, Reply]] = {}

    def routes(self, _receive: Receive) -> Iterator[web.AbstractRouteDef]:
        """None: nobody calls."""
        return iter(())

    async def send(self, address: Address, reply: Reply, *, key: str) -> str | None:
        """Keep the reply."""
        self.sent.setdefault(address.key, {}).setdefault(key, reply)
        return key

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""


class Rig:
    """One process and its restarts."""

    def __init__(self, city: City, database_url: str) -> None:
        self.city = city
        self.zone = city.zone
        self._url = database_url
        self._master, self._index = os.urandom(32), os.urandom(32)
        self._channel, self.telephones = Here(WEBCHAT), Here(SMS)
        self._stack = AsyncExitStack()
        self._ahead = timedelta()
        self._process = AsyncExitStack()
        self._app: App | None = None

    async def __aenter__(self) -> Rig:
        """Start the sandbox and the first process."""
        port, close = await listen(sandbox.application(), "127.0.0.1", 0, wait=0.1)
        self._stack.push_async_callback(close)
        base = f"http://127.0.0.1:{port}"
        self._addresses = Addresses(
            hauki=f"{base}/hauki",
            open311=f"{base}/open311/v1",
            open311_key="demo",
            linked_events=f"{base}/linkedevents/v1",
            appointments=f"{base}/fhir",
            feeds={name: f"{base}/dates/{name}" for name in sandbox.FEEDS},
            demonstration=True,
        )
        await self._start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the process and the sandbox."""
        await self._process.aclose()
        await self._stack.aclose()

    @property
    def app(self) -> App:
        """The process that runs now."""
        if self._app is None:
            raise RuntimeError("the rig is not running")
        return self._app

    async def restart(self) -> None:
        """End the process; another one carries on over the same database."""
        await self._process.aclose()
        await self._start()

    def _keys(self) -> KeyStore:
        return KeyStore(self._url, self._master, self._index)

    def begin(self, at: datetime | None = None) -> Talk:
        """A citizen who has not written before; ``at`` sets the clock."""
        if at is not None:
            self._ahead = at - datetime.now(UTC)
        return Talk(self, uuid4().hex)

    def now(self) -> datetime:
        """The clock of the turns."""
        return datetime.now(UTC) + self._ahead

    async def wait(self, time: timedelta) -> None:
        """Let time pass at once; what becomes due meanwhile is done at the end of it."""
        self._ahead += time
        await self.app.nudging.sweep()
        await self.settle()

    def replies(self, key: str) -> list[Reply]:
        """All that was said to a citizen so far."""
        return list(self._channel.sent.get(key, {}).values())

    @property
    def said(self) -> list[Reply]:
        """All that was said to anybody so far."""
        sent = (*self._channel.sent.values(), *self.telephones.sent.values())
        return [reply for replies in sent for reply in replies.values()]

    async def settle(self) -> None:
        """Wait until nothing is left to do, effects and their turns included."""
        while True:
            await self.app.engine.idle()
            if not await self.app.database.pool.fetchval(UNFINISHED, self.now()):
                return await self.app.engine.idle()
            await asyncio.sleep(0.005)

    async def _start(self) -> None:
        channels = [self._channel, self.telephones]
        app = App(self.city, Database(self._url), channels, self._addresses, self._keys(), login_url=HOME, now=self.now)
        self._app = await self._process.enter_async_context(app)
        app.work()


class Talk:
    """One citizen in one conversation."""

    def __init__(self, rig: Rig, key: str) -> None:
        self._rig = rig
        self._key = key
        self._numbers = itertools.count(1)
        self._heard = 0

    @property
    def answer(self) -> list[Reply]:
        """What was said since the last thing that the citizen said."""
        return self._rig.replies(self._key)[self._heard :]

    def labels(self) -> list[str]:
        """The buttons under the last answer."""
        return [choice.label for reply in self._rig.replies(self._key)[-1:] for choice in reply.choices]

    async def say(
        self,
        text: str,
        payload: str | None = None,
        *,
        photos: tuple[Photo, ...] = (),
        location: Location | None = None,
    ) -> list[Reply]:
        """Say something and wait for everything that comes of it."""
        self._heard = len(self._rig.replies(self._key))
        incoming = Incoming(
            address=Address(WEBCHAT, self._key),
            message_id=f"{self._key}-{next(self._numbers)}",
            received_at=self._rig.now(),
            text=text,
            payload=payload,
            photos=photos,
            location=location,
        )
        await self._rig.app.engine.handle(incoming)
        await self._rig.settle()
        return self.answer

    async def wait(self, time: timedelta) -> list[Reply]:
        """Say nothing for some time; what the city wrote first meanwhile."""
        self._heard = len(self._rig.replies(self._key))
        await self._rig.wait(time)
        return self.answer

    async def nudge(self, template: str, values: Mapping[str, JSON], language: str) -> list[Reply]:
        """The city writes first to the citizen, who has allowed it; what came of that by now.

        ``values`` stand in the place of the template's examples; ``language`` is for who has not written before.
        """
        app, self._heard = self._rig.app, len(self._rig.replies(self._key))
        found = self._rig.city.nudges.get(template)
        purpose = app.personal.purposes.purposes[found.purpose]
        conversation, person = (await app.personal.people.at(WEBCHAT, [self._key], language))[self._key]
        if purpose.basis == "consent":
            wish = Wish(purpose=found.purpose, channel=WEBCHAT, language=language, through=WEBCHAT)
            await app.personal.ledger.give(await app.personal.pseudonym(person), wish)
        await app.database.pool.execute(LEVEL, conversation, purpose.level)
        wanted = Wanted(template=template, to=ToAddress(WEBCHAT, self._key), values={**found.examples, **values})
        for made in await app.nudging.store.create([wanted], maker=b"rig"):
            if made.fault is not None:
                raise ValueError(made.fault)
        await self._rig.settle()
        return self.answer

    async def press(self, label: str) -> bool:
        """Press a button of the last message that has one of that label (in any case); whether there was one."""
        for reply in reversed(self._rig.replies(self._key)):
            for choice in reply.choices:
                if choice.label.casefold() == label.casefold():
                    await self.say(choice.label, choice.payload)
                    return True
        return False
