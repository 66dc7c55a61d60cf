"""What vocabularies are asked by: the n-grams of words, and names counted and weighed by how rare they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


def ngrams(words: Iterable[str], sizes: range) -> list[str]:
    """The character n-grams of padded words; of a word no longer than a size the whole, once."""
    grams: list[str] = []
    for word in words:
        padded = f" {word} "
        length = len(padded)
        for size in sizes:
            if size >= length:
                grams.append(padded)
                break
            grams += [padded[start : start + size] for start in range(length - size + 1)]
    return grams


def weighed(
    names: Iterable[str], rows: Mapping[str, int], idf: Vector, weight: float
) -> tuple[NDArray[np.int32], Vector]:
    """The rows of the names that have one, with their shares: damped counts times rarity, together ``weight`` long."""
    counts = Counter(map(rows.get, names))
    counts.pop(None, None)
    at = np.fromiter(counts, dtype=np.int32, count=len(counts))
    values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * idf[at]
    return at, values * np.float32(weight / max(math.sqrt(float(values @ values)), 1e-9))
