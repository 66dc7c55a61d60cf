"""Opening hours from Hauki, and public holidays.

Hauki answers ``GET /v1/resource/tprek:8215/opening_hours/?start_date=&end_date=`` with
``[{date, times: [{start_time, end_time, end_time_on_next_day, resource_state, full_day}]}]``; its server has already
put exceptions over the ordinary periods. Read in City-of-Helsinki/hauki, hours/serializers.py.

While Hauki is away, the copy that ``neuvo import hours`` has made answers, with the day on which it was made.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date as Date
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from async_lru import alru_cache
from orjson import loads

from knowledge.hours_read import read_day
from knowledge.http import JsonSource, SourceRefused, SourceUnavailable
from knowledge.model import City
from knowledge.opening import OPEN_STATES, STATES, DayHours, OpenPeriod, OpenStatus, status, unknown
from knowledge.unit_copy import AWAY, Pool

__all__ = ["OPEN_STATES", "STATES", "DayHours", "Hours", "OpenPeriod", "OpenStatus"]

AHEAD = 8
"""Days after today in which the next opening is looked for."""
_UNIT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_STORED = """
SELECT day, periods, to_char(fetched_at AT TIME ZONE $4, 'YYYY-MM-DD') AS as_of
FROM city_hours WHERE unit_id = $1 AND day BETWEEN $2 AND $3
"""

Days = dict[Date, tuple[OpenPeriod, ...] | None]


class Hours:
    """When a unit is open, by a Hauki server at ``base_url`` (``None``: no hours are known but those of the copy).

    ``demonstration`` marks all answers as invented. An answer is kept for ``keep`` seconds. ``pool`` is where the copy
    is.
    """

    def __init__(
        self,
        city: City,
        base_url: str | None,
        *,
        demonstration: bool = False,
        timeout: float = 4.0,
        attempts: int = 2,
        keep: float = 300.0,
        pool: Callable[[], Pool] | None = None,
    ) -> None:
        self._country = city.country
        self._languages = city.holiday_languages
        self._zone = ZoneInfo(city.time_zone)
        self._demonstration = demonstration
        self._source = JsonSource("hauki", base_url, timeout=timeout, attempts=attempts) if base_url else None
        self._pool = pool
        # Failures are not kept; calls for the same days at the same time share one request.
        self._days = alru_cache(maxsize=2048, ttl=keep)(self._fetch)

    async def on(self, unit_id: str, date: str) -> DayHours:
        """The hours of one ISO date. Raises ``SourceUnavailable`` when neither source nor copy knows."""
        day = _date(date)
        found, as_of = ({}, None) if day is None else await self._around(unit_id, day, day)
        periods = found.get(day) if day else None
        return DayHours(
            date=date,
            known=periods is not None,
            periods=[OpenPeriod(**period) for period in periods or ()],
            demonstration=self._demonstration,
            as_of=as_of,
        )

    async def status(self, unit_id: str, now: datetime) -> OpenStatus:
        """Whether the unit is open at ``now``, until when, and when it opens next.

        Raises ``SourceUnavailable`` when neither source nor copy knows.
        """
        today = now.astimezone(self._zone).date()
        found, as_of = await self._around(unit_id, today - timedelta(days=1), today + timedelta(days=AHEAD))
        known = status(found, now, self._zone) if found else unknown()
        known["demonstration"], known["as_of"] = self._demonstration, as_of
        return known

    def holiday(self, date: str, language: str) -> str | None:
        """The name of the public holiday on an ISO date, if it is one."""
        day = Date.fromisoformat(date)
        name = _holidays(self._country, day.year, self._languages.get(language)).get(day)
        return str(name) if name else None

    async def close(self) -> None:
        """Close the connections."""
        if self._source is not None:
            await self._source.close()

    async def _around(self, unit_id: str, first: Date, last: Date) -> tuple[Days, str | None]:
        """The days, and the day of the copy where it is the copy that says so."""
        if not _UNIT_ID.fullmatch(unit_id):
            return {}, None
        try:
            if self._source is not None:
                return await self._days(unit_id, first, last), None
        except SourceUnavailable:
            stored, as_of = await self._stored(unit_id, first, last)
            if not stored:
                raise
            return stored, as_of
        return await self._stored(unit_id, first, last)

    async def _fetch(self, unit_id: str, first: Date, last: Date) -> Days:
        if self._source is None:
            return {}
        asked = {"start_date": first.isoformat(), "end_date": last.isoformat()}
        try:
            days = await self._source.get(f"/v1/resource/tprek:{unit_id}/opening_hours/", asked)
        except SourceRefused:
            return {}
        wanted = (first + timedelta(days=number) for number in range((last - first).days + 1))
        return {day: read_day(days, day.isoformat()) for day in wanted}

    async def _stored(self, unit_id: str, first: Date, last: Date) -> tuple[Days, str | None]:
        if self._pool is None:
            return {}, None
        try:
            rows: list[Any] = await self._pool().fetch(_STORED, unit_id, first, last, self._zone.key)
        except AWAY:
            return {}, None
        days = {row["day"]: tuple(loads(row["periods"])) if row["periods"] else None for row in rows}
        return days, min((row["as_of"] for row in rows), default=None)


def _date(text: str) -> Date | None:
    try:
        return Date.fromisoformat(text)
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _holidays(country: str, year: int, language: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year, language=language)
