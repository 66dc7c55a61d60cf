"""The newest units that this process knows: the bundled register first, then the database's copy of the real one.

Whether there is a newer copy is looked up at most every half minute and behind the answer's back, so that an answer
waits for the database once in the life of a process, and then for a second at most.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import asyncpg
import orjson
import structlog

from knowledge.load import Content
from knowledge.unit_index import UnitEntry, UnitIndex

logger = structlog.stdlib.get_logger("units")

Pool: TypeAlias = "asyncpg.Pool[Any]"
AWAY = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a statement raises when the database is away."""
_VERSION = "SELECT version, to_char(ok_at AT TIME ZONE $1, 'YYYY-MM-DD') AS day FROM city_sources WHERE name = 'units'"
_UNITS = """
SELECT id, services, names, addresses, postal_code, phone, urls, accessibility, latitude, longitude FROM city_units
"""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_AT_ONCE = 500
"""Units that are read before other work gets its turn."""


class UnitCopy:
    """Units over ``pool`` (``None``: the bundled ones alone). ``every`` is in seconds."""

    def __init__(self, content: Content, pool: Callable[[], Pool] | None = None, *, every: float = 30.0) -> None:
        self._content = content
        self._pool = pool
        self._every = every
        self._version: tuple[int, str | None] | None = None
        self._looked: float | None = None
        self._looking: asyncio.Task[None] | None = None
        self.now = UnitIndex(bundled(content))

    async def fresh(self) -> UnitIndex:
        """The units to answer with now."""
        if self._pool is None:
            return self.now
        first, looked = self._looked is None, self._looked or 0.0
        if (first or time.monotonic() - looked > self._every) and self._looking is None:
            self._looked = time.monotonic()
            self._looking = asyncio.create_task(self._look(self._pool()))
            self._looking.add_done_callback(self._looked_at)
        if self._looking is not None and self._version is None:
            await asyncio.wait([self._looking], timeout=1.0)
        return self.now

    async def close(self) -> None:
        """Stop looking."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    def _looked_at(self, _task: asyncio.Task[None]) -> None:
        self._looking = None

    async def _look(self, pool: Pool) -> None:
        try:
            row = await pool.fetchrow(_VERSION, self._content.city.time_zone)
            version = (row["version"], row["day"]) if row else (0, None)
            if version != self._version and version[0]:
                self.now = await _index(await pool.fetch(_UNITS), version[1], self._content)
                logger.info("units_loaded", count=len(self.now.entries))
            self._version = version
        except AWAY as error:
            logger.warning("units_not_loaded", reason=type(error).__name__)


async def _index(rows: Sequence[Any], day: str | None, content: Content) -> UnitIndex:
    entries = {}
    for place, row in enumerate(rows):
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
        entries[row["id"]] = UnitEntry(
            id=row["id"],
            services=tuple(row["services"]),
            names=orjson.loads(row["names"]),
            addresses=orjson.loads(row["addresses"]),
            postal_code=row["postal_code"],
            phone=row["phone"],
            urls=orjson.loads(row["urls"]),
            accessibility=orjson.loads(row["accessibility"]),
            latitude=row["latitude"],
            longitude=row["longitude"],
            as_of=day,
        )
    # Where city.yaml names no ontology words for a kind, the register cannot say that a unit of it is gone.
    said = set(content.city.ontology)
    kept = [entry for entry in bundled(content) if entry.id not in entries and not said.intersection(entry.services)]
    return UnitIndex((*entries.values(), *kept))


def bundled(content: Content) -> list[UnitEntry]:
    """The units that come with the content, dated as their source is, where that is a date."""
    return [
        UnitEntry(
            id=unit.id,
            services=(unit.service,),
            names=unit.names,
            addresses=unit.addresses,
            postal_code=unit.postal_code,
            phone=unit.phone,
            urls=unit.urls,
            accessibility={},
            latitude=unit.latitude,
            longitude=unit.longitude,
            as_of=_day(content, unit.source),
        )
        for unit in content.places.units
    ]


def _day(content: Content, source: str) -> str | None:
    row = content.places.sources.get(source)
    match = _DATE.match(row.date) if row else None
    return match[0] if match else None
