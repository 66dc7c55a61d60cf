"""A prompt whose answer may bring a day with it: "Oodi on Sunday" to "which place?"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from bot.messages import JSON, Match
from dialogs.journal import fingerprint
from dialogs.prompt_entities import Date
from dialogs.prompts import Again, Base, Context, Opening, Prompt, Valid
from dialogs.speech import Option


@dataclass(frozen=True)
class Dated(Base):
    """The answer of another prompt and the ISO date said beside it, ``{"answer": …, "date": … or null}``."""

    inner: Prompt
    kind: ClassVar[str] = "dated"

    def options(self) -> Sequence[Option]:
        """Those of the other prompt."""
        return self.inner.options()

    def signature(self) -> str:
        """The other prompt's, and that a day may come with it."""
        return fingerprint([self.kind, self.inner.signature()])

    def accepts(self, value: JSON) -> bool:
        """An answer of the other prompt, with a day or without."""
        if not isinstance(value, dict) or not self.inner.accepts(value.get("answer")):
            return False
        return value.get("date") is None or Date().accepts(value["date"])

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """What the other prompt reads, and the first day of the message."""
        found = self.inner.parse(_undated(text, match), payload, match, context)
        if isinstance(found, Again):
            return found
        days = [Date().value(entity) for entity in match.entities if entity.kind == Date.entity]
        return Valid({"answer": found.value, "date": next((day for day in days if day is not None), None)})

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """What the other prompt finds in the first message; its day is for the dialog to take."""
        found = self.inner.opened(opening, context)
        return None if found is None else Valid({"answer": found.value, "date": None}, found.opening)


def _undated(text: str, match: Match) -> str:
    """The text without its days, which are no words about something else; a day alone stays as it is."""
    rest = text
    for entity in match.entities:
        if entity.kind == Date.entity and entity.text:
            rest = rest.replace(entity.text, " ", 1)
    return rest.strip() or text
