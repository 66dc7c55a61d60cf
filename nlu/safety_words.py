"""The words of a text as the safety rules read them: folded, apostrophes gone, letters with spaces between joined."""

from __future__ import annotations

import re
from collections.abc import Callable

from nlu.text import folded, understood

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘´`"))
_SPACED = re.compile(r"(?<![^\W_])[^\W\d_](?:[\s.\-]{1,3}[^\W\d_]){3,120}(?![^\W_])")
"""Four single letters or more in a row, near to one another."""
_BETWEEN = re.compile(r"[\s.\-]")
_LONGEST_PIECE, _STRAY = 16, 5


def words_of(text: str, known: Callable[[str], bool]) -> list[str]:
    """The words of any text, in their order. ``known`` folded words part letters that one space keeps all apart."""
    plain = folded(understood(text).translate(_APOSTROPHES))
    return _WORD.findall(_SPACED.sub(lambda match: _joined(match.group(), known), plain))


def _joined(letters: str, known: Callable[[str], bool]) -> str:
    """``h e l p  m e`` is ``help me``; without the wider space, words are told apart where they are known."""
    parts = [_BETWEEN.sub("", part) for part in re.split(r"[\s.\-]{2,3}", letters)]
    return " ".join(word for part in parts for word in _pieces(part, known))


def _pieces(letters: str, known: Callable[[str], bool]) -> list[str]:
    """The fewest known words that make up the letters but for one; where there are none, all of them as one word."""
    prices, starts = [0], [0]
    for end in range(1, len(letters) + 1):
        price, start = prices[end - 1] + _STRAY, end - 1
        for first in range(max(0, end - _LONGEST_PIECE), end - 1):
            if prices[first] + 1 < price and known(letters[first:end]):
                price, start = prices[first] + 1, first
        prices.append(price)
        starts.append(start)
    pieces, end = [], len(letters)
    while end:
        pieces.append(letters[starts[end] : end])
        end = starts[end]
    strays = sum(len(piece) == 1 for piece in pieces)
    return pieces[::-1] if strays <= 1 else [letters]
