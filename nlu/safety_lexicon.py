"""The words of the safety rules, and which of them a written word fits: exactly, by a stem, or with one slip.

A slip leaves either the beginning or what follows it as it was, so two or three look-ups find every candidate; only
those are compared letter by letter. Work is bounded by the word's length, which is cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from nlu.text import folded

_LONGEST = 40
_SLIP_WORD, _SLIP_STEM, _SLIP_ANY = 6, 6, 7
_HEAD, _TAIL = 3, 3
_REMEMBERED = 4_096
"""Single words, without their text, that are looked up again and again."""
_NEVER_A_NUMBER = frozenset({"112"})
_distance = OSA.distance
_DRAWN_OUT = re.compile(r"(.)\1{2,}")

Elements = int
"""A set of elements, one bit for each: what is asked of every word of every text must be cheap."""


@dataclass(slots=True)
class Lexicon:
    """Every element of every pattern. ``ordinary`` words are never slips of others: ``mistä`` is not ``miestä``."""

    ordinary: frozenset[str] = frozenset()
    elements: dict[str, int] = field(default_factory=dict)
    _words: dict[str, Elements] = field(default_factory=dict)
    _stems: dict[str, Elements] = field(default_factory=dict)
    _starts: set[str] = field(default_factory=set)
    _parts: dict[str, Elements] = field(default_factory=dict)
    _ends: dict[str, Elements] = field(default_factory=dict)
    _part: re.Pattern[str] | None = None
    _near_words: dict[str, Elements] = field(default_factory=dict)
    _near_stems: dict[str, Elements] = field(default_factory=dict)
    _near: dict[str, set[tuple[str, bool]]] = field(default_factory=dict)
    _seen: dict[str, Elements] = field(default_factory=dict)
    _numbers: Elements = 0

    def element(self, text: str) -> int:
        """The number of an element, compiled when it is new."""
        if text not in self.elements:
            number = self.elements[text] = len(self.elements)
            self._seen.clear()
            for alternative in filter(None, text.split("|")):
                self._add(alternative, number)
        return self.elements[text]

    def _add(self, alternative: str, number: int) -> None:
        word, bit = folded(alternative.strip("*=")), 1 << number
        sloppy = not alternative.startswith("=") and not word.isdigit()
        if alternative == "#":
            self._numbers |= bit
        elif alternative.startswith("*"):
            parts = self._parts if alternative.endswith("*") else self._ends
            parts[word] = parts.get(word, 0) | bit
            self._part = re.compile("|".join(map(re.escape, sorted({*self._parts, *self._ends}))))
        elif alternative.endswith("*"):
            self._stems[word] = self._stems.get(word, 0) | bit
            self._starts.add(word[:2])
            if len(word) >= _SLIP_STEM and sloppy:
                self._index(word, True, bit)
        else:
            self._words[word] = self._words.get(word, 0) | bit
            if len(word) >= _SLIP_WORD and sloppy:
                self._index(word, False, bit)

    def _index(self, word: str, stem: bool, bit: Elements) -> None:
        near = self._near_stems if stem else self._near_words
        near[word] = near.get(word, 0) | bit
        for key in (word[:_HEAD], f"{word[0]} {word[_HEAD : _HEAD + _TAIL]}"):
            self._near.setdefault(key, set()).add((word, stem))

    def knows(self, word: str) -> bool:
        """Whether the folded word itself is in a pattern, or is an ordinary one."""
        return word in self._words or word in self.ordinary

    def fits(self, word: str, typos: bool) -> Elements:
        """The elements that a folded word fits; ``typos`` also takes one slip and drawn-out letters."""
        word = word[:_LONGEST]
        if not typos or not word.isalpha():
            return self._exactly(word) | (self._numbers if word.isdigit() and word not in _NEVER_A_NUMBER else 0)
        if word not in self._seen:
            if len(self._seen) >= _REMEMBERED:
                self._seen.clear()
            self._seen[word] = self._fits(word)
        return self._seen[word]

    def common(self) -> list[Elements]:
        """What each ordinary word fits."""
        return [self._exactly(word) for word in self.ordinary]

    def _fits(self, word: str) -> Elements:
        found = self._exactly(word)
        if word not in self.ordinary:
            if _DRAWN_OUT.search(word):
                found |= self._exactly(_DRAWN_OUT.sub(r"\1", word)) | self._exactly(_DRAWN_OUT.sub(r"\1\1", word))
            if 4 < len(word) <= _SLIP_WORD:
                found |= self._struck_twice(word)
            if len(word) >= _SLIP_WORD - 1:
                found |= self._slips(word)
        return found

    def _exactly(self, word: str) -> Elements:
        found = self._words.get(word, 0)
        if word[:2] in self._starts:
            for length in range(2, len(word) + 1):
                found |= self._stems.get(word[:length], 0)
        if self._part is not None and self._part.search(word):
            for part, elements in self._parts.items():
                if part in word:
                    found |= elements
            for end, elements in self._ends.items():
                if word.endswith(end):
                    found |= elements
        return found

    def _struck_twice(self, word: str) -> Elements:
        """Short words with one letter struck twice: ``apuua``."""
        found = 0
        for place in range(1, len(word)):
            if word[place] == word[place - 1]:
                found |= self._words.get(word[:place] + word[place + 1 :], 0)
        return found

    def _slips(self, word: str) -> Elements:
        found = 0
        for key in _keys(word):
            for known, stem in self._near.get(key, ()):
                if stem:
                    if _begins(known, word):
                        found |= self._near_stems[known]
                elif -2 < len(known) - len(word) < 2 and _one(known, word):
                    found |= self._near_words[known]
        return found


def _keys(word: str) -> Iterator[str]:
    """Where a word with a slip may be indexed: by its head, by its head with two letters the other way, by its tail."""
    yield word[:_HEAD]
    if len(word) > _HEAD and word[_HEAD] != word[_HEAD - 1]:
        yield word[: _HEAD - 1] + word[_HEAD]
    for start in (_HEAD - 1, _HEAD, _HEAD + 1):
        yield f"{word[0]} {word[start : start + _TAIL]}"


def _begins(stem: str, word: str) -> bool:
    """Whether the word begins with the stem, but for one slip."""
    length = len(stem)
    if word[: length - 1] == stem[:-1]:
        # With another letter in the last one's place it is another word: an extra letter before it is a slip.
        return word[length : length + 1] == stem[-1]
    return _one(stem, word[:length]) or _one(stem, word[: length - 1]) or _one(stem, word[: length + 1])


def _one(known: str, typed: str) -> bool:
    """One slip apart; another letter in a letter's place counts from seven letters on."""
    if known[0] != typed[0] or _distance(known, typed, score_cutoff=1) > 1:
        return False
    return len(known) >= _SLIP_ANY or len(known) != len(typed) or sorted(known) == sorted(typed)
