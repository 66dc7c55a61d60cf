"""Words with their places, for what must be pointed at in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlu.text import exact, folded

_WORD = re.compile(r"[^\W_]+")
_LIMIT, _BRIEF = 400, 2
_ENDS = frozenset(("", *".!?:"))


@dataclass(frozen=True, slots=True)
class Token:
    """A run of letters and digits. ``start`` and ``end`` are code points of the text in NFC.

    ``named`` where it looks like a name: it has a capital inside a sentence, or nearly nothing else was written.
    """

    exact: str
    folded: str
    start: int
    end: int
    named: bool = False


def tokenise(text: str) -> list[Token]:
    """The words of a text in NFC: split at hyphens, apostrophes and colons; the first few hundred of them."""
    lower, plain = exact(text), folded(text)
    loud, brief = text.isupper(), len(text.split()) <= _BRIEF
    found = []
    for match in _WORD.finditer(plain):
        start, end = match.span()
        capital = not loud and start > 0 and text[start].isupper() and text[:start].rstrip()[-1:] not in _ENDS
        found.append(Token(lower[start:end], plain[start:end], start, end, brief or capital))
        if len(found) == _LIMIT:
            break
    return found
