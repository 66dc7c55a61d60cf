"""Prompts for what understanding finds in a message: numbers, dates, places, phone numbers, e-mail addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from bot.messages import JSON, Entity, Match
from dialogs.prompts import Again, Base, Context, Opening, Valid, is_aside
from dialogs.services import Directory

PLACES = ("point", "unit", "street", "district", "postal_code")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_HOUSE = re.compile(r"\d.*$", re.DOTALL)
"""What stands after the name of a street: the house, its stairway, its flat."""


@dataclass(frozen=True)
class FromEntity(Base):
    """An answer that understanding has found in the message (of the kind ``entity``), or that ``reads`` finds."""

    entity: ClassVar[str] = ""
    also: ClassVar[tuple[str, ...]] = ()
    """Kinds that hold such a value too, taken where the text has none of ``entity``."""

    def reads(self, text: str) -> JSON:  # noqa: ARG002
        """The answer in a text in which no entity was found, or ``None``."""
        return None

    def problem(self, value: JSON, context: Context) -> Again | None:  # noqa: ARG002
        """Why a value of the right kind is no answer."""
        return None if self.accepts(value) else self.again()

    def value(self, entity: Entity) -> JSON:
        """The answer that an entity is."""
        return entity.value

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """The first entity of the kind, else what the text itself says."""
        kinds = (self.entity, *self.also)
        found = [self.value(e) for kind in kinds for e in match.entities if e.kind == kind] or [self.reads(text)]
        if found[0] is None or is_aside(text, match, context, kinds):
            return self.again()
        return self.problem(found[0], context) or Valid(found[0])

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """The first entity of the kind that has given no answer yet and is one."""
        for place, entity in opening.unused(self.entity):
            value = self.value(entity)
            if value is not None and self.problem(value, context) is None:
                return Valid(value, place)
        return None


@dataclass(frozen=True)
class Number(FromEntity):
    """A number between limits; whole unless ``decimals``."""

    least: float | None = None
    most: float | None = None
    decimals: bool = False
    kind: ClassVar[str] = "number"
    entity: ClassVar[str] = "number"
    also: ClassVar[tuple[str, ...]] = ("age", "money")

    def accepts(self, value: JSON) -> bool:
        """A number that the limits allow."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or (value % 1 and not self.decimals):
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def value(self, entity: Entity) -> JSON:
        """The number that an entity is."""
        return self.reads(entity.value)

    def reads(self, text: str) -> JSON:
        """The only number in a text."""
        found = _NUMBER.findall(text)
        if len(found) != 1 or len(found[0]) > 15:
            return None
        number = float(found[0].replace(",", "."))
        return number if number % 1 else int(number)

    def problem(self, value: JSON, context: Context) -> Again | None:
        """Beyond a limit."""
        if super().problem(value, context) is None:
            return None
        limits = self.least is not None and self.most is not None
        return self.again("limits", least=self.least, most=self.most) if limits else self.again()


@dataclass(frozen=True)
class Date(FromEntity):
    """A day as an ISO date; ``past`` or ``future`` rules the other out (today is both)."""

    past: bool = True
    future: bool = True
    kind: ClassVar[str] = "date"
    entity: ClassVar[str] = "date"

    def accepts(self, value: JSON) -> bool:
        """An ISO date."""
        return isinstance(value, str) and _day(value) is not None

    def value(self, entity: Entity) -> JSON:
        """The date, without a time of day."""
        return entity.value[:10] if self.accepts(entity.value[:10]) else None

    def reads(self, text: str) -> JSON:
        """An ISO date that is the whole text."""
        return text.strip() if self.accepts(text.strip()) else None

    def problem(self, value: JSON, context: Context) -> Again | None:
        """On the wrong side of today."""
        day, today = _day(value), context.now.date()
        if day is None:
            return self.again()
        if day < today and not self.past:
            return self.again("past")
        return self.again("future") if day > today and not self.future else None


@dataclass(frozen=True)
class Place(Base):
    """A place of the city as a ``services.Place``; with ``free`` also words that name none that we know."""

    directory: Directory
    free: bool = False
    kinds: tuple[str, ...] = PLACES
    kind: ClassVar[str] = "place"

    def accepts(self, value: JSON) -> bool:
        """A place of a kind that is asked for."""
        kinds = (*self.kinds, "free") if self.free else self.kinds
        return isinstance(value, dict) and value.get("kind") in kinds and isinstance(value.get("text"), str)

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """The most exact place that is named; else, if ``free``, the words themselves."""
        found = [entity for kind in self.kinds for entity in match.entities if entity.kind == kind]
        words = text.strip()
        aside = is_aside(text, match, context, (*PLACES, "service"), free=self.free)
        if aside or (context.side and not found and not self.free):
            return self.again()
        if found:
            # More words than the name itself tell where in the street: they are kept where such words are asked for.
            words = _led(words, found[0], context)
            more = self.free and words.rstrip(".! ") != found[0].text
            return Valid(self._place(found[0], words[:200] if more else self._name(found[0], context)))
        told = any(c.isalpha() for c in words) and not context.words.unsure(words)
        if self.free and 2 < len(words) <= 200 and told:
            return Valid(dict(self.directory.place("free", "", words)))
        return self.again()

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """The most exact place of the first message."""
        for kind in self.kinds:
            for place, entity in opening.unused(kind):
                return Valid(self._place(entity, self._name(entity, context)), place)
        return None

    def signature(self) -> str:
        """The kind alone: how a place is read does not change what it means."""
        return self.kind

    def _name(self, entity: Entity, context: Context) -> str:
        # "Hämeentie 31" is more than the street: its number is not thrown away.
        name = self.directory.name(entity.kind, entity.value, context.language)
        number = _HOUSE.search(entity.text) if entity.kind == "street" else None
        return f"{name} {number[0]}" if number else name

    def _place(self, entity: Entity, words: str) -> JSON:
        return dict(self.directory.place(entity.kind, entity.value, words))


@dataclass(frozen=True)
class Phone(FromEntity):
    """A phone number in E.164; without a country code it is of the city's country."""

    region: str = "FI"
    kind: ClassVar[str] = "phone"
    entity: ClassVar[str] = "phone"

    def accepts(self, value: JSON) -> bool:
        """A number that can be given to somebody."""
        return isinstance(value, str) and value.startswith("+") and self.reads(value) == value

    def value(self, entity: Entity) -> JSON:
        """The number in E.164."""
        return self.reads(entity.value)

    def reads(self, text: str) -> JSON:
        """The first number of a text."""
        for found in phonenumbers.PhoneNumberMatcher(text[:200], self.region):
            return phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
        return None


@dataclass(frozen=True)
class Email(FromEntity):
    """An e-mail address that could exist; whether it does is not asked."""

    kind: ClassVar[str] = "email"
    entity: ClassVar[str] = "email"

    def accepts(self, value: JSON) -> bool:
        """An address in its normal form."""
        return isinstance(value, str) and self.reads(value) is not None

    def value(self, entity: Entity) -> JSON:
        """The address in its normal form."""
        return self.reads(entity.value)

    def reads(self, text: str) -> JSON:
        """The only address of a text."""
        found = [word.strip("<>(),;.!?") for word in text[:500].split() if "@" in word]
        if len(found) != 1:
            return None
        try:
            return validate_email(found[0], check_deliverability=False).normalized
        except EmailNotValidError:
            return None


def _led(words: str, entity: Entity, context: Context) -> str:
    """Words that name a place, without those that only lead to it: "se on Mäkelänkadulla 12"."""
    rest = context.words.without_lead(words)
    return rest if rest.startswith(entity.text) else words


def _day(value: JSON) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
