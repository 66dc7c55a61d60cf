"""An unknown word as the known word that it was probably meant to be: one slip away, or two in a long word.

Only words of the phrases are aimed at, so that there is little to confuse; a word that some phrase has in any form, or
that the table of meanings has, is left as it is. The first letter is taken to be right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.text import folded

_LEAST, _TWO = 5, 9
"""Letters of a word from which on one slip is mended, and two."""
_SHORTEST = 3
"""Letters of the shortest word that one can be near to; with :data:`_LEAST` none under four is aimed at."""


class Repair:
    """The words of the phrases, by their first letter and their length."""

    def __init__(self, words: Iterable[str], known: Callable[[str], bool]) -> None:
        """``known`` says of a word in lower case that it needs no repair."""
        self._known = known
        self._words: dict[tuple[str, int], tuple[list[str], list[str]]] = {}
        for word in sorted(words):
            if len(word) >= _SHORTEST and word.isalpha():
                plain = folded(word)
                spelt, bare = self._words.setdefault((plain[0], len(plain)), ([], []))
                spelt.append(word)
                bare.append(plain)

    def of(self, word: str) -> str:
        """The word that was meant; the word itself where it is known, or near to none."""
        if len(word) < _LEAST or not word.isalpha() or self._known(word):
            return word
        plain = folded(word)
        slips = 1 if len(word) < _TWO else 2
        best, least = word, slips + 1
        # The same length first: letters that are another, or that changed places.
        for more in sorted(range(-slips, slips + 1), key=abs):
            spelt, bare = self._words.get((plain[0], len(plain) + more), ((), ()))
            hit = process.extractOne(plain, bare, scorer=OSA.distance, score_cutoff=min(slips, least - 1))
            if hit is not None:
                best, least = spelt[hit[2]], hit[1]
            if least <= 1:
                break
        return best

    def near(self, word: str) -> bool:
        """Whether a word in lower case is one slip from a word of the phrases, too short to be mended or not."""
        if len(word) < _SHORTEST:
            return False
        plain = folded(word)
        return any(
            process.extractOne(plain, bare, scorer=OSA.distance, score_cutoff=1) is not None
            for more in (0, -1, 1)
            if (bare := self._words.get((plain[0], len(plain) + more), ((), ()))[1])
        )
