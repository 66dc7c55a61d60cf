"""What follows on a sending: its end is taken over from the outbox, receipts are noted, silence leads elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from bot.messages import Delivery, DeliveryState
from proactive import delivery_sql as sql
from proactive.changes import Change, Told, write
from proactive.claimed import Connection
from proactive.outcomes import after_receipt, after_sending, unheard
from proactive.rules import Retry
from proactive.template import Templates, UnknownTemplate

Wake = Callable[[Connection, datetime], Awaitable[object]]
"""Is told, in the same transaction, when something is due."""


class Following:
    """Methods raise what asyncpg raises when the database is away; what is left is found by the next ``sweep``."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        templates: Templates,
        retry: Retry,
        told: Told,
        wake: Wake,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._templates = templates
        self._retry = retry
        self._told = told
        self._wake = wake
        self._now = now

    async def settled(self, outbox_ids: Sequence[int]) -> None:
        """These sendings have ended."""
        await self._take_over(sql.ENDED_OF, list(outbox_ids))

    async def sweep(self) -> int:
        """Take over all that has ended, and look elsewhere for whom no receipt came; how many those were."""
        return await self._take_over(sql.ENDED_ANY, None) + await self._unheard()

    async def reported(self, report: Delivery) -> None:
        """The provider tells how far a message has come."""
        state, channel = report.state.value, report.channel
        async with self._pool().acquire() as connection, connection.transaction():
            now = self._now()
            if report.key is not None and report.key.isdecimal():
                await self._write(connection, now, await self._referred(connection, report, int(report.key)))
            if report.state is DeliveryState.SENT:
                return
            rows = await connection.fetch(sql.REPORTED, channel, report.provider_id)
            await self._write(
                connection, now, [after_receipt(row["id"], state=state, channel=channel, now=now) for row in rows]
            )

    async def _referred(self, connection: Connection, report: Delivery, outbox_id: int) -> list[Change]:
        """The provider has a message whose call it never answered: that ends the doubt. It is not sent again."""
        rows = await connection.fetch(sql.REFERRED, outbox_id)
        status = "delivered" if report.state is DeliveryState.DELIVERED else "sent"
        return [
            Change(id=row["id"], status=status, channel=report.channel, provider_id=report.provider_id)
            for row in rows
            if row["was"] != "sending" or status == "delivered"
        ]

    async def _take_over(self, statement: str, ids: list[int] | None) -> int:
        async with self._pool().acquire() as connection, connection.transaction():
            now = self._now()
            rows = await connection.fetch(statement, ids)
            await self._write(connection, now, [self._after(row, now) for row in rows])
        return len(rows)

    async def _unheard(self) -> int:
        async with self._pool().acquire() as connection, connection.transaction():
            now = self._now()
            rows = await connection.fetch(sql.UNHEARD, now)
            await self._write(connection, now, [unheard(row["id"], channel=row["channel"], now=now) for row in rows])
        return len(rows)

    async def _write(self, connection: Connection, now: datetime, changes: Sequence[Change]) -> None:
        """Write them; who is to be written to elsewhere need not wait for the sweep."""
        await write(connection, now, changes, self._told)
        dues = [change.due_at for change in changes if change.due_at is not None]
        if dues:
            await self._wake(connection, min(dues))

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
