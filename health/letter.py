"""Letters: what a message of health outreach is about, for the person behind strong login alone, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, get_args
from uuid import UUID

import asyncpg
import orjson

from health import letter_sql as sql
from health.explain import Explainer, reason
from health.programme import Programme, ValueSets
from health.stored import facts_of, steps_of

Answer = Literal["time", "nurse", "booked", "refused"]
"""A time is wished for, a nurse is to answer, a time is booked, or no more of it."""
ANSWERS: tuple[Answer, ...] = get_args(Answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter in one language. ``answer`` is the last one that was given; ``ground`` is a purpose."""

    id: UUID
    title: str
    reason: str
    facts: tuple[str, ...]
    steps: tuple[str, ...]
    offer: str
    ground: str
    decided_at: datetime
    answer: Answer | None


class WaysBack(Protocol):
    """Whose pseudonyms are."""

    async def pseudonyms(self, persons: Collection[UUID]) -> list[bytes]:
        """The pseudonyms of persons."""


class Letters:
    """The letters of persons. Methods raise what asyncpg raises when a database is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        ways: WaysBack,
        programmes: Mapping[str, Programme],
        sets: ValueSets,
    ) -> None:
        self._pool = pool
        self._ways = ways
        self._programmes = programmes
        self._sets = sets

    async def of(self, persons: Collection[UUID], language: str) -> Sequence[Letter]:
        """What was written of to a person (also as who became part of them), the newest first; it is read now."""
        pseudonyms = await self._ways.pseudonyms(persons)
        if not pseudonyms:
            return ()
        await self._pool().execute(sql.READ, pseudonyms)
        rows = await self._pool().fetch(sql.OF, pseudonyms)
        return [self._letter(row, language) for row in rows if row["programme"] in self._programmes]

    async def answer(self, persons: Collection[UUID], letter: UUID, answer: Answer) -> str | None:
        """Take an answer; the purpose in question, or ``None`` where the letter is not the person's, or was refused.

        A no ends the purpose here: what was decided of it is not written, and a recorded ground is none any more.
        """
        pseudonyms = await self._ways.pseudonyms(persons)
        async with self._pool().acquire() as connection, connection.transaction():
            name = await connection.fetchval(sql.ANSWER, letter, pseudonyms, answer)
            programme = self._programmes.get(name or "")
            if programme is None:
                return None
            if answer == "refused":
                same = [one.id for one in self._programmes.values() if one.ground == programme.ground]
                await connection.execute(sql.STOP, pseudonyms, same)
                await connection.execute(sql.DROP, pseudonyms, same)
                await connection.execute(sql.FORGET, pseudonyms, programme.ground)
            return programme.ground

    def _letter(self, row: asyncpg.Record, language: str) -> Letter:
        programme, explainer = self._programmes[row["programme"]], Explainer(self._sets, language)
        return Letter(
            id=row["id"],
            title=programme.title[language],
            reason=reason(row["reason"], language, to_person=True),
            facts=explainer.facts(facts_of(orjson.loads(row["facts"]))),
            steps=explainer.steps(steps_of(orjson.loads(row["steps"])), to_person=True),
            offer=programme.offer[language],
            ground=programme.ground,
            decided_at=row["decided_at"],
            answer=row["outcome"] if row["outcome"] in ANSWERS else None,
        )
