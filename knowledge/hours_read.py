"""The days of a Hauki answer as periods."""

from __future__ import annotations

from datetime import time
from typing import Any

from knowledge.opening import STATES, OpenPeriod


def read_day(days: Any, date: str) -> tuple[OpenPeriod, ...] | None:
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
