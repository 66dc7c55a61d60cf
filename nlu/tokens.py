"""Words with their places, for what must be pointed at in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlu.text import exact, folded

_WORD = re.compile(r"[^\W_]+")
_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits. ``start`` and ``end`` are code points of the text in NFC."""

    exact: str
    folded: str
    start: int
    end: int


def tokenise(text: str) -> list[Token]:
    """The words of a text in NFC: split at hyphens, apostrophes and colons; the first few hundred of them."""
    lower, plain = exact(text), folded(text)
    found = []
    for match in _WORD.finditer(plain):
        start, end = match.span()
        found.append(Token(lower[start:end], plain[start:end], start, end))
        if len(found) == _LIMIT:
            break
    return found
