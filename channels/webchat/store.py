"""Activities in PostgreSQL: numbered without gaps in a conversation, each key once."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from channels.kind import Codec

DOWN = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a statement raises when the database is away or cannot serve (a timeout is an ``OSError``)."""

PAGE = 200
"""Activities read at once; a client asks on from the watermark."""

# The number is one more than the newest. Two writers at once take the same one: the second waits for the first, gets
# no row and tries again, so numbers have no gaps and become visible in their order.
_APPEND = """
WITH written AS (
INSERT INTO webchat_activities (conversation, number, key, inbound, reply_to, body)
SELECT $1, coalesce((SELECT max(number) FROM webchat_activities WHERE conversation = $1), 0) + 1, $2, $3,
       CASE WHEN $3 THEN NULL ELSE (SELECT number FROM webchat_activities WHERE conversation = $1 AND inbound
                                    ORDER BY number DESC LIMIT 1) END, $4
WHERE NOT EXISTS (SELECT FROM webchat_activities WHERE conversation = $1 AND key = 'ended')
ON CONFLICT DO NOTHING
RETURNING number, key, reply_to, created_at)
SELECT written.*, pg_notify('webchat', 'w' || encode($1, 'hex') || ' ' || $5) FROM written
"""
_FIND = """
SELECT number, key, reply_to, created_at, body FROM webchat_activities
WHERE conversation = $1 AND key IN ($2, 'ended') ORDER BY key = 'ended' DESC LIMIT 1
"""
# Takes the next number as every writer does, so that one who writes at this moment waits and then sees the end.
_END = """
INSERT INTO webchat_activities (conversation, number, key, inbound, body)
SELECT $1, coalesce((SELECT max(number) FROM webchat_activities WHERE conversation = $1), 0) + 1, 'ended', false, ''
ON CONFLICT DO NOTHING
RETURNING number
"""
_ENDED = "SELECT true FROM webchat_activities WHERE conversation = $1 AND key = 'ended'"
# A statement of its own: it sees what was written while the one before it waited.
_REMOVE = "DELETE FROM webchat_activities WHERE conversation = $1 AND key <> 'ended'"
_TELL = "SELECT pg_notify('webchat', 'w' || encode($1, 'hex') || ' ')"
_AFTER = """
SELECT number, key, reply_to, created_at, body FROM webchat_activities
WHERE conversation = $1 AND number >= $2 ORDER BY number LIMIT $3 + 1
"""


ENDED = "ended"
"""The key of the row that is left of a conversation that its citizen has ended. No other key is like it."""


class Ended(Exception):
    """The citizen has ended this conversation: nothing of it is there, and nothing is written to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity at its place. ``body`` is its JSON but for what the place gives.

    ``unsaved`` is 0 for a row of the table. An activity that only this process's memory holds stands behind row
    ``number`` as its ``unsaved``-th. ``reply_to`` is the id of the message that it answers.
    """

    conversation: str
    number: int
    key: str
    reply_to: str | None
    created_at: datetime
    body: dict[str, Any]
    unsaved: int = 0

    @property
    def id(self) -> str:
        """Direct Line's id; ids of a conversation sort in its order."""
        return activity_id(self.conversation, self.number, self.unsaved)


def activity_id(conversation: str, number: int, unsaved: int = 0) -> str:
    """Direct Line's id of the activity at a place."""
    return f"{conversation}|{number:07}" + (f"m{unsaved:03}" if unsaved else "")


class Store:
    """The table. Every method raises one of ``DOWN`` when the database is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], codec: Codec) -> None:
        self._pool = pool
        self._codec = codec
        self.writer = secrets.token_hex(4)
        """Names this process to the others, and to itself, when it tells what it wrote."""

    async def append(
        self, conversation: str, key: str, body: dict[str, Any], *, inbound: bool
    ) -> tuple[Activity, bool]:
        """Write an activity behind the others, and whether it is new: a key that is there already is left alone.

        The other processes are told (``channels/webchat/notices.py``) in the same transaction. Raises ``Ended``.
        """
        lookup = self._codec.lookup(conversation)
        sealed = (await self._codec.own(conversation, make=True)).encode(b"1:" + orjson.dumps(body))
        while True:
            row = await self._pool().fetchrow(_APPEND, lookup, self._name(key), inbound, sealed, self.writer)
            if row is not None:
                return _activity(conversation, row, body), True
            found = await self.find(conversation, key)
            if found is not None:
                return found, False

    async def find(self, conversation: str, key: str) -> Activity | None:
        """The activity of a key. Raises ``Ended``."""
        row = await self._pool().fetchrow(_FIND, self._codec.lookup(conversation), self._name(key))
        return None if row is None else (await self._opened(conversation, [row]))[0]

    async def ended(self, conversation: str) -> bool:
        """Whether the citizen has ended it."""
        return bool(await self._pool().fetchval(_ENDED, self._codec.lookup(conversation)))

    async def end(self, conversation: str) -> None:
        """Remove all activities, for good: nothing can be written after it. Every process is told, this one too."""
        lookup = self._codec.lookup(conversation)
        async with self._pool().acquire() as connection, connection.transaction():
            while not await connection.fetchval(_END, lookup):
                if await connection.fetchval(_ENDED, lookup):
                    break
            await connection.execute(_REMOVE, lookup)
            await connection.execute(_TELL, lookup)

    async def after(self, conversation: str, number: int) -> tuple[int, Sequence[Activity]]:
        """Activities in their order behind a number, a page of them, and the number itself.

        A number that this conversation does not have counts as none, and is given back as 0: nothing is skipped.
        Raises ``Ended``.
        """
        rows = await self._pool().fetch(_AFTER, self._codec.lookup(conversation), number, PAGE)
        if number:
            if not rows or rows[0]["number"] != number:
                return await self.after(conversation, 0)
            rows = rows if rows[0]["key"] == ENDED else rows[1:]
        return number, await self._opened(conversation, rows)

    def _name(self, key: str) -> str:
        """40 characters that stand for a key: it may hold what a client made up, or the conversation's id."""
        return self._codec.lookup(f"activity {key}").hex()[:40]

    async def _opened(self, conversation: str, rows: Sequence[asyncpg.Record]) -> list[Activity]:
        if any(row["key"] == ENDED for row in rows):
            raise Ended
        try:
            own = await self._codec.own(conversation) if rows else None
            opened = [own.decode(row["body"]) for row in rows] if own is not None else []
        except self._codec.lost as error:  # its citizen was forgotten: what is still there can be read by nobody
            raise Ended from error
        return [
            _activity(conversation, row, orjson.loads(data.partition(b":")[2]))
            for row, data in zip(rows, opened, strict=True)
        ]


def _activity(conversation: str, row: asyncpg.Record, body: dict[str, Any]) -> Activity:
    return Activity(
        conversation=conversation,
        number=row["number"],
        key=row["key"],
        reply_to=None if row["reply_to"] is None else activity_id(conversation, row["reply_to"]),
        created_at=row["created_at"],
        body=body,
    )
