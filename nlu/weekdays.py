"""Weekdays and weekends as people say them, whole and in short: ensi viikon tiistaina, ke:lle, på fre, next wed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from nlu.day_words import ENDINGS, SHORT_ENDINGS, SHORT_WEEKDAYS, WEEKDAYS, WEEKENDS, any_of

Meaning = Callable[["re.Match[str]", date], date | None]
"""The day that a match says, seen from today."""

_NEXT_WEEK = r"(?:ensi\s+viikolla|ens\s+viikol|nasta\s+vecka|next\s+week)"
_SHORT = {word: day for words in SHORT_WEEKDAYS.values() for word, day in words.items()}
_FI, _SV, _EN = (rf"(?P<weekday>{any_of(SHORT_WEEKDAYS[language])})" for language in ("fi", "sv", "en"))


def _weekday(match: re.Match[str], today: date) -> date:
    before = match["before"] or ("last" if match["past"] else "")
    next_week = match["after"] or "viiko" in before
    return _coming(WEEKDAYS[match["weekday"]], "next" if next_week else before, today)


def _short_weekday(match: re.Match[str], today: date) -> date:
    return _coming(_SHORT[match["weekday"]], match.groupdict().get("before") or "", today)


def _coming(wanted: int, before: str, today: date) -> date:
    """A weekday by the word before it: the next one, that of the next week, or the last one."""
    if before.startswith(("nasta", "next")):
        return today + timedelta(days=7 + wanted - today.weekday())
    if before.startswith(("viime", "forra", "last")):
        return today - timedelta(days=(today.weekday() - wanted - 1) % 7 + 1)
    least = 0 if before.startswith(("tana", "tama", "denna", "this")) else 1
    return today + timedelta(days=(wanted - today.weekday() - least) % 7 + least)


def _weekend(match: re.Match[str], today: date) -> date:
    later = 7 if match["later"] else 0
    if today.weekday() == 6 and not later:
        return today
    return today + timedelta(days=5 - min(today.weekday(), 5) + later)


def _weekday_later(match: re.Match[str], today: date) -> date:
    """``viikon päästä tiistaina``: a week after the next one."""
    wanted = WEEKDAYS[match["weekday"]]
    return today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 8)


PATTERNS: tuple[tuple[str, Meaning], ...] = (
    (
        rf"\b(?:(?P<before>{_NEXT_WEEK}|ensi?\s+viikon|nasta\s+veckas|next\s+week'?s|ensi|ens|nasta|next|viime|forra|last"
        rf"|tana|tama|denna|this)\s+)?(?:pa\s+|i\s+(?=\w+dags\b))?(?P<weekday>{any_of(WEEKDAYS)})"
        rf"(?:(?P<past>(?<=dag)s)|{ENDINGS})\b(?P<after>\s+{_NEXT_WEEK})?",
        _weekday,
    ),
    (rf"\b(?P<before>ensi|ens|viime|tana)\s+{_FI}(?:{SHORT_ENDINGS})?(?![\w:])", _short_weekday),
    (rf"\b{_FI}(?:{SHORT_ENDINGS}\b|(?=\s+(?:klo|kello)\b))", _short_weekday),
    (rf"\b(?:pa|(?P<before>nasta|forra))\s+{_SV}\b", _short_weekday),
    (rf"\b{_SV}(?=\s+kl\b)", _short_weekday),
    (rf"\b(?:on|by|(?P<before>next|this|last))\s+{_EN}\b", _short_weekday),
    (rf"\b{_EN}(?=\s+at\s+\d)", _short_weekday),
    (
        rf"\b(?:(?P<later>ensi|nasta|next)|i|tana|this|the)?\s*\b(?:{any_of(WEEKENDS)}){ENDINGS}\b",
        _weekend,
    ),
    (rf"\bviikon\s+(?:paasta|kuluttua)\s+(?P<weekday>{any_of(WEEKDAYS)}){ENDINGS}\b", _weekday_later),
    (
        rf"\b(?P<weekday>{any_of(WEEKDAYS)}){ENDINGS}\s+(?:viikon\s+(?:paasta|kuluttua)|om\s+en\s+vecka)\b",
        _weekday_later,
    ),
    (rf"\b(?:om\s+)?en\s+vecka\s+pa\s+(?P<weekday>{any_of(WEEKDAYS)})\b", _weekday_later),
    (rf"\ba\s+week\s+(?:from|on)\s+(?P<weekday>{any_of(WEEKDAYS)})\b", _weekday_later),
)
"""Patterns of folded text with what each means."""
