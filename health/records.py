"""What is kept of a person, by pseudonym: to be shown to the person, and to be removed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from datetime import date
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

import asyncpg

from health.importing_sql import FORGET

PAGE = 500
_PATIENT = "SELECT * FROM health.patients WHERE pseudonym = $1"
_GROUNDS = """
SELECT purpose, kind AS recorded, at AS "on", until FROM health.grounds WHERE pseudonym = $1 ORDER BY purpose
"""
_FACTS = """
SELECT source, part, kind, system, code, at AS "on", until, value, unit, days FROM health.facts
WHERE pseudonym = $1 AND (source, part) > ($2, $3) ORDER BY source, part LIMIT $4
"""
_FINDINGS = """
SELECT programme, version, standing, reason, status, created_at, decided_at, decision_reason, postponed_until,
    answered_at, booked_at, filled_on, outcome
FROM health.findings WHERE pseudonym = $1 ORDER BY created_at, programme
"""


class WaysBack(Protocol):
    """Whose pseudonyms are."""

    async def pseudonyms(self, persons: Collection[UUID]) -> list[bytes]:
        """The pseudonyms of persons."""

    async def forget(self, persons: Collection[UUID]) -> None:
        """Forget the way back, for good."""


class Records:
    """The records of persons. Methods raise what asyncpg raises when a database is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], ways: WaysBack) -> None:
        self._pool = pool
        self._ways = ways

    async def of(self, person: UUID) -> AsyncIterator[dict[str, Any]]:
        """All that is kept of a person, as JSON, a page of facts in memory at a time."""
        for pseudonym in await self._ways.pseudonyms([person]):
            for row in await self._pool().fetch(_PATIENT, pseudonym):
                yield {"kind": "patient"} | _plain(row)
            for row in await self._pool().fetch(_GROUNDS, pseudonym):
                yield {"kind": "ground"} | _plain(row)
            for row in await self._pool().fetch(_FINDINGS, pseudonym):
                yield {"kind": "finding"} | _plain(row)
            after: tuple[bytes, int] = (b"", -1)
            while rows := await self._pool().fetch(_FACTS, pseudonym, *after, PAGE):
                for row in rows:
                    yield _plain(row)
                after = (rows[-1]["source"], rows[-1]["part"])

    async def forget(self, persons: Collection[UUID]) -> None:
        """Remove all that is kept of persons, and then the way back."""
        pseudonyms = await self._ways.pseudonyms(persons)
        async with self._pool().acquire() as connection, connection.transaction():
            for statement in FORGET if pseudonyms else ():
                await connection.execute(statement, pseudonyms)
        await self._ways.forget(persons)


def _plain(row: asyncpg.Record) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name not in ("pseudonym", "source", "part")}
    return {name: _json(value) for name, value in values.items() if value not in (None, "")}


def _json(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
