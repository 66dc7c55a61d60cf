"""Prompts about a person's own data: a one-time code, and one of the city's purposes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from bot.messages import JSON, Match
from dialogs.prompt_choices import Choose
from dialogs.prompts import Again, Base, Context, Opening, Valid
from dialogs.speech import Option
from dialogs.words import bare, folded

_CODE = re.compile(r"(?<!\d)\d(?:[ -]?\d){5}(?![ -]?\d)", re.ASCII)


@dataclass(frozen=True)
class Code(Base):
    """A one-time code of six digits, however they are spaced."""

    kind: ClassVar[str] = "code"

    def accepts(self, value: JSON) -> bool:
        """Six digits."""
        return isinstance(value, str) and len(value) == 6 and value.isascii() and value.isdecimal()

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """The only such number of a message."""
        found = {re.sub(r"\D", "", code) for code in _CODE.findall(text[:200])}
        return Valid(found.pop()) if len(found) == 1 else self.again()


@dataclass(frozen=True)
class WhichPurpose(Choose):
    """One of the city's purposes, by its title or by ``stems``: how the words begin that citizens have for it.

    A stem that ends with a dot is the whole word.

    With ``listed`` the list itself is what was asked for: a first message chooses nothing out of it.
    """

    stems: Mapping[str, Sequence[str]] = field(default_factory=dict, compare=False, repr=False)
    listed: bool = False

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """The purpose that the first message names."""
        return None if self.listed else super().opened(opening, context)

    def _named(self, text: str) -> list[Option]:
        """The options of which a word of the text begins as theirs do; by their titles where no words are listed."""
        if not any(self.stems.values()):
            return super()._named(text)
        said = [f"{word}." for word in folded(bare(text)).split()]
        return [
            option
            for option in self.choices
            if any(word.startswith(folded(stem)) for stem in self.stems.get(option.id, ()) for word in said)
        ]
