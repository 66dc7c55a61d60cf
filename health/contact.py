"""Contact: what a person has decided on is written of, once, while there is a ground for it, and a few times again.

Nothing here decides. A finding that no reviewer accepted is never read by it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, TypeAlias
from uuid import UUID

import asyncpg

from health import contact_sql as sql
from health.evaluation import Connection, Grounds
from health.programme import Programme
from health.review_sql import RECORDED

AT_ONCE = 500
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is to be written: a template of nudges, and a ``name`` that makes it once."""

    template: str
    name: str


class NotWritten(Exception):
    """A message could not be made as things are set up; the decision stands, and it is tried again."""


class Writer(Protocol):
    """Who knows whose a pseudonym is, and can write to the person."""

    async def write(self, connection: Connection, pseudonym: bytes, message: Message) -> UUID | None:
        """Have a message made, once for its name; its id, or ``None`` where nobody is there any more.

        Raises ``NotWritten``.
        """


@dataclass(slots=True)
class Done:
    """What became of a sweep, in counts of findings."""

    written: int = 0
    reminded: int = 0
    ended: int = 0
    failed: int = 0


class Contacts:
    """Writes of accepted findings. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        grounds: Callable[[Connection], Grounds],
        writer: Writer,
        programmes: Mapping[str, Programme],
        *,
        today: Callable[[], date],
    ) -> None:
        """``grounds`` asks over the connection of a transaction."""
        self._pool = pool
        self._grounds = grounds
        self._writer = writer
        self._programmes = programmes
        self._today = today

    async def sweep(self) -> Done:
        """Write of what was accepted, and again to who has not answered."""
        done = Done()
        for row in await self._pool().fetch(sql.ACCEPTED, AT_ONCE):
            await self._tried(self._first, row["id"], done)
        for row in await self._pool().fetch(sql.SILENT, self._today()):
            await self._tried(self._again, row["id"], done)
        return done

    @staticmethod
    async def _tried(step: Callable[[UUID, Done], Awaitable[None]], finding: UUID, done: Done) -> None:
        try:
            await step(finding, done)
        except NotWritten:
            done.failed += 1

    async def _first(self, finding: UUID, done: Done) -> None:
        async with self._pool().acquire() as connection, connection.transaction():
            row = await connection.fetchrow(sql.HELD, finding, "accepted")
            if row is None:
                return  # somebody else was quicker
            programme = self._programmes.get(row["programme"])
            against = "programme_gone" if programme is None else await self._against(connection, row, programme)
            nudge = None
            if programme is not None and against is None:
                message = Message(template=programme.template, name=str(finding))
                nudge = await self._writer.write(connection, row["pseudonym"], message)
            if nudge is None:
                await connection.execute(sql.END, finding, against or "unreachable")
                done.ended += 1
                return
            await connection.execute(sql.CONTACTED, finding, nudge)
            await connection.execute(sql.NOTED, row["pseudonym"], self._today())
            done.written += 1

    async def _again(self, finding: UUID, done: Done) -> None:
        async with self._pool().acquire() as connection, connection.transaction():
            row = await connection.fetchrow(sql.HELD, finding, "contacted")
            programme = None if row is None else self._programmes.get(row["programme"])
            if row is None or programme is None or row["contacted_on"] is None:
                return
            ladder = programme.ladder
            step = (self._today() - row["contacted_on"]) // timedelta(days=ladder.after_days)
            if step == 0:
                return
            against = self._left_alone(row) or await self._ungrounded(connection, row, programme)
            if against is not None or step > ladder.reminders:
                await connection.execute(sql.END, finding, against or "unanswered")
                done.ended += 1
                return
            message = Message(template=programme.template, name=f"{finding} {step}")
            if await self._writer.write(connection, row["pseudonym"], message) is not None:
                done.reminded += 1

    async def _against(self, connection: Connection, row: Row, programme: Programme) -> str | None:
        """Why somebody is not written to now, whatever was decided before."""
        last = row["contacted_on"]
        lately = timedelta(days=programme.exclusions.recent_contact_days)
        if last is not None and self._today() - last < lately:
            return "contacted_lately"
        return self._left_alone(row) or await self._ungrounded(connection, row, programme)

    def _left_alone(self, row: Row) -> str | None:
        days = (row["deceased_on"], row["moved_on"], row["opted_out_on"])
        return "excluded" if any(day is not None and day <= self._today() for day in days) else None

    async def _ungrounded(self, connection: Connection, row: Row, programme: Programme) -> str | None:
        whose: Collection[bytes] = [row["pseudonym"]]
        if await self._grounds(connection).allowed(whose, programme.ground):
            return None
        recorded = await connection.fetchval(RECORDED, row["pseudonym"], programme.ground)
        return None if recorded else "no_ground"
