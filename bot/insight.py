"""Figures for the staff's pages, counted in the city's own days."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from bot.database import Database
from bot.misses import Misses

TURNS = """
SELECT (hour AT TIME ZONE $2)::date AS day, channel, language, intent, sum(turns)::bigint AS turns
FROM turn_counts WHERE hour >= $1 GROUP BY 1, 2, 3, 4
"""
"""since when, time zone."""

HANDOFFS = """
SELECT (requested_at AT TIME ZONE $2)::date AS day, count(*) AS asked, count(waited) AS taken,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS median, max(waited) AS worst
FROM (
    SELECT requested_at, extract(epoch FROM claimed_at - requested_at)::float8 AS waited
    FROM handoffs WHERE requested_at >= $1
) AS h GROUP BY 1 ORDER BY 1
"""
"""since when, time zone."""

THUMBS = """
SELECT day, channel, language, intent, up, down FROM thumbs WHERE day >= $1 ORDER BY day
"""
"""since which day."""

ENDINGS = """
SELECT close_reason AS reason, count(*) AS count FROM handoffs
WHERE status = 'closed' AND requested_at >= $1 GROUP BY 1 ORDER BY 2 DESC, 1
"""
"""since when."""

Row = dict[str, Any]


class Insight:
    """Reads of figures. All raise one of ``DOWN``."""

    def __init__(self, database: Database, misses: Misses) -> None:
        self._database = database
        self._misses = misses

    async def turns(self, first: datetime, zone: str) -> list[Row]:
        """Turns by ``day``, ``channel``, ``language`` and ``intent`` since a moment."""
        return [dict(row) for row in await self._database.pool.fetch(TURNS, first, zone)]

    async def handoffs(self, first: datetime, zone: str) -> list[Row]:
        """By ``day``: ``asked``, ``taken``, and the ``median`` and ``worst`` wait in seconds of those taken."""
        return [dict(row) for row in await self._database.pool.fetch(HANDOFFS, first, zone)]

    async def endings(self, first: datetime) -> list[Row]:
        """How handoffs ended: ``reason`` and ``count``."""
        return [dict(row) for row in await self._database.pool.fetch(ENDINGS, first)]

    async def thumbs(self, first: date) -> list[Row]:
        """What citizens said of answers since a day: ``up`` and ``down`` by day, channel, language and intent."""
        return [dict(row) for row in await self._database.pool.fetch(THUMBS, first)]

    async def misses(self, language: str | None) -> list[Row]:
        """Masked texts that were not understood, the newest first."""
        return [asdict(miss) for miss in await self._misses.find(language)]

    async def miss(self, miss_id: int) -> Row | None:
        """One of them."""
        found = await self._misses.one(miss_id)
        return None if found is None else asdict(found)
