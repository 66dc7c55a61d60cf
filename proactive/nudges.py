"""The store of nudges: what is to be written to whom, once for each name that its maker gave it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

import asyncpg

from proactive import nudges_sql as sql
from proactive.claimed import Connection
from proactive.nudge import Created
from proactive.recipients import UNKNOWN, Found, People, Place, Recipients
from proactive.records import Changed, Records
from proactive.template import Templates
from proactive.wanted import Draft, Fault, Limits, Wanted, drafted

CHUNK = 500
"""Rows of one statement, and of one stretch of work between which others have their turn."""


class Content(Protocol):
    """What is sealed by one person's key."""

    def json(self, value: Any) -> bytes:
        """Seal a JSON value."""


class Sealer(Protocol):
    """The content of every person, and the keyed hash of an address."""

    async def of(self, person: UUID, *, make: bool = False) -> Content:
        """One person's; ``make`` for somebody new."""

    async def warm(self, persons: Collection[UUID]) -> None:
        """Have many persons' at hand."""

    def lookup(self, value: str) -> bytes:
        """What a value is found by."""


Wake = Callable[[Connection, datetime], Awaitable[object]]


def _utc() -> datetime:
    return datetime.now(UTC)


class TooMany(ValueError):
    """More at once than ``Limits.rows``."""


def digest(maker: bytes, name: str) -> bytes:
    """What a maker's own name of a nudge is kept as, 32 bytes: names of two makers never meet."""
    return hashlib.sha256(len(maker).to_bytes(4) + maker + name.encode(errors="surrogatepass")).digest()


def _silent_at(draft: Draft) -> datetime | None:
    """When it is looked at whether a check-in was answered; a test's is nobody's."""
    ladder = draft.template.ladder
    return None if ladder is None or draft.wanted.mode == "test" else draft.due_at + ladder.again_after


@dataclass(frozen=True, slots=True)
class _Row:
    """One to be stored: its place in the batch, its person unless it is a test's, and its columns."""

    index: int
    person_id: UUID | None
    id: UUID
    dedupe: bytes | None
    due_at: datetime
    columns: tuple[Any, ...]


class Nudges(Records):
    """Makes them. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        templates: Templates,
        people: People,
        limits: Limits,
        *,
        lost: tuple[type[Exception], ...],
        wake: Wake,
        changed: Changed,
        now: Callable[[], datetime] = _utc,
    ) -> None:
        """``lost`` is what sealing raises for somebody who has no key any more.

        ``wake`` is told, in the transaction of new nudges, when the first of them is due; ``changed`` in a transaction
        whose nudges have another status now.
        """
        super().__init__(pool, changed)
        self._sealer = sealer
        self._templates = templates
        self._recipients = Recipients(pool, sealer.lookup, people, limits)
        self._limits = limits
        self._lost = lost
        self._wake = wake
        self._now = now

    async def create(
        self,
        wanted: Sequence[Wanted],
        *,
        maker: bytes,
        only: Collection[bytes] | None = None,
        decided: bool = False,
    ) -> list[Created]:
        """Store all that are right in one transaction, and say of each what became of it, in order.

        ``maker`` is whose names ``Wanted.dedupe`` are; ``only`` are lookups of the addresses that may be written to.
        ``decided`` is said by the contacts of health outreach alone: a person has decided on each of these.
        Raises ``TooMany``.
        """
        if len(wanted) > self._limits.rows:
            raise TooMany
        checked = await self._checked(wanted, decided=decided)
        drafts = {index: draft for index, draft in checked.items() if isinstance(draft, Draft)}
        places = await self._recipients.find(drafts, only)
        done = await self._store(await self._rows(drafts, places, maker))
        faults = {index: one for index, one in (*checked.items(), *places.items()) if isinstance(one, Fault)}
        return [done.get(index) or Created(fault=faults.get(index, UNKNOWN)) for index in range(len(wanted))]

    async def _checked(self, wanted: Sequence[Wanted], *, decided: bool) -> dict[int, Draft | Fault]:
        now, checked = self._now(), {}
        for index, one in enumerate(wanted):
            if index % CHUNK == CHUNK - 1:  # let others have their turn
                await asyncio.sleep(0)
            checked[index] = drafted(one, self._templates, self._limits, now, decided=decided)
        return checked

    async def _rows(self, drafts: Mapping[int, Draft], places: Found, maker: bytes) -> list[_Row]:
        found = [(index, place) for index, place in places.items() if isinstance(place, Place)]
        rows = list[_Row | None]()
        for start in range(0, len(found), CHUNK):
            some = found[start : start + CHUNK]
            await self._sealer.warm({place.person_id for _, place in some})
            rows += [await self._row(index, drafts[index], place, maker) for index, place in some]
        return [row for row in rows if row is not None]

    async def _row(self, index: int, draft: Draft, place: Place, maker: bytes) -> _Row | None:
        """Ready to be stored, what it says sealed; nothing where the person has been erased."""
        wanted, template = draft.wanted, draft.template
        try:
            content = await self._sealer.of(place.person_id, make=place.person_id == wanted.key_id)
        except self._lost:
            return None
        dedupe = None if wanted.dedupe is None else digest(maker, wanted.dedupe)
        new = uuid4()
        columns = (
            new,
            place.person_id,
            place.conversation_id,
            template.id,
            template.version,
            template.purpose,
            template.urgency,
            wanted.language,
            content.json(dict(wanted.values)),
            None if wanted.channels is None else " ".join(wanted.channels),
            wanted.mode,
            wanted.ends_as,
            wanted.key_id,
            wanted.campaign_id,
            dedupe,
            draft.due_at,
            draft.expires_at,
            _silent_at(draft),
        )
        person = None if place.person_id == wanted.key_id else place.person_id
        return _Row(index, person, new, dedupe, draft.due_at, columns)

    async def _store(self, rows: Sequence[_Row]) -> Mapping[int, Created]:
        """All in one transaction; those whose person was erased in this moment are left out."""
        if not rows:
            return {}
        # In one order in every process: two batches with the same names wait for one another, and never in a circle.
        rows = sorted(rows, key=lambda row: row.dedupe or b"")
        async with self._pool().acquire() as connection, connection.transaction():
            gone = await self._erased(connection, rows)
            rows = [row for row in rows if row.person_id not in gone]
            new: set[UUID] = set()
            for start in range(0, len(rows), CHUNK):
                columns = zip(*(row.columns for row in rows[start : start + CHUNK]), strict=True)
                new |= {row["id"] for row in await connection.fetch(sql.INSERT, *map(list, columns))}
            names = [row.dedupe for row in rows if row.id not in new]
            before = {row["dedupe"]: row for row in await connection.fetch(sql.DUPLICATES, names)} if names else {}
            if new:
                await self._wake(connection, min(row.due_at for row in rows if row.id in new))
        return {
            row.index: Created(id=row.id, status="created")
            if row.id in new
            else Created(id=before[row.dedupe]["id"], status=before[row.dedupe]["status"], duplicate=True)
            for row in rows
            if row.id in new or row.dedupe in before  # else it was removed in this moment
        }

    async def _erased(self, connection: Connection, rows: Sequence[_Row]) -> set[UUID]:
        """Persons who are not there any more; those who are cannot be erased until the transaction has ended."""
        persons = {row.person_id for row in rows if row.person_id is not None}
        kept = {row["id"] for row in await connection.fetch(sql.KEEP, list(persons))} if persons else set()
        return persons - kept
