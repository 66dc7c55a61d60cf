"""Each night, what is older than the city's rules let it be is removed, and how much that was is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from mydata import retention_sql as sql
from mydata.retention_rules import CATEGORIES, Rules

LONG = 300.0
"""Seconds for a statement: it may have to look at every row of a table."""
NOBODY = UUID(int=0)


class Erasing(Protocol):
    """Erases a person."""

    async def ask(self, person_id: UUID, way: str) -> object:
        """Erase them, unless their data must be kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How many rows of a category were older than ``until``."""

    category: str
    until: datetime
    rows: int


class Retention:
    """All tables. Methods raise what asyncpg raises when the database is away; what was done before that is done."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        rules: Rules,
        erasures: Erasing,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._pool = pool
        self._rules = rules
        self._erasures = erasures
        self._now = now

    async def run(self) -> list[Removed]:
        """Remove what is too old, in batches, and report each category. Two at once do no harm."""
        done = []
        for category in CATEGORIES:
            until = self._until(category)
            rows = await (self._persons(until) if category == "conversations" else self._rows(category, until))
            await self._pool().execute(sql.REPORT, category, until, rows)
            done.append(Removed(category=category, until=until, rows=rows))
        return done

    async def due(self) -> list[Removed]:
        """What ``run`` would remove if it ran now."""
        found = []
        for category in CATEGORIES:
            until = self._until(category)
            statements = [sql.COUNT_GONE] if category == "conversations" else [old.count for old in sql.OLD[category]]
            counts = [await self._pool().fetchval(statement, until, timeout=LONG) for statement in statements]
            found.append(Removed(category=category, until=until, rows=sum(counts)))
        return found

    async def last(self) -> list[asyncpg.Record]:
        """The last report of each category: category, at, until, removed."""
        found: list[asyncpg.Record] = await self._pool().fetch(sql.LAST)
        return found

    def _until(self, category: str) -> datetime:
        return self._now() - self._rules.keep[category]

    async def _rows(self, category: str, until: datetime) -> int:
        removed = 0
        for old in sql.OLD[category]:
            while rows := len(await self._pool().fetch(old.remove, until, timeout=LONG)):
                removed += rows
        return removed

    async def _persons(self, until: datetime) -> int:
        """Who has nothing left is erased, with their key."""
        removed, before = 0, NOBODY
        while rows := await self._pool().fetch(sql.GONE, until, before, timeout=LONG):
            for row in rows:
                await self._erasures.ask(row["id"], "retention")
            removed, before = removed + len(rows), rows[-1]["id"]
        return removed
