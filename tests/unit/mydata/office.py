"""What is done with people's data, over a turn's house with real keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.codec import UNREADABLE
from bot.keys import KeyStore
from bot.messages import Reply
from mydata.erasure import Erasures, Patience
from mydata.holdings import counted
from mydata.holds import Holds
from tests.keys import opened_keys
from tests.unit.turn.house import Counting, House, house

REASONS = {"claim": {"fi": "Kysy kirjaamosta.", "sv": "Fråga registratorn.", "en": "Ask the register office."}}
AT_ONCE = Patience(saying=timedelta(0), reading=timedelta(0))
"""Who is told can be told in any time, and need not be left time to read."""
PATIENT = Patience(reading=timedelta(0))


def farewell(language: str | None) -> Reply:
    """The confirmation."""
    return Reply(text="Your data is erased.", language=language or "en")


@dataclass
class Office:
    """One process with what it does with data."""

    house: House
    keys: KeyStore
    holds: Holds
    erasures: Erasures

    async def person(self, by: str = "citizen") -> UUID:
        """Whose an address is."""
        lookup = self.keys.lookup(by)
        found: UUID = await self.house.value("SELECT person_id FROM conversations WHERE address_lookup = $1", lookup)
        return found

    async def conversation(self, by: str = "citizen") -> UUID:
        """The conversation at an address."""
        lookup = self.keys.lookup(by)
        found: UUID = await self.house.value("SELECT id FROM conversations WHERE address_lookup = $1", lookup)
        return found

    async def left(self, person: UUID) -> dict[str, int]:
        """The tables in which something of a person is."""
        async with self.house.database.pool.acquire() as connection:
            return {table: rows for table, rows in (await counted(connection, person)).items() if rows}

    async def finish(self) -> None:
        """Sweep until no erasure is open."""
        for _ in range(20):
            await self.house.swept()
            if not await self.erasures.sweep():
                return
        raise AssertionError("an erasure does not end")

    def erasing(self, **changes: Any) -> Erasures:
        """Another process that erases."""
        pool = self.house.database.pool
        parts: dict[str, Any] = {"pool": lambda: pool, "sealer": self.house.engine.sealer, "keys": self.keys}
        parts |= {"holds": self.holds, "farewell": farewell, "lost": UNREADABLE, "patience": PATIENT}
        return Erasures(**{**parts, **changes})


@asynccontextmanager
async def office(url: str, keys_url: str | None = None, respond: Any = None, **more: Any) -> AsyncIterator[Office]:
    """A process until the block ends."""
    async with opened_keys(keys_url or url) as keys, house(url, respond or Counting(), codec=keys, **more) as made:
        holds = Holds(lambda: made.database.pool, REASONS)
        found = Office(made, keys, holds, Erasures.__new__(Erasures))
        found.erasures = found.erasing()
        yield found
