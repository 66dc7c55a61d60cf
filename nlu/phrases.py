"""Phrases that are written almost as an editor wrote them: found whole, with slips in long words only.

``boka tid`` is no slip of ``avboka tid``, and ``tuki`` none of ``auki``: a word of up to four letters must be the same,
up to eight may have one slip, and the number of words must agree.
"""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from nlu.text import exact, folded, understood, words

_CUTOFF = 88.0
_LIMIT = 80


class Phrases:
    """All phrases by their two views. A phrase that two intents share counts for neither."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._exact: dict[str, set[str]] = {}
        self._folded: dict[str, set[str]] = {}
        for text, intent in phrases:
            spelt = view(text)
            self._exact.setdefault(spelt, set()).add(intent)
            self._folded.setdefault(folded(spelt), set()).add(intent)
        self._all = sorted(key for key in self._folded if len(key) >= 6)

    def find(self, text: str) -> str | None:
        """The intent of a phrase that the text is, or almost is."""
        spelt = view(text)
        if not spelt or len(spelt) > _LIMIT:
            return None
        for found in (self._exact.get(spelt), self._folded.get(folded(spelt)), self._near(folded(spelt))):
            if found:
                return next(iter(found)) if len(found) == 1 else None
        return None

    def _near(self, spelt: str) -> set[str] | None:
        hit = process.extractOne(spelt, self._all, scorer=fuzz.ratio, score_cutoff=_CUTOFF)
        if hit is None or not _slips_only(hit[0], spelt):
            return None
        return self._folded[hit[0]]


def view(text: str) -> str:
    """Lower case, words only; a text without words (an emoji) as it is."""
    lower = exact(understood(text)).strip()
    return " ".join(words(lower)) or lower


def _slips_only(known: str, typed: str) -> bool:
    pairs = list(zip(known.split(), typed.split(), strict=False))
    if len(known.split()) != len(typed.split()):
        return False
    return all(
        a == b or (len(a) > 4 and a[0] == b[0] and OSA.distance(a, b) <= (1 if len(a) <= 8 else 2)) for a, b in pairs
    )
