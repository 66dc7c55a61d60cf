"""People and the addresses that are theirs: who is who, how surely, and how an address comes to a person and goes.

A conversation takes place at one address. Its content stays sealed by the key of the person whose it was when it was
written; who a conversation belongs to now is ``conversations.person_id``. A person who became part of another is named
by ``persons.merged_into``, so that their key and their consents are found.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID, uuid4

import asyncpg

from mydata import people_sql as sql
from mydata.holdings import Connection

Level = Literal["claimed", "confirmed", "strong"]
Joined = Callable[[UUID, UUID], Awaitable[object]]
RESEALED = ("state", "beside")
"""What of a conversation is always sealed by the key of whose it is now."""
MANY = 1000
"""Conversations that are looked for and begun by one statement; fewer than the keys that are held in memory."""
RECYCLED = ("sms",)
"""Channels whose addresses are given to other people when they have not been used for long."""


class Content(Protocol):
    """What is sealed by one person's key."""

    def text(self, value: str) -> bytes:
        """Seal a short text."""

    def open_text(self, data: bytes) -> str:
        """The text."""

    def json(self, value: Any) -> bytes:
        """Seal a JSON value."""

    def open_json(self, data: bytes) -> Any:
        """The JSON value."""


class Sealer(Protocol):
    """The content of every person, and the keyed hash of an address."""

    async def of(self, person: UUID, *, make: bool = False) -> Content:
        """One person's; ``make`` for somebody new."""

    async def warm(self, persons: Collection[UUID], *, make: bool = False) -> None:
        """Have many persons' at hand."""

    def lookup(self, value: str) -> bytes:
        """What a value is found by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A conversation as its person knows it. ``ending`` is the end of an address that means something to a person."""

    id: UUID
    person_id: UUID
    channel: str
    ending: str
    level: Level
    since: datetime
    level_at: datetime | None = None
    used: datetime | None = None


class People:
    """The tables ``persons``, ``conversations``, ``guardians``. Methods raise what asyncpg raises when it is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], sealer: Sealer, *, joined: Joined | None = None) -> None:
        """``joined`` is told when one person (the first) has become part of another; it may be told twice."""
        self._pool = pool
        self._sealer = sealer
        self._joined = joined

    async def identified(self, issuer: str, subject: str, loa: str) -> UUID:
        """The person whom a provider named, made where there was none."""
        lookup = self._subject(issuer, subject)
        person: UUID | None = await self._pool().fetchval(sql.SEEN, lookup, loa)
        if person is None:
            await self._sealer.of(new := uuid4(), make=True)
            person = await self._pool().fetchval(sql.NEW, new, lookup, loa)
        if person is None:
            raise RuntimeError("a statement that returns a row returned none")
        return person

    async def of_subject(self, issuer: str, subject: str) -> UUID | None:
        """The person of a login's subject, if there is one."""
        found: UUID | None = await self._pool().fetchval(sql.OF_SUBJECT, self._subject(issuer, subject))
        return found

    async def of_subjects(self, issuer: str, subjects: Collection[str]) -> dict[str, UUID]:
        """The persons of many subjects of a login; subjects of nobody are left out."""
        lookups = {self._subject(issuer, subject): subject for subject in subjects}
        rows = await self._pool().fetch(sql.OF_SUBJECTS, list(lookups))
        return {lookups[row["subject_lookup"]]: row["id"] for row in rows}

    async def linked(self, conversation_id: UUID, person_id: UUID) -> bool:
        """A person who was strongly identified has shown that a conversation is theirs. Said twice, it is done as well.

        False where it is gone, or was shown to be another person's before: what that one wrote is not given away. Also
        where the person is being erased: what is written there would go with them.
        """
        async with self._pool().acquire() as connection, connection.transaction():
            owner = await connection.fetchrow(sql.OWNER, conversation_id)
            if owner is None or (owner["person_id"] != person_id and owner["known"]):
                return False
            if await connection.fetchval(sql.KNOWN_STILL, person_id) is None:
                return False
            await self.merge(connection, owner["person_id"], person_id)
            await connection.execute(sql.RAISE, conversation_id, "strong")
        await self.told(person_id)
        return True

    async def told(self, person_id: UUID) -> None:
        """Tell of everybody who became part of a person: also of those before, lest a lost process left one out."""
        joined = self._joined
        if joined is not None:
            for other in (await self.persons(person_id))[1:]:
                await joined(other, person_id)

    async def merge(self, connection: Connection, old: UUID, new: UUID) -> None:
        """All of one person's becomes another's, in the connection's transaction; a turn that is held is held again."""
        if old == new:
            return
        before, after = await self._sealer.of(old), await self._sealer.of(new)
        for row in await connection.fetch(sql.THEIRS, old):
            address = after.text(before.open_text(row["address"]))
            kept = [None if row[name] is None else after.json(before.open_json(row[name])) for name in RESEALED]
            await connection.execute(sql.MOVE, row["id"], new, address, *kept)
        for statement in sql.MERGE:
            await connection.execute(statement, old, new)

    async def persons(self, person_id: UUID) -> list[UUID]:
        """A person, and everybody who became part of them: under whose pseudonyms there may be something of theirs."""
        return [person_id, *(row["id"] for row in await self._pool().fetch(sql.MERGED, person_id))]

    async def at(self, channel: str, keys: Collection[str], language: str) -> dict[str, tuple[UUID, UUID]]:
        """The conversation at each address and its person, begun in a language where there was none."""
        named, found = list(keys), dict[str, tuple[UUID, UUID]]()
        for start in range(0, len(named), MANY):
            found |= await self._at(channel, named[start : start + MANY], language)
        return found

    async def _at(self, channel: str, keys: Collection[str], language: str) -> dict[str, tuple[UUID, UUID]]:
        lookups = {self._sealer.lookup(key): key for key in keys}
        while True:
            rows = await self._pool().fetch(sql.AT, channel, list(lookups))
            found = {lookups[row["address_lookup"]]: (row["id"], row["person_id"]) for row in rows}
            new = [(uuid4(), uuid4(), lookup, key) for lookup, key in sorted(lookups.items()) if key not in found]
            if not new:
                return found
            await self._sealer.warm([person for _, person, _, _ in new], make=True)
            sealed = [(await self._sealer.of(person, make=True)).text(key) for _, person, _, key in new]
            ids, persons, hashes, _ = map(list, zip(*new, strict=True))
            await self._pool().execute(sql.BEGIN, channel, language, ids, persons, hashes, sealed)

    async def conversation(self, conversation_id: UUID) -> Place | None:
        """A conversation, whosever it is."""
        row = await self._pool().fetchrow(f"{sql.PLACE} WHERE c.id = $1 AND c.detached_at IS NULL", conversation_id)
        return None if row is None else await self._place(row)

    async def places(self, person_id: UUID) -> Sequence[Place]:
        """A person's conversations, the newest first."""
        rows = await self._pool().fetch(
            f"{sql.PLACE} WHERE c.person_id = $1 AND c.detached_at IS NULL ORDER BY c.created_at DESC", person_id
        )
        return [await self._place(row) for row in rows]

    async def unlink(self, person_id: UUID, conversation_id: UUID) -> bool:
        """Part an address from its person: the next message from it begins anew, and belongs to nobody known.

        What was written there stays the person's. False where it is not this person's.
        """
        lookup = secrets.token_bytes(32)
        return await self._pool().fetchval(sql.DETACH, conversation_id, person_id, lookup) is not None

    async def expire(self, unused: timedelta, channels: Sequence[str] = RECYCLED) -> int:
        """Part addresses that were not used for long from their persons: they may be other people's now. How many."""
        rows = await self._pool().fetch(sql.UNUSED, list(channels), unused)
        return sum([await self.unlink(row["person_id"], row["id"]) for row in rows])

    async def guard(self, child: UUID, guardian: UUID, ends_at: datetime) -> None:
        """A person acts for a child until a moment, as the city has found them to."""
        await self._pool().execute(sql.GUARD, child, guardian, ends_at)

    async def release(self, child: UUID, guardian: UUID) -> None:
        """A person no longer acts for a child."""
        await self._pool().execute(sql.RELEASE, child, guardian)

    async def acts_for(self, guardian: UUID, child: UUID, now: datetime) -> bool:
        """Whether a person acts for another at a moment."""
        return bool(await self._pool().fetchval(sql.ACTS_FOR, child, guardian, now))

    async def children(self, guardian: UUID, now: datetime) -> list[UUID]:
        """For whom a person acts."""
        return [row["child_id"] for row in await self._pool().fetch(sql.CHILDREN, guardian, now)]

    def _subject(self, issuer: str, subject: str) -> bytes:
        return self._sealer.lookup(f"subject of {issuer} is {subject}")

    async def _place(self, row: asyncpg.Record) -> Place:
        key = (await self._sealer.of(row["person_id"])).open_text(row["address"])
        return Place(
            id=row["id"],
            person_id=row["person_id"],
            channel=row["channel"],
            ending=key[-3:] if row["channel"] in RECYCLED else "",
            level=row["level"],
            since=row["created_at"],
            level_at=row["level_at"],
            used=row["used"],
        )
