"""The small language of the safety rules, compiled once: words, stems, typing errors, gaps.

A pattern is a row of elements; between two of them up to two other words may stand. ``a|b`` is either word, ``stem*``
a beginning, ``*end`` an ending, ``*mid*`` a part, ``=word`` takes no typing errors, ``#`` is a number. ``+`` between
elements lets no word stand between, ``..`` lets eight; ``^`` and ``$`` are the text's ends; ``&`` joins rows that may
stand anywhere. Everything is compared without diacritics and in lower case. Matching is linear in the text's length:
it looks words up and never backtracks.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from nlu.text import folded

GAP, FAR = 2, 8
_TYPO_WORD, _TYPO_STEM, _TYPO_LONG, _LONG_WORD = 6, 7, 8, 40
_NEVER = frozenset({"112"})


@dataclass(frozen=True, slots=True)
class Step:
    """An element's number, and how many other words may stand before it."""

    element: int
    gap: int


@dataclass(frozen=True, slots=True)
class Row:
    """Steps in their order; ``first`` and ``last`` tie them to the text's ends."""

    steps: tuple[Step, ...]
    first: bool = False
    last: bool = False


Pattern = tuple[Row, ...]
Found = Mapping[int, Sequence[int]]
"""Element to the places of the words that it fits, ascending."""


@dataclass(slots=True)
class Lexicon:
    """Every element of every pattern, and which of them a word fits."""

    elements: dict[str, int] = field(default_factory=dict)
    _words: dict[str, set[int]] = field(default_factory=dict)
    _stems: dict[str, set[int]] = field(default_factory=dict)
    _starts: set[str] = field(default_factory=set)
    _parts: list[tuple[str, bool, int]] = field(default_factory=list)
    _near_words: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    _near_stems: dict[str, set[tuple[str, int]]] = field(default_factory=dict)
    _numbers: set[int] = field(default_factory=set)

    def element(self, text: str) -> int:
        """The number of an element, compiled when it is new."""
        if text not in self.elements:
            number = self.elements[text] = len(self.elements)
            for alternative in text.split("|"):
                self._add(alternative, number)
        return self.elements[text]

    def _add(self, alternative: str, number: int) -> None:
        word = folded(alternative.strip("*="))
        if alternative == "#":
            self._numbers.add(number)
        elif alternative.startswith("*"):
            self._parts.append((word, not alternative.endswith("*"), number))
        elif alternative.endswith("*"):
            self._stems.setdefault(word, set()).add(number)
            self._starts.add(word[:2])
            if len(word) >= _TYPO_STEM and not alternative.startswith("="):
                _index(self._near_stems, word, number)
        else:
            self._words.setdefault(word, set()).add(number)
            if not alternative.startswith("=") and not word.isdigit():
                _index(self._near_words, word, number)

    def fits(self, word: str, typos: bool) -> frozenset[int]:
        """The elements that a folded word fits; ``typos`` also takes one slip and a drawn-out letter."""
        word = word[:_LONG_WORD]
        found = set(self._words.get(word, ()))
        if word[:2] in self._starts:
            for length in range(2, len(word) + 1):
                found.update(self._stems.get(word[:length], ()))
        for part, ending, number in self._parts:
            if part in word and (not ending or word.endswith(part)):
                found.add(number)
        if word.isdigit():
            return frozenset(found | self._numbers if word not in _NEVER else found)
        if typos:
            found |= self._slips(word)
        return frozenset(found)

    def _slips(self, word: str) -> set[int]:
        found = {number for key in _shorter(word) for near, number in self._near_words.get(key, ()) if _one(near, word)}
        for length in range(_TYPO_STEM - 1, len(word) + 1):
            start = word[:length]
            for key in _shorter(start):
                found |= {number for stem, number in self._near_stems.get(key, ()) if _one(stem, start)}
        return found


def _shorter(word: str) -> Iterator[str]:
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def _index(near: dict[str, set[tuple[str, int]]], word: str, number: int) -> None:
    for key in _shorter(word):
        near.setdefault(key, set()).add((word, number))


def _one(known: str, typed: str) -> bool:
    """One slip apart, in words of six letters or more; in shorter ones only a letter struck twice (``apuua``).

    Another letter in a letter's place counts from eight letters on: ``cooking`` is not ``choking``.
    """
    if known[0] != typed[0]:
        return False
    if len(known) < _TYPO_WORD:
        twice = len(known) >= 4 and len(typed) == len(known) + 1
        return twice and any(typed == known[: place + 1] + known[place:] for place in range(len(known)))
    if len(known) < _TYPO_LONG and len(known) == len(typed) and sorted(known) != sorted(typed):
        return False
    return bool(OSA.distance(known, typed, score_cutoff=1) <= 1)


def compile_pattern(text: str, lexicon: Lexicon) -> Pattern:
    """Compile a pattern. Raises ``ValueError`` with what is wrong with it."""
    return tuple(_row(part.split(), lexicon) for part in text.split("&"))


def _row(tokens: list[str], lexicon: Lexicon) -> Row:
    first, last = tokens[:1] == ["^"], tokens[-1:] == ["$"]
    steps, gap = [], GAP
    for token in tokens[first : len(tokens) - last]:
        if token in {"+", ".."}:
            gap = 0 if token == "+" else FAR  # noqa: S105 - an operator
        else:
            steps.append(Step(lexicon.element(token), gap))
            gap = GAP
    if not steps:
        raise ValueError("a part of the pattern has no word")
    return Row(tuple(steps), first, last)


def match(pattern: Pattern, found: Found, length: int) -> frozenset[int] | None:
    """The places of the words that make up the pattern in a text of ``length`` words, or ``None``."""
    places: set[int] = set()
    for row in pattern:
        fit = _match_row(row, found, length)
        if fit is None:
            return None
        places.update(fit)
    return frozenset(places)


def _match_row(row: Row, found: Found, length: int) -> set[int] | None:
    reached: list[list[int]] = []
    for number, step in enumerate(row.steps):
        here: Iterable[int] = found.get(step.element, ())
        if number:
            here = [place for place in here if _within(reached[-1], place - 1 - step.gap, place - 1)]
        elif row.first:
            here = [place for place in here if place == 0]
        reached.append(list(here))
    if row.last:
        reached[-1] = [place for place in reached[-1] if place == length - 1]
    if not reached[-1]:
        return None
    return _path(row, reached)


def _path(row: Row, reached: list[list[int]]) -> set[int]:
    """Walk back from the ends that were reached, to keep only places that lead to one of them."""
    places = set(reached[-1])
    after = reached[-1]
    for number in range(len(row.steps) - 2, -1, -1):
        gap = row.steps[number + 1].gap
        after = [place for place in reached[number] if _within(after, place + 1, place + 1 + gap)]
        places.update(after)
    return places


def _within(places: Sequence[int], low: int, high: int) -> bool:
    at = bisect.bisect_left(places, low)
    return at < len(places) and places[at] <= high
