"""What follows on a sending: its end is taken over from the outbox, receipts are noted, silence leads elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from proactive import delivery_sql as sql
from proactive.changes import Change, Told, write
from proactive.outcomes import after_receipt, after_sending, unheard
from proactive.rules import Retry
from proactive.template import Templates, UnknownTemplate


class Following:
    """Methods raise what asyncpg raises when the database is away; what is left is found by the next ``sweep``."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        templates: Templates,
        retry: Retry,
        told: Told,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._templates = templates
        self._retry = retry
        self._told = told
        self._now = now

    async def settled(self, outbox_ids: Sequence[int]) -> None:
        """These sendings have ended."""
        await self._take_over(sql.ENDED_OF, list(outbox_ids))

    async def sweep(self) -> int:
        """Take over all that has ended, and look elsewhere for whom no receipt came; how many those were."""
        return await self._take_over(sql.ENDED_ANY, None) + await self._unheard()

    async def reported(self, channel: str, provider_id: str, state: str) -> None:
        """The provider tells how far a message has come: ``delivered`` or ``failed``, once."""
        if state not in {"delivered", "failed"}:
            return
        async with self._pool().acquire() as connection, connection.transaction():
            now = self._now()
            rows = await connection.fetch(sql.REPORTED, channel, provider_id)
            changes = [after_receipt(row["id"], state=state, channel=channel, now=now) for row in rows]
            await write(connection, now, changes, self._told)

    async def _take_over(self, statement: str, ids: list[int] | None) -> int:
        async with self._pool().acquire() as connection, connection.transaction():
            now = self._now()
            rows = await connection.fetch(statement, ids)
            await write(connection, now, [self._after(row, now) for row in rows], self._told)
        return len(rows)

    async def _unheard(self) -> int:
        async with self._pool().acquire() as connection, connection.transaction():
            now = self._now()
            rows = await connection.fetch(sql.UNHEARD, now)
            changes = [unheard(row["id"], channel=row["channel"], now=now) for row in rows]
            await write(connection, now, changes, self._told)
        return len(rows)

    def _after(self, row: asyncpg.Record, now: datetime) -> Change:
        return after_sending(
            row["id"],
            status=row["status"],
            channel=row["channel"],
            provider_id=row["provider_id"],
            not_before=row["due_at"],
            receipt=row["receipt"],
            attempts=row["attempts"],
            fallback_after=self._fallback(row["template"], row["version"]),
            retry=self._retry,
            now=now,
        )

    def _fallback(self, template: str, version: int) -> timedelta | None:
        try:
            return self._templates.get(template, version).fallback_after
        except UnknownTemplate:
            return None
