"""Where a house is, as far as the units of the register tell: ``Hämeentie 12`` rather than the middle of Hämeentie."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from statistics import fmean

Point = tuple[float, float]
_ADDRESS = re.compile(r"(?P<street>\D{3,60}?)\s+(?P<number>\d{1,4})(?!\d)")
_NUMBER = re.compile(r"(?<!\d)(\d{1,4})(?!\d)")
_NEAR = 10
"""House numbers this far apart are near enough to stand for one another."""


class Addresses:
    """Points by street and house number, from addresses in any language."""

    def __init__(self, known: Iterable[tuple[str, Point]]) -> None:
        found: dict[str, dict[int, list[Point]]] = defaultdict(lambda: defaultdict(list))
        for address, here in known:
            match = _ADDRESS.match(address.strip())
            if match:
                found[_folded(match["street"])][int(match["number"])].append(here)
        self._streets = {
            street: {number: _mean(points) for number, points in numbers.items()} for street, numbers in found.items()
        }

    def point(self, streets: Iterable[str], text: str) -> Point | None:
        """The point of the house number in a text, on the first of the streets (names of one street) that has any.

        A neighbour on the same side of the street will do, then one on the other; ``None`` where there is neither.
        """
        match = _NUMBER.search(text)
        if match is None:
            return None
        wanted = int(match[1])
        for street in streets:
            numbers = self._streets.get(_folded(street), {})
            near = [number for number in numbers if abs(number - wanted) <= _NEAR]
            if near:
                best = min(near, key=lambda number: (number != wanted, (number - wanted) % 2, abs(number - wanted)))
                return numbers[best]
        return None


def _folded(street: str) -> str:
    return " ".join(unicodedata.normalize("NFC", street).casefold().split())


def _mean(points: list[Point]) -> Point:
    return fmean(latitude for latitude, _ in points), fmean(longitude for _, longitude in points)
