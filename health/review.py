"""Review: a trained person decides on each finding, once, and two let a programme begin.

Whom the rule left out is reviewed as well, by a sample. To accept means the same for both: to write to the person.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal, TypeAlias
from uuid import UUID

import asyncpg
import orjson

from health import review_sql as sql
from health.assessment import Standing, Step
from health.evaluation import Connection, Grounds
from health.facts import Fact
from health.programme import Programme, ValueSets
from health.stored import facts_of, steps_of

Outcome: TypeAlias = Literal["done", "late", "own", "unapproved", "no_ground", "excluded", "unknown"]
"""``done``, or why not: somebody was quicker; one's own proposal; the programme is not approved by two people; the
person does not allow it now; the person is to be left alone; there is no such thing.
"""
REASONS = ("wrong_data", "in_care", "not_suitable", "burden", "other")
"""Why a finding is rejected."""
DELAYS = (7, 30, 90)
"""Days by which a decision may be put off."""
QUEUED = 200
"""Findings in a page of the queue."""
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reviewer:
    """A member of staff: the subject of the login, and the name."""

    agent: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A finding with its explanation. ``row`` has the other columns, those of the patient, and ``as_of``."""

    row: Row
    facts: tuple[Fact, ...]
    steps: tuple[Step, ...]


class Review:
    """Findings and programmes under review. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        grounds: Callable[[Connection], Grounds],
        programmes: Mapping[str, Programme],
        sets: ValueSets,
    ) -> None:
        """``grounds`` asks over the connection of a transaction."""
        self._pool = pool
        self._grounds = grounds
        self._programmes = programmes
        self._sets = sets

    async def queue(self, today: date, programme: str | None = None) -> Sequence[Row]:
        """What waits for a decision, the oldest first, those selected and those left out in no order."""
        wanted = [programme] if programme is not None else list(self._programmes)
        return await self._pool().fetch(sql.QUEUE, wanted, today, QUEUED)

    async def waiting(self, today: date) -> Mapping[str, int]:
        """How many findings wait, by programme."""
        return {row["programme"]: row["waiting"] for row in await self._pool().fetch(sql.WAITING, today)}

    async def finding(self, finding_id: UUID) -> Finding | None:
        """One finding; ``None`` where there is none, its programme is no more, or the person does not allow it now."""
        async with self._pool().acquire() as connection:
            row = await connection.fetchrow(sql.ONE, finding_id)
            if row is None or not await self._ground(connection, row):
                await connection.execute(sql.DROP, finding_id)
                return None
        facts, steps = orjson.loads(row["facts"]), orjson.loads(row["steps"])
        return Finding(row=row, facts=facts_of(facts), steps=steps_of(steps))

    async def accept(self, finding_id: UUID, by: Reviewer, today: date) -> Outcome:
        """Let the person be written to."""
        async with self._pool().acquire() as connection, connection.transaction():
            row = await connection.fetchrow(sql.HELD, finding_id)
            if row is None:
                return "unknown"
            against = await self._against(connection, row, today)
            return against or await self._decide(connection, finding_id, by, "accepted")

    async def reject(self, finding_id: UUID, by: Reviewer, reason: str) -> Outcome:
        """Leave the person alone. ``reason`` is one of ``REASONS``; raises ``ValueError`` for another."""
        if reason not in REASONS:
            raise ValueError("no reason for a rejection")
        async with self._pool().acquire() as connection:
            return await self._decide(connection, finding_id, by, "rejected", reason=reason)

    async def postpone(self, finding_id: UUID, by: Reviewer, today: date, days: int) -> Outcome:
        """Put the decision off. ``days`` is one of ``DELAYS``; raises ``ValueError`` for another."""
        if days not in DELAYS:
            raise ValueError("no delay of a decision")
        async with self._pool().acquire() as connection:
            return await self._decide(connection, finding_id, by, "postponed", until=today + timedelta(days=days))

    async def propose(self, programme: str, by: Reviewer) -> Outcome:
        """Propose the programme as it is now; its version has to be approved by somebody else."""
        values = self._approved(programme)
        if values is None:
            return "unknown"
        return "done" if await self._pool().fetchval(sql.PROPOSE, *values, by.agent, by.name) else "late"

    async def approve(self, programme: str, by: Reviewer) -> Outcome:
        """Approve what somebody else proposed."""
        values = self._approved(programme)
        if values is None:
            return "unknown"
        if await self._pool().fetchval(sql.APPROVE, *values, by.agent, by.name):
            return "done"
        row = await self.approval(programme)
        return "own" if row is not None and row["at"] is None else "late"

    async def approval(self, programme: str) -> Row | None:
        """Who proposed and who approved the programme as it is now."""
        values = self._approved(programme)
        return None if values is None else await self._pool().fetchrow(sql.APPROVAL, *values)

    async def decisions(self, programme: str) -> Sequence[Row]:
        """How reviewers decided: ``decided`` and ``accepted`` by ``selected``, ``what`` and ``value``."""
        return await self._pool().fetch(sql.DECISIONS, programme)

    async def _against(self, connection: Connection, row: Row, today: date) -> Outcome | None:
        """Why somebody may not be written to now."""
        programme, values = self._programmes.get(row["programme"]), self._approved(row["programme"])
        if programme is None or values is None:
            return "unknown"
        approved = await connection.fetchrow(sql.APPROVAL, *values)
        if approved is None or approved["at"] is None or row["version"] != programme.version:
            return "unapproved"
        gone = (row["deceased_on"], row["moved_on"], row["opted_out_on"])
        if row["standing"] == Standing.EXCLUDED or any(day is not None and day <= today for day in gone):
            return "excluded"
        return None if await self._ground(connection, row) else "no_ground"

    async def _ground(self, connection: Connection, row: Row) -> bool:
        """Whether the person's data may be used now."""
        programme, whose = self._programmes.get(row["programme"]), row["pseudonym"]
        if programme is None:
            return False
        if await self._grounds(connection).allowed([whose], programme.ground):
            return True
        return bool(await connection.fetchval(sql.RECORDED, whose, programme.ground))

    @staticmethod
    async def _decide(
        connection: Connection,
        finding_id: UUID,
        by: Reviewer,
        status: str,
        *,
        reason: str | None = None,
        until: date | None = None,
    ) -> Outcome:
        values = (finding_id, status, by.agent, by.name, reason, until)
        return "done" if await connection.fetchval(sql.DECIDE, *values) else "late"

    def _approved(self, name: str) -> tuple[str, int, bytes] | None:
        """What an approval is of: a rule that has changed since, or its codes, is another."""
        programme = self._programmes.get(name)
        if programme is None:
            return None
        codes = {one: self._sets[one].codes for one in programme.value_sets()}
        return programme.id, programme.version, _digest((programme, codes))


def _digest(value: Any) -> bytes:
    written = orjson.dumps(value, default=_plain, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return hashlib.sha256(written).digest()


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)
