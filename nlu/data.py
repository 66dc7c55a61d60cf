"""What understanding is trained on, as values: phrases, names, and what is none of the city's business."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

OUT_OF_SCOPE = "OUT_OF_SCOPE"


@dataclass(frozen=True, slots=True, order=True)
class Phrase:
    """One way to say an intent in one language."""

    language: str
    intent: str
    text: str


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Name:
    """One name of a place or service.

    ``kind`` is ``district``, ``street``, ``unit``, ``postal_code`` or ``service``; ``id`` is unique within it. The
    name is given in its basic form; inflection is understanding's work.
    """

    kind: str
    id: str
    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """Everything a model is made from; the model's file is named by a hash of it.

    ``negatives`` are pairs of language and a text that no intent should answer; ``alarms`` pairs of a text and what it
    tells of, for ``nlu.safety_net``.
    """

    phrases: Sequence[Phrase]
    negatives: Sequence[tuple[str, str]] = ()
    names: Sequence[Name] = ()
    alarms: Sequence[tuple[str, str]] = ()
    languages: Sequence[str] = ("fi", "sv", "en")

    @property
    def labelled(self) -> tuple[Phrase, ...]:
        """Phrases and negatives, the latter as ``OUT_OF_SCOPE``, sorted, each once."""
        negatives = (Phrase(language, OUT_OF_SCOPE, text) for language, text in self.negatives)
        return tuple(sorted({*self.phrases, *negatives}))


def off_domain(folder: Path) -> tuple[tuple[str, str], ...]:
    """The negatives of ``offdomain.jsonl`` (a sample of MASSIVE, see NOTICE): pairs of language and text."""
    lines = (folder / "offdomain.jsonl").read_text(encoding="utf-8").splitlines()
    return tuple((row["language"], row["text"]) for row in map(json.loads, lines))
