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
        # A slip is never in a word's first letter, so only phrases of the same initials are compared.
        self._alike: dict[str, list[str]] = {}
        for key in sorted(key for key in self._folded if len(key) >= 6):
            self._alike.setdefault(_initials(key), []).append(key)

    def find(self, text: str) -> str | None:
        """The intent of a phrase that the text is, or almost is."""
        spelt = view(text)
        if not spelt or len(spelt) > _LIMIT:
            return None
        bare = folded(spelt)
        found = self._exact.get(spelt) or self._folded.get(bare) or self._near(bare)
        return next(iter(found)) if len(found) == 1 else None

    def _near(self, spelt: str) -> set[str]:
        alike = self._alike.get(_initials(spelt), ())
        hit = process.extractOne(spelt, alike, scorer=fuzz.ratio, score_cutoff=_CUTOFF)
        return self._folded[hit[0]] if hit is not None and _slips_only(hit[0], spelt) else set()


def view(text: str) -> str:
    """Lower case, words only; a text without words (an emoji) as it is."""
    lower = exact(understood(text)).strip()
    return " ".join(words(lower)) or lower


def _initials(spelt: str) -> str:
    return "".join(word[0] for word in spelt.split())


def _slips_only(known: str, typed: str) -> bool:
    pairs = list(zip(known.split(), typed.split(), strict=False))
    if len(known.split()) != len(typed.split()):
        return False
    return all(
        a == b or (len(a) > 4 and a[0] == b[0] and OSA.distance(a, b) <= (1 if len(a) <= 8 else 2)) for a, b in pairs
    )
