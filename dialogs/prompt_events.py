"""What a citizen looks for among events: the days, what, for whom, in which language; read from one message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar

from bot.messages import JSON, Match
from dialogs.prompt_entities import Date, Place
from dialogs.prompts import WHOLE, Again, Base, Context, Opening, Valid
from dialogs.services import Directory
from dialogs.speech import Option

TODAY, TOMORROW, WEEKEND, WEEK, MONTH = "today", "tomorrow", "weekend", "week", "month"
WISH = "wish"
"""The kind of the entity that the wish of the events shown last travels as."""
_DAYS = frozenset((TODAY, TOMORROW, WEEKEND, WEEK))
NEAR = ("point", "district", "street", "postal_code", "unit")
"""Kinds of places that events can be near."""
_SUNDAY = 7


@dataclass(frozen=True)
class When(Base):
    """The days, ``{"first": ISO, "last": ISO}``: pressed, a date, or a weekend, week or month by its word.

    With ``directory`` also what else the events should be like, where no day is named: ``{"wish": {…}, "near": …}``.
    """

    directory: Directory | None = None
    kind: ClassVar[str] = "when"

    def options(self) -> tuple[Option, ...]:
        """The days that are asked for most."""
        return tuple(Option(name, f"events.when_{name}") for name in (TODAY, TOMORROW, WEEKEND, WEEK))

    def accepts(self, value: JSON) -> bool:
        """Two days in their order."""
        if isinstance(value, dict) and "wish" in value:
            return self.directory is not None and isinstance(value["wish"], dict)
        if not isinstance(value, dict) or not Date().accepts(value.get("first")) or not Date().accepts(value["last"]):
            return False
        return bool(value["first"] <= value["last"])

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """A pressed option or its number; else the days that the message names."""
        place = context.words.ordinal(text)
        options = self.options()
        if payload is None and place is not None and 0 < place <= len(options):
            payload = options[place - 1].id
        today = context.now.date()
        found = _named(payload, today) if payload in _DAYS else None if context.side else days(match, context)
        if found is None:
            return self._besides(text, match, context) or self.again()
        return Valid(found) if found["last"] >= today.isoformat() else self.again("past")

    def signature(self) -> str:
        """The kind alone: what is taken besides does not change what a day means."""
        return self.kind

    def _besides(self, text: str, match: Match, context: Context) -> Valid | None:
        """What a message without a day says of the events: "free ones", or a shared location."""
        if self.directory is None or context.side:
            return None
        wish = {name: value for name, value in _wish(text, context).items() if value and name != "nearby"}
        where = Place(self.directory, kinds=NEAR).parse(text, None, match, context)
        near = where.value if isinstance(where, Valid) else None
        return Valid({"wish": wish, "near": near}) if wish or near is not None else None

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """The days that the first message names, unless they are over."""
        found = days(opening.match, context)
        if found is None:
            found = next((json.loads(entity.value).get("days") for _, entity in opening.unused(WISH)), None)
        return Valid(found, WHOLE) if found is not None and found["last"] >= context.now.date().isoformat() else None


@dataclass(frozen=True)
class Wish(Base):
    """All else that a message says of events: ``{"kind", "free", "children", "held_in", …}``. Never asked for."""

    kind: ClassVar[str] = "wish"

    def accepts(self, value: JSON) -> bool:
        """An object."""
        return isinstance(value, dict)

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """Always something, if only that nothing is said."""
        return Valid(_wish(text, context))

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """What the first message says, over what was wished before."""
        before: dict[str, JSON] = next((json.loads(entity.value) for _, entity in opening.unused(WISH)), {})
        now = {name: value for name, value in _wish(opening.match.text, context).items() if value}
        return Valid(before | now, WHOLE)


def days(match: Match, context: Context) -> dict[str, str] | None:
    """The days that a message names: a date, a weekend, a week, a month."""
    marks = context.words.marks("event_days", match.text)
    dates = [value for e in match.entities if e.kind == "date" and (value := Date().value(e)) is not None]
    start = date.fromisoformat(dates[0]) if dates else None
    if len(dates) > 1 and dates[0] < dates[-1]:
        return {"first": dates[0], "last": dates[-1]}
    if WEEKEND in marks:
        return _named(WEEKEND, context.now.date(), start)
    span = MONTH if MONTH in marks else WEEK if WEEK in marks else None
    today = context.now.date()
    if span == WEEK and start is None and context.words.marks("following", match.text):
        start = today + timedelta(days=8 - today.isoweekday())
    if span == WEEK and start == today + timedelta(days=7):
        start = start - timedelta(days=start.isoweekday() - 1)
    if span is not None and (start is None or start == today or start.isoweekday() == 1):
        return _named(span, today, start)
    return {"first": start.isoformat(), "last": start.isoformat()} if start is not None else None


def _named(name: str | None, today: date, start: date | None = None) -> dict[str, str]:
    first = start or today
    last = first
    if name == TOMORROW:
        first = last = today + timedelta(days=1)
    elif name == WEEKEND:
        first = max(first, first + timedelta(days=6 - first.isoweekday())) if start is None else first
        last = first + timedelta(days=_SUNDAY - first.isoweekday())
    elif name == WEEK:
        last = first + timedelta(days=_SUNDAY - first.isoweekday())
    elif name == MONTH:
        last = (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return {"first": first.isoformat(), "last": last.isoformat()}


def _wish(text: str, context: Context) -> dict[str, JSON]:
    marks = context.words.marks("event_wishes", text)
    kinds = context.words.marks("event_kinds", text)
    languages = sorted(context.words.languages(text))
    return {
        "kind": kinds[0] if kinds else None,
        "free": "free" in marks,
        "children": "children" in marks,
        "held_in": languages[0] if len(languages) == 1 else None,
        "nearby": context.words.near(text),
    }
