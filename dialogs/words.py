"""The words that command: opt-out, back, help, yes, no, ordinals … all data, read from ``knowledge/commands.yaml``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.messages import Match

ENOUGH_WORDS = 3
"""So many words tell a language, or that a message is more than a short answer."""
SURE = 0.6
"""The least confidence with which a message is something else than what is being talked of."""
KNOWN_WELL = 0.85
"""The same of small talk, whose words stand in answers too."""
KNOWN = 0.99
"""The confidence of an intent that was recognised by a whole phrase."""

MARKS = ("event_days", "event_wishes", "event_kinds", "appointment_acts", "questions", "following")
"""Groups of words that say something by how they begin; one that ends with a dot is the whole word."""
_REACH = 3
"""So many words after a "not" are what is not wanted."""
_CLAUSE = re.compile(r"[,.;:!?]|\b(?:vaan|utan|but|just)\b")
"""Where a "not" no longer reaches."""
_WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and the language of its word (``None`` where languages share it)."""

    name: str
    language: str | None


def bare(text: str) -> str:
    """A message as it is compared: composed, case-folded, its words with single spaces, no ``/`` or ``@botname``."""
    text = unicodedata.normalize("NFC", text).strip()
    if text.startswith("/"):
        text = text[1:].split("@", 1)[0]
    return " ".join(_WORD.findall(text.casefold()))


def folded(text: str) -> str:
    """Without diacritics: the second view, asked only when the exact one knows nothing."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def stripped(text: str) -> str:
    """Without what cannot be stored or seen: NUL and other controls, zero-width characters, lone surrogates."""
    text = text.encode("utf-8", "ignore").decode("utf-8")
    return "".join(c for c in text if c in "\n\t\u200d" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cn"})


def numbered(text: str) -> bool:
    """Whether there is a digit in a text, such as the number of a house."""
    return any(character.isdecimal() for character in text)


def word_count(text: str) -> int:
    """How many words a message has."""
    return len(bare(text).split())


def named_words(match: Match, kinds: Collection[str]) -> int:
    """How many words of a message name things of some kinds."""
    return sum(word_count(entity.text) for entity in match.entities if entity.kind in kinds)


def wordless(text: str) -> bool:
    """Nothing but emoji, punctuation and spaces."""
    return not any(character.isalnum() for character in text)


class Words:
    """The words of one city, by meaning and language.

    ``channels`` holds what providers act on by themselves: there these words mean that, and nothing else.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._commands = _table(data["commands"])
        self._channels = {
            channel: {bare(word): Command(name, None) for name, words in meanings.items() for word in words}
            for channel, meanings in data.get("channels", {}).items()
        }
        self._answers = {word: found.name for word, found in _table(data["answers"]).items()}
        ordinals = {bare(w): i for words in data["ordinals"].values() for i, w in enumerate(words, 1)}
        self._ordinals = {folded(word): place for word, place in ordinals.items()} | ordinals
        self._beside = {bare(word) for words in data["beside_ordinals"].values() for word in words}
        self._languages = {bare(w): code for code, words in data["languages"].items() for w in words}
        self._near = {bare(word) for words in data["near"].values() for word in words}
        self._negations = {bare(word) for words in data["negations"].values() for word in words}
        self._acknowledged = frozenset(data["acknowledged"])
        self._marks = {name: _marks(data.get(name, {})) for name in MARKS}
        self._follows = _starts(data.get("follow_ups", {}))
        self._corrections = _starts(data.get("corrections", {}))

    @classmethod
    def load(cls, path: Path, more: Mapping[str, Mapping[str, list[str]]] | None = None) -> Words:
        """Read the words of a file, with ``more`` commands. Check it first with ``dialogs.word_faults.faults``."""
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        return cls({**data, "commands": {**data["commands"], **(more or {})}})

    def command(self, text: str, channel: str = "") -> Command | None:
        """The command that the whole message is."""
        word = bare(text)
        if not word or len(word) > 60:
            return None
        provider = self._channels.get(channel, {}).get(word)
        return provider or self._commands.get(word) or self._commands.get(f"\0{folded(word)}")

    def yes(self, text: str, channel: str = "") -> bool | None:
        """Whether the whole message says yes or no; ``None`` where it says neither."""
        word = bare(text)
        if word in self._channels.get(channel, {}):
            return None
        answer = self._answers.get(word) or self._answers.get(f"\0{folded(word)}")
        return None if answer is None else answer == "yes"

    def ordinal(self, text: str) -> int | None:
        """The place in a list that the whole message names, from 1: ``2``, ``2.``, ``toinen``, ``the first one``."""
        words = bare(text).split()
        named = [word for word in words if word not in self._beside]
        word = named[0] if len(named) == 1 else " ".join(words)
        if word.isdecimal() and len(word) <= 3:
            return int(word)
        return self._ordinals.get(word)

    def languages(self, text: str) -> set[str]:
        """The languages that are named in a text, in any language."""
        return {self._languages[word] for word in bare(text).split() if word in self._languages}

    def negated(self, text: str) -> bool:
        """Whether a text says that something is not so."""
        return not self._negations.isdisjoint(bare(text).split())

    def near(self, text: str) -> bool:
        """Whether a text asks for what is near."""
        return not self._near.isdisjoint(bare(text).split())

    def follows(self, text: str) -> bool:
        """Whether a text goes on from what was said last: "what about …"."""
        return _start(text, self._follows) > 0

    def corrected(self, text: str) -> str | None:
        """What stands after words such as "no, I meant"; ``None`` where a text does not begin with them."""
        count = _start(text, self._corrections)
        rest = list(_WORD.finditer(text))[count:]
        return text[rest[0].start() :].strip() if count and rest else None

    def refused(self, text: str) -> bool:
        """Whether a text begins with a word for no."""
        first = bare(text).split()[:1]
        return bool(first) and (self.yes(first[0]) is False or first[0] in self._negations)

    def marks(self, group: str, text: str) -> list[str]:
        """What the words of a text begin like, of a group of marks: ``free`` of "ilmaisia konsertteja"."""
        said = [f"{folded(word)}." for word in bare(text).split()]
        starts = self._marks[group]
        return [name for name, begins in starts.items() if any(word.startswith(begins) for word in said)]

    def wanted(self, group: str, text: str) -> list[str]:
        """The marks of a text that no word for "not" stands just before: ``cancel`` of "en varaa vaan perun"."""
        kept = []
        for clause in _CLAUSE.split(text.casefold()):
            words = bare(clause.replace("'", "").replace("’", "")).split()
            for place, word in enumerate(words):
                if self._negations.isdisjoint(words[max(0, place - _REACH) : place]):
                    kept.append(word)
        return self.marks(group, " ".join(kept))

    def acknowledges(self, text: str) -> bool:
        """Whether a wordless text says as much as "all right"."""
        return any(sign in text for sign in self._acknowledged)


def _marks(group: Mapping[str, Mapping[str, list[str]]]) -> dict[str, tuple[str, ...]]:
    """Beginnings of words by what they say, as they are compared."""
    return {
        name: tuple(
            folded(bare(word)) + ("." if word.endswith(".") else "") for words in by_language.values() for word in words
        )
        for name, by_language in group.items()
    }


def _starts(by_language: Mapping[str, list[str]]) -> list[list[str]]:
    """Beginnings of messages in words, the longest first."""
    starts = [bare(str(words)).split() for found in by_language.values() for words in found]
    return sorted(starts, key=len, reverse=True)


def _start(text: str, starts: list[list[str]]) -> int:
    """How many words of a text are the longest of some beginnings."""
    words = bare(text).split()
    return next((len(start) for start in starts if words[: len(start)] == start), 0)


def _table(meanings: Mapping[str, Mapping[str, list[str]]]) -> dict[str, Command]:
    """Words to commands, exact and (under a NUL) folded; a word that languages share has none."""
    table: dict[str, Command] = {}
    for name, language, word in said(meanings):
        for key in (bare(word), f"\0{folded(bare(word))}"):
            known = table.get(key)
            shared = known is not None and known.name == name and known.language != language
            table[key] = Command(name, None if shared else language)
    return table


def said(meanings: Mapping[str, Mapping[str, list[str]]]) -> Iterator[tuple[str, str, str]]:
    """Each word with its meaning and language."""
    for name, by_language in meanings.items():
        for language, words in by_language.items():
            for word in words:
                yield name, language, str(word)
