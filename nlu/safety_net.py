"""A second, softer look for alarms: a linear model trained on the corpus, for what no rule was written for.

It raises no alarm: it only doubts, and a doubt earns one line before the answer (``SafetyLines.line``). The rules come
first, need no model and decide alone; a text in which they found something is not shown to the net.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

from bot.messages import Safety
from nlu.linear import Linear, train_linear
from nlu.safety import SafetyHit

CALM = "calm"
THRESHOLD = 0.4
"""The least probability of a doubt.

Of 48 alarms unlike those of the corpus, of which the rules hear 13, the net doubts 34 (at 0.3: 38; at 0.5: 32). Of
ordinary requests (MASSIVE dev) 0.4 % get the line without cause (0.8; 0.2), of held-out phrases of topics 1.8 %.
"""
_ALARM_COUNT = 6.0
"""How many calm texts one alarm outweighs: there are about ten times as many calm ones."""
_KINDS = {
    "emergency": Safety.EMERGENCY,
    "violence": Safety.EMERGENCY,
    "child": Safety.EMERGENCY,
    "crisis": Safety.CRISIS,
}


def examples(folder: Path) -> Iterator[tuple[str, str]]:
    """The texts of ``corpus/*.yaml`` and the examples of the rules, each with a kind of ``Safety`` or ``CALM``."""
    for path in sorted((folder / "corpus").glob("*.yaml")):
        for name, texts in yaml.safe_load(path.read_text("utf-8")).items():
            yield from ((text, str(_KINDS.get(name, CALM))) for text in texts)
    for kind in Safety:
        parts = yaml.safe_load((folder / f"{kind}.yaml").read_text("utf-8"))["examples"]
        for name, label in (("alarm", str(kind)), ("calm", CALM)):
            yield from ((text, label) for texts in parts[name].values() for text in texts)


def train_net(folder: Path, calm: Iterable[str]) -> Linear:
    """Train on a folder's examples and on calm texts, such as the phrases of all topics; a few seconds."""
    labelled = [*examples(folder), *((text, CALM) for text in calm)]
    texts, labels = zip(*labelled, strict=True)
    return train_linear(texts, labels, {}, counts=[1.0 if label == CALM else _ALARM_COUNT for label in labels])


@dataclass(frozen=True, slots=True)
class SafetyNet:
    """A trained net."""

    model: Linear

    def doubt(self, text: str) -> SafetyHit | None:
        """What the text may be telling of, softly. Takes any text; its beginning is what counts of a long one."""
        odds = self.model.scores(text[:2_000])
        chances = {
            label: float(1 / (1 + np.exp(-value)))
            for label, value in zip(self.model.intents, odds, strict=True)
            if label != CALM
        }
        label = max(chances, key=lambda name: chances[name])
        if chances[label] < THRESHOLD:
            return None
        return SafetyHit(kind=Safety(label), language=None, rule="net", soft=True)
