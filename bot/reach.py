"""What providers tell afterwards: how far a message has come, and whether an address can still be written to."""

from __future__ import annotations

from uuid import UUID

from bot import reach_sql as sql
from bot.codec import Sealer
from bot.database import Database
from bot.messages import Address, Delivery, Reach


class Reachability:
    """The tables ``deliveries`` and ``reach``. Methods raise one of ``DOWN``."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def delivered(self, delivery: Delivery) -> None:
        """Keep a report; one that is older than what is known, or comes twice, changes nothing."""
        await self._database.pool.execute(
            sql.DELIVERED, delivery.channel, delivery.provider_id[:200], delivery.state.value, delivery.reason
        )

    async def reached(self, reach: Reach) -> None:
        """Keep what is known of an address, and move its conversation where it goes on under another."""
        lookup = self._sealer.lookup(reach.address.key)
        if reach.reachable is not None or reach.opted_out is not None:
            await self._database.pool.execute(
                sql.REACHED, reach.address.channel, lookup, reach.reachable, reach.opted_out
            )
        if reach.moved_to is not None and reach.moved_to != reach.address.key:
            await self._move(reach.address, lookup, reach.moved_to)

    async def _move(self, address: Address, lookup: bytes, moved_to: str) -> None:
        new = self._sealer.lookup(moved_to)
        async with self._database.pool.acquire() as connection, connection.transaction():
            person: UUID | None = await connection.fetchval(sql.OWNER, address.channel, lookup)
            if person is not None:
                sealed = (await self._sealer.of(person)).text(moved_to)
                await connection.execute(sql.MOVE, address.channel, lookup, new, sealed)
            await connection.execute(sql.MOVE_REACH, address.channel, lookup, new)
            await connection.execute(sql.LEFT, lookup)
