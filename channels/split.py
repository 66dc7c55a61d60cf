"""A long text in pieces, for channels whose messages hold only so much."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

import regex

_ATOM = regex.compile(
    r"""
      (?:https?://|www\.|mailto:|tel:)\S+         # an address on the web
    | \+?\(?\d[\d()\u00a0\u202f -]{4,18}\d        # a telephone number, whose groups stand apart
    | &(?:\#\d{1,7}|\#x[0-9a-f]{1,6}|\w{1,31});   # a character by its name
    | \s
    | \X
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_ENOUGH = 0.5
"""A piece that ends at a paragraph, a line or a sentence is preferred when it is at least so full."""


@dataclass(frozen=True, slots=True)
class _Break:
    """A place where a piece may end, how good a place it is, and where the next piece begins."""

    end: int
    rank: int
    next: int


def split(text: str, limit: int, measure: Callable[[str], int] = len) -> list[str]:
    """The text in pieces of at most ``limit`` by ``measure``, in their order; no piece is blank.

    ``measure`` must not shrink as a text grows. A piece ends between words, after a paragraph, line or sentence if
    one is near. Words, addresses, phone numbers, ``&amp;`` and graphemes stay whole, unless one alone is longer than a
    piece. What is lost is the white space between two pieces alone.
    """
    text = text.strip()
    pieces: list[str] = []
    breaks = _breaks(text)
    start = 0
    while start < len(text):
        if measure(text[start:]) <= limit:
            pieces.append(text[start:])
            break
        end, start_of_next = _cut(text, start, breaks, lambda piece: measure(piece) <= limit)
        pieces.append(text[start:end])
        start = start_of_next
    return pieces


def _breaks(text: str) -> list[_Break]:
    """The runs of white space between atoms."""
    found: list[_Break] = []
    atoms = [match.span() for match in _ATOM.finditer(text)]
    place = 0
    while place < len(atoms):
        start, end = atoms[place]
        place += 1
        if not text[start].isspace():
            continue
        while place < len(atoms) and text[atoms[place][0]].isspace():
            end = atoms[place][1]
            place += 1
        found.append(_Break(start, _rank(text, start, text[start:end]), end))
    return found


def _rank(text: str, start: int, gap: str) -> int:
    lines = gap.count("\n")
    if lines:
        return 3 if lines > 1 else 2
    return 1 if text[start - 1] in ".!?" else 0


def _cut(text: str, start: int, breaks: list[_Break], fits: Callable[[str], bool]) -> tuple[int, int]:
    """Where the piece ends that begins at ``start``, and where the next begins."""
    first = bisect_right(breaks, start, key=lambda each: each.end)
    last = _last([each.end for each in breaks[first:]], lambda end: fits(text[start:end]))
    if last is None:
        end = _inside(text, start, breaks[first].end if first < len(breaks) else len(text), fits)
        return end, end
    near = breaks[first : first + last + 1]
    enough = start + (near[-1].end - start) * _ENOUGH
    best = max((each for each in near if each.end >= enough), key=lambda each: (each.rank, each.end))
    return best.end, best.next


def _inside(text: str, start: int, end: int, fits: Callable[[str], bool]) -> int:
    """Where to cut what is longer than a piece: between atoms, else graphemes, else characters; one at least."""
    word = text[start:end]
    for pattern in (_ATOM, regex.compile(r"\X")):
        ends = [match.end() for match in pattern.finditer(word)]
        last = _last(ends, lambda place: fits(word[:place]))
        if last is not None:
            return start + ends[last]
    last = _last(range(1, len(word) + 1), lambda place: fits(word[:place]))
    return start + 1 + (last or 0)


def _last(places: list[int] | range, good: Callable[[int], bool]) -> int | None:
    """The index of the last good place, where all before a good one are good."""
    found = bisect_right(places, 0, key=lambda place: 0 if good(place) else 1)
    return found - 1 if found else None
