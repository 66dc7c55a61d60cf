"""Status webhooks: each change of a nudge is told to the system that made it, signed, until that has heard it.

Bodies and signatures are those of Standard Webhooks. A change may be told twice, under the same id, and in any order:
``timestamp`` tells which is newer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import aiohttp
import asyncpg
import structlog
from standardwebhooks import Webhook

from bot.over_http import seconds_of
from proactive import callbacks_sql as sql
from proactive.claimed import Connection
from proactive.outside import check, session

logger = structlog.stdlib.get_logger("callbacks")

DELAYS = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 21600, 43200, 86400))
"""Between one try and the next, by how many there were; after the last one it has failed."""
GONE = 410
"""A receiver that wants to hear no more of it."""


class Content(Protocol):
    """What is sealed by one owner's key."""

    def open_text(self, data: bytes) -> str:
        """A short text."""


class Sealer(Protocol):
    """The content of every owner."""

    async def of(self, person: UUID) -> Content:
        """One owner's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is allowed: the seconds of a call, calls to one receiver at a time, and for how long it is left alone.

    ``rest`` is after a call that came to nothing; it is longer where the receiver says so.
    """

    seconds: float = 10.0
    at_once: int = 10
    rest: timedelta = timedelta(seconds=30)

    @property
    def lease(self) -> timedelta:
        """For how long a claimed call is nobody else's."""
        return timedelta(seconds=2 * self.seconds + 10)


class Unheard(Exception):
    """A call came to nothing; the words are ours. ``wait`` is for how many seconds the receiver wants to be left."""

    def __init__(self, reason: str, wait: float | None = None, *, final: bool = False) -> None:
        super().__init__(reason)
        self.wait = wait
        self.final = final


async def changed(
    wake: Callable[[Connection], Awaitable[object]], connection: Connection, nudges: Sequence[UUID]
) -> None:
    """Have it told what they are now, in the transaction that changed them; ``wake`` makes a job for it there."""
    if (await connection.execute(sql.CHANGED, nudges)) != "INSERT 0 0":
        await wake(connection)


class Callbacks:
    """The table ``callbacks``. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        *,
        lost: tuple[type[Exception], ...],
        loopback: bool = False,
        bounds: Bounds | None = None,
    ) -> None:
        """``lost`` is what a lost key raises; ``loopback`` allows receivers on this machine."""
        self._pool = pool
        self._sealer = sealer
        self._lost = lost
        self._loopback = loopback
        self._bounds = bounds or Bounds()
        self._serving: set[UUID] = set()

    async def due(self) -> bool:
        """Whether somebody is to be told something now."""
        return bool(await self._due())

    async def run(self) -> None:
        """Tell everybody what is due; each receiver by itself, so that one that hangs holds up nobody."""
        keys = await self._due() - self._serving
        self._serving |= keys
        try:
            async with session(self._bounds.seconds) as http:
                await asyncio.gather(*(self._serve(http, key) for key in keys))
        finally:
            self._serving -= keys

    async def _due(self) -> set[UUID]:
        return {row["id"] for row in await self._pool().fetch(sql.DUE)}

    async def _serve(self, http: aiohttp.ClientSession, key_id: UUID) -> None:
        """One receiver, until it has heard all or does not answer."""
        while True:
            values = (key_id, self._bounds.at_once, self._bounds.lease)
            rows = await self._pool().fetch(sql.CLAIM, *values)
            if not rows:
                return
            await asyncio.gather(*(self._tell(http, row) for row in rows))

    async def _tell(self, http: aiohttp.ClientSession, row: asyncpg.Record) -> None:
        try:
            await self._call(http, row)
        except Unheard as error:
            logger.info("callback_unheard", reason=str(error), attempts=row["attempts"])
            await self._unheard(row, error)
        else:
            await self._pool().execute(sql.DONE, row["id"], row["attempts"])

    async def _unheard(self, row: asyncpg.Record, error: Unheard) -> None:
        tries = row["attempts"]
        if error.final or tries > len(DELAYS):
            await self._pool().execute(sql.FAILED, row["id"], tries)
            return
        rest = max(self._bounds.rest, timedelta(seconds=error.wait or 0))
        await self._pool().execute(sql.AGAIN, row["id"], tries, max(DELAYS[tries - 1], rest), rest)

    async def _call(self, http: aiohttp.ClientSession, row: asyncpg.Record) -> None:
        """Call once. Raises ``Unheard`` unless the receiver says that it has heard."""
        headers = await self._signed(row)
        try:
            check(row["webhook_url"], loopback=self._loopback)
            async with http.post(
                row["webhook_url"], data=row["body"].encode(), headers=headers, allow_redirects=False
            ) as response:
                status, wait = response.status, seconds_of(response.headers.get("Retry-After"))
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unheard(type(error).__name__) from None
        if not 200 <= status < 300:
            raise Unheard(f"status {status}", wait, final=status == GONE)

    async def _signed(self, row: asyncpg.Record) -> dict[str, str]:
        try:
            secret = (await self._sealer.of(row["key_id"])).open_text(row["webhook_secret"])
        except self._lost:
            raise Unheard("no secret", final=True) from None
        name, now = f"msg_{row['id'].hex}", datetime.now(UTC)
        return {
            "Content-Type": "application/json",
            "User-Agent": "Neuvo",
            "webhook-id": name,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": Webhook(secret).sign(name, now, row["body"]),
        }
