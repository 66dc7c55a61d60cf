"""The calendar's part in days that people say: feasts of a year in Finland, and months counted on."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache

import holidays

from nlu.day_words import ADVENT, EASTER, FATHERS, HOLIDAYS, MOTHERS, SHROVE_TUESDAY


@lru_cache(maxsize=8)
def feasts(year: int) -> dict[str, tuple[date, ...]]:
    """The names that ``HOLIDAYS`` gives to days, with their days in a year."""
    fixed = {name for name in HOLIDAYS.values() if name[:1].isdigit()}
    found: dict[str, tuple[date, ...]] = {name: (date.fromisoformat(f"{year}-{name}"),) for name in fixed}
    for day, name in holidays.country_holidays("FI", years=year, language="en_US").items():
        for each in name.split("; "):
            found[each] = (*found.get(each, ()), day)
    return found | {name: (day,) for name, day in _by_sundays(year, found[EASTER][0])}


def _by_sundays(year: int, easter: date) -> Iterator[tuple[str, date]]:
    """Days that are no public holidays and hang on a Sunday."""
    for name, month, which in ((MOTHERS, 5, 2), (FATHERS, 11, 2)):
        first = date(year, month, 1)
        yield name, first + timedelta(days=6 - first.weekday() + 7 * (which - 1))
    yield SHROVE_TUESDAY, easter - timedelta(days=47)
    eve = date(year, 12, 24)
    yield ADVENT, eve - timedelta(days=(eve.weekday() + 1) % 7 + 21)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
