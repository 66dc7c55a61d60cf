"""Legal holds: data of a person that must be kept for now, whatever is asked and however old it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

HELD = """
SELECT DISTINCT reason FROM legal_holds
WHERE person_id = $1 AND released_at IS NULL AND (until IS NULL OR until > now()) ORDER BY reason
"""
"""person."""

PLACE = """
INSERT INTO legal_holds (person_id, reason, placed_by, until)
SELECT id, $2, $3, $4 FROM persons WHERE id = $1 RETURNING id
"""
"""person, reason, who placed it, until or none."""

RELEASE = "UPDATE legal_holds SET released_at = now() WHERE id = $1 AND released_at IS NULL RETURNING id"
"""hold."""

FIND = """
SELECT id, person_id, reason, placed_by, placed_at, until FROM legal_holds
WHERE released_at IS NULL ORDER BY placed_at, id
"""

IN_FORCE = """
SELECT FROM legal_holds h
WHERE h.person_id = {person} AND h.released_at IS NULL AND (h.until IS NULL OR h.until > now())
"""
"""For a condition on rows of a table; ``person`` is SQL that gives whose a row is."""


class UnknownReason(ValueError):
    """The city's ``retention.yaml`` has no such reason; the words name those that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a person is not erased: a code, and by language what it is and whom to ask."""

    code: str
    message: Mapping[str, str]


class Holds:
    """The table. Methods raise what asyncpg raises when the database is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], reasons: Mapping[str, Mapping[str, str]]) -> None:
        """``reasons`` are ``Rules.holds``."""
        self._pool = pool
        self._reasons = reasons

    async def may_erase(self, person_id: UUID) -> tuple[Refusal, ...]:
        """All that stands against erasing a person; nothing: it may be done."""
        rows = await self._pool().fetch(HELD, person_id)
        # A reason that the city no longer has in its file holds all the same, in the words of any that it has.
        general = next(iter(self._reasons.values()), {})
        return tuple(Refusal(code=row["reason"], message=self._reasons.get(row["reason"], general)) for row in rows)

    async def place(self, person_id: UUID, reason: str, *, by: str, until: datetime | None = None) -> int | None:
        """Hold a person's data; the hold's number, ``None`` for an unknown person. Raises ``UnknownReason``."""
        if reason not in self._reasons:
            raise UnknownReason(f"{reason}: write one of {', '.join(self._reasons)}")
        number: int | None = await self._pool().fetchval(PLACE, person_id, reason, by, until)
        return number

    async def release(self, number: int) -> bool:
        """End a hold; false where there is none in force."""
        return await self._pool().fetchval(RELEASE, number) is not None

    async def find(self) -> list[asyncpg.Record]:
        """Those not released: id, person_id, reason, placed_by, placed_at, until."""
        found: list[asyncpg.Record] = await self._pool().fetch(FIND)
        return found
