"""From content to a model file, in seconds, with the same bytes each time."""

from __future__ import annotations

import hashlib
import sys
from importlib.metadata import version
from pathlib import Path

from threadpoolctl import threadpool_limits
from tqdm import tqdm

from nlu import gist, language, lemmas, linear, meanings, store
from nlu.data import OUT_OF_SCOPE, TrainingData
from nlu.features import Features, Table
from nlu.rejection import fit_confidence, rounds
from nlu.safety_net import net_parts, train_net
from nlu.semantic import PACKAGE, Embed, embed_once, head_parts, release, train_head

FORMAT = 7
"""Raised whenever the file or the way it is trained changes."""


def model_name(data: TrainingData, *, semantic: bool = False) -> str:
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
            meanings.fingerprint(),
            gist.fingerprint(),
            list(data.languages),
            rows,
            names,
            sorted(data.alarms),
        ]
    )
    return f"neuvo-{hashlib.sha256(content).hexdigest()[:20]}.zip"


def train(data: TrainingData, folder: Path, embed: Embed | None = None) -> Path:
    """Train all languages into ``folder`` and return the model's file, which is only made where it is not there yet.

    With ``embed`` a head of the semantic tier is trained as well. Raises ``ValueError`` where there are not two intents
    to tell apart.
    """
    path = folder / model_name(data, semantic=embed is not None)
    if not path.exists():
        intents = {phrase.intent for phrase in data.labelled} - {OUT_OF_SCOPE}
        if len(intents) < 2:
            raise ValueError("there is nothing to train on: write the phrases of two intents at least")
        with threadpool_limits(1):
            store.save(path, _parts(data, folder, embed))
    return path


def lemmas_of(data: TrainingData) -> Table:
    """Inflected form to lemma, of all languages; where two languages share a form, the first language has it."""
    table: dict[str, str] = {}
    for code in data.languages:
        texts = [phrase.text for phrase in data.labelled if phrase.language == code]
        for form, lemma in lemmas.lemma_table(code, texts).items():
            table.setdefault(form, lemma)
    return table


def _parts(data: TrainingData, folder: Path, embed: Embed | None) -> dict[str, bytes]:
    phrases = data.labelled
    texts, intents = [phrase.text for phrase in phrases], [phrase.intent for phrase in phrases]
    table = lemmas_of(data)
    steps = (
        (rounds(len(texts)) + 1) * len(set(intents)) + len(data.languages) + (len(texts) if embed is not None else 0)
    )
    with tqdm(total=steps, desc="training", file=sys.stderr, disable=not sys.stderr.isatty(), leave=False) as bar:
        embeddings = embed_once(texts, embed, folder, bar.update) if embed is not None else None
        fast, semantic = fit_confidence(texts, intents, table, bar.update, embeddings)
        features = Features.fit(texts, table)
        rows = features.matrix(texts)
        model = linear.fit(features, rows, intents, step=bar.update)
        net = train_net(data.alarms, rows, features) if data.alarms else None
        spoken = [phrase.language for phrase in phrases]
        # With one language there is nothing to tell apart, and nothing to train.
        tongue = (
            store.linear_parts(
                "language", linear.train_linear(texts, spoken, {}, weights=language.WEIGHTS, step=bar.update)
            )
            if len(set(spoken)) > 1
            else {}
        )
    return {
        "manifest.json": store.dump_json(
            {
                "format": FORMAT,
                "languages": data.languages,
                "confidence": [[tier.slopes, tier.offset, tier.reject, tier.act] for tier in (fast, semantic)],
                "phrases": [[phrase.text, phrase.intent, phrase.language] for phrase in phrases],
                "names": [[name.kind, name.id, name.language, name.text] for name in sorted(set(data.names))],
            }
        ),
        **store.linear_parts("intents", model),
        **(head_parts("semantic", train_head(embeddings, intents)) if embeddings is not None else {}),
        **tongue,
        **(net_parts(net) if net is not None else {}),
    }
