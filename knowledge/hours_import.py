"""The opening hours of all units for the days to come, from Hauki into our tables: what answers while Hauki is away.

``GET /v1/opening_hours/?data_source=tprek&start_date=&end_date=`` pages over
``{resource: {id, origins: [{data_source: {id}, origin_id}]}, opening_hours: [{date, times}]}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from knowledge.feed import Feed, Limits, Seen
from knowledge.hours_read import read_day
from knowledge.imports import Connection, Progress, Report, Staging, merge, packed, refuse_loss, rows_of, run, utc
from knowledge.imports import no_progress as silent
from knowledge.load import Content
from knowledge.reading import identity, rows

SOURCE = "hours"
HOURS = "city_hours"
_UNITS = "(SELECT DISTINCT unit_id FROM city_hours) h"
_DAYS = 14
_REGISTER = "tprek"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursImport:
    """Where the hours are: Hauki's base address, or a file with one of its lists."""

    content: Content
    address: str
    force: bool = False
    limits: Limits | None = None
    progress: Progress = silent
    now: Callable[[], datetime] = utc

    async def run(self, connection: Connection) -> Report:
        """Bring the table up to the source. Raises ``SourceUnavailable`` or ``ImportRefused``, and changes nothing."""
        return await run(connection, SOURCE, self._work)

    async def _work(self, connection: Connection) -> tuple[Report, Seen]:
        first = self.now().astimezone(ZoneInfo(self.content.city.time_zone)).date() - timedelta(days=1)
        days = [first + timedelta(days=number) for number in range(_DAYS + 1)]
        table = Staging(connection, HOURS, ("unit_id", "day", "periods"))
        await table.make()
        units: set[str] = set()
        broken = 0
        async with self._feed(days) as feed, aclosing(rows_of(feed, self.progress)) as found:
            async for row in found:
                unit_id = _unit(row)
                if unit_id is None:
                    broken += 1
                elif unit_id not in units:
                    units.add(unit_id)
                    await _add(table, unit_id, row, days)
        await table.index(("unit_id", "day"))
        report = Report(source=SOURCE, kept=len(units), broken=broken)
        await refuse_loss(connection, _UNITS, report, force=self.force)
        return await merge(connection, HOURS, ("unit_id", "day"), report), Seen()

    def _feed(self, days: list[date]) -> Feed:
        if not self.address.startswith(("http://", "https://")):
            return Feed(SOURCE, self.address, limits=self.limits)
        asked = {
            "data_source": _REGISTER,
            "start_date": days[0].isoformat(),
            "end_date": days[-1].isoformat(),
            "page_size": "100",
        }
        return Feed(SOURCE, f"{self.address.rstrip('/')}/v1/opening_hours/", asked, limits=self.limits)


async def _add(table: Staging, unit_id: str, row: Mapping[str, Any], days: list[date]) -> None:
    for day in days:
        periods = read_day(row.get("opening_hours"), day.isoformat())
        await table.add(unit_id, day, None if periods is None else packed(periods))


def _unit(row: Any) -> str | None:
    """The unit's id in the register; ``None`` where the row names none."""
    resource = row.get("resource") if isinstance(row, Mapping) else None
    if not isinstance(resource, Mapping):
        return None
    for origin in rows(resource.get("origins")):
        source = origin.get("data_source")
        name = source.get("id") if isinstance(source, Mapping) else source
        if name == _REGISTER:
            return identity(origin.get("origin_id"))
    known = resource.get("id")
    return identity(known.removeprefix("tprek:")) if isinstance(known, str) and known.startswith("tprek:") else None
