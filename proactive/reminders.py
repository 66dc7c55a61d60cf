"""What citizens can order: kinds of reminders, each with a template, and where its dates come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from bot.messages import JSON
from proactive.template import ByLanguage, Template

Ask = Literal["place", "day", "time"]


class Nowhere(Exception):
    """A feed does not know the place."""


class FeedDown(Exception):
    """A feed does not answer, or not with what it should; it may do so later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Something that will be: on a day, or at a moment. ``id`` is the same each time it is told of."""

    id: str
    at: date | datetime
    values: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Of whom or what a feed is asked: a place (``dialogs.values.Place``), or whose number it is (E.164)."""

    place: Mapping[str, JSON] | None = None
    number: str | None = field(default=None, repr=False)
    language: str = "fi"


class Feed(Protocol):
    """Where dates come from."""

    async def ahead(self, subject: Subject, first: date, last: date) -> Sequence[Occasion]:
        """What will be, on the days from ``first`` to ``last``. Raises ``Nowhere`` or ``FeedDown``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of reminder.

    With a ``rule`` (RFC 5545) it comes when that says, and tells the first thing of its ``feed``, if it has one;
    without a rule it comes ``days_before`` each thing of the feed. ``at`` is the local time, unless it is asked for.
    ``date`` is the template's value that says when it is; ``take`` tells, by the template's other values, what they
    are called in the feed, and ``say`` what they are where it does not have them. ``dates`` are the city's own, from
    its content. The feed is asked again after ``every``, for the days of ``ahead``; ``by_number`` by the confirmed
    telephone number of who ordered it.
    """

    id: str
    title: ByLanguage
    template: str
    asks: tuple[Ask, ...] = ()
    feed: str | None = None
    by_number: bool = False
    rule: str | None = None
    days_before: int = 1
    at: time = time(18)
    date: str | None = None
    take: Mapping[str, str] = field(default_factory=dict)
    say: Mapping[str, JSON] = field(default_factory=dict)
    dates: tuple[Occasion, ...] = ()
    every: timedelta = timedelta(hours=6)
    ahead: timedelta = timedelta(days=14)

    def values(self, occasion: Occasion, template: Template, language: str, zone: ZoneInfo) -> dict[str, JSON]:
        """The template's values for one thing, in a language where the feed has it in several."""
        said = {name: _in(occasion.values[key], language) for name, key in self.take.items() if key in occasion.values}
        if self.date is None:
            return {**self.say, **said}
        at = occasion.at
        if isinstance(at, datetime) and template.values[self.date].kind == "date":
            at = at.astimezone(zone).date()
        return {**self.say, **said, self.date: at.isoformat()}


def _in(value: JSON, language: str) -> JSON:
    return value.get(language) or next(iter(value.values()), "") if isinstance(value, Mapping) else value


class Reminders:
    """All of a city's kinds, in the order of its file."""

    def __init__(self, kinds: Iterable[Kind] = ()) -> None:
        self._kinds = {kind.id: kind for kind in kinds}

    def get(self, kind: str) -> Kind | None:
        """The kind of this id."""
        return self._kinds.get(kind)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def __len__(self) -> int:
        return len(self._kinds)
