"""Ends of sendings, written together: whatever has ended while a statement was on its way goes with the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from bot import outbox_sql as sql
from bot.database import DOWN, Database

TRIES = (0.2, 1.0, None)
"""Seconds to wait before the statement is tried again; then the rows are left to their lease."""

logger = structlog.stdlib.get_logger("outbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How one sending ended. ``after`` is in seconds, for one that waits."""

    id: int
    conversation_id: UUID
    kind: str
    attempts: int
    status: str
    reason: str | None
    provider_id: str | None
    after: float


class Settler:
    """Writes ends of sendings in as few statements as there is time for."""

    def __init__(
        self,
        database: Database,
        follow: Callable[[Collection[UUID]], None],
        told: Callable[[Sequence[int]], Awaitable[None]],
    ) -> None:
        """``follow`` is told the conversations with a message that waited for one that is settled now.

        ``told`` is told the ids of nudges that are settled; it may fail, since whoever listens looks again.
        """
        self._told = told
        self._database = database
        self._follow = follow
        self._pending: list[tuple[Sequence[Settled], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def settle(self, settled: Sequence[Settled]) -> None:
        """Return when these are written, or given up: then they are sent again after their lease."""
        if not settled:
            return
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((settled, written))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await written

    async def close(self) -> None:
        """Wait for what is being written."""
        if self._writing is not None:
            await self._writing

    async def write(self, settled: Sequence[Settled]) -> None:
        """Write these now. What cannot be written is left to its lease."""
        for wait in TRIES:
            try:
                await self._execute(settled)
            except DOWN as error:
                logger.warning("not_settled", count=len(settled), reason=type(error).__name__)
                if wait is not None:
                    await asyncio.sleep(wait)
            else:
                return

    async def _write_all(self) -> None:
        while self._pending:
            batch, self._pending = self._pending, []
            try:
                await self.write([one for settled, _ in batch for one in settled])
            finally:
                for _, written in batch:
                    if not written.done():
                        written.set_result(None)

    async def _execute(self, settled: Sequence[Settled]) -> None:
        await self._database.pool.execute(
            sql.SETTLE,
            [one.id for one in settled],
            [one.attempts for one in settled],
            [one.status for one in settled],
            [one.reason for one in settled],
            [one.provider_id for one in settled],
            [timedelta(seconds=one.after) for one in settled],
        )
        # After the commit, in a view of its own: whoever committed replies behind these has seen them settled, or is
        # seen here. Otherwise such replies would lie until the sweep.
        conversations = list({one.conversation_id for one in settled})
        following = await self._database.pool.fetch(sql.FOLLOWING, conversations)
        self._follow([row["conversation_id"] for row in following])
        nudges = [one.id for one in settled if one.kind == "nudge"]
        if nudges:
            try:
                await self._told(nudges)
            except DOWN as error:
                logger.warning("not_taken_over", count=len(nudges), reason=type(error).__name__)
