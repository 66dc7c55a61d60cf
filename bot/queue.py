"""Jobs are made here: in the transaction of the rows that they are about, and with ids alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries

if TYPE_CHECKING:
    import asyncpg.pool

EFFECT = "effect"
"""The entrypoint that runs an effect; its payload is the row's id."""

CALLBACKS = "callbacks"
"""The entrypoint that tells the city's systems of their nudges; its payload says nothing."""

CAMPAIGNS = "campaigns"
"""The entrypoint that does what is to be done for campaigns; its payload says nothing."""

NUDGES = "nudges"
"""The entrypoint that sends whatever nudges are due; its payload says nothing."""

QUEUED = "SELECT EXISTS (SELECT FROM pgqueuer WHERE entrypoint = $1 AND status = 'queued')"
"""entrypoint. Whether a job waits."""

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"


async def enqueue(
    connection: Connection, entrypoint: str, ids: Sequence[int], *, after: timedelta = timedelta(0)
) -> None:
    """Make a job for each id, to start ``after`` the commit at the earliest.

    Raises ``RuntimeError`` outside a transaction: the job could then run before its row is there, or without it.
    """
    if not connection.is_in_transaction():
        raise RuntimeError("a job is made in the transaction of its row")
    await Queries(AsyncpgDriver(connection)).enqueue(  # type: ignore[arg-type]  # a pool's proxy does as well
        [entrypoint] * len(ids), [str(number).encode() for number in ids], [0] * len(ids), [after] * len(ids)
    )
