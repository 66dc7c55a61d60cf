"""Prompts: what a question takes for an answer. Each answer is JSON: ids and ISO values, never words of a language.

A prompt reads a message by ``parse(text, payload, match, context)``, where ``payload`` is the key of a pressed option.
It gives a ``Valid`` answer, or ``Again`` with the key of a helpful repeat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from bot.messages import JSON, Entity, Match
from dialogs.journal import fingerprint
from dialogs.speech import Option
from dialogs.words import ENOUGH_WORDS, KNOWN, Words, named_words, word_count

WHOLE = -1
"""The place of an answer that the opening message gave as a whole, by none of its entities alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a prompt may know beside the message. ``side`` tells that it is clearly a question about something else."""

    language: str
    now: datetime
    words: Words
    channel: str = ""
    side: bool = False


@dataclass(frozen=True, slots=True)
class Valid:
    """An answer; ``opening`` is the place of the entity of the opening message that gave it."""

    value: JSON
    opening: int | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """No answer: the key of what to say, with its values."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """The message that began the dialog; ``used`` are the entities that have given an answer already."""

    match: Match
    used: frozenset[int] = frozenset()

    def unused(self, *kinds: str) -> list[tuple[int, Entity]]:
        """The entities of some kinds that have given no answer yet, with their places."""
        return [(i, e) for i, e in enumerate(self.match.entities) if i not in self.used and e.kind in kinds]


class Prompt(Protocol):
    """What a question takes for an answer."""

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """Read a message. ``text`` is whole; ``match`` may have been made of its beginning alone."""

    def accepts(self, value: JSON) -> bool:
        """Whether a recorded answer still holds."""

    def opened(self, opening: Opening, context: Context) -> Valid | None:
        """The answer that the opening message gave already."""

    def options(self) -> Sequence[Option]:
        """What can be pressed."""

    def signature(self) -> str:
        """The same as long as the same messages mean the same answers."""


class Base:
    """A prompt without options that takes nothing from the opening message."""

    kind: ClassVar[str] = "text"

    def accepts(self, value: JSON) -> bool:
        """A text, unless a prompt says otherwise."""
        return isinstance(value, str)

    def opened(self, opening: Opening, context: Context) -> Valid | None:  # noqa: ARG002 - of the protocol
        """Nothing."""
        return None

    def options(self) -> Sequence[Option]:
        """None."""
        return ()

    def signature(self) -> str:
        """The kind, and the ids of what can be pressed."""
        return fingerprint([self.kind, *(option.id for option in self.options())])

    def again(self, what: str = "again", **values: object) -> Again:
        """A helpful repeat of this kind of prompt."""
        return Again(f"prompt.{self.kind}.{what}", values)


@dataclass(frozen=True)
class Text(Base):
    """Words of the citizen's own. With ``opening`` those of the first message count, if it is as long as that.

    ``masked`` takes out what need not be kept, before the words become an answer.
    """

    max_length: int = 2000
    min_length: int = 1
    opening: int | None = None
    masked: Callable[[str], str] | None = field(default=None, compare=False, repr=False)

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """The text without spaces around it."""
        text = text.strip()
        if len(text) > self.max_length:
            return self.again("long", limit=self.max_length)
        if len(text) < self.min_length or not any(c.isalnum() for c in text):
            return self.again("short" if text else "again", limit=self.min_length)
        return Valid(self._kept(text))

    def accepts(self, value: JSON) -> bool:
        """A text of a right length."""
        return isinstance(value, str) and self.min_length <= len(value) <= self.max_length

    def opened(self, opening: Opening, context: Context) -> Valid | None:  # noqa: ARG002
        """The first message, where it tells enough."""
        text = opening.match.text.strip()
        tells = self.opening is not None and len(text) >= self.opening and self.accepts(text)
        return Valid(self._kept(text), WHOLE) if tells else None

    def _kept(self, text: str) -> str:
        return text if self.masked is None else self.masked(text)[: self.max_length]


@dataclass(frozen=True)
class Given(Base):
    """What goes along with the first message as an entity of a kind of ours. Never asked for."""

    entity: str

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """No message tells it."""
        return self.again()

    def opened(self, opening: Opening, context: Context) -> Valid | None:  # noqa: ARG002
        """The first of that kind."""
        return next((Valid(entity.value, place) for place, entity in opening.unused(self.entity)), None)


@dataclass(frozen=True)
class Begun(Base):
    """The language in which a dialog began: for a look-up on which the way of the dialog depends. Never asked for."""

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """No message tells it."""
        return self.again()

    def opened(self, opening: Opening, context: Context) -> Valid | None:  # noqa: ARG002
        """That of the first turn."""
        return Valid(context.language)


def is_aside(text: str, match: Match, context: Context, kinds: Sequence[str], *, free: bool = False) -> bool:
    """Whether a message is a question about something else, though it names what could be an answer.

    It is when most of its words are not that name: "Kallio" answers "where?", "is the library in Kallio open" does not.
    ``free`` takes any short words for an answer, unless they are a known phrase or end as a question.
    """
    if free and word_count(text) < ENOUGH_WORDS and match.confidence < KNOWN and "?" not in text:
        return False
    return context.side and named_words(match, kinds) * 2 < word_count(text)
