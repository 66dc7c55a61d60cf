"""The likelihood of each intent of a text: what the models say, what phrases say whole, opposites and vague words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from nlu.features import Read
from nlu.linear import Linear
from nlu.opposites import settle
from nlu.phrases import Phrases
from nlu.rejection import Confidence, judge
from nlu.safety_net import SafetyNet
from nlu.semantic import Head, Vector
from nlu.vague import Vague

EXACT = 0.99
"""The probability of what a phrase says whole."""
_LETTERS = 2
"""The least that is a word."""


@dataclass(frozen=True, slots=True)
class Guesser:
    """What goes together: the linear model, the phrases, each tier's confidence, the semantic tier, the safety net."""

    model: Linear
    phrases: Phrases
    fast: Confidence
    semantic: Confidence
    head: Head | None = None
    net: SafetyNet | None = None
    vague: Vague | None = None

    def confidence(self, meaning: Vector | None) -> Confidence:
        """That of the tier that answers."""
        return self.fast if meaning is None or self.head is None else self.semantic

    def likelihoods(self, text: str, meaning: Vector | None = None, read: Read | None = None) -> dict[str, float]:
        """Intents with the probability of each, the likeliest first, ``OUT_OF_SCOPE`` not among them; may be empty.

        ``meaning`` is the text's embedding, where the semantic tier was asked; ``read`` its features, if they were
        found already.
        """
        told = self.head.scores(meaning) if meaning is not None and self.head is not None else None
        scores, order, signal = judge(self.model, read or self.model.features.read(text), told)
        names = [self.model.intents[place] for place in order]
        odds: dict[str, float] = dict(zip(names, scores[order].tolist(), strict=True))
        whole = self.phrases.find(text)
        if whole is not None:
            rest = {name: odds[name] for name in names if name != whole}
            return {whole: EXACT, **_below(rest, EXACT / 10)}
        if signal is None or sum(letter.isalpha() for letter in text) < _LETTERS:
            # Digits are one to the model, which would take any number for that of the nurse.
            return {}
        settled = settle(text, names[:2])
        if settled is not None:
            names.remove(settled)
            first = {settled: max(odds.pop(settled), *odds.values())}
            odds = {**first, **odds}
        return self._asked(text, odds, meaning) or _below(odds, self.confidence(meaning).of(signal))

    def _asked(self, text: str, odds: Mapping[str, float], meaning: Vector | None) -> dict[str, float]:
        """Probabilities that are asked about, where the text is one word that stands for many services; else nothing.

        What is likeliest stays so: however sure the model is of it, the citizen said no more than that word.
        """
        meant = self.vague.intents(text) if self.vague is not None else frozenset()
        if next(iter(odds), None) not in meant:
            return {}
        known = self.confidence(meaning)
        top = (known.reject + known.act) / 2
        return {name: top * 0.9**place for place, name in enumerate(name for name in odds if name in meant)}


def _below(odds: Mapping[str, float], top: float) -> dict[str, float]:
    """Probabilities in the proportions of the odds, the first of them ``top``."""
    if not odds:
        return {}
    best = next(iter(odds.values()))
    return {name: top * math.exp(value - best) for name, value in odds.items()}
