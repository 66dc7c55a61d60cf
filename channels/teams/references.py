"""Where each conversation is reached, newest first-hand word only: in the table, and for a while in memory.

Memory serves the answer that follows a message at once, and a safety answer while the database is away.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import asyncpg
import orjson
import structlog

from channels.base import RetryAfter, Unreachable
from channels.kind import Codec

logger = structlog.stdlib.get_logger("teams")

DOWN = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a statement raises when the database is away or cannot serve (a timeout is an ``OSError``)."""
RECENT = 60.0
"""Seconds for which a reference in memory is not looked up again: another process may have heard a newer one."""
PATIENCE = 1.0
"""Seconds that a request waits for its reference to be written, and a safety answer for one to be read."""
REMEMBERED = 1_000

_KEEP = """
INSERT INTO teams_references (lookup, reference) VALUES ($1, $2)
ON CONFLICT (lookup) DO UPDATE SET reference = EXCLUDED.reference, updated_at = now()
"""
_READ = "SELECT reference FROM teams_references WHERE lookup = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A conversation as the connector knows it. ``removed`` says that the bot was taken out of it."""

    service_url: str
    conversation: str
    bot: str
    removed: bool = False


class References:
    """The newest reference of each address's key."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], codec: Codec) -> None:
        self._pool = pool
        self._codec = codec
        self._recent: OrderedDict[str, tuple[float, Reference]] = OrderedDict()

    def remember(self, key: str, reference: Reference) -> None:
        """Use it from now on in this process."""
        self._recent[key] = (time.monotonic(), reference)
        self._recent.move_to_end(key)
        while len(self._recent) > REMEMBERED:
            self._recent.popitem(last=False)

    async def keep(self, key: str, reference: Reference) -> bool:
        """Write it for all processes; whether the database took it in time."""
        try:
            async with asyncio.timeout(PATIENCE):
                own = await self._codec.own(key, make=True)
                sealed = own.encode(b"1:" + orjson.dumps(asdict(reference)))
                await self._pool().execute(_KEEP, self._codec.lookup(key), sealed)
        except DOWN as error:
            logger.warning("reference_not_kept", reason=type(error).__name__)
            return False
        return True

    async def find(self, key: str) -> Reference:
        """Where to write. Raises ``Unreachable`` where the bot was removed, ``RetryAfter`` where nothing is known."""
        at, known = self._recent.get(key, (0.0, None))
        if known is None or time.monotonic() - at > RECENT:
            known = await self._read(key) or known
        if known is None:
            raise RetryAfter
        if known.removed:
            raise Unreachable
        return known

    async def _read(self, key: str) -> Reference | None:
        try:
            async with asyncio.timeout(PATIENCE):
                sealed = await self._pool().fetchval(_READ, self._codec.lookup(key))
                opened = (await self._codec.own(key)).decode(sealed) if sealed is not None else None
        except self._codec.lost:
            return None
        except DOWN as error:
            logger.warning("reference_not_read", reason=type(error).__name__)
            return None
        if opened is None:
            return None
        found = Reference(**orjson.loads(opened.partition(b":")[2]))
        self.remember(key, found)
        return found
