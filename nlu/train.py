"""From content to a model file, in seconds, with the same bytes each time."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from nlu import gist, lemmas, linear, meanings, store
from nlu.data import OUT_OF_SCOPE, TrainingData
from nlu.features import WEIGHTS, Features, Table, Weights
from nlu.linear import Linear, Step
from nlu.rejection import Lessons, fit_confidence, rounds
from nlu.safety_net import net_parts, train_net
from nlu.semantic import PACKAGE, Embed, embed_once, head_parts, release, train_head

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FORMAT = 10
"""Raised whenever the file or the way it is trained changes."""
_LETTERS_WORDS = 2
"""The blocks of features that tell a language: the first two."""


def model_name(data: TrainingData, *, semantic: bool = False, weights: Weights = WEIGHTS) -> str:
    """The file's name: a hash of everything that the model is made from."""
    made_by = {name: version(name) for name in ("scikit-learn", "simplemma", "numpy")}
    if semantic:
        made_by[PACKAGE] = release() or ""
    rows = [[phrase.language, phrase.intent, phrase.text] for phrase in data.labelled]
    names = [[name.kind, name.id, name.language, name.text] for name in sorted(set(data.names))]
    content = store.dump_json(
        [
            FORMAT,
            made_by,
            weights,
            meanings.fingerprint(),
            gist.fingerprint(),
            list(data.languages),
            rows,
            names,
            sorted(data.alarms),
        ]
    )
    return f"neuvo-{hashlib.sha256(content).hexdigest()[:20]}.zip"


def train(data: TrainingData, folder: Path, embed: Embed | None = None, weights: Weights = WEIGHTS) -> Path:
    """Train all languages into ``folder`` and return the model's file, which is only made where it is not there yet.

    With ``embed`` a head of the semantic tier is trained as well; ``weights`` are of the blocks of features. Raises
    ``ValueError`` where there are not two intents to tell apart.
    """
    path = folder / model_name(data, semantic=embed is not None, weights=weights)
    if not path.exists():
        intents = {phrase.intent for phrase in data.labelled} - {OUT_OF_SCOPE}
        if len(intents) < 2:
            raise ValueError("there is nothing to train on: write the phrases of two intents at least")
        _say(_seconds(len(data.labelled), len(intents), embed is not None))
        with threadpool_limits(1):
            store.save(path, _parts(data, folder, embed, weights))
    return path


def _seconds(texts: int, intents: int, semantic: bool) -> int:
    """About how long a training takes on one core, where all texts have to be embedded."""
    return round(4 + texts * (1e-3 + 1.2e-5 * intents * (1 + 0.75 * rounds(texts)) + (0.02 if semantic else 0)))


def _say(seconds: int) -> None:
    """One line where nobody sees the bar: a first start would be silent for a minute."""
    if structlog.is_configured():
        structlog.get_logger(__name__).info("training", seconds=seconds)
    elif not sys.stderr.isatty():
        sys.stderr.write(f"training, about {seconds} s\n")


def lemmas_of(data: TrainingData) -> Table:
    """Inflected form to lemma, of all languages; where two languages share a form, the first language has it."""
    table: dict[str, str] = {}
    for code in data.languages:
        texts = [phrase.text for phrase in data.labelled if phrase.language == code]
        for form, lemma in lemmas.lemma_table(code, texts).items():
            table.setdefault(form, lemma)
    return table


def _parts(data: TrainingData, folder: Path, embed: Embed | None, weights: Weights) -> dict[str, bytes]:
    phrases = data.labelled
    texts, intents = [phrase.text for phrase in phrases], [phrase.intent for phrase in phrases]
    table = lemmas_of(data)
    steps = (
        (rounds(len(texts)) + 1) * len(set(intents)) + len(data.languages) + (len(texts) if embed is not None else 0)
    )
    with tqdm(total=steps, desc="training", file=sys.stderr, disable=not sys.stderr.isatty(), leave=False) as bar:
        embeddings = embed_once(texts, embed, folder, bar.update) if embed is not None else None
        features = Features.fit(texts, table, weights)
        rows = features.matrix(texts)
        lessons = Lessons(texts=texts, intents=intents, features=features, rows=rows, embeddings=embeddings)
        fitted = fit_confidence(lessons, bar.update)
        model = linear.fit(features, rows, intents, step=bar.update)
        net = train_net(data.alarms, rows, features) if data.alarms else None
        spoken = [phrase.language for phrase in phrases]
        # With one language there is nothing to tell apart, and nothing to train.
        tongue = _tongue(features, rows, spoken, bar.update) if len(set(spoken)) > 1 else None
    return {
        "manifest.json": store.dump_json(
            {
                "format": FORMAT,
                "languages": data.languages,
                "confidence": [
                    [tier.slopes, tier.offset, tier.reject, tier.act] for tier in (fitted.fast, fitted.semantic)
                ],
                "phrases": [[phrase.text, phrase.intent, phrase.language] for phrase in phrases],
                "names": [[name.kind, name.id, name.language, name.text] for name in sorted(set(data.names))],
            }
        ),
        **store.linear_parts("intents", model),
        **(head_parts("semantic", train_head(embeddings, intents, fitted.blend)) if embeddings is not None else {}),
        **(store.columns_parts("language", tongue) if tongue is not None else {}),
        **(net_parts(net) if net is not None else {}),
    }


def _tongue(features: Features, rows: csr_matrix, spoken: Sequence[str], step: Step) -> Linear:
    """The model of languages, on the letters and words of the intents' features: so a message is read once for both.

    Neither pairs nor what words mean tell a language.
    """
    letters = rows[:, : sum(map(len, features.indices[:_LETTERS_WORDS]))]
    letters.resize(rows.shape)
    return linear.fit(features, letters, spoken, step=step)
