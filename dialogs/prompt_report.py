"""Prompts of reports: the number of one that was sent, and how to be answered."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from bot.messages import JSON, Match
from dialogs.prompt_choices import Choose
from dialogs.prompt_entities import Email, Phone
from dialogs.prompts import WHOLE, Again, Base, Context, Opening, Valid
from dialogs.speech import Option

REPORT = "report"
"""The kind of the entity that the number of the report sent last travels as."""
_NUMBER = re.compile(r"(?<![\w-])(?=[\w-]*\d)[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![\w-])")
_SHORTEST = 4
_NONE = "none"


@dataclass(frozen=True)
class FaultKind(Choose):
    """One of the kinds of fault, by its name or by ``words``: what citizens call it, by the kind's id."""

    words: Mapping[str, Sequence[str]] = field(default_factory=dict, compare=False, repr=False)

    def words_of(self, option: Option) -> Sequence[str]:
        """The name's own words, and those of citizens."""
        return [*super().words_of(option), *self.words.get(option.id, ())]


@dataclass(frozen=True)
class ReportNumber(Base):
    """The number of a report: the word with a digit in it, such as ``DEMO-00012``."""

    kind: ClassVar[str] = "report"

    def accepts(self, value: JSON) -> bool:
        """One word with a digit."""
        return isinstance(value, str) and _number(value) == value

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """The first such word; a short message may be a short number."""
        alone = len(text.split()) == 1
        found = _number(text, 1 if alone else _SHORTEST)
        return self.again() if found is None or (context.side and not alone) else Valid(found)

    def opened(self, opening: Opening, context: Context) -> Valid | None:  # noqa: ARG002
        """The number that the first message names, else that of the report sent last."""
        days = [entity.text for entity in opening.match.entities if entity.kind in {"date", "time"} and entity.text]
        text = opening.match.text
        for day in days:
            text = text.replace(day, " ")
        found = _number(text)
        if found is not None:
            return Valid(found, WHOLE)
        return next((Valid(entity.value, place) for place, entity in opening.unused(REPORT)), None)


@dataclass(frozen=True)
class Contact(Base):
    """An e-mail address, a phone number or both, or neither: ``{"email": …, "phone": …}``.

    It is by choice: whoever said nothing of it is not asked, and can still write it at the confirmation.
    """

    kind: ClassVar[str] = "contact"

    def options(self) -> tuple[Option, ...]:
        """No answer is wanted."""
        return (Option(_NONE, "report_fault.contact_none"),)

    def accepts(self, value: JSON) -> bool:
        """What is there is in its normal form."""
        if not isinstance(value, dict) or not {"email", "phone"} >= value.keys():
            return False
        email, phone = value.get("email"), value.get("phone")
        return (email is None or Email().accepts(email)) and (phone is None or Phone().accepts(phone))

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """An address or a number wherever it stands; else a word for no, or the button's number."""
        if payload == _NONE:
            return Valid({"email": None, "phone": None})
        email, phone = Email().reads(text), Phone().reads(text)
        if email is not None or phone is not None:
            return Valid({"email": email, "phone": phone})
        if context.side:
            return self.again()
        said = context.words.yes(text, context.channel)
        if said is False or context.words.ordinal(text) == 1 or (said is None and _declines(text, context)):
            return Valid({"email": None, "phone": None})
        return self.again("how" if said or match.intent == "affirm" else "again")

    def opened(self, opening: Opening, context: Context) -> Valid | None:  # noqa: ARG002
        """What the first message says, else neither."""
        email = next((Email().reads(entity.text) for _, entity in opening.unused("email")), None)
        phone = next((Phone().reads(entity.text) for _, entity in opening.unused("phone")), None)
        return Valid({"email": email, "phone": phone}, WHOLE)


def reachable(text: str) -> bool:
    """Whether a text has an e-mail address or a phone number."""
    return Email().reads(text) is not None or Phone().reads(text) is not None


def _declines(text: str, context: Context) -> bool:
    """Whether a few words say that nothing is wanted: "ei tarvitse"."""
    return "@" not in text and len(text.split()) <= 4 and context.words.refused(text)


def _number(text: str, shortest: int = _SHORTEST) -> str | None:
    found = [word for word in _NUMBER.findall(text[:500]) if shortest <= len(word) <= 40]
    return found[0] if found else None
