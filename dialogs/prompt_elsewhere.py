"""The answer to "where?", which may change what is looked for: "a swimming hall in Kallio after all"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.messages import JSON, Match
from dialogs.prompt_entities import Place
from dialogs.prompts import Again, Base, Context, Opening, Valid
from dialogs.services import Directory
from dialogs.words import named_words, word_count


@dataclass(frozen=True)
class Elsewhere(Base):
    """``{"service": … or null, "place": … or null}``; a service that is named is another than ``wanted``."""

    directory: Directory
    wanted: str
    kind: ClassVar[str] = "place"

    def accepts(self, value: JSON) -> bool:
        """A service that there is, a place, or both."""
        if not isinstance(value, dict):
            return False
        service, place = value.get("service"), value.get("place")
        known = service is None or service in self.directory.services()
        return known and (service is not None or place is not None) and (place is None or self._place.accepts(place))

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """The place, and another service where one is named in few words more than those."""
        named = [e.value for e in match.entities if e.kind == "service" and e.value in self.directory.services()]
        other = next((service for service in named if service != self.wanted), None)
        where = self._place.parse(text, payload, match, context)
        if isinstance(where, Valid):
            return Valid({"service": other, "place": where.value})
        few = word_count(text) <= 2 * named_words(match, ("service",)) + 2
        return Valid({"service": other, "place": None}) if other is not None and few else where

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """The most exact place of the first message."""
        found = self._place.opened(opening, context)
        return None if found is None else Valid({"service": None, "place": found.value}, found.opening)

    @property
    def _place(self) -> Place:
        return Place(self.directory)
