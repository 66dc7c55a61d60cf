"""Days as people say them: 24.12., sunnuntaina, ensi viikon tiistaina, på lördag, the day after tomorrow, juhannuksena.

A weekday is the next one after today; one "of next week" is that of the week that begins on Monday. A day without a
year is the coming one, unless it was in the last two months. Patterns read folded text and give places in it.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from nlu import weekdays
from nlu.day_words import (
    COUNTS,
    ENDINGS,
    FROM_TODAY,
    HOLIDAYS,
    MONTHS,
    ORDINALS,
    any_of,
)
from nlu.feasts import feasts, months_later
from nlu.weekdays import Meaning

_RECENT = 60
"""Days back in which a day without a year was meant to be past."""
_BETWEEN = 3
"""Letters between two ways to say one day: ``den``, ``on``."""

_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = rf"(?P<month>{any_of(MONTHS)})(?:ta|n|ssa)?"

_ORDINAL_EN = "|".join(sorted((word for word in ORDINALS if word.endswith(("t", "d", "th"))), key=len, reverse=True))
_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))
_ENGLISH = {"january", "february", "march", "may", "june", "july", "august", "october"}
_OURS = any_of(word for word in MONTHS if (word not in _ENGLISH and len(word) > 3) or word == "maj")
_MONTH_FI_SV = rf"(?P<month>{_OURS})(?:ta|n|ssa)?"
_NO_MONTH = rf"(?!\s+(?:of|{any_of(MONTHS)}))"


class Day(NamedTuple):
    """A day, and where the text says it."""

    start: int
    end: int
    day: date


def find_days(text: str, today: date) -> list[Day]:
    """The days that a folded text names, none over another, in their order."""
    found = sorted(_all(text, today), key=lambda day: (day.start - day.end, day.start))
    chosen: list[Day] = []
    for day in found:
        if all(day.end <= other.start or day.start >= other.end for other in chosen):
            chosen.append(day)
    return _joined(sorted(chosen), text)


def _joined(days: list[Day], text: str) -> list[Day]:
    """``tisdagen den 1 december`` is one day: what says the same next to each other is said once."""
    joined: list[Day] = []
    for day in days:
        if joined and joined[-1].day == day.day and len(text[joined[-1].end : day.start].strip(" ,")) <= _BETWEEN:
            joined[-1] = Day(joined[-1].start, day.end, day.day)
        else:
            joined.append(day)
    return joined


def _all(text: str, today: date) -> Iterator[Day]:
    for pattern, meaning in _RULES:
        for match in pattern.finditer(text):
            day = _safely(meaning, match, today)
            if day is not None:
                yield Day(match.start(), match.end(), day)


def _safely(meaning: Meaning, match: re.Match[str], today: date) -> date | None:
    """``None`` where there is no such day: the 31st of February, or one after the end of the calendar."""
    try:
        return meaning(match, today)
    except (ValueError, OverflowError):
        return None


def _numbers(match: re.Match[str], today: date) -> date:
    year = match["year"]
    if year is None:
        return _nearest(int(match["month"]), int(match["day"]), today)
    return date(int(year) + (2000 if len(year) == 2 else 0), int(match["month"]), int(match["day"]))


def _month_name(match: re.Match[str], today: date) -> date:
    month, day = MONTHS[match["month"]], _number_of(match["day"])
    return date(int(match["year"]), month, day) if match["year"] else _nearest(month, day, today)


def _number_of(said: str) -> int:
    if said.isdigit():
        return int(said)
    return next(number for ordinal, number in ORDINALS.items() if re.fullmatch(ordinal, said))


def _day_of_month(match: re.Match[str], today: date) -> date | None:
    """A day of this month or of the next one; without a month the first that is still to come."""
    which, day = match["which"] or "", int(match["day"])
    later = which.startswith(("ensi", "ens", "nasta", "next"))
    for ahead in (1,) if later else (0,) if which else (0, 1, 2):
        try:
            found = months_later(today.replace(day=1), ahead).replace(day=day)
        except ValueError:
            continue
        if which or found >= today:
            return found
    return None


def _nearest(month: int, day: int, today: date) -> date:
    leap = (month, day) == (2, 29)
    years = (year for year in range(today.year - 1, today.year + 9) if not leap or isleap(year))
    days = (date(year, month, day) for year in years)
    return next(found for found in days if found >= today - timedelta(days=_RECENT))


def _from_today(match: re.Match[str], today: date) -> date:
    return today + timedelta(days=FROM_TODAY[_plain(match["word"])])


def _holiday(match: re.Match[str], today: date) -> date | None:
    name = HOLIDAYS[_plain(match["holiday"])]
    days = (day for year in (today.year, today.year + 1) for day in feasts(year).get(name, ()))
    return next((day for day in days if day >= today), None)


def _later(match: re.Match[str], today: date) -> date:
    said = match["count"]
    count = int(said) if said and said.isdigit() else COUNTS.get(said or "", 1)
    unit = match["unit"]
    if unit.startswith(("kuukau", "manad", "month", "vuo", "ar", "year")):
        return months_later(today, count * _direction(match) * (1 if unit.startswith(("kuukau", "m")) else 12))
    return today + timedelta(days=count * (7 if unit.startswith(("viik", "veck", "week")) else 1) * _direction(match))


def _direction(match: re.Match[str]) -> int:
    said = match.group()
    return -1 if said.endswith(("sitten", "sedan", "sen", "ago")) else 1


def _plain(said: str) -> str:
    return " ".join(said.split()).replace("’", "'")


_COUNT = rf"(?P<count>\d{{1,3}}|{any_of(COUNTS)})"
_PATTERNS: tuple[tuple[str, Meaning], ...] = (
    (rf"\b{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b", _numbers),
    (rf"(?<![\d.]){_DAY}\.(?P<month>0?[1-9]|1[0-2])(?:\.(?P<year>20\d\d|[23]\d)?(?!\d)|(?![\d.])(?P<none>))", _numbers),
    (rf"(?<![\d/]){_DAY}/(?P<month>0?[1-9]|1[0-2])(?:/(?P<year>20\d\d))?(?![\d/])", _numbers),
    (
        rf"\b(?:den\s+|the\s+)?{_DAY}(?:\.|:[ae]|st|nd|rd|th)?\s+(?:of\s+|paiva(?:na)?\s+)?{_MONTH}\b(?:\s+{_YEAR})?",
        _month_name,
    ),
    (rf"\b(?:the\s+)?(?P<day>{_ORDINAL_EN})\s+of\s+{_MONTH}\b(?:,?\s+{_YEAR})?", _month_name),
    (rf"\b(?:den\s+)?(?P<day>{_ORDINAL})\s+(?:paiva(?:na)?\s+)?{_MONTH_FI_SV}\b(?:\s+{_YEAR})?", _month_name),
    (rf"\b{_MONTH}\s+(?P<day>{_ORDINAL})\b(?:\s+paiva\w{{0,3}})?(?:\s+{_YEAR})?", _month_name),
    (
        rf"(?:\b(?P<which>ensi|ens|taman|tan)\s+kuun?\s+)?(?<![\d.]){_DAY}\.\s*paiva(?:na|ksi|lle)?\b{_NO_MONTH}",
        _day_of_month,
    ),
    (
        rf"\bden\s+{_DAY}(?::[ae]|\s*:\s*[ae])(?:\s+(?P<which>nasta|denna)\s+manad)?(?![\w]){_NO_MONTH}",
        _day_of_month,
    ),
    (
        rf"\bon\s+the\s+{_DAY}(?:st|nd|rd|th)\b(?:\s+of\s+(?P<which>next|this)\s+month)?(?!\s+(?:of|{any_of(MONTHS)}))",
        _day_of_month,
    ),
    (
        rf"\b{_MONTH}\s+(?:the\s+)?{_DAY}(?:\.|st|nd|rd|th)?(?![\d:])(?:\s+paiva\w{{0,3}})?(?:,?\s+{_YEAR})?\b",
        _month_name,
    ),
    (rf"\b(?P<word>{any_of(FROM_TODAY)})(?:ko)?\b", _from_today),
    *weekdays.PATTERNS,
    (rf"\b(?P<holiday>{any_of(HOLIDAYS)}){ENDINGS}\b", _holiday),
    (rf"\b(?:{_COUNT}\s+)?(?P<unit>paivan|viikon|kuukauden|vuoden)\s+(?:paasta|kuluttua)\b", _later),
    (rf"\b(?:{_COUNT}\s+)?(?P<unit>paivaa|paiva|viikkoa|viikko|kuukausi|kuukautta|vuosi|vuotta)\s+sitten\b", _later),
    (
        rf"\b(?:om|in)\s+{_COUNT}\s+(?P<unit>dagar|dag|veckor|vecka|manader|manad|ar|days|day|weeks|week|months|month|years|year)\b",
        _later,
    ),
    (rf"\bfor\s+{_COUNT}\s+(?P<unit>dagar|dag|veckor|vecka|manader|manad|ar)\s+se(?:da)?n\b", _later),
    (rf"\b{_COUNT}\s+(?P<unit>days|day|weeks|week|months|month|years|year)\s+ago\b", _later),
)
_RULES = tuple((re.compile(pattern), meaning) for pattern, meaning in _PATTERNS)
