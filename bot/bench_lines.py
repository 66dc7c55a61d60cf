"""``neuvo bench lines``: how a file of lines is understood, by the server's own city and with every tier that is on."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from bot.held_out import understand
from bot.messages import Match, Safety, Session

if TYPE_CHECKING:
    from bot.city import City

_ROUNDS = 3
"""How often each line's time is taken."""
Line = tuple[str, str, str]
"""Text, language, and the intent or the kind of alarm."""


def read_lines(file: Path) -> list[Line]:
    """The lines of a file with tabs and a header of ``text``, ``lang`` and ``intent``. Raises ``ValueError``."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))
    try:
        found = [(row["text"], row["lang"], row["intent"]) for row in rows]
    except KeyError as error:
        raise ValueError(f"{file}: there is no column {error}") from None
    if not found:
        raise ValueError(f"{file} is empty")
    return found


def bench_lines(city: City, lines: Sequence[Line]) -> dict[str, float]:
    """Shares (0 to 1) of the lines whose intent, language and alarm were told right, and milliseconds of one line.

    Each line begins a conversation. ``asked`` is the share for which the semantic tier was asked, if it is on.
    """
    session = Session(now=datetime.now(city.zone))
    found = [understand(city, text, session) for text, _, _ in lines]
    alarms = [(match, intent) for match, (_, _, intent) in zip(found, lines, strict=True) if intent in set(Safety)]
    times = []
    for text, _, _ in _ROUNDS * list(lines):
        began = perf_counter()
        understand(city, text, session)
        times.append((perf_counter() - began) * 1000)
    p50, p99 = np.percentile(times, (50, 99))
    return {
        "intents": _share([_right(match, intent) for match, (_, _, intent) in zip(found, lines, strict=True)]),
        "languages": _share([match.language == language for match, (_, language, _) in zip(found, lines, strict=True)]),
        "safety": _share([_right(match, intent) for match, intent in alarms]),
        "p50_ms": round(float(p50), 3),
        "p99_ms": round(float(p99), 3),
        "mean_ms": round(float(np.mean(times)), 3),
        "asked": _share([city.unsure(city.understand(text, session)) for text, _, _ in lines]),
        "lines": len(lines),
    }


def _right(match: Match, intent: str) -> bool:
    return intent in {str(match.safety or match.intent), str(match.concern)}


def _share(right: Sequence[bool]) -> float:
    return round(sum(right) / len(right), 4) if right else 1.0
