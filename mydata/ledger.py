"""The consent ledger: who agreed to what, when, in which words; what stands is derived from it at every use.

Each pseudonym has a chain of its own, so writes of different persons do not wait for one another. Two writers to one
chain take the same number, the table keeps one of them, and the other one begins anew. Methods raise what asyncpg
raises when the database is away.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import asyncpg

from mydata import ledger_sql as sql
from mydata.ledger_chain import NAMES, START, Decider, Entry, Kind
from mydata.ledger_state import Standing, expires, last_of, standing
from mydata.purposes import Asked, Purposes

ATTEMPTS = 100
"""Each one that fails is another writer's success."""


class NotAsked(Exception):
    """There is nothing to agree to: no such purpose, not on this channel, or not a matter of agreement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person said. ``through``: the channel that it was said on; ``guardian``: the pseudonym of who decided."""

    purpose: str
    channel: str | None
    language: str
    through: str
    by: Decider = "self"
    guardian: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the ledger holds now; ``new`` is false where it held it already."""

    entry: Entry
    new: bool


class Ledger:
    """The ledger of one city."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], mac_key: bytes, purposes: Purposes) -> None:
        """``mac_key`` has 32 bytes and never changes."""
        self._pool = pool
        self._key = mac_key
        self._purposes = purposes

    async def give(self, pseudonym: bytes, wish: Wish) -> Change:
        """Agree to a purpose on a channel. Raises ``NotAsked``."""
        purpose = self._purposes.purposes.get(wish.purpose)
        if purpose is None or not purpose.refusable or wish.channel not in purpose.channels:
            raise NotAsked(f"{wish.purpose} on {wish.channel}")
        return await self._change(pseudonym, wish, "given")

    async def withdraw(self, pseudonym: bytes, wish: Wish) -> Change:
        """End a purpose on a channel, or on all of them, or say no to it from the start. Raises ``NotAsked``."""
        purpose = self._purposes.purposes.get(wish.purpose)
        if purpose is not None and not purpose.refusable:
            raise NotAsked(f"{wish.purpose} is not a matter of agreement")
        return await self._change(pseudonym, wish, "withdrawn")

    async def withdraw_all(self, pseudonym: bytes, wish: Wish) -> tuple[Change, ...]:
        """End all that was agreed to; ``wish.purpose`` is not read, and with a channel it ends there alone."""
        entries = await self.history(pseudonym)
        found: list[Change] = []
        for name in dict.fromkeys(entry.purpose for entry in entries):
            channels = {entry.channel for entry in entries if entry.purpose == name} - {None}
            mine = channels if wish.channel is None else channels & {wish.channel}
            last = [last_of(entries, name, channel) for channel in mine if channel is not None]
            if any(entry is not None and entry.kind == "given" for entry in last):
                found.append(await self._change(pseudonym, replace(wish, purpose=name), "withdrawn"))
        return tuple(found)

    async def standing(self, pseudonym: bytes, purpose: str, channel: str, *, at: datetime | None = None) -> Standing:
        """Whether a purpose may be served on a channel now, or might at a moment: one look-up by key."""
        known = self._purposes.purposes.get(purpose)
        if known is None or channel not in known.channels or not known.refusable:
            return standing(purpose, channel, known, None, now=at or datetime.now(UTC))
        arguments = (pseudonym, purpose, channel)
        pool = self._pool()
        row = await (pool.fetchrow(sql.LATEST_AT, *arguments, at) if at else pool.fetchrow(sql.LATEST, *arguments))
        entry = None if row is None else Entry.of(row)
        return standing(purpose, channel, known, entry, now=at or datetime.now(UTC), current=at is None)

    async def standing_of(self, connection: Any, asked: Sequence[tuple[bytes, str, str]]) -> list[Standing]:
        """``standing`` of many by pseudonym, purpose and channel, in one look-up of the connection's transaction."""
        columns = [list(column) for column in zip(*asked, strict=True)] or [[], [], []]
        rows = {row["place"]: Entry.of(row) for row in await connection.fetch(sql.LATEST_OF_MANY, *columns)}
        now = datetime.now(UTC)
        return [
            standing(purpose, channel, self._purposes.purposes.get(purpose), rows.get(place), now=now)
            for place, (_, purpose, channel) in enumerate(asked, start=1)
        ]

    async def standings(self, pseudonym: bytes, *, at: datetime | None = None) -> tuple[Standing, ...]:
        """All of a person's, of each purpose and channel that there is."""
        entries = [entry for entry in await self.history(pseudonym) if at is None or entry.at <= at]
        now = at or datetime.now(UTC)
        return tuple(
            standing(name, channel, purpose, last_of(entries, name, channel), now=now, current=at is None)
            for name, purpose in self._purposes.purposes.items()
            for channel in purpose.channels
        )

    async def history(self, pseudonym: bytes) -> tuple[Entry, ...]:
        """A person's chain, the oldest first."""
        return tuple(map(Entry.of, await self._pool().fetch(sql.CHAIN, pseudonym)))

    async def entry(self, pseudonym: bytes, seq: int) -> Entry | None:
        """One entry of a person's chain."""
        row = await self._pool().fetchrow(sql.ONE, pseudonym, seq)
        return None if row is None else Entry.of(row)

    async def of_receipt(self, pseudonym: bytes, receipt: str) -> Entry | None:
        """The entry of a person's chain whose receipt has this id."""
        return next((entry for entry in await self.history(pseudonym) if entry.receipt == receipt), None)

    async def asked(self, entry: Entry) -> Asked:
        """What was asked when this entry was made, as it was then. Raises ``LookupError`` where the text is gone."""
        text = await self._pool().fetchval(sql.TEXT, entry.digest)
        if text is None:
            raise LookupError(f"no text of {entry.purpose}, version {entry.version}")
        return Asked.parse(text)

    async def _change(self, pseudonym: bytes, wish: Wish, kind: Kind) -> Change:
        for _ in range(ATTEMPTS):
            try:
                async with self._pool().acquire() as connection, connection.transaction():
                    await connection.execute(sql.ASSUME)
                    return await self._append(connection, pseudonym, wish, kind)
            except asyncpg.UniqueViolationError:
                continue  # another writer took the number
        raise RuntimeError("too many writers to one chain")

    async def _append(self, connection: Any, pseudonym: bytes, wish: Wish, kind: Kind) -> Change:
        head = await connection.fetchrow(sql.HEAD, pseudonym)
        find = (sql.LATEST_OF_ANY,) if wish.channel is None else (sql.LATEST, wish.channel)
        row = await connection.fetchrow(find[0], pseudonym, wish.purpose, *find[1:])
        last = None if row is None else Entry.of(row)
        if last is not None and self._stands(last, wish, kind, head["now"]):
            return Change(entry=last, new=False)
        version, digest = await self._text(connection, wish, last)
        entry = Entry(
            pseudonym=pseudonym,
            seq=(head["seq"] or 0) + 1,
            at=max(head["now"], head["at"] or head["now"]),
            purpose=wish.purpose,
            version=version,
            digest=digest,
            kind=kind,
            language=wish.language,
            channel=wish.channel,
            through=wish.through,
            decided_by=wish.by,
            guardian=wish.guardian,
        )
        entry = replace(entry, mac=entry.mac_after(head["mac"] or START, self._key))
        await connection.execute(sql.ADD, *(getattr(entry, name) for name in NAMES))
        return Change(entry=entry, new=True)

    def _stands(self, last: Entry, wish: Wish, kind: Kind, now: datetime) -> bool:
        if last.kind != kind or (wish.channel is None and last.channel is not None):
            return False
        if kind == "withdrawn":
            return True
        purpose = self._purposes.purposes[wish.purpose]
        ends = expires(last, purpose)
        return last.version == purpose.version and (ends is None or now < ends)

    async def _text(self, connection: Any, wish: Wish, last: Entry | None) -> tuple[int, bytes]:
        """The version of what is agreed to or ended, and the digest of its text, which is kept from now on."""
        if wish.purpose in self._purposes.purposes:
            asked = self._purposes.asked(wish.purpose)
            await connection.execute(sql.KEEP_TEXT, asked.digest(), asked.id, asked.version, asked.text())
            return asked.version, asked.digest()
        if last is None:
            raise NotAsked(f"there is no purpose {wish.purpose}")
        return last.version, last.digest
