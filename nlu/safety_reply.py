"""The answer to an emergency or a crisis: numbers from configuration that are staffed at this hour."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import yaml

from bot.messages import Link, Reply, Safety

FIRST = "112"
"""The number that every answer begins with, in its lead."""

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holiday")
_HOLIDAY = 7
_PERIOD = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")

_SENTENCES = {
    "lead": "the sentence that the answer begins with",
    "short": "the same, short enough for a text message",
    "also": "the words before the list of other numbers",
    "soft": "the one line that goes before another answer when someone may be in need ({number} is an open line)",
}
"""What every answer needs in every language, and what it is for."""

Hours = Mapping[int, Sequence[tuple[time, time]]]
"""Weekday (Monday is 0, a public holiday 7) to open periods. An end before its start is on the next day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One number. ``hours`` is ``None`` where it always answers, empty where its hours are not known."""

    id: str
    number: str
    kinds: frozenset[Safety]
    languages: frozenset[str]
    labels: Mapping[str, str]
    hours: Hours | None

    def answers(self, local: datetime) -> bool:
        """Whether the line is staffed at a local time."""
        if self.hours is None:
            return True
        at = local.time()
        today = any(start <= at and (at < end or end <= start) for start, end in self._on(local.date()))
        return today or any(at < end <= start for start, end in self._on(local.date() - timedelta(days=1)))

    def _on(self, day: date) -> Sequence[tuple[time, time]]:
        """The periods of a day; on a public holiday only what is said of holidays."""
        return (self.hours or {}).get(_HOLIDAY if _is_holiday(day) else day.weekday(), ())


@lru_cache(maxsize=8)
def _holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FI", years=year))


def _is_holiday(day: date) -> bool:
    return day in _holidays(day.year)


class SafetyLines:
    """The lines and sentences of ``lines.yaml``."""

    def __init__(self, zone: ZoneInfo, lines: Sequence[Line], replies: Mapping[str, Mapping[str, Any]]) -> None:
        self._zone = zone
        self._lines = tuple(lines)
        self._replies = replies

    @classmethod
    def load(cls, folder: Path) -> SafetyLines:
        """Read ``lines.yaml``. Raises ``ValueError`` that names the line and what is wrong with it."""
        data = yaml.safe_load((folder / "lines.yaml").read_text(encoding="utf-8"))
        _check_replies(data["replies"])
        return cls(ZoneInfo(data["zone"]), [_line(line) for line in data["lines"]], data["replies"])

    def open_lines(self, kind: Safety, language: str, now: datetime) -> tuple[Line, ...]:
        """The lines to name, in order. ``now`` is aware."""
        local = now.astimezone(self._zone)
        return tuple(
            line for line in self._lines if kind in line.kinds and language in line.languages and line.answers(local)
        )

    def reply(self, kind: Safety, language: str, now: datetime) -> Reply:
        """The answer in a language (Finnish where there is none in it); its short form is at most 300 characters."""
        sentences = self._replies[kind]
        language = language if language in sentences else next(iter(sentences))
        said = sentences[language]
        lines = self.open_lines(kind, language, now)
        others = [line for line in lines if line.number != FIRST]
        listed = "\n".join(f"- {line.labels[language]}: **{line.number}**" for line in others)
        brief = ". ".join(f"{line.labels[language]} {line.number}" for line in others)
        return Reply(
            text=f"{said['lead']}\n\n{said['also']}\n\n{listed}" if others else said["lead"],
            short=f"{said['short']} {brief}." if others else said["short"],
            language=language,
            links=tuple(Link(f"{line.labels[language]} {line.number}", _tel(line.number)) for line in lines),
        )

    def line(self, kind: Safety, language: str, now: datetime) -> str:
        """One line to put before another answer, for a soft finding: the first number that answers, and no alarm."""
        said = self._replies[kind]
        language = language if language in said else next(iter(said))
        lines = [line for line in self.open_lines(kind, language, now) if line.number != FIRST]
        number = f"{lines[0].labels[language]} {lines[0].number}" if lines else FIRST
        return str(said[language]["soft"]).format(number=number)


def _check_replies(replies: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
    """Whether all sentences are there: an alarm is no time to find that one is missing. Raises ``ValueError``."""
    for kind in Safety:
        for language, said in (replies.get(kind) or {"fi": {}}).items():
            for key, what in _SENTENCES.items():
                where = f"replies.{kind}.{language}.{key}"
                if not isinstance(said.get(key), str) or not said[key].strip():
                    raise ValueError(f"lines.yaml: {where} is missing. Write {what}")
                marks = set(re.findall(r"\{[^}]*\}|[{}]", said[key])) - ({"{number}"} if key == "soft" else set())
                if marks:
                    raise ValueError(f"lines.yaml: {where} has “{min(marks)}”. Only {{number}} in “soft” is filled in")


def _tel(number: str) -> str:
    return "tel:" + number.replace(" ", "")


def _line(data: Mapping[str, Any]) -> Line:
    return Line(
        id=data["id"],
        number=data["number"],
        kinds=frozenset(Safety(kind) for kind in data["kinds"]),
        languages=frozenset(data["languages"]),
        labels=data["label"],
        hours=_hours(data["id"], data["hours"]),
    )


def _hours(line: str, hours: str | Mapping[str, Sequence[str]]) -> Hours | None:
    if hours == "always":
        return None
    if hours == "unknown":
        return {}
    if not isinstance(hours, Mapping) or not set(hours) <= set(_DAYS):
        raise ValueError(f"{line}: hours are “always”, “unknown” or periods by day ({', '.join(_DAYS)})")
    return {_DAYS.index(day): [_period(line, period) for period in periods] for day, periods in hours.items()}


def _period(line: str, text: str) -> tuple[time, time]:
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise ValueError(f"{line}: “{text}” is not a period such as 09:00-13:00")
    from_hour, from_minute, to_hour, to_minute = map(int, found.groups())
    return time(from_hour, from_minute), time(to_hour % 24, to_minute)
