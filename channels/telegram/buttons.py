"""What buttons carry: a key of their chat that means nothing elsewhere. Telegram takes 64 bytes, whatever is meant."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg

from channels.kind import Codec

DOWN = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a statement raises when the database is away or cannot serve (a timeout is an ``OSError``)."""
LIFETIME = 180
"""Days that buttons are kept; an older one is answered as out of date."""
QUICK = 10.0
"""Seconds in which a second press of a button is taken for impatience."""
EXPIRED = "expired"
"""The payload of a button that we do not know (any more): it is none that a dialog makes."""

_KEEP = """
WITH old AS (DELETE FROM telegram_buttons
             WHERE chat = $1 AND created_at < now() - make_interval(days => $4) AND key <> ALL ($2))
INSERT INTO telegram_buttons (chat, key, payload) SELECT $1, key, payload FROM unnest($2::text[], $3::bytea[])
AS made (key, payload) ON CONFLICT (chat, key) DO UPDATE SET payload = excluded.payload, created_at = now()
"""
# A press counts as the one before when Telegram brings it again (the same query), or when it follows at once.
_PRESS = """
UPDATE telegram_buttons
SET presses = presses + CASE WHEN query = $3 OR pressed_at > now() - make_interval(secs => $4) THEN 0 ELSE 1 END,
    pressed_at = CASE WHEN pressed_at > now() - make_interval(secs => $4) THEN pressed_at ELSE now() END,
    query = $3
WHERE chat = $1 AND key = $2 RETURNING payload, presses
"""


class Buttons:
    """The table. Its methods raise one of ``DOWN`` when the database is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], codec: Codec) -> None:
        self._pool = pool
        self._codec = codec

    async def keep(self, chat: str, name: str, payloads: Sequence[str]) -> list[str]:
        """The keys of the payloads of one reply, the same whenever it is sent again. ``name`` tells the reply."""
        keys = [_key(chat, name, number) for number in range(len(payloads))]
        own = await self._codec.own(chat, make=True)
        sealed = [own.encode(b"1:" + payload.encode()) for payload in payloads]
        await self._pool().execute(_KEEP, self._codec.lookup(chat), keys, sealed, LIFETIME)
        return keys

    async def press(self, chat: str, key: str, query: str) -> tuple[str, str]:
        """What a press means: its payload, and the id of the message that it is.

        Presses in quick succession have one id; a press of later is a message of its own. ``query`` is Telegram's id
        of the press. A key that this chat does not have means ``EXPIRED``.
        """
        row = await self._pool().fetchrow(_PRESS, self._codec.lookup(chat), key, query, QUICK)
        if row is None:
            return EXPIRED, f"{chat}:{query}:expired"
        try:
            payload = (await self._codec.own(chat)).decode(row["payload"]).partition(b":")[2].decode()
        except self._codec.lost:  # made before its citizen was forgotten
            payload = EXPIRED
        return payload, f"{chat}:{key}:{row['presses']}"


def _key(chat: str, name: str, number: int) -> str:
    """16 characters."""
    digest = hashlib.sha256(f"{chat}\n{name}\n{number}".encode()).digest()
    return base64.urlsafe_b64encode(digest[:12]).decode()
