"""Rasa 3.6 with its default pipeline and Neuvo's fast tier, trained on the same phrases and asked the same texts.

``python -m benchmarks.rasa_compare --data MASSIVE --rasa VENV/bin/python`` writes ``docs/rasa.json``,
``docs/rasa.svg`` and ``docs/rasa.md``. MASSIVE is a folder with ``fi/train.jsonl``, ``fi/dev.jsonl`` and so on; VENV is
a virtual environment of Python 3.8 to 3.10 with ``pip install 'rasa==3.6.*'``. Languages that are in ``docs/rasa.json``
already are not measured again: delete it to begin anew.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np
import yaml

from bot.bench import machine
from nlu.bench import Row, bench, read_rows, sample

HERE = Path(__file__).parent
LANGUAGES = ("fi", "sv", "en")
_NAMES = {"fi": "Finnish", "sv": "Swedish", "en": "English"}
PIPELINE: list[dict[str, Any]] = [
    # What `rasa init` of 3.6 writes into config.yml, as comments, for the default pipeline.
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
    {"name": "DIETClassifier", "epochs": 100, "constrain_similarities": True, "random_seed": 0},
    {"name": "EntitySynonymMapper"},
    {"name": "ResponseSelector", "epochs": 100, "constrain_similarities": True},
    {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1},
]
Measured = dict[str, dict[str, Any]]
"""The figures of each system."""


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--rasa", "python", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--shots", type=click.IntRange(min=1), default=20, help="Phrases of each intent (20).")
@click.option("--language", "languages", type=click.Choice(LANGUAGES), multiple=True, default=LANGUAGES)
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path("docs"))
def main(data: Path, python: Path, shots: int, languages: tuple[str, ...], into: Path) -> None:
    """Measure both, and write the table and the plot."""
    into.mkdir(parents=True, exist_ok=True)
    kept = into / "rasa.json"
    known = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    by_language: dict[str, Measured] = known.get("languages", {})
    for language in languages:
        if language not in by_language:
            click.echo(f"{language}: training both; Rasa takes about twelve minutes of a core", err=True)
            by_language[language] = _both(data / language, language, python, shots)
            found = {"shots": shots, "machine": machine(), "languages": by_language}
            kept.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    _plot(by_language, into / "rasa.svg")
    (into / "rasa.md").write_text(_page(by_language, shots), encoding="utf-8")


def _both(folder: Path, language: str, python: Path, shots: int) -> Measured:
    train, test = folder / "train.jsonl", folder / "dev.jsonl"
    ours = bench({language: train}, {language: test}, shots=shots)
    return {"Neuvo": ours, "Rasa": _rasa(sample(read_rows(train), shots, 0), read_rows(test), language, python)}


def _rasa(rows: list[Row], tests: list[Row], language: str, python: Path) -> dict[str, Any]:
    """The same figures as those of ``nlu.bench.bench``."""
    with tempfile.TemporaryDirectory(prefix="rasa-") as name:
        folder = Path(name)
        (folder / "nlu.yml").write_text(_nlu(rows), encoding="utf-8")
        config = {"recipe": "default.v1", "language": language, "pipeline": PIPELINE, "policies": []}
        (folder / "config.yml").write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        (folder / "texts.json").write_text(json.dumps([text for text, _ in tests]), encoding="utf-8")
        began = perf_counter()
        rasa = ("-m", "rasa", "train", "nlu", "--nlu", "nlu.yml", "--config", "config.yml")
        _run(python, folder, *rasa, "--out", "models", "--fixed-model-name", "model")
        seconds = perf_counter() - began
        model = folder / "models" / "model.tar.gz"
        _run(python, folder, str(HERE / "rasa_parse.py"), str(model), "texts.json", "result.json")
        found = json.loads((folder / "result.json").read_text("utf-8"))
        size = model.stat().st_size
    right = [said == intent for said, (_, intent) in zip(found["intents"], tests, strict=True)]
    return {
        "accuracy": round(sum(right) / len(right), 4),
        "p50_ms": round(float(np.percentile(found["ms"], 50)), 3),
        "p99_ms": round(float(np.percentile(found["ms"], 99)), 3),
        "train_s": round(seconds, 2),
        "model_bytes": size,
        "rss_mb": round(found["rss_mb"], 1),
    }


def _nlu(rows: list[Row]) -> str:
    """Rasa's training data. Braces and brackets would be read as entities."""
    texts: dict[str, list[str]] = defaultdict(list)
    for text, intent in rows:
        texts[intent].append(text.translate(str.maketrans("", "", "[]{}")))
    examples = [
        {"intent": intent, "examples": "".join(f"- {text}\n" for text in said)}
        for intent, said in sorted(texts.items())
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": examples}, allow_unicode=True, sort_keys=False)


def _run(python: Path, folder: Path, *arguments: str) -> None:
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"}
    done = subprocess.run(
        [str(python.absolute()), *arguments],
        cwd=folder,
        env={**os.environ, **quiet},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"Rasa ended with {done.returncode}:\n{done.stderr[-2_000:]}")


def _plot(measured: dict[str, Measured], file: Path) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415  only the plot needs it

    panels = (("accuracy", "right, %", 100.0), ("p50_ms", "one text, ms", 1.0), ("train_s", "training, s", 1.0))
    figure = Figure(figsize=(9, 3), layout="constrained")
    for axes, (key, label, factor) in zip(figure.subplots(1, len(panels)), panels, strict=True):
        for place, (system, colour) in enumerate((("Neuvo", "#0072c6"), ("Rasa", "#9fa0a0"))):
            at = np.arange(len(measured)) + 0.4 * place
            heights = [factor * found[system][key] for found in measured.values()]
            bars = axes.bar(at, heights, 0.38, label=system, color=colour)
            labels = [f"{height:.1f}" if height < 100 else f"{height:,.0f}" for height in heights]
            axes.bar_label(bars, labels, fontsize=8)
        axes.set_xticks(np.arange(len(measured)) + 0.2, [_NAMES[language] for language in measured])
        axes.set_title(label, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].legend(loc="lower right", fontsize=8)
    figure.savefig(file, metadata={"Date": None})


def _page(measured: dict[str, Measured], shots: int) -> str:
    lines = [
        "# Rasa 3.6 and Neuvo on the same phrases",
        "",
        f"{shots} phrases of each of MASSIVE's 60 intents, the same for both, tested on its `dev` partition. Rasa with",
        "the pipeline that it has by default (DIET, 100 epochs), Neuvo with its fast tier; rejection is not compared.",
        "Both ran one after the other on two cores that were busy with other work, Rasa at a low priority: its times",
        "are upper bounds.",
        "",
        "| language | system | right | p50, p99 of one text | training | model | memory |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        _row(_NAMES[language], system, found) for language, both in measured.items() for system, found in both.items()
    ]
    lines += ["", "![Shares right, milliseconds and seconds of training](rasa.svg)", ""]
    lines += ["    python -m benchmarks.rasa_compare --data MASSIVE --rasa VENV/bin/python", ""]
    return "\n".join(lines)


def _row(language: str, system: str, found: dict[str, Any]) -> str:
    size, rss = found["model_bytes"] / 1_000_000, found["rss_mb"]
    times = f"{found['p50_ms']:.1f}, {found['p99_ms']:.1f} ms"
    right = f"{100 * found['accuracy']:.1f} %"
    return f"| {language} | {system} | {right} | {times} | {found['train_s']:.0f} s | {size:.0f} MB | {rss:.0f} MB |"


if __name__ == "__main__":
    main()
