"""What words mean, as a table: the semantic gain of sentence embeddings at the price of a few look-ups.

The table ``meanings.gz`` was distilled from multilingual-e5-small by ``scripts/distil_meanings.py``: the embedding of
each frequent Finnish, Swedish and English word by itself, centred by language, weighed down where the word is frequent,
turned to fewer dimensions and kept in one byte each. Words of one meaning are near one another in all three languages.
A text's meaning is the sum of its words'.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.text import folded

TABLE = Path(__file__).with_name("meanings.gz")
_PART = 4
"""Letters of the shortest known beginning that stands for a word that is not in the table."""
_REST = 3
"""Letters of the shortest known rest of a compound."""

Vector = NDArray[np.float32]


class Meanings:
    """Words and their vectors; ``dims`` long, of unit length for a rare word and shorter for a frequent one."""

    def __init__(self, words: Sequence[str], steps: NDArray[np.int8], scales: NDArray[np.float32]) -> None:
        self.dims = steps.shape[1]
        self._steps, self._scales = steps, scales
        lengths = [np.sqrt(np.square(part, dtype=np.float32).sum(axis=1)) for part in np.array_split(steps, 16)]
        self._mass: Vector = np.concatenate(lengths) * scales
        self._rows: dict[str, int] = {}
        # An exact spelling is found first; without its diacritics a word is the most frequent that it can be.
        for row, word in enumerate(words):
            self._rows.setdefault(word, row)
        for row, word in enumerate(words):
            self._rows.setdefault(folded(word), row)

    def has(self, word: str) -> bool:
        """Whether a word in lower case has a row of its own."""
        return word in self._rows

    def rows(self, word: str) -> tuple[int, ...]:
        """The rows that stand for a word in lower case: its own, or those of its known beginning and of the rest."""
        own = self._rows.get(word)
        if own is None:
            own = self._rows.get(folded(word))
        if own is not None:
            return (own,)
        for length in range(len(word) - 1, _PART - 1, -1):
            start = self._rows.get(word[:length])
            if start is not None:
                rest = self._rows.get(word[length:]) if len(word) - length >= _REST else None
                return (start,) if rest is None else (start, rest)
        return ()

    def of(self, words: Iterable[str]) -> Vector | None:
        """The meaning of words together; ``None`` where none is known.

        It is as long as the share of what is said that is known, so that a text of which only small words are known
        means little.
        """
        places: list[int] = []
        shares: list[float] = []
        unknown = 0
        for word in words:
            found = self.rows(word)
            unknown += not found and word.isalpha()
            places.extend(found)
            shares.extend(1 / len(found) for _ in found)
        if not places:
            return None
        at, share = np.array(places), np.array(shares, dtype=np.float32)
        whole: Vector = (self._scales[at] * share) @ self._steps[at].astype(np.float32)
        length, known = float(np.sqrt(whole @ whole)), float(self._mass[at] @ share)
        return whole * (known / (known + unknown) / length) if length else None


def dump(words: Sequence[str], vectors: NDArray[np.float32]) -> bytes:
    """A table as bytes: a line of JSON, the scale of each row, and the rows in steps of a byte."""
    scales = (np.abs(vectors).max(axis=1) / 127).astype(np.float16)
    steps = np.round(vectors / np.maximum(scales[:, None].astype(np.float32), 1e-9)).clip(-127, 127).astype(np.int8)
    head = json.dumps({"dims": vectors.shape[1], "words": list(words)}, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(head.encode() + b"\n" + scales.tobytes() + steps.tobytes(), 9, mtime=0)


def read(data: bytes) -> Meanings:
    """The table of :func:`dump`."""
    head, _, rows = gzip.decompress(data).partition(b"\n")
    told = json.loads(head)
    count, dims = len(told["words"]), told["dims"]
    scales = np.frombuffer(rows, dtype=np.float16, count=count).astype(np.float32)
    steps = np.frombuffer(rows, dtype=np.int8, count=count * dims, offset=2 * count).reshape(count, dims)
    return Meanings(told["words"], steps, scales)


@lru_cache(maxsize=1)
def shipped() -> Meanings:
    """The table that comes with the server, read once."""
    return read(TABLE.read_bytes())


@lru_cache(maxsize=1)
def fingerprint() -> str:
    """A hash of the table that comes with the server: a model is only good with the table that it was trained with."""
    return hashlib.sha256(TABLE.read_bytes()).hexdigest()[:16]
