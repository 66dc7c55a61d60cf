"""A second, softer look for alarms: a linear model trained on the corpus, for what no rule was written for.

It raises no alarm: it only doubts, and a doubt earns one line before the answer (``SafetyLines.line``). The rules come
first, need no model and decide alone; a text in which they found something is not shown to the net. It reads the
features of the intents' model, so it costs two columns of weights and no vocabulary of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import yaml

from bot.messages import Safety
from nlu.features import Features, Read
from nlu.linear import Linear, fit
from nlu.safety import SafetyHit, SafetyRules
from nlu.store import columns_from, columns_parts

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CALM = "calm"
THRESHOLD = 0.35
"""The least probability of a doubt.

Of 48 alarms that are in no corpus the rules and the net hear 39 (at 0.4: 34; at 0.3: 40), with one of 30 quiet
sentences about alarming things (1; 1), 0.7 % of held-out phrases of topics, and 1.0 % of the chatter of MASSIVE dev.
"""
_ALARM_COUNT = 6.0
"""How many calm texts one alarm outweighs: there are about ten times as many calm ones."""
_KINDS = {
    "emergency": Safety.EMERGENCY,
    "violence": Safety.EMERGENCY,
    "child": Safety.EMERGENCY,
    "crisis": Safety.CRISIS,
}
_PART = "safety"


def examples(folder: Path) -> Iterator[tuple[str, str]]:
    """The texts of ``corpus/*.yaml`` and the examples of the rules, each with a kind of ``Safety`` or ``CALM``."""
    for path in sorted((folder / "corpus").glob("*.yaml")):
        for name, texts in yaml.safe_load(path.read_text("utf-8")).items():
            yield from ((text, str(_KINDS.get(name, CALM))) for text in texts)
    for kind in Safety:
        parts = yaml.safe_load((folder / f"{kind}.yaml").read_text("utf-8")).get("examples", {})
        for name, label in (("alarm", str(kind)), ("calm", CALM)):
            yield from ((text, label) for texts in parts.get(name, {}).values() for text in texts)


def train_net(alarms: Sequence[tuple[str, str]], calm: csr_matrix, features: Features) -> Linear:
    """Train on ``examples`` and on the rows (``Features.matrix``) of calm texts, such as the phrases of all topics."""
    from scipy.sparse import vstack  # noqa: PLC0415 - only training needs it

    labels = [*(label for _, label in alarms), *[CALM] * calm.shape[0]]
    counts = [1.0 if label == CALM else _ALARM_COUNT for label in labels]
    rows = vstack([features.matrix(text for text, _ in alarms), calm], format="csr")
    return fit(features, rows, labels, counts=counts)


@dataclass(frozen=True, slots=True)
class SafetyNet:
    """A trained net."""

    model: Linear

    def doubt(self, text: str, read: Read, rules: SafetyRules | None) -> SafetyHit | None:
        """What the text may be telling of, softly. Takes any text of the length that the models read, and its features.

        A text of which the ``rules`` know that it only sounds alarming ("bus 112") is no doubt.
        """
        chances = {
            label: float(1 / (1 + np.exp(-value)))
            for label, value in zip(self.model.intents, self.model.scores_of(read.vector), strict=True)
            if label != CALM
        }
        label = max(chances, key=lambda name: chances[name])
        if chances[label] < THRESHOLD or (rules is not None and rules.excuses(text)):
            return None
        return SafetyHit(kind=Safety(label), language=None, rule="net", soft=True)


def net_parts(model: Linear) -> dict[str, bytes]:
    """The net as parts of a model's file, where its features are already."""
    return columns_parts(_PART, model)


def net_from(parts: Mapping[str, bytes], features: Features) -> SafetyNet | None:
    """The net of a file, if one was trained. Raises ``nlu.store.BrokenModelError``."""
    model = columns_from(_PART, parts, features)
    return SafetyNet(model) if model is not None else None
