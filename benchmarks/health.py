"""How the import and evaluation of health records grow: ``neuvo bench health`` of several sizes, and a plot of them.

    python -m benchmarks.health --patients 10000 --patients 30000 --patients 100000

writes ``docs/health.json`` and ``docs/health.svg``; without --patients the plot is drawn anew from the figures there.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import click

DOCS = Path(__file__).resolve().parent.parent / "docs"
Figures = dict[str, Any]


@click.command()
@click.option("--patients", multiple=True, type=click.IntRange(min=1), help="A size to measure anew.")
def main(patients: tuple[int, ...]) -> None:
    """Measure and draw."""
    file = DOCS / "health.json"
    found = {one["patients"]: one for one in json.loads(file.read_text())} if file.exists() else {}
    for size in patients:
        found[size] = _measured(size)
        file.write_text(json.dumps([found[one] for one in sorted(found)], indent=1) + "\n")
    _plot([found[one] for one in sorted(found)], DOCS / "health.svg")


def _measured(size: int) -> Figures:
    command = [sys.executable, "-m", "bot.cli", "bench", "health", "--patients", str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: Figures = json.loads(done.stdout)
    return figures


def _plot(found: list[Figures], file: Path) -> None:
    from matplotlib.figure import Figure  # noqa: PLC0415  only the plot needs it

    figure = Figure(figsize=(8, 4), layout="constrained")
    seconds, memory = figure.subplots(1, 2)
    sizes = [one["resources"] / 1e6 for one in found]
    for name, label in (("imported_s", "imported"), ("evaluated_s", "five programmes evaluated")):
        seconds.plot(sizes, [one[name] for one in found], marker="o", label=label)
    for name, label in (("own_mb", "our process"), ("database_mb", "PostgreSQL")):
        memory.plot(sizes, [one[name] for one in found], marker="o", label=label)
    seconds.set_ylabel("seconds")
    memory.set_ylabel("most memory, MB")
    for axes in (seconds, memory):
        axes.set_xlabel("million resources")
        axes.set_ylim(bottom=0)
        axes.set_xlim(left=0)
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    main()
