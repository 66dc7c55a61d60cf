"""What understanding is trained on, as values: phrases, names, and what is none of the city's business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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

    ``negatives`` are pairs of language and a text that no intent should answer.
    """

    phrases: Sequence[Phrase]
    negatives: Sequence[tuple[str, str]] = ()
    names: Sequence[Name] = ()
    languages: Sequence[str] = ("fi", "sv", "en")

    def of(self, language: str) -> tuple[tuple[str, str], ...]:
        """The pairs of text and intent of a language, sorted, each once."""
        return tuple(sorted({(phrase.text, phrase.intent) for phrase in self.phrases if phrase.language == language}))

    def off_domain(self, language: str) -> tuple[str, ...]:
        """The negatives of a language, sorted, each once."""
        return tuple(sorted({text for code, text in self.negatives if code == language}))
