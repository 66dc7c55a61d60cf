"""What the workers do by the clock: the city's sources, and what the city owes people about their data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

from bot.jobs import Chore
from bot.personal import Personal
from bot.replies import Replies
from mydata.ledger_heads import Checkpoints

UNUSED = timedelta(days=365)
"""After this long a telephone number may be somebody else's."""


def chores(
    personal: Personal,
    replies: Replies,
    refresh: Callable[[], Awaitable[None]],
    signing_seed: bytes,
    folder: Path | None,
) -> tuple[Chore, ...]:
    """All of them. Checkpoints of the ledger are also written to ``folder``, to be taken elsewhere."""

    async def unused() -> int:
        return await personal.people.expire(UNUSED)

    erasures = personal.data.erasures
    checkpoints = Checkpoints(personal.data.pool, signing_seed, folder=folder)
    return (
        Chore(name="refresh", cron="*/5 * * * *", run=refresh),
        Chore(name="orders", cron="* * * * *", run=replies.orders.sweep, first=True),
        Chore(name="checkins", cron="* * * * *", run=replies.checkins.sweep, first=True),
        Chore(name="erasures", cron="* * * * *", run=erasures.sweep, first=True),
        # Where an older copy of the database was brought back, whoever was erased since is erased again.
        Chore(name="erasures_again", cron="41 1 * * *", run=erasures.replay, first=True),
        Chore(name="retention", cron="11 1 * * *", run=personal.data.retention.run),
        Chore(name="unused_addresses", cron="31 1 * * *", run=unused),
        Chore(name="checkpoint", cron="7 * * * *", run=checkpoints.write),
    )
