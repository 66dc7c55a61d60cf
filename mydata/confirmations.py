"""One-time codes: who can read what is sent to an address has shown that it is theirs.

A code is six digits, good for ten minutes and five tries, and kept as a keyed hash alone. Codes are counted by who
asks and by where they go, so that nobody's telephone is made to ring by others.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol
from uuid import UUID, uuid5

import asyncpg

from bot.messages import Address, Reply
from mydata import people_sql as sql
from mydata.people import Content as PeopleContent
from mydata.people import People

DIGITS = 6
Sent = Literal["sent", "limited", "stopped", "gone"]
"""``stopped``: the address wants no messages. ``gone``: the conversation is not there any more."""
Said = Literal["right", "wrong", "spent", "none", "another"]
"""``spent``: no try is left. ``none``: no code is open. ``another``: the address is somebody else's, surely."""


class Content(PeopleContent, Protocol):
    """What is sealed by one person's key."""

    def reply(self, reply: Reply) -> bytes:
        """Seal a reply."""


class Sealer(Protocol):
    """The content of every person."""

    async def of(self, person: UUID, *, make: bool = False) -> Content:
        """One person's; ``make`` for somebody new."""

    def lookup(self, value: str) -> bytes:
        """What a value is found by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is allowed. ``here`` codes of one conversation and ``there`` codes to one address in ``within``."""

    lasts: timedelta = timedelta(minutes=10)
    tries: int = 5
    within: timedelta = timedelta(hours=1)
    here: int = 3
    there: int = 3


class Confirmations:
    """The table ``confirmations``. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        people: People,
        code_key: bytes,
        *,
        words: Callable[[str, str], Reply],
        resume: Callable[[UUID], Awaitable[None]],
        bounds: Bounds | None = None,
    ) -> None:
        """``code_key`` is for the keyed hash of codes; ``words`` is the message with a code in a language.

        ``resume`` sends what waits in a conversation.
        """
        self._pool = pool
        self._sealer = sealer
        self._people = people
        self._key = code_key
        self._words = words
        self._resume = resume
        self._bounds = bounds or Bounds()

    async def send(self, key: str, conversation_id: UUID, address: Address, language: str) -> Sent:
        """Send a code to an address, once for each ``key``, for who writes in a conversation."""
        if await self._pool().fetchval(sql.STOPPED, address.channel, self._sealer.lookup(address.key)):
            return "stopped"
        target, person = (await self._people.at(address.channel, [address.key], language))[address.key]
        name, code = uuid5(conversation_id, key), f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        content = await self._sealer.of(person)
        async with self._pool().acquire() as connection, connection.transaction():
            if len(await connection.fetch(sql.LOCK, sorted({conversation_id, target}))) < len(
                {conversation_id, target}
            ):
                return "gone"
            if await connection.fetchval(sql.KNOWN, name):
                return "sent"
            asked = await connection.fetchrow(sql.ASKED, conversation_id, target, self._bounds.within)
            if asked is None or asked["here"] >= self._bounds.here or asked["there"] >= self._bounds.there:
                return "limited"
            digest = self._digest(name, code)
            await connection.execute(sql.ASK, name, conversation_id, target, digest, self._bounds.lasts)
            await connection.execute(sql.SAY, target, content.reply(self._words(code, language)))
        await self._resume(target)
        return "sent"

    async def check(self, conversation_id: UUID, code: str) -> Said:
        """Hold a code against the newest that was asked for here; a right one makes both conversations one person's."""
        row = await self._pool().fetchrow(sql.TRY, conversation_id)
        if row is None:
            return "none"
        if row["tries"] > self._bounds.tries:
            return "spent"
        if not hmac.compare_digest(self._digest(row["id"], code.strip()), row["digest"]):
            return "wrong" if row["tries"] < self._bounds.tries else "spent"
        return await self._join(row["id"], conversation_id, row["target_id"])

    async def _join(self, name: UUID, conversation_id: UUID, target_id: UUID) -> Said:
        async with self._pool().acquire() as connection, connection.transaction():
            if await connection.fetchval(sql.USE, name) is None:
                return "none"
            await connection.fetch(sql.LOCK, sorted({conversation_id, target_id}))
            here = await connection.fetchrow(sql.OWNER, conversation_id)
            there = await connection.fetchrow(sql.OWNER, target_id)
            if here is None or there is None:
                return "none"
            if here["known"] and there["known"] and here["person_id"] != there["person_id"]:
                return "another"
            kept, joined = (there, here) if there["known"] else (here, there)
            await self._people.merge(connection, joined["person_id"], kept["person_id"])
            await connection.execute(sql.RAISE, target_id, "confirmed")
        await self._people.told(kept["person_id"])
        return "right"

    def _digest(self, name: UUID, code: str) -> bytes:
        return hmac.digest(self._key, name.bytes + code.encode(errors="surrogatepass"), "sha256")
