"""How sure is sure: the odds that the first intent is right, fitted on texts that the model had not seen.

Out-of-fold scores of phrases and of off-domain texts teach a small logistic curve; two thresholds are read off it,
below which nothing fits, and below which it is better to ask. So is how much the semantic tier has to say. All of them
are found anew at each training.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nlu.data import OUT_OF_SCOPE
from nlu.features import Features, Read
from nlu.linear import Linear, Step, fit
from nlu.semantic import Vector, blended, log_shares, train_head

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FOLDS = 4
_ENOUGH = 3_000
"""Unseen texts that are enough to fit the curves on."""
_PRECISION = 0.9
"""What share of answers given without asking should be right."""
_KEEP = 0.995
"""What share of rightly understood phrases must not be refused."""
_OUTSIDE = 1 / 3
"""What off-domain texts count for in the curve, at least, where the phrases count for 1: often there are a few only."""
_BLENDS = (0.35, 0.5, 0.7, 1.0, 1.4, 2.0)
_TEMPERATURES = (0.5, 0.6, 0.8, 1.0, 1.3, 1.7)

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
    order: list[int] = np.argsort(-scores, kind="stable").tolist()
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lessons:
    """What is learnt from: texts with their intents, their ``rows`` of the ``features``, and perhaps embeddings."""

    texts: Sequence[str]
    intents: Sequence[str]
    features: Features
    rows: csr_matrix
    embeddings: Vector | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The curve of each tier (the same, without a semantic tier), and what the semantic tier's scores count for."""

    fast: Confidence
    semantic: Confidence
    blend: float = 1.0


@dataclass(frozen=True, slots=True)
class _Unseen:
    """A text that ``model`` was not trained on; ``meaning`` are the scores of a head that was not either."""

    model: Linear
    read: Read
    intent: str
    meaning: Vector | None


def fit_confidence(lessons: Lessons, step: Step | None = None) -> Fitted:
    """Fit the curves of the fast and of the semantic tier, and find their thresholds, by cross-validation.

    With too little to learn from, the default curves.
    """
    unseen = list(_unseen(lessons, step))
    fast = _curve(unseen, 0.0)
    if lessons.embeddings is None:
        return Fitted(fast, fast)
    blend = _blend(unseen)
    return Fitted(fast, _curve(unseen, blend), blend)


def _unseen(lessons: Lessons, step: Step | None) -> Iterator[_Unseen]:
    texts, intents, embeddings = lessons.texts, lessons.intents, lessons.embeddings
    fold = np.array([hashlib.sha256(text.encode()).digest()[0] % FOLDS for text in texts])
    for number in range(rounds(len(texts))):
        kept = np.flatnonzero(fold != number).tolist()
        wanted = [intents[place] for place in kept]
        if len(set(wanted)) < 2:
            continue
        mine = lessons.rows[kept]
        model = fit(lessons.features.only(mine.getnnz(axis=0) > 0), mine, wanted, step=step)
        head = train_head(embeddings[kept], wanted) if embeddings is not None else None
        for place in np.flatnonzero(fold == number).tolist():
            meaning = head.scores(embeddings[place]) if head is not None and embeddings is not None else None
            yield _Unseen(model, model.features.read(texts[place]), intents[place], meaning)


def _blend(unseen: Sequence[_Unseen]) -> float:
    """What the head's scores should count for: that under which what was meant is likeliest."""
    found = dict.fromkeys(_BLENDS, 0.0)
    told = [
        (log_shares(one.model.scores_of(one.read.vector)), one.meaning, one.model.intents.index(one.intent))
        for one in unseen
        if one.meaning is not None and one.intent in one.model.intents
    ]
    for blend in found:
        both = [(fast + np.float32(blend) * meaning, at) for fast, meaning, at in told]
        found[blend] = max(
            sum(float(log_shares(warm * row)[at]) for row, at in both) for warm in map(np.float32, _TEMPERATURES)
        )
    return max(found, key=lambda blend: found[blend]) if told else 1.0


def _curve(unseen: Sequence[_Unseen], blend: float) -> Confidence:
    signal, right, outside = [], [], []
    for one in unseen:
        meaning = np.float32(blend) * one.meaning if blend and one.meaning is not None else None
        _, order, found = judge(one.model, one.read, meaning)
        if found is not None:
            signal.append(found)
            right.append(one.model.intents[order[0]] == one.intent)
            outside.append(one.intent == OUT_OF_SCOPE)
    if len(set(right)) < 2 or min(right.count(True), right.count(False)) < FOLDS * 5:
        return Confidence()
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - only training needs it

    count = max(1.0, _OUTSIDE * outside.count(False) / max(sum(outside), 1))
    counts = np.where(outside, count, 1.0)
    curve = LogisticRegression(C=1.0, solver="liblinear", random_state=0)
    curve.fit(np.array(signal), np.array(right), sample_weight=counts)
    fitted = Confidence(tuple(float(slope) for slope in curve.coef_[0]), float(curve.intercept_[0]))
    odds = [fitted.of(row) for row in signal]
    reject = _reject([odd for odd, good in zip(odds, right, strict=True) if good])
    return Confidence(fitted.slopes, fitted.offset, reject, _act(odds, right, reject))


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
