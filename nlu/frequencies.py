"""How usual words are in each language, as a table: what tells the language of a word or two.

``frequencies.gz`` holds the most usual Finnish, Swedish and English words by ``wordfreq``
(``scripts/list_frequencies.py``), a byte a language. A word is looked up by bisection in one block of bytes, which
takes a tenth of the memory of a dictionary.
"""

from __future__ import annotations

import gzip
import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TABLE = Path(__file__).with_name("frequencies.gz")
STEPS = 25
"""Steps of a byte in one order of magnitude."""
RAREST = 1.5
"""The Zipf value of what is in no list: fewer than one word in thirty million is the word."""

Vector = NDArray[np.float64]


class Frequencies:
    """Words in the order of their bytes, each ended by a line feed, and a row of ``steps`` for each."""

    def __init__(self, languages: Sequence[str], words: bytes, steps: NDArray[np.uint8]) -> None:
        self.languages = tuple(languages)
        self._words, self._steps = words, steps
        ends = np.flatnonzero(np.frombuffer(words, dtype=np.uint8) == ord("\n"))
        self._starts = np.concatenate([[0], ends + 1]).astype(np.int32)

    def of(self, word: str) -> Vector | None:
        """The Zipf value (the logarithm to base ten of the uses in a thousand million words) of a word in lower case.

        One for each language; ``None`` for a word that is in no list.
        """
        wanted = word.encode()
        at = bisect_left(range(len(self._steps)), wanted, key=self._word)
        if at == len(self._steps) or self._word(at) != wanted:
            return None
        zipf: Vector = np.maximum(self._steps[at] / STEPS, RAREST)
        return zipf

    def _word(self, at: int) -> bytes:
        return self._words[self._starts[at] : self._starts[at + 1] - 1]


def dump(languages: Sequence[str], zipf: Mapping[str, Sequence[float]]) -> bytes:
    """A table as bytes: a line of JSON, the words, and a byte for each of their values."""
    words = sorted(zipf, key=str.encode)
    said = "".join(f"{word}\n" for word in words).encode()
    steps = np.round(np.array([zipf[word] for word in words]) * STEPS).clip(0, 255).astype(np.uint8)
    head = json.dumps({"languages": list(languages), "bytes": len(said)})
    return gzip.compress(head.encode() + b"\n" + said + steps.tobytes(), 9, mtime=0)


def read(data: bytes) -> Frequencies:
    """The table of :func:`dump`."""
    head, _, rest = gzip.decompress(data).partition(b"\n")
    told = json.loads(head)
    steps = np.frombuffer(rest, dtype=np.uint8, offset=told["bytes"]).reshape(-1, len(told["languages"]))
    return Frequencies(told["languages"], rest[: told["bytes"]], steps.copy())


@lru_cache(maxsize=1)
def shipped() -> Frequencies:
    """The table that comes with the server, read once."""
    return read(TABLE.read_bytes())
