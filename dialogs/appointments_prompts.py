"""Prompts of appointments: a free time, one of one's own appointments, and what the first message says of them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import ClassVar

from bot.messages import JSON, Match
from dialogs.appointments_words import KNOWN
from dialogs.prompt_choices import Choose
from dialogs.prompt_entities import Date
from dialogs.prompt_events import days
from dialogs.prompts import WHOLE, Again, Base, Context, Opening, Valid, is_aside
from dialogs.services import Appointment, FreeTime

MORE = "more"
_CODE = re.compile(r"(?<![\w-])([A-Z0-9]{4})[ -]?([A-Z0-9]{4})[ -]?([A-Z0-9]{4})(?![\w-])", re.IGNORECASE)
_MISREAD = str.maketrans({"0": "O", "1": "I", "8": "B"})
_LETTERS = re.compile(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){2}")


@dataclass(frozen=True)
class Times(Choose):
    """A free time ``{"time": id}``, the next ones ``{"more": true}``, or those from a moment ``{"from": ISO}``."""

    times: tuple[FreeTime, ...] = ()
    kind: ClassVar[str] = "appointment"

    def accepts(self, value: JSON) -> bool:
        """One of the three; a time must be among those offered."""
        if not isinstance(value, dict):
            return False
        if "from" in value:
            return _moment(value["from"]) is not None
        return value.get(MORE) is True or super().accepts(value.get("time"))

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """An option; else the hour of one that is shown, or a day to look from."""
        chosen = super().parse(text, payload, match, context)
        if isinstance(chosen, Valid):
            return Valid({MORE: True} if chosen.value == MORE else {"time": chosen.value})
        if payload is not None or is_aside(text, match, context, ("date", "time")):
            return self.again()
        wanted = wish(match, context, self._first_day(context))
        if wanted is None:
            return self.again()
        named = [shown["id"] for shown in self.times if shown["starts"] == wanted.isoformat() and _hour(match)]
        if len(named) == 1:
            return Valid({"time": named[0]})
        return self.again("past") if wanted.date() < context.now.date() else Valid({"from": wanted.isoformat()})

    def opened(self, opening: Opening, context: Context) -> Valid | None:  # noqa: ARG002
        """Nothing: a time is chosen among those that there are."""
        return None

    def _first_day(self, context: Context) -> date:
        shown = _moment(self.times[0]["starts"]) if self.times else None
        return shown.date() if shown is not None else context.now.date()


@dataclass(frozen=True)
class From(Base):
    """The moment that the first message names, as ISO. Never asked for."""

    kind: ClassVar[str] = "appointment"

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """The day or the hour of a message."""
        wanted = wish(match, context, context.now.date())
        return self.again() if wanted is None else Valid(wanted.isoformat())

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """The same of the first message."""
        wanted = wish(opening.match, context, context.now.date())
        return None if wanted is None else Valid(wanted.isoformat(), WHOLE)


@dataclass(frozen=True)
class Own(Choose):
    """The code of an appointment: one of one's own, or one that is written."""

    own: tuple[Appointment, ...] = field(default=(), compare=False)
    kind: ClassVar[str] = "appointment_code"

    def accepts(self, value: JSON) -> bool:
        """A code."""
        return isinstance(value, str) and _LETTERS.fullmatch(value) is not None

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """A code wherever it stands, an option, or the day of one of them."""
        written = code(text)
        if written is not None and payload is None:
            return Valid(written)
        chosen = super().parse(text, payload, match, context)
        if isinstance(chosen, Valid):
            return chosen
        named = self._on(match, context)
        return self.again() if context.side or len(named) != 1 else Valid(named[0])

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """A code or a day of the first message, or the code that goes along; the only one that there is is meant."""
        for place, entity in opening.unused(self.kind):
            if self.accepts(entity.value):
                return Valid(entity.value, place)
        written = code(opening.match.text)
        if written is not None:
            return Valid(written, WHOLE)
        named = self._on(opening.match, context)
        if len(named) == 1:
            return Valid(named[0], WHOLE)
        return Valid(self.own[0]["number"], WHOLE) if len(self.own) == 1 else None

    def _on(self, match: Match, context: Context) -> list[str]:
        """Those that are on a day that is named."""
        said = {Date().value(entity) for entity in match.entities if entity.kind == Date.entity}
        zone = context.now.tzinfo
        begins = [(found["number"], _moment(found["starts"])) for found in self.own]
        return [number for number, begin in begins if begin and begin.astimezone(zone).date().isoformat() in said]


@dataclass(frozen=True)
class Known(Base):
    """The codes of the appointments that were booked in this conversation. Never asked for."""

    kind: ClassVar[str] = "appointment_code"

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """No message tells them."""
        return self.again()

    def opened(self, opening: Opening, context: Context) -> Valid | None:  # noqa: ARG002
        """What goes along with the first message."""
        kept: list[str] = next((json.loads(entity.value) for _, entity in opening.unused(KNOWN)), [])
        return Valid(kept, WHOLE)


def code(text: str) -> str | None:
    """The code of a text in its normal form, with what is easily misread put right."""
    for groups in _CODE.findall(text[:500]):
        found = "-".join(groups).upper().translate(_MISREAD)
        # Three words of four letters are a sentence: a code has hyphens, a digit, or capitals alone.
        joined = "".join(groups)
        plain = re.search(r"-".join(groups), text) is not None
        if _LETTERS.fullmatch(found) and (plain or joined.isupper() or any(c.isdecimal() for c in joined)):
            return found
    return None


def wish(match: Match, context: Context, day: date) -> datetime | None:
    """The moment from which times are wanted: the first day that is named, and its hour (of ``day`` where none is)."""
    named, hour = days(match, context), _hour(match)
    if named is None and hour is None:
        return None
    begin = date.fromisoformat(named["first"]) if named is not None else day
    return datetime.combine(begin, hour or time(), context.now.tzinfo)


def _hour(match: Match) -> time | None:
    """The time of day that is named."""
    said = next((entity.value for entity in match.entities if entity.kind == "time"), None)
    try:
        return time.fromisoformat(said) if said is not None else None
    except ValueError:
        return None


def _moment(value: JSON) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
