"""The words that command: opt-out, back, help, yes, no, ordinals … all data, read from ``knowledge/commands.yaml``."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.messages import Match
from dialogs.word_tables import WORD, Command, bare, command_table, folded, mark_table, start_length, start_table

__all__ = [
    "ENOUGH_WORDS", "KNOWN", "KNOWN_WELL", "LOST", "MARKS", "SURE", "Command", "Words", "bare", "folded", "named_words",
    "numbered", "recognised", "stripped", "word_count", "wordless",
]  # fmt: skip

ENOUGH_WORDS = 3
"""So many words tell a language, or that a message is more than a short answer."""
SURE = 0.6
"""The least confidence with which a message is something else than what is being talked of."""
KNOWN_WELL = 0.85
"""The same of small talk, whose words stand in answers too."""
LOST = "OUT_OF_SCOPE"
"""The intent of what is none that is known."""
KNOWN = 0.99
"""The confidence of an intent that was recognised by a whole phrase."""

MARKS = (
    "event_days", "event_wishes", "event_kinds", "appointment_acts", "questions", "following", "now", "of_the_place",
    "of_mine", "checkin",
)  # fmt: skip
"""Groups of words that say something by how they begin; one that ends with a dot is the whole word."""
_WAYS_OUT = frozenset(("cancel", "back", "start_over", "bot"))
_ANSWER = 6
"""Longer messages are no answer of yes and no alone."""
_UNSURE = 3
"""So many words may follow "I don't know": "the code"."""
_REACH = 3
"""So many words after a "not" are what is not wanted."""
_CLAUSE = re.compile(r"[,.;:!?]|\b(?:vaan|utan|but|just)\b")
"""Where a "not" no longer reaches."""


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


def recognised(match: Match) -> bool:
    """Whether a message is a whole phrase of an intent; that it is none at all is certain too, and is not meant."""
    return match.confidence >= KNOWN and match.intent != LOST


def wordless(text: str) -> bool:
    """Nothing but emoji, punctuation and spaces."""
    return not any(character.isalnum() for character in text)


class Words:
    """The words of one city, by meaning and language.

    ``channels`` holds what providers act on by themselves: there these words mean that, and nothing else.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._commands = command_table(data["commands"])
        self._channels = {
            channel: {bare(word): Command(name, None) for name, words in meanings.items() for word in words}
            for channel, meanings in data.get("channels", {}).items()
        }
        self._answers = {word: found.name for word, found in command_table(data["answers"]).items()}
        ordinals = {
            bare(word): place
            for words in data["ordinals"].values()
            for place, named in enumerate(words, 1)
            for word in ([named] if isinstance(named, str) else named)
        }
        self._ordinals = {folded(word): place for word, place in ordinals.items()} | ordinals
        self._beside = {bare(word) for words in data["beside_ordinals"].values() for word in words}
        self._languages = {bare(w): code for code, words in data["languages"].items() for w in words}
        self._near = {bare(word) for words in data["near"].values() for word in words}
        self._negations = {bare(word) for words in data["negations"].values() for word in words}
        self._acknowledged = frozenset(data["acknowledged"])
        self._marks = {name: mark_table(data.get(name, {})) for name in MARKS}
        self._follows = start_table(data.get("follow_ups", {}))
        self._corrections = start_table(data.get("corrections", {}))
        self._fillers = {bare(word) for words in data.get("fillers", {}).values() for word in words}
        self._leads = {bare(word) for words in data.get("place_leads", {}).values() for word in words} | self._fillers
        self._leads |= {word for word, found in self._answers.items() if found == "no" and " " not in word}
        self._unsure = start_table(data.get("unsure", {}))
        self._well = start_table(data.get("well", {}))

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
        found = provider or self._commands.get(word) or self._commands.get(f"\0{folded(word)}") or self._sighed(word)
        # "STOP 12345", as some write who know it from elsewhere, stops as well.
        scoped = (
            self.command(bare(word).rstrip("0123456789 "), channel) if found is None and word[-1].isdecimal() else None
        )
        return found or (scoped if scoped is not None and scoped.name == "opt_out" else None)

    def _sighed(self, word: str) -> Command | None:
        """A way out of a dialog between words that say nothing: "äh glöm det", "actually never mind"."""
        words = word.split()
        for first in range(len(words)):
            for last in range(len(words), first, -1):
                beside = words[:first] + words[last:]
                found = self._commands.get(" ".join(words[first:last]))
                if found is not None and found.name in _WAYS_OUT and beside and self._fillers.issuperset(beside):
                    return found
        return None

    def yes(self, text: str, channel: str = "") -> bool | None:
        """Whether the whole message says yes or no; ``None`` where it says neither."""
        word = bare(text)
        if word in self._channels.get(channel, {}):
            return None
        answer = self._answers.get(word) or self._answers.get(f"\0{folded(word)}") or self._repeated(word.split())
        return None if answer is None else answer == "yes"

    def _repeated(self, words: list[str]) -> str | None:
        """One answer in several of its words, "yes send" or "joo kyllä"; ``None`` where they differ."""
        if not words or len(words) > _ANSWER:
            return None
        said: set[str] = set()
        while words:
            length = next((n for n in range(len(words), 0, -1) if " ".join(words[:n]) in self._answers), 0)
            if length:
                said.add(self._answers[" ".join(words[:length])])
            elif words[0] not in self._fillers:
                return None
            words = words[length or 1 :]
        return said.pop() if len(said) == 1 else None

    def ordinal(self, text: str) -> int | None:
        """The place in a list that the whole message names, from 1: ``2``, ``2.``, ``toinen``, ``the first one``."""
        words = bare(text).split()
        named = [word for word in words if word not in self._beside]
        word = named[0] if len(named) == 1 else " ".join(words)
        if word.isdecimal() and len(word) <= 3:
            return int(word)
        return self._ordinals.get(word)

    def listed(self, text: str) -> int | None:
        """The place in a list that one word of a text names: "the second, when does it open"."""
        whole = self.ordinal(self.continued(text))
        named = {self._ordinals[word] for word in bare(text).split() if word in self._ordinals}
        return whole or (named.pop() if len(named) == 1 else None)

    def continued(self, text: str) -> str:
        """A text in its bare words, without those with which it goes on from the last answer."""
        return " ".join(bare(text).split()[start_length(text, self._follows) :])

    def only(self, group: str, text: str) -> set[str]:
        """The marks of a text whose every word has one of the group; none where another word stands among them."""
        words = bare(text).split()
        found = [self.marks(group, word) for word in words]
        return {name for names in found for name in names} if all(found) else set()

    def without_lead(self, text: str) -> str:
        """A place without the words that only lead to it: "it is at"; the text itself where it has no others."""
        words = WORD.finditer(text)
        first = next((word for word in words if bare(word[0]) not in self._leads), None)
        return text[first.start() :] if first is not None else text

    def unsure(self, text: str) -> bool:
        """Whether a short message says that its writer does not know."""
        length = start_length(text, self._unsure)
        return length > 0 and len(bare(text).split()) <= length + _UNSURE

    def well(self, text: str) -> int:
        """How many words at the beginning of a text say that all is well, as a phrase: "not bad"."""
        return start_length(text, self._well)

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
        return start_length(text, self._follows) > 0

    def corrected(self, text: str) -> str | None:
        """What stands after words such as "no, I meant"; ``None`` where a text does not begin with them."""
        count = start_length(text, self._corrections)
        rest = list(WORD.finditer(text))[count:]
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
