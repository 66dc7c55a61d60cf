"""Which topics are taken for one another: a table in words, and a picture.

What is counted are the phrases that editors held back from training: a topic whose phrases are taken for those of
another says nearly the same as it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bot.held_out import NONE, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Counts = NDArray[np.int64]
"""Held-out phrases: of the topic of the row, taken for the topic of the column."""

MOST = 30
"""Topics in a picture: more cannot be read."""
_OFTEN = 2
"""Mistakes between two topics from which they are named."""


class NoPlot(Exception):
    """The picture cannot be made; the words say why and what to do."""


def failed(results: Sequence[Result]) -> Iterator[str]:
    """A line for each held-out phrase that is not understood at the first try, by topic."""
    for result in sorted(results, key=lambda each: (each.intent, each.language, each.text)):
        if result.outcome != "right":
            yield f"{result.intent} ({result.language}): “{result.text}” {_instead(result)}"


def pairs(results: Sequence[Result]) -> list[tuple[str, str, int]]:
    """Topics that are taken for one another, with how often, the most often first."""
    found = Counter(tuple(sorted((each.intent, each.took))) for each in results if each.outcome in {"wrong", "offered"})
    return [(one, other, count) for (one, other), count in found.most_common() if count >= _OFTEN]


def advice(results: Sequence[Result]) -> Iterator[str]:
    """What an editor can do about topics that overlap."""
    for one, other, count in pairs(results):
        yield (
            f"{one} and {other}: {count} held-out phrases of one are taken for the other. Write phrases for each that "
            "say what only it is about, or make them one topic"
        )


def draw(results: Sequence[Result], file: Path) -> int:
    """Draw which topics are taken for which, as SVG or PNG by the file's ending; how many topics are in it.

    Only topics that take part in mistakes are drawn, those with the most of them. Raises ``NoPlot``.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415  an extra that only this needs
    except ImportError:
        raise NoPlot("the picture needs matplotlib: pip install 'neuvo[plot]'") from None
    names, table = confusion(results)
    side = max(4.0, 0.28 * len(names) + 3)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    axes.set_title("Held-out phrases of a topic (row) that are taken for another (column)", fontsize=10)
    if names:
        _cells(axes, names, table)
    try:
        figure.savefig(file, dpi=150, format=file.suffix.lstrip(".").lower() or "svg")
    except ValueError as error:
        raise NoPlot(f"{file}: {error}") from None
    except OSError as error:
        raise NoPlot(f"{file}: {error.strerror}") from None
    return len(names)


def _cells(axes: Axes, names: Sequence[str], table: Counts) -> None:
    most = int(table.max())
    axes.imshow(np.ma.masked_equal(table, 0), cmap="Blues", vmin=0, vmax=max(3, most))
    for row, column in zip(*np.nonzero(table), strict=True):
        count = int(table[row, column])
        colour = "white" if count > 0.6 * max(3, most) else "black"
        axes.text(column, row, str(count), ha="center", va="center", fontsize=8, color=colour)
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    lines = np.arange(-0.5, len(names))
    axes.set_xticks(lines, minor=True)
    axes.set_yticks(lines, minor=True)
    axes.grid(which="minor", color="#dddddd", linewidth=0.5)
    axes.tick_params(which="both", length=0)


def confusion(results: Sequence[Result]) -> tuple[list[str], Counts]:
    """Topics, those next to each other that are mistaken for each other, and counts: rows are taken for columns."""
    found = Counter((each.intent, each.took) for each in results if each.outcome in {"wrong", "offered"})
    weight: Counter[str] = Counter()
    for (one, other), count in found.items():
        weight.update({one: count, other: count})
    weight.pop(NONE, None)
    names = _in_order([name for name, _ in weight.most_common(MOST)], found)
    table = np.zeros((len(names), len(names)), dtype=np.int64)
    for (one, other), count in found.items():
        if one in names and other in names:
            table[names.index(one), names.index(other)] = count
    return names, table


def _in_order(names: list[str], found: Counter[tuple[str, str]]) -> list[str]:
    """Each topic followed by the one that it is most often mistaken for, of those that are left."""
    left, order = list(names), list[str]()
    while left:
        last = order[-1] if order else None
        together = {name: found[last, name] + found[name, last] for name in left} if last else {}
        following = max(together, key=lambda name: together[name]) if together and max(together.values()) else left[0]
        order.append(following)
        left.remove(following)
    return order


def _instead(result: Result) -> str:
    if result.outcome == "refused":
        return "is not understood at all"
    asked = " is asked about, with this topic among the choices," if result.outcome == "offered" else ""
    return f"{asked} but {result.took} is thought likelier".strip() if asked else f"is taken for {result.took}"
