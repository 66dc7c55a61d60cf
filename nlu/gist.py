"""What a text says as a whole, as a table: a student of multilingual-e5-small, at the price of a few look-ups.

``scripts/distil_sentences.py`` embeds many sentences, takes the mean of the translations of each, and fits a ridge
regression from letters and words to it, with copies of each sentence that have typos, lack diacritics or are
colloquial. So a sentence, its slips and its translations are near one another. ``gist.gz`` keeps the rows that carry
the most, in a byte a number. The sentence's vector is the weighed sum of the rows of its n-grams and words.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.grams import Vector, ngrams, weighed
from nlu.text import folded

TABLE = Path(__file__).with_name("gist.gz")
NGRAMS = range(3, 6)
"""Sizes of the character n-grams, inside padded words."""
WEIGHTS = (1.0, 0.8)
"""Of the n-grams and of the whole words."""


def parts(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Character n-grams of the folded words, and the words as they are, of words in lower case."""
    return ngrams(map(folded, words), NGRAMS), list(words)


class Gist:
    """A table of n-grams and words; ``dims`` long."""

    def __init__(self, names: Sequence[Sequence[str]], idf: Vector, steps: NDArray[np.int8], scales: Vector) -> None:
        self.dims = steps.shape[1]
        self._idf, self._steps, self._scales = idf, steps, scales
        self._rows: list[Mapping[str, int]] = []
        start = 0
        for block in names:
            self._rows.append({name: start + place for place, name in enumerate(block)})
            start += len(block)

    def of(self, words: Sequence[str]) -> Vector | None:
        """The vector of a text's words; ``None`` where nothing of them is known.

        It is about one long where the sentence is like those that were learnt from, and the shorter the less it is.
        """
        return self.of_parts(parts(words))

    def of_parts(self, found: tuple[Sequence[str], Sequence[str]]) -> Vector | None:
        """The same of :func:`parts` that were found already."""
        whole: Vector = np.zeros(self.dims, dtype=np.float32)
        for names, rows, weight in zip(found, self._rows, WEIGHTS, strict=True):
            at, shares = weighed(names, rows, self._idf, weight)
            if len(at):
                whole += (shares * self._scales[at]) @ self._steps[at].astype(np.float32)
        return whole if whole.any() else None


def dump(names: Sequence[Sequence[str]], idf: Vector, rows: Vector) -> bytes:
    """A table as bytes: a line of JSON, then rarity, the scale of each row, and the rows in steps of a byte."""
    scales = (np.abs(rows).max(axis=1) / 127).astype(np.float16)
    steps = np.round(rows / np.maximum(scales[:, None].astype(np.float32), 1e-9)).clip(-127, 127).astype(np.int8)
    head = json.dumps({"dims": rows.shape[1], "names": [list(block) for block in names]}, ensure_ascii=False)
    data = head.encode() + b"\n" + idf.astype(np.float16).tobytes() + scales.tobytes() + steps.tobytes()
    return gzip.compress(data, 9, mtime=0)


def read(data: bytes) -> Gist:
    """The table of :func:`dump`."""
    head, _, rest = gzip.decompress(data).partition(b"\n")
    told = json.loads(head)
    count, dims = sum(map(len, told["names"])), told["dims"]
    idf, scales = (np.frombuffer(rest, np.float16, count, 2 * count * place).astype(np.float32) for place in (0, 1))
    steps = np.frombuffer(rest, dtype=np.int8, count=count * dims, offset=4 * count).reshape(count, dims)
    return Gist(told["names"], idf, steps, scales)


@lru_cache(maxsize=1)
def shipped() -> Gist:
    """The table that comes with the server, read once."""
    return read(TABLE.read_bytes())


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A hash of the table that comes with the server: a model is only good with the table that it was trained with."""
    return hashlib.sha256(TABLE.read_bytes()).hexdigest()[:16]
