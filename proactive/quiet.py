"""When the city does not write: quiet hours and public holidays, in the city's own time. Pure.

What counts is what the clock on the wall shows, so that both days of a change of clocks come out right: in autumn the
hour that comes twice is quiet twice or not at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays


@dataclass(frozen=True, slots=True)
class Calendar:
    """The city's time zone, and the country (ISO 3166) whose public holidays it keeps."""

    zone: ZoneInfo
    country: str

    def local(self, moment: datetime) -> datetime:
        """What the clock on the wall shows, with its zone."""
        return moment.astimezone(self.zone)

    def holiday(self, day: date) -> bool:
        """Whether a day is a public holiday."""
        return day in _holidays(self.country, day.year)


@lru_cache(maxsize=64)
def _holidays(country: str, year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays(country, years=year))


def in_quiet_hours(moment: datetime, begins: time, ends: time, calendar: Calendar) -> bool:
    """Whether the clock shows a time from ``begins`` to before ``ends``, over midnight where it ends earlier."""
    clock = calendar.local(moment).time()
    return begins <= clock < ends if begins <= ends else clock >= begins or clock < ends


def quiet_end(moment: datetime, begins: time, ends: time, calendar: Calendar) -> datetime | None:
    """When the quiet hours that hold at a moment are over, in UTC; ``None`` where none hold."""
    if not in_quiet_hours(moment, begins, ends, calendar):
        return None
    today = calendar.local(moment).date()
    return min(
        end
        for day in (today, today + timedelta(days=1))
        for end in _both(day, ends, calendar.zone)
        if end > moment and not in_quiet_hours(end, begins, ends, calendar)
    )


def holiday_end(moment: datetime, calendar: Calendar) -> datetime | None:
    """The midnight at which the public holiday of a moment ends, in UTC; ``None`` on any other day."""
    today = calendar.local(moment).date()
    if not calendar.holiday(today):
        return None
    return min(end for end in _both(today + timedelta(days=1), time(), calendar.zone) if end > moment)


def _both(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments at which a clock shows a time: twice the same one, but for the hour that comes twice."""
    local = datetime.combine(day, clock, zone)
    return local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
