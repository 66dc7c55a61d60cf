"""How sure is sure: the odds that the first intent is right, fitted on texts that the model had not seen.

Out-of-fold scores of every phrase and of off-domain texts teach a small logistic curve; two thresholds are read off it,
below which nothing fits, and below which it is better to ask. Both are found anew at each training.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlu.data import OUT_OF_SCOPE
from nlu.features import Read, Table
from nlu.linear import Linear, Step, train_linear
from nlu.semantic import Vector, blended, train_head

FOLDS = 4
_ENOUGH = 3_000
"""Unseen texts that are enough to fit the curves on."""
_PRECISION = 0.9
"""What share of answers given without asking should be right."""
_KEEP = 0.97
"""What share of rightly understood phrases must not be refused."""

Signals = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Confidence:
    """A curve over :func:`signals` and its two thresholds, all of them probabilities."""

    slopes: tuple[float, ...] = (0.8, 0.4, -0.3, 1.0)
    offset: float = 0.0
    reject: float = 0.2
    act: float = 0.5

    def of(self, signal: Signals) -> float:
        """The probability that the first intent is right."""
        odds = self.offset + sum(slope * value for slope, value in zip(self.slopes, signal, strict=True))
        return 1 / (1 + math.exp(-max(min(odds, 30.0), -30.0)))


def signals(scores: NDArray[np.float32], first: int, second: float, off_domain: float, known: float) -> Signals:
    """What tells a right answer from a wrong one: the first score, its lead, off-domain's, and how much is known."""
    top = float(scores[first])
    return (max(min(top, 6.0), -8.0), min(top - second, 6.0), min(top - off_domain, 6.0), known)


def leaders(model: Linear, scores: NDArray[np.float32]) -> tuple[list[int], float]:
    """The intents from the likeliest, without off-domain, and off-domain's own score."""
    order = [int(place) for place in np.argsort(-scores, kind="stable")]
    off = float("-inf")
    if OUT_OF_SCOPE in model.intents:
        at = model.intents.index(OUT_OF_SCOPE)
        off = float(scores[at])
        order.remove(at)
    return order, max(off, -8.0)


def judge(
    model: Linear, read: Read, meaning: Vector | None = None
) -> tuple[NDArray[np.float32], list[int], Signals | None]:
    """Scores, order and signals of a text; no signals where the model knows nothing of it or has one intent only.

    ``meaning`` are the scores of the semantic tier's head.
    """
    scores = model.scores_of(read.vector)
    if meaning is not None:
        scores = blended(scores, meaning)
    order, off = leaders(model, scores)
    if not len(read.vector[0]) or not order:
        return scores, order, None
    second = float(scores[order[1]]) if len(order) > 1 else -8.0
    return scores, order, signals(scores, order[0], second, off, read.known)


def rounds(texts: int) -> int:
    """How many of the folds are tried: all, unless a few have texts enough."""
    return max(1, min(FOLDS, math.ceil(FOLDS * _ENOUGH / max(texts, 1))))


def fit_confidence(
    texts: Sequence[str],
    intents: Sequence[str],
    lemmas: Table,
    step: Step | None = None,
    embeddings: Vector | None = None,
) -> tuple[Confidence, Confidence]:
    """Fit the curves of the fast and of the semantic tier, and find their thresholds, by cross-validation.

    With too little to learn from, the default ones; without ``embeddings`` both are the fast tier's.
    """
    fast, semantic = _unseen(texts, intents, lemmas, step, embeddings)
    curve = _curve(fast)
    return curve, _curve(semantic) if embeddings is not None else curve


@dataclass(slots=True)
class _Tried:
    """What was found of texts that a model had not seen."""

    rows: list[Signals] = field(default_factory=list)
    right: list[bool] = field(default_factory=list)

    def add(self, model: Linear, read: Read, intent: str, meaning: Vector | None) -> None:
        _, order, signal = judge(model, read, meaning)
        if signal is not None:
            self.rows.append(signal)
            self.right.append(model.intents[order[0]] == intent)


def _curve(tried: _Tried) -> Confidence:
    right = tried.right
    if len(set(right)) < 2 or min(right.count(True), right.count(False)) < FOLDS * 5:
        return Confidence()
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - only training needs it

    curve = LogisticRegression(C=1.0, solver="liblinear", random_state=0).fit(np.array(tried.rows), np.array(right))
    fitted = Confidence(tuple(float(slope) for slope in curve.coef_[0]), float(curve.intercept_[0]))
    odds = [fitted.of(row) for row in tried.rows]
    reject = _reject([odd for odd, good in zip(odds, right, strict=True) if good])
    return Confidence(fitted.slopes, fitted.offset, reject, _act(odds, right, reject))


def _unseen(
    texts: Sequence[str], intents: Sequence[str], lemmas: Table, step: Step | None, embeddings: Vector | None
) -> tuple[_Tried, _Tried]:
    fast, semantic = _Tried(), _Tried()
    fold = [hashlib.sha256(text.encode()).digest()[0] % FOLDS for text in texts]
    for number in range(rounds(len(texts))):
        kept = [place for place, of in enumerate(fold) if of != number]
        wanted = [intents[place] for place in kept]
        if len(set(wanted)) < 2:
            continue
        model = train_linear([texts[place] for place in kept], wanted, lemmas, step=step)
        head = train_head(embeddings[kept], wanted) if embeddings is not None else None
        for place in (place for place, of in enumerate(fold) if of == number):
            read = model.features.read(texts[place])
            fast.add(model, read, intents[place], None)
            if head is not None and embeddings is not None:
                semantic.add(model, read, intents[place], head.scores(embeddings[place]))
    return fast, semantic


def _reject(good: list[float]) -> float:
    """The odds under which the least sure of the right answers lie."""
    return float(np.quantile(np.array(good), 1 - _KEEP))


def _act(odds: list[float], right: list[bool], reject: float) -> float:
    """The least odds from which on answers are right often enough."""
    order = sorted(zip(odds, right, strict=True), reverse=True)
    good, threshold = 0, max(reject, 0.75)
    for number, (odd, is_right) in enumerate(order, start=1):
        good += is_right
        if number >= 20 and good / number >= _PRECISION:
            threshold = odd
    return max(threshold, reject)
