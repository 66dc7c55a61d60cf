"""Nudges as they stand: looked at, listed, and cancelled before they are sent."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from proactive import nudges_sql as sql
from proactive.claimed import Connection
from proactive.nudge import Event, Nudge

Changed = Callable[[Connection, Sequence[UUID]], Awaitable[object]]


class Records:
    """The tables ``nudges`` and ``nudge_events``. Methods raise what asyncpg raises when the database is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], changed: Changed) -> None:
        """``changed`` is told, in the transaction, which nudges have another status now."""
        self._pool = pool
        self._changed = changed

    async def get(self, nudge_id: UUID) -> Nudge | None:
        """One of them."""
        row = await self._pool().fetchrow(sql.GET, nudge_id)
        return None if row is None else Nudge(**row)

    async def list(
        self,
        key_id: UUID,
        *,
        status: str | None = None,
        template: str | None = None,
        after: tuple[datetime, UUID] | None = None,
        limit: int = 100,
    ) -> Sequence[Nudge]:
        """Those of a key, the newest first, beginning after the time and id of one."""
        at, last = after or (None, None)
        rows = await self._pool().fetch(sql.LIST, key_id, status, template, at, last, limit)
        return [Nudge(**row) for row in rows]

    async def cancel(self, nudge_id: UUID, *, key_id: UUID | None = None) -> bool:
        """End one before it is sent. False where it is not there, is not the key's, or it is too late."""
        async with self._pool().acquire() as connection, connection.transaction():
            done = await connection.fetchval(sql.CANCEL, nudge_id, key_id) is not None
            if done:
                await self._changed(connection, [nudge_id])
        return done

    async def events(self, nudge_id: UUID) -> Sequence[Event]:
        """How it came to its status, the first first."""
        rows = await self._pool().fetch(sql.EVENTS, nudge_id)
        return [Event(**{**row, "skipped": json.loads(row["skipped"] or "[]")}) for row in rows]
