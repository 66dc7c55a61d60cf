"""``neuvo bench oos`` and ``neuvo bench language``: knowing what is not known, and which language it is said in."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Protocol

from bot.messages import Match, Session
from nlu.bench import Row, embedding, read_rows, sample
from nlu.data import OUT_OF_SCOPE, Phrase, TrainingData
from nlu.pipeline import Understander, load
from nlu.semantic import Embed
from nlu.text import words
from nlu.train import train

_PARTS = {"train": ("train",), "test": ("test", "val")}
_OUTSIDE = {"train": ("oos_train",), "test": ("oos_test", "oos_val")}
_OOS = frozenset(("oos", OUT_OF_SCOPE))


class Knows(Protocol):
    """Whoever understands a text: the server's own city, or an understander."""

    def understand(self, text: str, session: Session) -> Match:
        """What a text says."""


@dataclass(frozen=True, slots=True)
class Clinc:
    """Texts and intents, and texts that are of none."""

    inside: Sequence[Row]
    outside: Sequence[str]


def read_clinc(file: Path, part: str) -> Clinc:
    """The ``train`` or ``test`` part of a file.

    The file is CLINC150's JSON (``train``, ``oos_train``, and ``test`` with ``oos_test`` or else ``val`` with
    ``oos_val``: lists of text and intent), or lines of JSON with ``text`` and ``intent``, where ``oos`` is none. Raises
    ``ValueError``.
    """
    try:
        data = json.loads(file.read_bytes())
    except ValueError:
        data = None
    if not isinstance(data, dict) or "text" in data:
        rows = read_rows(file)
        inside, outside = rows, [text for text, intent in rows if intent in _OOS]
    else:
        inside = _rows(data, _PARTS[part], file)
        outside = [text for text, _ in _rows(data, _OUTSIDE[part], file)]
    return Clinc([row for row in inside if row[1] not in _OOS], outside)


def _rows(data: Mapping[str, Sequence[Sequence[str]]], names: Sequence[str], file: Path) -> list[Row]:
    name = next((name for name in names if name in data), None)
    if name is None:
        raise ValueError(f"{file} has none of {', '.join(names)}")
    return [(str(row[0]), str(row[1])) for row in data[name]]


def bench_oos(train_file: Path, test_file: Path, tier: str, shots: int | None = None) -> dict[str, float]:
    """Train with the intents and the out-of-scope texts of a file, and test on another part of it or another file.

    ``in_scope`` is the share of texts inside whose intent was right and not refused; ``oos_recall`` the share of the
    texts outside that were refused; ``offered`` the share of the texts inside that had "did you mean". Raises
    ``TierError`` and ``ValueError``.
    """
    embed = embedding(tier)
    known, tests = read_clinc(train_file, "train"), read_clinc(test_file, "test")
    if not tests.inside or not known.inside:
        raise ValueError("there is nothing to train on, or nothing to test")
    data = TrainingData(
        phrases=[Phrase("en", intent, text) for text, intent in sample(known.inside, shots, 0)],
        negatives=[("en", text) for text in known.outside],
        languages=("en",),
    )
    with tempfile.TemporaryDirectory(prefix="neuvo-bench-") as folder:
        began = perf_counter()
        path = train(data, Path(folder), embed)
        seconds = perf_counter() - began
        return _counted(load(path), embed, tests) | {"train_s": round(seconds, 2), "model_bytes": path.stat().st_size}


def _counted(understander: Understander, embed: Embed | None, tests: Clinc) -> dict[str, float]:
    session = Session(now=datetime.now(UTC), language="en")

    def understood(text: str) -> Match:
        match = understander.understand(text, session)
        if embed is not None and understander.unsure(match):
            match = understander.understand(text, session, embed([text])[0])
        return match

    inside = [(understood(text), intent) for text, intent in tests.inside]
    refused = sum(understood(text).intent == OUT_OF_SCOPE for text in tests.outside)
    return {
        "in_scope": round(sum(match.intent == intent for match, intent in inside) / len(inside), 4),
        "offered": round(sum(bool(match.suggestions) for match, _ in inside) / len(inside), 4),
        "oos_recall": round(refused / len(tests.outside), 4) if tests.outside else 0.0,
        "inside": len(inside),
        "outside": len(tests.outside),
    }


def bench_language(knows: Knows, files: Mapping[str, Path]) -> dict[str, dict[str, float]]:
    """Share of each language's texts that are told right, with no session: by the first word alone, and whole.

    ``files`` are lines of JSON with ``text``, or plain lines. Raises ``ValueError``.
    """
    session = Session(now=datetime.now(UTC))
    found = {}
    for language, file in files.items():
        texts = _texts(file)
        first = [said[0] for text in texts if (said := words(text))]
        found[language] = {
            "first_word": _share(knows, session, first, language),
            "whole": _share(knows, session, texts, language),
            "texts": len(texts),
        }
    return found


def _share(knows: Knows, session: Session, texts: Sequence[str], language: str) -> float:
    return round(sum(knows.understand(text, session).language == language for text in texts) / len(texts), 4)


def _texts(file: Path) -> list[str]:
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    if not lines:
        raise ValueError(f"{file} is empty")
    if not lines[0].lstrip().startswith("{"):
        return lines
    try:
        return [str(json.loads(line)["text"]) for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{file}: not lines of JSON with text") from error
