"""From a text to weighted features, fitted on phrases; small and quick enough to run for every message.

Five blocks, each of unit length and then weighted: character n-grams inside folded words, whole words with their
lemmas (exact view, so that ``hål`` and ``hal`` differ), pairs of folded stems that stand near one another, what the
words mean (:mod:`nlu.meanings`) and what the whole says (:mod:`nlu.gist`). The last two are dense: their features come
after all others.
Measured on MASSIVE (20 phrases an intent) in docs/understanding.md.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu import gist, meanings
from nlu.gist import Gist
from nlu.grams import ngrams, weighed
from nlu.meanings import Meanings
from nlu.repair import Repair
from nlu.text import exact, folded, understood, words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Weights = tuple[float, float, float, float, float]
WEIGHTS: Weights = (1.0, 0.6, 0.6, 0.4, 0.8)
_DENSE = 2
"""How many of the blocks are dense."""
_PAIRS = 2
"""Which of the blocks are the pairs."""
_MANY, _TWICE = 4_000, 2
"""Of more texts than that, a pair must stand in so many.

Pairs that stand in one are more than half of all features there, and no held-out phrase is understood for them. Of few
texts they are worth a third of a point in Finnish.
"""
_MEANT = 0.6
"""What the repaired words count for in the gist; the rest is for the words as they were written."""
_NGRAMS = range(2, 6)
_STEM, _NEAR, _WORDS, _LETTERS = 6, 5, 60, 30

Vector = tuple[NDArray[np.int32], NDArray[np.float32]]
"""Indices of features, and their weights (unit length in all)."""
Blocks = tuple[list[str], list[str], list[str]]
"""N-grams, words with lemmas, and pairs."""
Table = Mapping[str, str]
"""Inflected form to lemma, both in lower case."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a model knows of a text: its features, and the share of its words (0 to 1) that some phrase has."""

    vector: Vector
    known: float


_DIGITS = str.maketrans("123456789", "000000000")


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, digits as zeros; no more than a model reads of an utterance."""
    return [word[:_LETTERS] for word in words(exact(understood(text)).translate(_DIGITS))[:_WORDS]]


def blocks(said: Sequence[str], meant: Sequence[str], lemmas: Table, weights: Weights) -> Blocks:
    """The features by block of a text's :func:`tokens` and of the words that were meant; no pairs of a weight 0.

    Letters are what was written: they bear slips by themselves.
    """
    lexical = [f"w {word}" for word in meant] + [f"l {lemmas.get(word, word)}" for word in meant]
    stems = [folded(lemmas.get(word, word))[:_STEM] for word in meant] if weights[_PAIRS] else []
    return ngrams(map(folded, said), _NGRAMS), lexical, _pairs(stems)


def _pairs(stems: Sequence[str]) -> list[str]:
    if not stems:
        return []
    # In the order of the text: that of a set, and so the last bit of a sum, is another in each process.
    near = dict.fromkeys(f"{stem}_{other}" for at, stem in enumerate(stems) for other in stems[at + 1 : at + 1 + _NEAR])
    return [*near, f"^{stems[0]}", f"^{' '.join(stems[:2])}", f"${stems[-1]}"]


def _has(lexical: Mapping[str, int], lemmas: Table, word: str) -> bool:
    """Whether a phrase has a word in any form."""
    return f"w {word}" in lexical or f"l {lemmas.get(word, word)}" in lexical


def _repair(lexical: Mapping[str, int], lemmas: Table, meaning: Meanings) -> Repair:
    said = [name[2:] for name in lexical if name.startswith("w ")]
    return Repair(said, lambda word: meaning.has(word) or _has(lexical, lemmas, word))


@dataclass(frozen=True, slots=True)
class Features:
    """A fitted vocabulary. ``indices`` are by block; ``idf`` is by index, already times its block's weight."""

    indices: tuple[Mapping[str, int], ...]
    idf: NDArray[np.float32]
    lemmas: Table
    weights: Weights = WEIGHTS
    meanings: Meanings | None = None
    gist: Gist | None = None
    repair: Repair | None = None

    @classmethod
    def fit(cls, texts: Sequence[str], lemmas: Table, weights: Weights = WEIGHTS) -> Features:
        """Learn the features of the texts and how rare each is; a block of weight 0 is left out."""
        counts: list[Counter[str]] = [Counter() for _ in weights[:-_DENSE]]
        for text in texts:
            said = tokens(text)
            parts = blocks(said, said, lemmas, weights)
            for counter, found, weight in zip(counts, parts, weights[:-_DENSE], strict=True):
                counter.update(set(found) if weight else ())
        indices: list[Mapping[str, int]] = []
        idf: list[float] = []
        for block, (counter, weight) in enumerate(zip(counts, weights[:-_DENSE], strict=True)):
            least = _TWICE if block == _PAIRS and len(texts) > _MANY else 1
            names = sorted(name for name in counter if counter[name] >= least)
            indices.append({name: len(idf) + place for place, name in enumerate(names)})
            idf += [weight * (math.log((1 + len(texts)) / (1 + counter[name])) + 1) for name in names]
        return cls.of_blocks(indices, np.array(idf, dtype=np.float32), lemmas, weights)

    @classmethod
    def of_blocks(
        cls, indices: Sequence[Mapping[str, int]], idf: NDArray[np.float32], lemmas: Table, weights: Weights
    ) -> Features:
        """A vocabulary with the tables of the dense blocks that have a weight; only with one are words repaired."""
        meaning = meanings.shipped() if weights[-2] else None
        whole = gist.shipped() if weights[-1] else None
        mend = _repair(indices[1], lemmas, meaning) if meaning is not None else None
        return cls(tuple(indices), idf, lemmas, weights, meaning, whole, mend)

    def only(self, seen: NDArray[np.bool_]) -> Features:
        """The same features in the same places, as known to a model that has ``seen`` some of them alone."""
        indices = tuple({name: at for name, at in index.items() if seen[at]} for index in self.indices)
        mend = _repair(indices[1], self.lemmas, self.meanings) if self.meanings is not None else None
        return Features(indices, self.idf, self.lemmas, self.weights, self.meanings, self.gist, mend)

    def vector(self, text: str) -> Vector:
        """The known features of a text; empty where it has none."""
        return self._vector(tokens(text))

    def read(self, text: str) -> Read:
        """All that is known of a text, its words found once."""
        said = tokens(text)
        return Read(self._vector(said), self._share(said))

    def _vector(self, said: Sequence[str]) -> Vector:
        meant = [self.repair.of(word) for word in said] if self.repair is not None else said
        names = blocks(said, meant, self.lemmas, self.weights)
        found = [
            weighed(block, index, self.idf, weight)
            for index, block, weight in zip(self.indices, names, self.weights[:-_DENSE], strict=True)
            if weight and block
        ]
        start = len(self.idf)
        meaning = self.meanings.of(meant) if self.meanings is not None else None
        for table, dense, weight in zip(
            (self.meanings, self.gist),
            (meaning, self._gist(said, meant, names[0])),
            self.weights[-_DENSE:],
            strict=True,
        ):
            if table is not None and dense is not None:
                found.append((np.arange(start, start + table.dims, dtype=np.int32), dense * weight))
            start += table.dims if table is not None else 0
        if not found:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        unit = np.concatenate([values for _, values in found], dtype=np.float32)
        return np.concatenate([at for at, _ in found]), unit / np.float32(math.hypot(*self.weights))

    def _gist(self, said: Sequence[str], meant: Sequence[str], letters: Sequence[str]) -> NDArray[np.float32] | None:
        """What the whole says: the table has learnt slips too, so what was written counts beside what was meant."""
        if self.gist is None:
            return None
        # The table's n-grams are those of the letters without the shortest.
        written = self.gist.of_parts(([gram for gram in letters if len(gram) >= gist.NGRAMS.start], said))
        if written is None or meant == said:
            return written
        mended = self.gist.of(meant)
        return written if mended is None else np.float32(_MEANT) * mended + np.float32(1 - _MEANT) * written

    def matrix(self, texts: Iterable[str]) -> csr_matrix:
        """The vectors of texts, a row each. Only training and grouping need it; a server never imports scipy."""
        from scipy.sparse import csr_matrix  # noqa: PLC0415

        vectors = [self.vector(text) for text in texts]
        starts = np.cumsum([0, *(len(places) for places, _ in vectors)])
        places, values = (np.concatenate([vector[part] for vector in vectors]) for part in (0, 1))
        return csr_matrix((values, places, starts), shape=(len(vectors), len(self)))

    def _share(self, said: Sequence[str]) -> float:
        return sum(_has(self.indices[1], self.lemmas, word) for word in said) / max(len(said), 1)

    def strange(self, text: str) -> bool:
        """Whether no word of a text is known in any form, begins like one that is, or is a slip of one."""
        return not any(map(self._resembles, tokens(text)))

    def _resembles(self, word: str) -> bool:
        return (
            _has(self.indices[1], self.lemmas, word)
            or (self.meanings is not None and bool(self.meanings.rows(word)))
            or (self.repair is not None and (self.repair.near(word) or self.repair.of(word) != word))
        )

    def __len__(self) -> int:
        dense = [table.dims for table in (self.meanings, self.gist) if table is not None]
        return int(len(self.idf) + sum(dense))
