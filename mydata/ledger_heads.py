"""Writes checkpoints over the ends of all chains; the ledger must still hold what the last one signed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from mydata import ledger_sql as sql
from mydata.ledger_checkpoint import FIELDS, FIRST, Checkpoint, Root, public_key

LAG = timedelta(minutes=1)
"""What is younger is left to the next one: a transaction that has begun commits sooner, or is cut, or refused."""
AT_ONCE = 5_000
"""Rows that are held in memory."""


class BrokenLedger(Exception):
    """The ledger no longer holds what its last checkpoint signed: nothing more is signed. The words say what."""


async def root_at(connection: Any, moment: datetime) -> Root:
    """How all chains ended at a moment. To be called in a transaction; memory does not grow with the ledger."""
    root = Root.empty()
    async for row in connection.cursor(sql.HEADS, moment, prefetch=AT_ONCE):
        root.add(row["pseudonym"], row["seq"], row["mac"])
    return root


class Checkpoints:
    """The checkpoints of one ledger."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        signing_seed: bytes,
        *,
        folder: Path | None = None,
        lag: timedelta = LAG,
    ) -> None:
        """``signing_seed`` has 32 bytes. Each checkpoint is also written to ``folder``, to be taken elsewhere."""
        self._pool = pool
        self._seed = signing_seed
        self._folder = folder
        self._lag = lag

    async def write(self) -> Checkpoint:
        """Sign how the chains end now; where nothing has changed, the last one stands.

        Safe from several processes at once. Raises ``BrokenLedger``, ``OSError`` where the folder cannot be written,
        and what asyncpg raises.
        """
        async with self._pool().acquire() as connection:
            try:
                async with connection.transaction(isolation="repeatable_read"):
                    checkpoint = await self._write(connection)
            except asyncpg.UniqueViolationError:  # another process has just written it
                checkpoint = Checkpoint.of(dict(await connection.fetchrow(sql.LAST_CHECKPOINT) or {}))
        if self._folder is not None:
            keep(checkpoint, self._folder)
        return checkpoint

    async def _write(self, connection: Any) -> Checkpoint:
        await connection.execute(sql.ASSUME)
        await connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        row = await connection.fetchrow(sql.LAST_CHECKPOINT)
        last = None if row is None else Checkpoint.of(row)
        if last is not None:
            await self._hold_against(connection, last)
        moment = await connection.fetchval(sql.NOW) - self._lag
        root = await root_at(connection, moment)
        if last is not None and (last.same_ends(root) or moment <= last.at):
            return last
        checkpoint = Checkpoint(
            number=last.number + 1 if last else 1,
            at=moment,
            chains=root.chains,
            entries=root.entries,
            root=root.digest(),
            previous=last.digest() if last else FIRST,
        ).signed(self._seed)
        await connection.execute(sql.ADD_CHECKPOINT, *(getattr(checkpoint, name) for name in FIELDS))
        return checkpoint

    async def _hold_against(self, connection: Any, last: Checkpoint) -> None:
        if not last.is_signed_by(public_key(self._seed)):
            raise BrokenLedger(f"checkpoint {last.number} is not as it was signed")
        if not last.same_ends(await root_at(connection, last.at)):
            raise BrokenLedger(f"the ledger no longer holds what checkpoint {last.number} signed")


def keep(checkpoint: Checkpoint, folder: Path) -> Path:
    """Write a checkpoint to a file of its own in a folder; one that is there stays. Raises ``OSError``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"checkpoint-{checkpoint.number:06}.json"
    if not path.exists():
        new = path.with_suffix(".new")
        new.write_text(checkpoint.exported(), encoding="utf-8")
        new.replace(path)
    return path
