"""What becomes of a nudge, and the one way into the database for it: the row, its event, and who is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from proactive import delivery_sql as sql
from proactive.claimed import Connection

FINAL = frozenset(("delivered", "permanent-failure", "temporary-failure", "technical-failure", "cancelled", "expired"))
"""The statuses at which a nudge ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a nudge becomes; a field that is ``None`` leaves it as it was, but for ``reason`` and ``watch_at``.

    ``tried`` is a channel that could not reach. ``noted``: it is worth an event of its own.
    """

    id: UUID
    status: str
    reason: str | None = None
    due_at: datetime | None = None
    channel: str | None = None
    sent_to: UUID | None = None
    outbox_id: int | None = None
    provider_id: str | None = None
    tried: str | None = None
    watch_at: datetime | None = None
    paced: bool = False
    noted: bool = True
    skipped: tuple[tuple[str, str], ...] = ()


Told = Callable[[Connection, Sequence[Change]], Awaitable[None]]
"""Is told, in the same transaction, of the changes that are noted."""


async def write(connection: Connection, now: datetime, changes: Sequence[Change], told: Told) -> None:
    """Write them, in the connection's transaction."""
    if not changes:
        return
    await connection.execute(
        sql.CHANGE,
        now,
        [one.id for one in changes],
        [one.status for one in changes],
        [one.reason for one in changes],
        [one.due_at for one in changes],
        [one.channel for one in changes],
        [one.sent_to for one in changes],
        [one.outbox_id for one in changes],
        [one.provider_id for one in changes],
        [one.tried for one in changes],
        [one.watch_at for one in changes],
        [one.paced for one in changes],
        [one.status in FINAL for one in changes],
        [one.noted for one in changes],
        [orjson.dumps(one.skipped).decode() if one.skipped else None for one in changes],
    )
    noted = [one for one in changes if one.noted]
    if noted:
        await told(connection, noted)
