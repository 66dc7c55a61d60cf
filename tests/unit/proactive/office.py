"""A whole process that writes first, over a real database: channels that record, and a clock that can be set."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.app import App
from bot.city import City
from bot.database import Database
from bot.messages import Address, Incoming
from bot.services import Addresses
from mydata.ledger import Wish
from proactive.nudge import Created
from proactive.placeholder import Placeholder
from proactive.rules import Rules
from proactive.template import Template, Templates
from proactive.wanted import To, ToPerson, Wanted
from tests.conftest import KNOWLEDGE
from tests.keys import keys_over
from tests.unit.turn.house import Wire

HELSINKI = ZoneInfo("Europe/Helsinki")
NOON = datetime(2027, 8, 3, 12, 0, tzinfo=HELSINKI)
"""A Tuesday without anything."""
PURPOSE = "waste_reminders"
LANGUAGES = ("fi", "sv", "en")


def said(text: str) -> dict[str, str]:
    """The same in every language."""
    return dict.fromkeys(LANGUAGES, text)


def template(name: str = "pickup", **changes: Any) -> Template:
    """A reminder that says one word."""
    parts: dict[str, Any] = {
        "id": name,
        "version": 1,
        "purpose": PURPOSE,
        "urgency": "timely",
        "values": {"word": Placeholder(kind="text", example="glass")},
        "text": {"fi": "Huomenna {word}.", "sv": "I morgon {word}.", "en": "Tomorrow {word}."},
        "title": said("{word}"),
        "expires_after": timedelta(days=2),
    }
    return Template(**{**parts, **changes})


TEMPLATES = (
    template(),
    template("routine", urgency="routine"),
    template("urgent", urgency="urgent"),
    template("small", digest=True),
    template("watched", fallback_after=timedelta(hours=4)),
)


@lru_cache
def unlearned() -> City:
    """The repository's content, without understanding."""
    return City.read(KNOWLEDGE)


@dataclass
class Clock:
    """What time it is."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at.astimezone(UTC)

    def move(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Office:
    """One process: the app, its channels and its clock."""

    app: App
    wires: dict[str, Wire]
    clock: Clock
    made: list[UUID] = field(default_factory=list)

    @property
    def pool(self) -> Any:
        return self.app.database.pool

    @property
    def sms(self) -> Wire:
        return self.wires["sms"]

    async def citizen(
        self, key: str = "+358401234567", channel: str = "sms", *, purpose: str | None = PURPOSE, language: str = "fi"
    ) -> UUID:
        """Somebody at an address, who has agreed to a purpose on that channel."""
        own = self.app.personal
        _, person = (await own.people.at(channel, [key], language))[key]
        if purpose is not None:
            await self.agree(person, channel, purpose)
        return person

    async def agree(self, person: UUID, channel: str = "sms", purpose: str = PURPOSE) -> None:
        own = self.app.personal
        wish = Wish(purpose=purpose, channel=channel, language="fi", through=channel)
        await own.ledger.give(await own.pseudonym(person), wish)

    async def withdraw(self, person: UUID, channel: str = "sms", purpose: str = PURPOSE) -> datetime:
        """End it; when that was."""
        own = self.app.personal
        wish = Wish(purpose=purpose, channel=channel, language="fi", through=channel)
        return (await own.ledger.withdraw(await own.pseudonym(person), wish)).entry.at

    async def nudge(self, to: UUID | To, name: str = "pickup", word: str = "lasia", **more: Any) -> UUID:
        """Store one; its id."""
        recipient = ToPerson(to) if isinstance(to, UUID) else to
        wanted = Wanted(template=name, to=recipient, values={"word": word}, **more)
        created: Created = (await self.app.nudging.store.create([wanted], maker=b"test"))[0]
        assert created.id is not None, created.fault
        self.made.append(created.id)
        return created.id

    async def deliver(self) -> None:
        """Send what is due, and what is due again on another channel."""
        for _ in range(3):
            await self.app.nudging.delivery.run()
            await self.app.nudging.delivery.idle()
            await self.app.engine.idle()

    async def row(self, nudge: UUID) -> Any:
        return await self.pool.fetchrow("SELECT * FROM nudges WHERE id = $1", nudge)

    async def fate(self, nudge: UUID) -> tuple[str, str | None]:
        """Its status and the reason."""
        row = await self.row(nudge)
        return row["status"], row["reason"]

    async def due_in(self, nudge: UUID) -> timedelta:
        """How long it is held."""
        due: datetime = (await self.row(nudge))["due_at"]
        return due - self.clock()

    async def write(self, text: str, key: str = "+358401234567", channel: str = "sms") -> None:
        """A citizen's message, and its turn."""
        count = await self.pool.fetchval("SELECT count(*) FROM inbox")
        incoming = Incoming(address=Address(channel, key), message_id=f"m{count}", received_at=self.clock(), text=text)
        await self.app.engine.handle(incoming)
        await self.app.engine.idle()


@asynccontextmanager
async def office(
    url: str,
    *,
    templates: Sequence[Template] = TEMPLATES,
    rules: Rules | None = None,
    city: City | None = None,
    clock: Clock | None = None,
    channels: Sequence[str] = ("sms", "webchat"),
) -> AsyncIterator[Office]:
    """A process until the block ends; its sweep looks when it is told to."""
    wires = {}
    for name in channels:
        wires[name] = Wire()
        wires[name].name = name
    known = replace(city or unlearned(), nudges=Templates(templates), proactive=rules or Rules())
    at = clock or Clock()
    app = App(known, Database(url), list(wires.values()), Addresses(), keys_over(url), now=at, sweep_every=3600)
    async with app:
        yield Office(app, wires, at)
