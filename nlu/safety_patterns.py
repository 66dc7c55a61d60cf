"""The small language of the safety rules, compiled once: words, stems, typing errors, gaps.

A pattern is a row of elements; between two of them up to two other words may stand. ``a|b`` is either word, ``stem*``
a beginning, ``*end`` an ending, ``*mid*`` a part, ``=word`` takes no typing errors, ``#`` is a number, ``<name>`` a
group of words named in the file. Among alternatives ``fell_down`` is a phrase and ``$`` the text's end. ``+`` between
elements lets no word stand between, ``..`` lets eight; ``~`` is ``..`` in either order; ``^`` and ``$`` are the text's
ends; ``&`` joins rows that may stand anywhere, ``& !`` a row that must not. In a mask ``!word`` is the part that is
set aside (all of it, where nothing is marked). Everything is compared without diacritics and in lower case. Matching
is linear in the text's length: it looks words up and never backtracks.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from nlu.safety_lexicon import Lexicon

GAP, FAR = 2, 8
_GROUP = re.compile(r"<(\w+)>")
_GROUP_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Step:
    """An element's number, how many other words may stand before it, and whether a mask sets it aside."""

    element: int
    gap: int
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Steps in their order; ``first`` and ``last`` tie them to the text's ends; ``absent`` rows must not match."""

    steps: tuple[Step, ...]
    first: bool = False
    last: bool = False
    absent: bool = False


Pattern = tuple[Row, ...]


class Found(Protocol):
    """What a text's words fit."""

    def get(self, element: int, default: Sequence[int], /) -> Sequence[int]:
        """The places of the words that an element fits, ascending."""


def expand(text: str, groups: Mapping[str, str]) -> tuple[str, ...]:
    """A line of a file as patterns: groups replaced, ``~`` in both orders. Raises ``ValueError`` for unknown groups."""
    for _ in range(_GROUP_DEPTH):
        try:
            text = _GROUP.sub(lambda match: groups[match[1]], text)
        except KeyError as error:
            raise ValueError(f"there is no group {error}") from error
    rows = [row.strip().split(" ~ ") for row in text.split("&")]
    forward = " & ".join(" .. ".join(row) for row in rows)
    back = " & ".join(" .. ".join(reversed(row)) for row in rows)
    return tuple(each for line in dict.fromkeys((forward, back)) for each in _apart(line))


def _apart(line: str) -> Iterator[str]:
    """One pattern for all single words of an element, and one for each of its phrases (and for the text's end)."""
    tokens = line.split(" ")
    for place, token in enumerate(tokens):
        several = [word for word in token.split("|") if "_" in word or word == "$"] if "|" in token else [token]
        if several and ("|" in token or "_" in token):
            rest = "|".join(word for word in token.split("|") if word not in several)
            for word in [*filter(None, (rest,)), *several]:
                yield from _apart(" ".join((*tokens[:place], word.replace("_", " + "), *tokens[place + 1 :])))
            return
    yield line


def compile_pattern(text: str, lexicon: Lexicon) -> Pattern:
    """Compile a pattern. Raises ``ValueError`` with what is wrong with it."""
    pattern = tuple(_row(part, lexicon) for part in text.split("&"))
    if all(row.absent for row in pattern):
        raise ValueError("a part of the pattern has no word that must stand in the text")
    return pattern


def _row(part: str, lexicon: Lexicon) -> Row:
    part = part.strip()
    absent = part.startswith("! ")
    tokens = part.removeprefix("! ").split()
    first, last = tokens[:1] == ["^"], tokens[-1:] == ["$"]
    steps, gap = [], GAP
    for token in tokens[first : len(tokens) - last]:
        if token in {"+", ".."}:
            gap = 0 if token == "+" else FAR  # noqa: S105 - an operator
        else:
            steps.append(Step(lexicon.element(token.removeprefix("!")), gap, token.startswith("!")))
            gap = GAP
    if not steps:
        raise ValueError("a part of the pattern has no word")
    return Row(steps=tuple(steps), first=first, last=last, absent=absent)


def needs(pattern: Pattern) -> frozenset[int]:
    """The elements without which the pattern cannot match."""
    return frozenset(step.element for row in pattern if not row.absent for step in row.steps)


def match(pattern: Pattern, found: Found, length: int) -> frozenset[int] | None:
    """The places of the words that make up the pattern in a text of ``length`` words, or ``None``.

    Where steps are marked, only their places.
    """
    places: set[int] = set()
    for row in pattern:
        fit = _match_row(row, found, length)
        if (fit is None) is not row.absent:
            return None
        places.update(fit or ())
    return frozenset(places)


def _match_row(row: Row, found: Found, length: int) -> set[int] | None:
    reached: list[Sequence[int]] = []
    for number, step in enumerate(row.steps):
        here: Sequence[int] = found.get(step.element, ())
        if number:
            here = [place for place in here if _within(reached[-1], place - 1 - step.gap, place - 1)]
        elif row.first:
            here = [place for place in here if place == 0]
        if not here:
            return None
        reached.append(here)
    if row.last:
        reached[-1] = [place for place in reached[-1] if place == length - 1]
    return _path(row, reached) if reached[-1] else None


def _path(row: Row, reached: Sequence[Sequence[int]]) -> set[int]:
    """Walk back from the ends that were reached, to keep only places that lead to one of them."""
    some = any(step.marked for step in row.steps)
    after: Iterable[int] = reached[-1]
    places = set(after) if row.steps[-1].marked or not some else set()
    for number in range(len(row.steps) - 2, -1, -1):
        gap = row.steps[number + 1].gap
        later = list(after)
        after = [place for place in reached[number] if _within(later, place + 1, place + 1 + gap)]
        if row.steps[number].marked or not some:
            places.update(after)
    return places


def _within(places: Sequence[int], low: int, high: int) -> bool:
    at = bisect.bisect_left(places, low)
    return at < len(places) and places[at] <= high
