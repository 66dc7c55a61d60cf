"""Words of ordinary speech: those that people say of anything, by the sentences that are none of a city's business.

A question is not about the city because it holds one of them, even where a document's title has it as well.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

_WORD = re.compile(r"[^\W\d_]{2,40}")
_SHARE = 0.01
"""A word is common when this share of the sentences has it."""


def read_common(path: Path) -> Mapping[str, frozenset[str]]:
    """By language, from lines of ``{language, text}``; lines that are none are passed over, and no file is no words."""
    if not path.exists():
        return {}
    sentences: dict[str, list[str]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("language"), str) and isinstance(row.get("text"), str):
            sentences[row["language"]].append(row["text"])
    return {language: common(texts) for language, texts in sentences.items()}


def common(texts: Iterable[str]) -> frozenset[str]:
    """The words that many of the texts have, in lower case."""
    counts: Counter[str] = Counter()
    number = 0
    for text in texts:
        number += 1
        counts.update(set(_WORD.findall(unicodedata.normalize("NFC", text).casefold())))
    return frozenset(word for word, count in counts.items() if count > max(1, number * _SHARE))
