"""``neuvo bench intents``: accuracy, time and memory of the product's own pipeline, without rejection and safety.

The other measurements of understanding are in :mod:`nlu.bench_more`.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from time import perf_counter, process_time
from typing import Any

import numpy as np

from nlu.damage import DAMAGES
from nlu.data import Phrase, TrainingData
from nlu.features import WEIGHTS, Weights
from nlu.memory import resident
from nlu.pipeline import Understander, load
from nlu.semantic import Embed, NotInstalled, embedder
from nlu.train import train

FAST, SEMANTIC = "fast", "semantic"
_WARM = 50
"""Texts that are understood before the clock starts."""
_TIMED = 1_000
"""Texts of each seed whose time is taken one by one."""

Row = tuple[str, str]
"""A text and its intent."""


class TierError(Exception):
    """A tier of understanding that is not installed."""


def bench(
    trained: Mapping[str, Path],
    tested: Mapping[str, Path],
    *,
    shots: int | None = None,
    seeds: int = 1,
    tier: str = FAST,
    damage: str | None = None,
    weights: Weights = WEIGHTS,
) -> dict[str, Any]:
    """Train one model on ``shots`` texts of each intent (``None`` is all of them) in every language of ``trained``,
    as the server does, test it in every language of ``tested``, and again for each seed from 0.

    Files are lines of JSON with ``text`` and ``intent``, by language. ``damage`` is what befalls the texts of the test
    (one of ``nlu.damage.DAMAGES``); ``weights`` are of the blocks of features.

    ``accuracy`` (0 to 1), ``train_s`` and ``model_bytes`` are means over the seeds; ``p50_ms``, ``p99_ms`` and
    ``mean_ms`` are of one text through the pipeline; ``rss_mb`` is the memory of a process that has loaded the last
    model alone. The semantic tier is asked where the fast one is unsure; ``asked`` is the share of the texts. With
    several languages of ``tested``, ``languages`` has the accuracy, times and share of each, and ``accuracy`` is their
    mean. Raises ``TierError`` and ``ValueError``.
    """
    embed = embedding(tier)
    for code in tested.keys() - trained.keys():
        raise ValueError(f"there is nothing to train on in {code}")
    rows = {code: read_rows(file) for code, file in trained.items()}
    tests = {code: damaged(read_rows(file), damage) for code, file in tested.items()}
    found = {code: Tested() for code in tests}
    seconds, size, memory = [], [], 0.0
    for seed in range(seeds):
        with tempfile.TemporaryDirectory(prefix="neuvo-bench-") as folder:
            began = perf_counter()
            path = train(_data(rows, shots, seed), Path(folder), embed, weights)
            seconds.append(perf_counter() - began)
            size.append(path.stat().st_size)
            understander = load(path)
            for code, texts in tests.items():
                found[code].test(Tiers(understander, embed), code, texts)
            memory = _memory(path, tier)
    return {
        "accuracy": round(fmean(fmean(of.accuracy) for of in found.values()), 4),
        **_times([time for of in found.values() for time in of.times]),
        "cpu_ms": round(fmean(fmean(of.busy) for of in found.values()), 3),
        "train_s": round(fmean(seconds), 2),
        "model_bytes": round(fmean(size)),
        "rss_mb": memory,
        **({"asked": round(fmean(fmean(of.asked) for of in found.values()), 4)} if embed is not None else {}),
        **({"languages": {code: of.figures(embed) for code, of in found.items()}} if len(found) > 1 else {}),
    }


@dataclass(slots=True)
class Tested:
    """What was measured in one language, a figure a seed, and the milliseconds of each text."""

    accuracy: list[float] = field(default_factory=list)
    asked: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)

    def test(self, tiers: Tiers, language: str, tests: Sequence[Row]) -> None:
        """Ask all the texts, and then some of them again by the clock."""
        right = sum(next(iter(tiers.intents(text, language)), None) == intent for text, intent in tests)
        self.accuracy.append(right / len(tests))
        self.asked.append(tiers.asked / len(tests))
        texts = [text for text, _ in tests[:_TIMED]]
        for text in texts[:_WARM]:
            tiers.intents(text, language)
        worked = process_time()
        for text in texts:
            began = perf_counter()
            tiers.intents(text, language)
            self.times.append((perf_counter() - began) * 1000)
        self.busy.append((process_time() - worked) * 1000 / len(texts))

    def figures(self, embed: Embed | None) -> dict[str, float]:
        """The means over the seeds."""
        asked = {"asked": round(fmean(self.asked), 4)} if embed is not None else {}
        return {"accuracy": round(fmean(self.accuracy), 4), **_times(self.times), **asked}


def _times(times: Sequence[float]) -> dict[str, float]:
    p50, p99 = np.percentile(times, (50, 99))
    return {"p50_ms": round(float(p50), 3), "p99_ms": round(float(p99), 3), "mean_ms": round(fmean(times), 3)}


def embedding(tier: str) -> Embed | None:
    """What the semantic tier needs; nothing for the fast one. Raises ``TierError``."""
    if tier not in {FAST, SEMANTIC}:
        raise TierError(f"there is no tier {tier}: {FAST} or {SEMANTIC}")
    try:
        return embedder() if tier == SEMANTIC else None
    except NotInstalled as error:
        raise TierError(str(error)) from error


@dataclass(slots=True)
class Tiers:
    """The pipeline as the server runs it: the semantic tier, if any, is asked where the fast one is unsure."""

    understander: Understander
    embed: Embed | None
    asked: int = 0

    def intents(self, text: str, language: str) -> dict[str, float]:
        """Intents with their probabilities, the likeliest first, without rejection."""
        found = self.understander.intents(text, language)
        if self.embed is None or not self.understander.doubts(found):
            return found
        self.asked += 1
        return self.understander.intents(text, language, self.embed([text])[0])


def read_rows(file: Path) -> list[Row]:
    """Texts and intents of a file. Raises ``ValueError`` that names the line at fault."""
    rows = []
    # Lines of bytes: a line separator of Unicode may stand inside a text, and a byte that is no UTF-8 has its line.
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        try:
            row = json.loads(line)
            rows.append((str(row["text"]), str(row["intent"])))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"{file}:{number}: not a JSON object with text and intent") from error
    if not rows:
        raise ValueError(f"{file} is empty")
    return rows


def damaged(rows: Sequence[Row], damage: str | None) -> list[Row]:
    """Rows whose texts were typed in a hurry, the same each time."""
    chance = random.Random(0)  # noqa: S311 - slips, not secrets
    return [(DAMAGES[damage](text, chance) if damage else text, intent) for text, intent in rows]


def sample(rows: Sequence[Row], shots: int | None, seed: int) -> list[Row]:
    """So many texts of each intent (all it has, where those are fewer), the same for the same seed."""
    if shots is None:
        return list(rows)
    by_intent: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_intent[row[1]].append(row)
    chance = random.Random(seed)  # noqa: S311 - a sample, not a secret
    return [
        row for _, found in sorted(by_intent.items()) for row in chance.sample(sorted(found), min(shots, len(found)))
    ]


def _data(rows: Mapping[str, Sequence[Row]], shots: int | None, seed: int) -> TrainingData:
    phrases = [
        Phrase(code, intent, text) for code, found in rows.items() for text, intent in sample(found, shots, seed)
    ]
    return TrainingData(phrases=phrases, languages=tuple(rows))


def _memory(path: Path, tier: str) -> float:
    """Megabytes of a process of its own that has loaded a model and understood a text."""
    done = subprocess.run([sys.executable, "-m", "nlu.bench", str(path), tier], stdout=subprocess.PIPE, check=True)
    return float(done.stdout)


if __name__ == "__main__":
    loaded = load(Path(sys.argv[1]))
    Tiers(loaded, embedding(sys.argv[2])).intents("moi", loaded.codes[0])
    sys.stdout.write(str(resident()))
