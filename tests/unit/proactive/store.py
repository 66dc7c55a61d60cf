"""The store of nudges over a real database and real keys, with templates of the tests' own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from bot.codec import UNREADABLE, Sealer
from bot.database import Database
from bot.keys import KeyStore
from mydata.people import People
from proactive.claimed import Connection
from proactive.nudge import Created
from proactive.nudges import Nudges
from proactive.placeholder import Placeholder
from proactive.template import Template, Templates
from proactive.wanted import Limits, ToPhone, Wanted
from tests.keys import opened_keys

NOW = datetime(2027, 8, 2, 9, 0, tzinfo=UTC)
PHONE = "+358401234567"
MAKER = b"maker"
VALUES = {"name": "Aino", "time": "2027-08-03T14:30:00+03:00"}


def said(text: str) -> dict[str, str]:
    """The same in every language."""
    return dict.fromkeys(("fi", "sv", "en"), text)


def template(version: int = 1, **changes: Any) -> Template:
    """A reminder with a name and a moment."""
    parts: dict[str, Any] = {
        "id": "appointment_reminder",
        "version": version,
        "purpose": "appointment_reminders",
        "urgency": "timely",
        "values": {
            "name": Placeholder(kind="text", example="Aino", max=40),
            "time": Placeholder(kind="moment", example="2027-08-03T14:30:00+03:00"),
        },
        "text": said("Hei {name}, aikasi on {time}."),
        "title": said("Aika"),
        "expires_after": timedelta(days=1),
    }
    return Template(**{**parts, **changes})


def wanted(**changes: Any) -> Wanted:
    """One that is right."""
    parts: dict[str, Any] = {"template": "appointment_reminder", "to": ToPhone(PHONE), "values": VALUES}
    return Wanted(**{**parts, **changes})


@dataclass
class Store:
    """The store, what it told, and the database behind it."""

    database: Database
    keys: KeyStore
    nudges: Nudges
    woken: list[datetime] = field(default_factory=list)
    changed: list[UUID] = field(default_factory=list)

    async def one(self, **changes: Any) -> Created:
        """Create one."""
        (created,) = await self.nudges.create([wanted(**changes)], maker=MAKER)
        return created

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.database.pool.fetch(statement, *values)]

    async def value(self, statement: str, *values: Any) -> Any:
        return await self.database.pool.fetchval(statement, *values)

    async def person(self, channel: str = "telegram", key: str = "12345") -> UUID:
        """Somebody who has written on a channel."""
        people = People(lambda: self.database.pool, Sealer(self.keys))
        return (await people.at(channel, [key], "fi"))[key][1]


@asynccontextmanager
async def store(
    url: str,
    templates: Sequence[Template] = (),
    channels: Sequence[str] = ("sms", "telegram"),
    now: Callable[[], datetime] = lambda: NOW,
    **limits: Any,
) -> AsyncIterator[Store]:
    """A store until the block ends."""
    async with opened_keys(url) as keys, Database(url) as database:
        sealer = Sealer(keys)
        woken: list[datetime] = []
        changed: list[UUID] = []

        async def wake(connection: Connection, at: datetime) -> None:
            assert connection.is_in_transaction()
            woken.append(at)

        async def told(connection: Connection, ids: Sequence[UUID]) -> None:
            assert connection.is_in_transaction()
            changed.extend(ids)

        nudges = Nudges(
            lambda: database.pool,
            sealer,
            Templates(templates or [template()]),
            People(lambda: database.pool, sealer),
            Limits(channels=channels, languages=("fi", "sv", "en"), **limits),
            lost=UNREADABLE,
            wake=wake,
            changed=told,
            now=now,
        )
        yield Store(database, keys, nudges, woken, changed)


def new_key() -> UUID:
    """The id of an API key."""
    return uuid4()
