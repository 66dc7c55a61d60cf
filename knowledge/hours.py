"""Opening hours from Hauki, and public holidays.

Hauki answers ``GET /v1/resource/tprek:8215/opening_hours/?start_date=&end_date=`` with
``[{date, times: [{start_time, end_time, end_time_on_next_day, resource_state, full_day}]}]``; its server has already
put exceptions over the ordinary periods. Read in City-of-Helsinki/hauki, hours/serializers.py.
"""

from __future__ import annotations

import re
from datetime import date as Date
from datetime import time
from functools import lru_cache
from typing import Any, TypedDict

import holidays
from async_lru import alru_cache

from knowledge.http import JsonSource, SourceRefused
from knowledge.model import City

STATES = frozenset(
    (
        "open",
        "closed",
        "undefined",
        "self_service",
        "with_key",
        "with_reservation",
        "open_and_reservable",
        "with_key_and_reservation",
        "enter_only",
        "exit_only",
        "weather_permitting",
        "not_in_use",
        "maintenance",
        "reserved",
        "by_appointment",
        "no_opening_hours",
    )
)
_UNIT_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")


class OpenPeriod(TypedDict):
    """From ``start`` to ``end`` (``HH:MM`` local, ``None`` where open-ended); ``state`` is Hauki's resource state.

    A whole day is from ``00:00`` to ``00:00`` of the next day.
    """

    start: str | None
    end: str | None
    ends_next_day: bool
    state: str


class DayHours(TypedDict):
    """One day's periods, open and closed alike. ``known`` is false where the source says nothing of the day."""

    date: str
    known: bool
    periods: list[OpenPeriod]
    demonstration: bool


class Hours:
    """When a unit is open, by a Hauki server at ``base_url`` (``None``: no hours are known).

    ``demonstration`` marks all answers as invented. An answer is kept for ``keep`` seconds.
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
    ) -> None:
        self._country = city.country
        self._languages = city.holiday_languages
        self._demonstration = demonstration
        self._source = JsonSource("hauki", base_url, timeout=timeout, attempts=attempts) if base_url else None
        # Failures are not kept; calls for the same day at the same time share one request.
        self._periods = alru_cache(maxsize=2048, ttl=keep)(self._fetch)

    async def on(self, unit_id: str, date: str) -> DayHours:
        """The hours of one ISO date. Raises ``SourceUnavailable`` when the source does not answer."""
        periods = await self._periods(unit_id, date) if _asks(unit_id, date) else None
        return DayHours(
            date=date,
            known=periods is not None,
            periods=[OpenPeriod(**period) for period in periods or ()],
            demonstration=self._demonstration,
        )

    def holiday(self, date: str, language: str) -> str | None:
        """The name of the public holiday on an ISO date, if it is one."""
        day = Date.fromisoformat(date)
        name = _holidays(self._country, day.year, self._languages.get(language)).get(day)
        return str(name) if name else None

    async def close(self) -> None:
        """Close the connections."""
        if self._source is not None:
            await self._source.close()

    async def _fetch(self, unit_id: str, date: str) -> tuple[OpenPeriod, ...] | None:
        if self._source is None:
            return None
        try:
            days = await self._source.get(
                f"/v1/resource/tprek:{unit_id}/opening_hours/", {"start_date": date, "end_date": date}
            )
        except SourceRefused:
            return None
        return _day(days, date)


def _asks(unit_id: str, date: str) -> bool:
    try:
        Date.fromisoformat(date)
    except ValueError:
        return False
    return _UNIT_ID.fullmatch(unit_id) is not None


def _day(days: Any, date: str) -> tuple[OpenPeriod, ...] | None:
    """The periods of the day; ``None`` where they are not told, or told in a way that we do not understand.

    One period that cannot be read makes the day unknown: the rest of it could mislead.
    """
    for day in days if isinstance(days, list) else ():
        if isinstance(day, dict) and day.get("date") == date and isinstance(day.get("times"), list):
            periods = [_period(times) for times in day["times"]]
            read = [period for period in periods if period is not None]
            silent = all(period["state"] == "undefined" for period in read)
            return None if silent or len(read) < len(periods) else tuple(sorted(read, key=_order))
    return None


def _period(times: Any) -> OpenPeriod | None:
    if not isinstance(times, dict):
        return None
    state = times.get("resource_state")
    state = state if isinstance(state, str) and state in STATES else "undefined"
    if times.get("full_day") is True:
        return OpenPeriod(start="00:00", end="00:00", ends_next_day=True, state=state)
    try:
        start, end = _time(times.get("start_time")), _time(times.get("end_time"))
    except (TypeError, ValueError):
        return None
    # An end at or before the start is on the next day, even where the source forgot to say so.
    next_day = times.get("end_time_on_next_day") is True or bool(start and end and end <= start)
    return OpenPeriod(start=start, end=end, ends_next_day=next_day, state=state)


def _time(value: Any) -> str | None:
    if value is None:
        return None
    return time.fromisoformat(value).strftime("%H:%M")  # a TypeError where it is no text


def _order(period: OpenPeriod) -> str:
    return period["start"] or ""


@lru_cache(maxsize=64)
def _holidays(country: str, year: int, language: str | None) -> holidays.HolidayBase:
    return holidays.country_holidays(country, years=year, language=language)
