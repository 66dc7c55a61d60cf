"""What accuracy costs: shares right against milliseconds and megabytes, from the nearest phrase to the semantic tier.

``python -m benchmarks.frontier --data MASSIVE`` writes ``docs/frontier.json``, ``docs/frontier.svg`` and the table of
``docs/frontier.md``. MASSIVE is a folder with ``fi/train.jsonl``, ``fi/dev.jsonl`` and so on. Rows that are in
``docs/frontier.json`` already are not measured again: delete it to begin anew. Rasa's row is that of
``docs/rasa.json``.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import click
import numpy as np
from rapidfuzz import fuzz, process

from bot.bench import machine
from nlu.bench import FAST, SEMANTIC, bench, read_rows, sample
from nlu.features import WEIGHTS
from nlu.phrases import view

LANGUAGES = ("fi", "sv", "en")
Figures = dict[str, Any]


def roads(data: Path, language: str, shots: int) -> dict[str, Callable[[], Figures]]:
    """What is measured, by its name; each is of one language's test."""
    tests = {language: data / language / "dev.jsonl"}
    alone = {language: data / language / "train.jsonl"}
    together = {code: data / code / "train.jsonl" for code in LANGUAGES}
    letters, words, pairs, meaning, _ = WEIGHTS
    return {
        "nearest phrase (rapidfuzz)": lambda: nearest(alone[language], tests[language], shots),
        "letters alone": lambda: bench(alone, tests, shots=shots, weights=(letters, 0, 0, 0, 0)),
        "letters, words, pairs": lambda: bench(alone, tests, shots=shots, weights=(letters, words, pairs, 0, 0)),
        "and meanings of words": lambda: bench(alone, tests, shots=shots, weights=(letters, words, pairs, meaning, 0)),
        "and gist: the fast tier": lambda: bench(alone, tests, shots=shots, tier=FAST),
        "fast tier, languages together": lambda: bench(together, tests, shots=shots, tier=FAST),
        "semantic tier where unsure": lambda: bench(alone, tests, shots=shots, tier=SEMANTIC),
        "semantic, languages together": lambda: bench(together, tests, shots=shots, tier=SEMANTIC),
    }


def nearest(train: Path, test: Path, shots: int) -> Figures:
    """The intent of the phrase that is most alike, by its sorted words."""
    known = [(view(text), intent) for text, intent in sample(read_rows(train), shots, 0)]
    phrases, right, times = [text for text, _ in known], [], []
    for text, intent in read_rows(test):
        began = perf_counter()
        hit = process.extractOne(view(text), phrases, scorer=fuzz.token_sort_ratio)
        times.append((perf_counter() - began) * 1000)
        right.append(hit is not None and known[hit[2]][1] == intent)
    p50, p99 = np.percentile(times, (50, 99))
    return {
        "accuracy": round(float(np.mean(right)), 4),
        "p50_ms": round(float(p50), 3),
        "p99_ms": round(float(p99), 3),
        "mean_ms": round(float(np.mean(times)), 3),
        "model_bytes": sum(len(text.encode()) for text in phrases),
    }


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--language", type=click.Choice(LANGUAGES), default="fi")
@click.option("--shots", type=click.IntRange(min=1), default=20, help="Phrases of each intent (20).")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path("docs"))
def main(data: Path, language: str, shots: int, into: Path) -> None:
    """Measure every road, and write the table and the plot."""
    kept = into / "frontier.json"
    found: dict[str, Figures] = json.loads(kept.read_text("utf-8"))["roads"] if kept.exists() else {}
    for name, measure in roads(data, language, shots).items():
        if name not in found:
            click.echo(name, err=True)
            found[name] = measure()
            told = {"language": language, "shots": shots, "machine": machine(), "roads": found}
            kept.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    rasa = into / "rasa.json"
    if rasa.exists():
        found["Rasa 3.6 (DIET)"] = json.loads(rasa.read_text("utf-8"))["languages"][language]["Rasa"]
    (into / "frontier.md").write_text(page(found, language, shots), encoding="utf-8")
    _plot(found, into / "frontier.svg")


def page(found: dict[str, Figures], language: str, shots: int) -> str:
    """The table, as Markdown."""
    lines = [
        "# What accuracy costs",
        "",
        f"MASSIVE's 60 intents, {shots} phrases of each, tested on the `dev` partition of `{language}` (seed 0). Times",
        "are of one text through the pipeline, and of a processor where that was measured; memory is that of a process",
        "with the model. On a machine that does other work, medians and the processor's time are what can be compared.",
        "",
        "| road | right | p50, p99 of one text | of a processor | model | memory |",
        "|---|---|---|---|---|---|",
    ]
    for name, of in found.items():
        busy = f"{of['cpu_ms']:.1f} ms" if "cpu_ms" in of else "–"
        memory = f"{of['rss_mb']:.0f} MB" if "rss_mb" in of else "–"
        lines.append(
            f"| {name} | {100 * of['accuracy']:.1f} % | {of['p50_ms']:.2f}, {of['p99_ms']:.1f} ms | {busy} | "
            f"{of['model_bytes'] / 1e6:.1f} MB | {memory} |"
        )
    lines += ["", "![Shares right by milliseconds of a text](frontier.svg)", ""]
    lines += ["    python -m benchmarks.frontier --data MASSIVE", ""]
    return "\n".join(lines)


def _plot(found: dict[str, Figures], file: Path) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415  only the plot needs it

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, of in found.items():
        cost, right = float(of.get("cpu_ms") or of["p50_ms"]), 100 * of["accuracy"]
        area = 0.6 * of.get("rss_mb", 60)
        axes.scatter(cost, right, s=area, alpha=0.6, color="#9fa0a0" if "Rasa" in name else "#0072c6")
        axes.annotate(name, (cost, right), textcoords="offset points", xytext=(6, 6), fontsize=7)
    axes.set_xscale("log")
    axes.set_xlabel("milliseconds of one text (of a processor, or the median); the areas are megabytes of memory")
    axes.set_ylabel("right, %")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.25, y=0.1)
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    main()
