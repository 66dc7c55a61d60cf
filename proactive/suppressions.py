"""The city's own list of addresses that want no messages, of one purpose or of any; asked at each sending."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal
from uuid import UUID

import asyncpg

Reason = Literal["opted_out", "wrong_number", "complaint"]
EVERYTHING = ""
"""The purpose under which nothing at all is wanted."""

# A complaint stays one until somebody has answered it, whatever is said meanwhile.
ADD = """
WITH ended AS (
    UPDATE subscriptions SET status = 'ended', until = NULL, ended_at = now()
    WHERE conversation_id = $1 AND ($2 = '' OR purpose = $2) AND status <> 'ended' AND $3 <> 'complaint'
), heard AS (
    UPDATE nudges SET silent_at = NULL
    WHERE silent_at IS NOT NULL AND sent_to = $1 AND ($2 = '' OR purpose = $2) AND $3 <> 'wrong_number'
)
INSERT INTO suppressions (channel, address_lookup, purpose, reason)
SELECT channel, address_lookup, $2, $3 FROM conversations WHERE id = $1 AND detached_at IS NULL
ON CONFLICT (channel, address_lookup, purpose) DO UPDATE SET reason = EXCLUDED.reason, at = now()
WHERE suppressions.reason <> 'complaint' AND suppressions.reason <> EXCLUDED.reason
"""
"""conversation, purpose, reason. What was ordered there has ended, too, unless somebody
complains; who says so is not silent about a check-in, unless it is somebody else."""

LIFT = """
DELETE FROM suppressions s USING conversations c
WHERE c.id = $1 AND s.channel = c.channel AND s.address_lookup = c.address_lookup AND ($2::text IS NULL OR purpose = $2)
"""
"""conversation, purpose or none for every one."""

BLOCKED = """
SELECT EXISTS (
    SELECT FROM reach r WHERE r.channel = c.channel AND r.address_lookup = c.address_lookup AND r.opted_out
) FROM conversations c WHERE c.id = $1
"""
"""conversation."""


class Suppressions:
    """The address of a conversation in the list. Methods raise what asyncpg raises when the database is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]]) -> None:
        self._pool = pool

    async def add(self, conversation: UUID, reason: Reason, purpose: str = EVERYTHING) -> None:
        """Nothing more is written there, and what was ordered there has ended."""
        await self._pool().execute(ADD, conversation, purpose, reason)

    async def lift(self, conversation: UUID, purpose: str | None = None) -> None:
        """What a purpose was stopped by is taken back; without one, all of it."""
        await self._pool().execute(LIFT, conversation, purpose)

    async def blocked(self, conversation: UUID) -> bool:
        """Whether the provider lets nothing through to the address, until it gets a START itself."""
        return bool(await self._pool().fetchval(BLOCKED, conversation))
