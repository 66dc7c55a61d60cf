"""``neuvo bench memory``: what a process holds that understands, at first and after many messages of random words.

``python -m nlu.memory MODEL SAFETY MESSAGES`` is the process that is measured: it has loaded the model and nothing that
only training needs.
"""

from __future__ import annotations

import json
import random
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
from tqdm import tqdm

from bot.messages import Session
from nlu.pipeline import Understander, load
from nlu.safety import SafetyRules

_WARM = 1_000
"""Messages before memory is read first, so that what is loaded at first use counts as loaded."""
_LETTERS = "aaaeeeiiioountslrkmdvhpjgbfcyäöåwzxq0123456789-'éßжд"
_SECONDS = 10_000
"""Messages whose time is taken."""


def measure(model: Path, safety: Path, messages: int) -> dict[str, float]:
    """Megabytes of a process of its own before and after so many messages, and milliseconds of one message."""
    command = (sys.executable, "-m", "nlu.memory", str(model), str(safety), str(messages))
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def resident() -> float:
    """Megabytes that this process holds now (on Linux), or held at most."""
    status = Path("/proc/self/statm")
    if status.exists():
        return round(int(status.read_text(encoding="ascii").split()[1]) * resource.getpagesize() / 1e6, 1)
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 1)


def random_messages(count: int) -> Iterator[str]:
    """Messages of one to eight words that nobody has said before, the same each time."""
    chance = random.Random(0)  # noqa: S311 - noise, not secrets
    for _ in range(count):
        words = ("".join(chance.choices(_LETTERS, k=chance.randint(1, 14))) for _ in range(chance.randint(1, 8)))
        yield " ".join(words)


def grown(understander: Understander, messages: int) -> dict[str, float]:
    """Megabytes before and after, in this process, and milliseconds of a message."""
    now = datetime.now(UTC)
    sessions = [Session(now=now, language=code) for code in (None, *understander.codes)]
    for number, text in enumerate(random_messages(_WARM)):
        understander.understand(text, sessions[number % len(sessions)])
    before, times = resident(), []
    many = tqdm(random_messages(messages), total=messages, disable=not sys.stderr.isatty(), leave=False)
    for number, text in enumerate(many):
        began = perf_counter()
        understander.understand(text, sessions[number % len(sessions)])
        if number < _SECONDS:
            times.append((perf_counter() - began) * 1000)
    after = resident()
    return {
        "rss_mb": before,
        "rss_after_mb": after,
        "grown_mb": round(after - before, 1),
        "messages": messages,
        "languages": len(understander.codes),
        "p50_ms": round(float(np.percentile(times, 50)), 3),
        "p99_ms": round(float(np.percentile(times, 99)), 3),
    }


if __name__ == "__main__":
    named, rules, number = sys.argv[1:]
    sys.stdout.write(json.dumps(grown(load(Path(named), SafetyRules.load(Path(rules))), int(number))))
