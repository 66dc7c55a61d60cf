"""Words that stand for many services when they stand alone: "permit", "application", "fee"."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile

from nlu.phrases import view
from nlu.text import folded

_SHORTEST = 4
_FEWEST, _MOST = 3, 0.5
"""A word is vague that so many intents have, and none of them in more than this share of the phrases with it."""


class Vague:
    """Which words do, read off the phrases: as a word, or as the beginning or the end of one."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._intents: dict[str, Counter[str]] = {}
        for text, intent in phrases:
            for word in set(folded(view(text)).split()):
                self._intents.setdefault(word, Counter())[intent] += 1
        self._words = sorted(self._intents)
        self._backwards = sorted(word[::-1] for word in self._intents)

    def intents(self, text: str) -> frozenset[str]:
        """The intents between which a text of one word does not tell; none where it does, or is longer."""
        word = folded(view(text))
        if len(word) < _SHORTEST or not word.isalpha():
            return frozenset()
        longer = {*_beginning(self._words, word), *(known[::-1] for known in _beginning(self._backwards, word[::-1]))}
        found: Counter[str] = Counter()
        for known in longer:
            found.update(self._intents[known])
        shared = len(found) >= _FEWEST and max(found.values()) <= _MOST * found.total()
        return frozenset(found) if shared else frozenset()


def _beginning(ordered: Sequence[str], start: str) -> Iterator[str]:
    """The words of a sorted list that begin so."""
    return takewhile(lambda word: word.startswith(start), islice(ordered, bisect_left(ordered, start), None))
