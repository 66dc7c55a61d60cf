"""Times of day as people say them: klo 15, 14.30, puoli kolme, halv tre, half past two, at 3 pm, kello kolmelta.

A bare hour from one to six is in the afternoon, when a city is awake, unless the text says morning or night.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import time
from typing import NamedTuple

from nlu.day_words import any_of

HOURS: Mapping[str, int] = {
    "yksi": 1, "yhden": 1, "yhdelta": 1, "kaksi": 2, "kahden": 2, "kahdelta": 2, "kolme": 3, "kolmelta": 3,
    "kolmen": 3, "nelja": 4, "neljalta": 4, "viisi": 5, "viis": 5, "viidelta": 5, "kuusi": 6, "kuus": 6, "kuudelta": 6,
    "seitseman": 7, "seittemalta": 7, "seitsemalta": 7, "kahdeksan": 8, "kasi": 8, "kahdeksalta": 8, "kasilta": 8,
    "yhdeksan": 9, "yhdeksalta": 9, "ysi": 9, "ysilta": 9, "kymmenen": 10, "kymmenelta": 10, "yksitoista": 11,
    "yhdeltatoista": 11, "kaksitoista": 12, "kahdeltatoista": 12,
    "ett": 1, "tva": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "atta": 8, "nio": 9, "tio": 10,
    "elva": 11, "tolv": 12,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_MINUTES: Mapping[str, int] = {
    "varttia": 15, "vartin": 15, "vartti": 15, "viitta": 5, "viisi": 5, "kymmenta": 10, "kymmenen": 10,
    "kahtakymmenta": 20, "kvart": 15, "fem": 5, "tio": 10, "tjugo": 20, "a quarter": 15, "quarter": 15, "five": 5,
    "ten": 10, "twenty": 20,
}  # fmt: skip
_AFTER = re.compile(
    r"\b(?:(?:huomis|huomen|eilis|\w+tai-?|keskiviikko-?)?(?:illalla|illaksi|iltana|ilta|iltapaivana|iltapaivalla)|ip"
    r"|\w*kvall|\w*eftermiddag|kvallen|eftermiddagen|evening|afternoon|tonight)\b"
)
_BEFORE = re.compile(
    r"\b(?:\w*aamulla|\w*aamuna|\w*aamuksi|aamupaivalla|ap|yolla|\w*yona|i morse"
    r"|\w*morgon bitti|morgonen|natten|formiddagen|morning|night)\b"
)

_HOUR = rf"(?P<hour>{any_of(HOURS)}|[01]?\d|2[0-4])"
_AT = r"(?:klo|kello|klockan|kl|at)"
_HALF = re.compile(rf"\b(?P<half>puoli|puol|halv|half\s+past|half)\s+{_HOUR}\b")
_PAST = re.compile(
    rf"\b(?P<minutes>{any_of(_MINUTES)}|[1-5]?\d)\s+(?P<way>yli|vaille|vailla|over|i|past|to)\s+{_HOUR}\b(?!\.\d)"
)
_WHOLE = re.compile(rf"\b{_AT}\.?\s*{_HOUR}(?:[.:](?P<minutes>[0-5]\d))?(?:\s*(?P<half>am|pm|[ap]\.m\.))?(?![\d:])\b")
_DIGITAL = re.compile(
    r"(?<![\d.:,])(?P<hour>[01]?\d|2[0-3])[.:](?P<minutes>[0-5]\d)(?:\s*(?P<half>am|pm))?(?![\d.:]*\d)"
)
_TWELVE = re.compile(r"\b(?P<hour>1[0-2]|[1-9])\s*(?P<half>am|pm|[ap]\.m\.)")
_OCLOCK = re.compile(rf"\b{_HOUR}\s+o'?clock\b")
_BY_HOUR = re.compile(rf"\b(?P<hour>{any_of(word for word in HOURS if word.endswith('lta'))})\b")
_NOON = re.compile(
    r"\b(?:(?P<noon>keskipaivalla|puoliltapaivin|puolilta\s+paivin|mitt\s+pa\s+dagen|noon|midday)"
    r"|keskiyolla|puoliltaoin|puolilta\s+oin|midnatt|midnight)\b"
)
_FIVE_HALF = re.compile(rf"\b(?P<minutes>fem|5)\s+(?P<way>i|over)\s+halv\s+{_HOUR}\b")
_ABOUT = re.compile(r"\bvid\s+(?P<hour>ett|tva|tre|fyra|fem|sex|sju|atta|nio|tio|elva|tolv)-?tiden\b")
_PART_HOUR = re.compile(rf"\b(?P<part>aamu|ilta)(?P<hour>{any_of(word for word in HOURS if word.endswith('lta'))})\b")
_HOUR_PART = re.compile(
    rf"\b(?P<hour>{any_of(HOURS)}|1[0-2]|[1-9])\s+(?:in\s+the\s+|pa\s+)"
    r"(?:(?P<pm>evening|afternoon|kvallen|eftermiddagen)|morning|morgonen|formiddagen)\b"
)


class Time(NamedTuple):
    """A time of day, and where the text says it."""

    start: int
    end: int
    time: time


def find_times(text: str) -> list[Time]:
    """The times of a folded text, none over another, in their order."""
    chosen: list[Time] = []
    for found in _all(text):
        if all(found.end <= other.start or found.start >= other.end for other in chosen):
            chosen.append(found)
    return sorted(chosen)


def _all(text: str) -> Iterator[Time]:
    part = "pm" if _AFTER.search(text) else "am" if _BEFORE.search(text) else None
    for match in _FIVE_HALF.finditer(text):
        yield _at(match, _hour(match["hour"]), -35 if match["way"] == "i" else -25, part)
    for match in _PART_HOUR.finditer(text):
        yield _at(match, _hour(match["hour"]), 0, "am" if match["part"] == "aamu" else "pm")
    for match in _HOUR_PART.finditer(text):
        yield _at(match, _hour(match["hour"]), 0, "pm" if match["pm"] else "am")
    for match in _ABOUT.finditer(text):
        yield _at(match, _hour(match["hour"]), 0, part)
    for match in _HALF.finditer(text):
        hour = _hour(match["hour"])
        minutes = 30 if match["half"].startswith("half") else -30
        yield _at(match, hour, minutes, part)
    for match in _PAST.finditer(text):
        minutes = _MINUTES.get(" ".join(match["minutes"].split())) or int(match["minutes"])
        sign = 1 if match["way"] in {"yli", "over", "past"} else -1
        yield _at(match, _hour(match["hour"]), sign * minutes, part)
    for pattern in (_WHOLE, _DIGITAL, _TWELVE, _OCLOCK, _BY_HOUR):
        for match in pattern.finditer(text):
            groups = match.groupdict()
            past = groups.get("minutes")
            half = (groups.get("half") or "").replace(".", "") or (part if past is None else None)
            yield _at(match, _hour(match["hour"]), int(past or 0), half, exact=past is not None)
    for match in _NOON.finditer(text):
        yield Time(match.start(), match.end(), time(12 if match["noon"] else 0))


def _hour(said: str) -> int:
    return HOURS.get(said) or int(said)


def _at(match: re.Match[str], hour: int, minutes: int, half: str | None, *, exact: bool = False) -> Time:
    """The time; ``half`` is ``am`` or ``pm`` where it is known, and a bare early hour is in the afternoon."""
    if half == "pm" and hour < 12:
        hour += 12
    elif half == "am" and hour == 12:
        hour = 0
    elif half is None and not exact and 1 <= hour <= 6:
        hour += 12
    total = (hour * 60 + minutes) % (24 * 60)
    return Time(match.start(), match.end(), time(total // 60, total % 60))
