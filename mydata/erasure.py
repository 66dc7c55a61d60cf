"""A person is erased, in steps that a row remembers: what was interrupted is finished, and nothing is done twice.

``asked``: the wish is kept. ``disabled``: in one transaction nothing of theirs is left but, in a conversation that
nobody can write to, the confirmation; turns, sends and effects in flight find their rows gone. ``said``: the
confirmation is out, or has been tried long enough. ``cleared``: what the channels keep is gone too. ``unkeyed``: so are
the keys, which makes every copy unreadable. ``done``: a digest of an id is left, here and beside the keys.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from bot.messages import Reply
from mydata import erasure_sql as sql
from mydata.erasure_needs import Apart, Content, Keys, Sealer
from mydata.holdings import Connection
from mydata.holds import Holds, Refusal

LONG = 300.0
"""Seconds for a statement that may have much to remove."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long the confirmation is tried, and how long it can be read where the channel keeps it with us."""

    saying: timedelta = timedelta(minutes=10)
    reading: timedelta = timedelta(minutes=1)


class Erasures:
    """The table ``erasures``. Methods raise what asyncpg raises when a database is away, and can be called again."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        keys: Keys,
        holds: Holds,
        farewell: Callable[[str | None], Reply],
        *,
        lost: tuple[type[Exception], ...] = (),
        patience: Patience | None = None,
        apart: Apart | None = None,
    ) -> None:
        """``farewell`` is the confirmation in a language; ``lost`` is raised where a person has no key any more."""
        self._apart = apart
        self._pool = pool
        self._sealer = sealer
        self._keys = keys
        self._holds = holds
        self._farewell = farewell
        self._lost = lost
        self._patience = patience or Patience()

    async def may_erase(self, person_id: UUID) -> tuple[Refusal, ...]:
        """All that stands against it."""
        return await self._holds.may_erase(person_id)

    async def ask(
        self, person_id: UUID, way: str, *, conversation_id: UUID | None = None, forced: bool = False
    ) -> tuple[Refusal, ...]:
        """Erase a person: at once as far as no message must go out first; refused where their data must be kept.

        ``way`` is how it was asked for: ``dialog``, ``portal``, ``profile``, ``webchat``, ``retention``, ``restore``.
        The confirmation goes to ``conversation_id``, if one is given. Asked twice, or for nobody, it is done as well.
        """
        mark = mark_of(person_id)
        await self._pool().execute(sql.ASK, uuid4(), mark, way, person_id, conversation_id, forced)
        row = await self._pool().fetchrow(sql.FIND, mark)
        if row is None or row["done_at"] is not None:
            return await self.may_erase(person_id)
        await self.run(mark)
        return ()

    async def forget(self, channel: str, lookup: bytes, key: str) -> tuple[Refusal, ...]:
        """Erase one conversation; its person too, where it is all there was.

        ``key`` is what the channel calls it. It is for a channel in which nothing can be written there any more.
        """
        async with self._pool().acquire() as connection, connection.transaction():
            row = await connection.fetchrow(sql.AT, channel, lookup)
            person = None if row is None else row["person_id"]
            refused = () if person is None else await self.may_erase(person)
            if row is not None and not refused and await connection.fetchval(sql.HAS_OTHERS, person, row["id"]):
                person = uuid4()
                await connection.execute(sql.PART, person, row["id"])
        if refused:
            return refused
        if person is not None:
            await self.ask(person, channel)
        await self._keys.destroy([key])
        return ()

    async def sweep(self, limit: int = 20) -> int:
        """Go on with what is not finished; how many of those there were."""
        rows = await self._pool().fetch(sql.OPEN, limit)
        for row in rows:
            await self.run(row["mark"])
        return len(rows)

    async def replay(self) -> int:
        """Erase everybody again who was erased before an older copy of the database was brought back; how many."""
        erased = await self._keys.erased()
        for person in erased:
            await self.ask(person, "restore", forced=True)
        return len(erased)

    async def run(self, mark: bytes) -> bool:
        """Take the steps that can be taken; whether it is done."""
        steps = {
            "asked": self._disable,
            "disabled": self._say,
            "said": self._clear,
            "cleared": self._unkey,
            "unkeyed": self._end,
        }
        while (row := await self._pool().fetchrow(sql.FIND, mark)) is not None and row["step"] in steps:
            if not await steps[row["step"]](row):
                return False
        return True

    async def _disable(self, row: asyncpg.Record) -> bool:
        person = row["person_id"]
        content = await self._content(person)
        await self._forget_apart([person])
        async with self._pool().acquire() as connection, connection.transaction():
            await connection.fetch(sql.CONVERSATIONS, person)
            # In the order of locks that linking has; afterwards nothing more can become theirs.
            await connection.execute(sql.UNKNOWN, person)
            found = await connection.fetch(sql.CONVERSATIONS, person)
            owners = {person, *(one["person_id"] for one in await connection.fetch(sql.OWNERS, person))}
            said_in = next((one for one in found if one["id"] == row["farewell"]), None)
            farewell = uuid4() if said_in is not None and content is not None else None
            columns = ([one[name] for one in found] for name in ("channel", "address_lookup", "address"))
            values = (row["id"], sorted(owners), *columns, farewell)
            if await connection.fetchval(sql.DISABLE, *values) is None:
                return True  # another process was quicker
            if content is not None:
                await self._clear_detached(connection, found, content)
            await self._forget(connection, person)
            if said_in is not None and content is not None:
                await self._confirm(connection, farewell, person, said_in, content)
        return True

    async def _clear_detached(self, connection: Connection, found: Sequence[asyncpg.Record], content: Content) -> None:
        """What channels keep of addresses that were parted: up to then it was this person's."""
        clear = dict(sql.CLEAR_UNTIL)
        for one in found:
            if one["detached_at"] is not None and one["channel"] in clear:
                lookup = self._sealer.lookup(self._address(content, one["address"]))
                await connection.execute(clear[one["channel"]], [lookup], one["detached_at"], timeout=LONG)

    async def _confirm(
        self,
        connection: Connection,
        farewell: UUID | None,
        person: UUID,
        said_in: asyncpg.Record,
        content: Content,
    ) -> None:
        """The last message, to an address under which nobody's next message is looked up."""
        reply = content.reply(self._farewell(said_in["language"]))
        values = (said_in["channel"], secrets.token_bytes(32), said_in["address"], said_in["language"], reply)
        await connection.execute(sql.SAY, farewell, person, *values)

    async def _say(self, row: asyncpg.Record) -> bool:
        values = (row["id"], self._patience.saying, self._patience.reading)
        return await self._pool().fetchval(sql.SAID, *values) is not None

    async def _clear(self, row: asyncpg.Record) -> bool:
        async with self._pool().acquire() as connection, connection.transaction():
            for channel, statement in sql.CLEAR:
                pairs = zip(row["channels"], row["lookups"], strict=True)
                lookups = [lookup for name, lookup in pairs if name == channel]
                await connection.execute(statement, lookups, row["said_at"], timeout=LONG)
            await self._forget(connection, row["person_id"])
            await connection.execute(sql.CLEARED, row["id"])
        return True

    async def _unkey(self, row: asyncpg.Record) -> bool:
        await self._forget_apart({row["person_id"], *row["owners"]})  # what has come since, too
        content = await self._content(row["person_id"])
        if content is not None:  # without it the keys of the addresses, which go first, are gone already
            # Under the lookup of a parted address nobody is found, so each is made from its address anew.
            keys = [self._address(content, sealed) for sealed in row["addresses"]]
            found = {self._sealer.lookup(key): key for key in keys}
            live = {one["address_lookup"] for one in await self._pool().fetch(sql.LIVE, list(found))}
            await self._keys.destroy([key for at, key in found.items() if at not in live])
        free = [one["key_of"] for one in await self._pool().fetch(sql.FREE, row["owners"])]
        await self._keys.destroy([str(owner) for owner in free])
        await self._pool().execute(sql.UNKEYED, row["id"], free)
        return True

    async def _end(self, row: asyncpg.Record) -> bool:
        for person in {row["person_id"], *row["owners"]}:
            await self._keys.note_erased(person)
        async with self._pool().acquire() as connection, connection.transaction():
            for person in row["owners"]:  # those who had become part of this one, too
                await self._forget(connection, person)
            await connection.execute(sql.END_PERSONS, row["owners"])
            await connection.execute(sql.END, row["id"])
        return True

    async def _forget(self, connection: Connection, person: UUID) -> None:
        for statement in sql.FORGET:
            await connection.execute(statement, person, timeout=LONG)

    async def _forget_apart(self, persons: Collection[UUID]) -> None:
        if self._apart is not None:
            await self._apart.forget(persons)

    async def _content(self, person: UUID) -> Content | None:
        try:
            return await self._sealer.of(person)
        except self._lost:
            return None

    def _address(self, content: Content, sealed: bytes) -> str:
        try:
            return content.open_text(sealed)
        except self._lost:
            return ""


def mark_of(person_id: UUID) -> bytes:
    """What is left of a person who was erased: SHA-256 of a random id of 122 bits, which nobody can turn back."""
    return hashlib.sha256(b"erased " + person_id.bytes).digest()
