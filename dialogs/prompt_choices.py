"""Prompts with options: one of several, and yes or no."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from rapidfuzz import fuzz

from bot.messages import JSON, Match
from dialogs.journal import fingerprint
from dialogs.prompts import WHOLE, Again, Base, Context, Opening, Valid
from dialogs.speech import Option
from dialogs.words import bare

_KEY = re.compile(r"[A-Za-z0-9_.-]{1,32}")
_NEAR_EXACT = 88.0
_LONG_WORD = 5


@dataclass(frozen=True)
class Choose(Base):
    """One of some options: pressed, numbered, by its label near-exactly, or as a thing that was understood.

    ``shown`` of them are offered; all are taken.
    """

    choices: tuple[Option, ...]
    label: Callable[[Option], str] = field(compare=False, repr=False)
    shown: int | None = None
    kind: ClassVar[str] = "choice"

    def options(self) -> Sequence[Option]:
        """The options, or the first of them; all are accepted."""
        return self.choices[: self.shown]

    def accepts(self, value: JSON) -> bool:
        """The id of an option that there is."""
        return any(option.id == value for option in self.choices)

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:
        """The option that was meant, when it is clear which."""
        if payload is not None:
            chosen = [option for option in self.choices if key(option.id) == payload]
        else:
            chosen = self._said(text, match, context)
        return Valid(chosen[0].id) if len(chosen) == 1 else self.again(count=len(self.choices))

    def opened(self, opening: Opening, context: Context) -> Valid | None:  # noqa: ARG002
        """An option that is named in the first message: understood as an entity, or by a word of its label."""
        for place, entity in enumerate(opening.match.entities):
            if place not in opening.used and self.accepts(entity.value):
                return Valid(entity.value, place)
        named = self._named(opening.match.text)
        return Valid(named[0].id, WHOLE) if len(named) == 1 else None

    def words_of(self, option: Option) -> Sequence[str]:
        """The words that stand for an option: those of its label."""
        return _long_words(self.label(option))

    def _named(self, text: str) -> list[Option]:
        """The options of which a text has a word that no other option has."""
        said = _long_words(text)
        words_of = [(option, self.words_of(option)) for option in self.choices]
        many = Counter(word for _, words in words_of for word in set(words))
        return [o for o, words in words_of if any(many[w] == 1 and _alike(w, s) for w in words for s in said)]

    def _said(self, text: str, match: Match, context: Context) -> list[Option]:
        place = context.words.ordinal(text)
        if place is not None:
            return [self.choices[place - 1]] if 0 < place <= len(self.options()) else []
        said = bare(text)
        exact = [option for option in self.choices if bare(self.label(option)) == said]
        if exact:
            return exact[:1] if len({option.id for option in exact}) == 1 else exact
        near = [(fuzz.ratio(bare(self.label(o)), said), o) for o in self.choices] if len(said) >= _LONG_WORD else []
        best = max((score for score, _ in near), default=0.0)
        close = [option for score, option in near if score >= max(_NEAR_EXACT, best - 2)]
        if close or context.side:
            return close
        ids = {entity.value for entity in match.entities}
        return [option for option in self.choices if option.id in ids] or self._named(text)


@dataclass(frozen=True)
class Confirm(Base):
    """Yes or no to what was named; ``bound`` stands for what was named."""

    bound: str
    key: str
    label: Callable[[Option], str] = field(compare=False, repr=False)
    kind: ClassVar[str] = "confirm"

    def options(self) -> Sequence[Option]:
        """Yes and no; the dialog's texts can word them."""
        return (Option("y", f"{self.key}_yes"), Option("n", f"{self.key}_no"))

    def signature(self) -> str:
        """Also of what is confirmed."""
        return fingerprint([self.kind, self.bound])

    def accepts(self, value: JSON) -> bool:
        """A truth value."""
        return isinstance(value, bool)

    def parse(self, text: str, payload: str | None, match: Match, context: Context) -> Valid | Again:  # noqa: ARG002
        """A pressed option, its number, or a word for yes or no."""
        if payload is not None:
            return Valid(payload == "y") if payload in {"y", "n"} else self.again()
        said = context.words.yes(text, context.channel)
        if said is None and context.words.ordinal(text) in {1, 2}:
            said = context.words.ordinal(text) == 1
        for option in self.options() if said is None else ():
            said = option.id == "y" if bare(self.label(option)) == bare(text) else said
        return self.again() if said is None else Valid(said)


def key(option_id: str) -> str:
    """An option's id as it travels in a button: itself, or ten letters that stand for it."""
    if _KEY.fullmatch(option_id):
        return option_id
    return "." + hashlib.blake2s(option_id.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def _long_words(text: str) -> list[str]:
    return [word for word in bare(text).split() if len(word) >= 3]


def _alike(label_word: str, said: str) -> bool:
    """Two forms of one word: the same, or (of long words) the same beginning but for an ending."""
    if label_word == said:
        return True
    if min(len(label_word), len(said)) < _LONG_WORD:
        return False
    common = next((i for i, (a, b) in enumerate(zip(label_word, said, strict=False)) if a != b), None)
    return (common is None or common >= 4) and (common or 99) >= max(len(label_word), len(said)) - 4
