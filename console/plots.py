"""The geometry of the plots: bars on a day axis, and bars beside names. Templates draw them, and a table of the same.

Lengths are in units of the drawing, which is ``WIDTH`` wide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, log10

WIDTH, HEIGHT = 720, 220
_LEFT, _TOP, _BOTTOM = 48, 12, 28
SERIES = 6
"""How many colours there are; what comes after them is drawn in the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One rectangle, in the colour of its series."""

    x: float
    y: float
    width: float
    height: float
    series: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark of an axis: where it is, and what is written there."""

    at: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Everything to draw. ``names`` are of the series, in their order; ``rows`` are the table of the same figures."""

    bars: Sequence[Bar]
    across: Sequence[Tick]
    up: Sequence[Tick]
    names: Sequence[str]
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    height: int = HEIGHT


def stacked(columns: Sequence[str], series: Mapping[str, Sequence[float]], *, first: str) -> Plot:
    """Columns side by side, the series on top of one another. ``first`` is the head of the columns' names."""
    totals = [sum(values[place] for values in series.values()) for place in range(len(columns))]
    top = _round(max(totals, default=0))
    step, room = (WIDTH - _LEFT) / max(1, len(columns)), HEIGHT - _TOP - _BOTTOM
    bars = []
    for place, column in enumerate(columns):
        base = float(HEIGHT - _BOTTOM)
        for number, (name, values) in enumerate(series.items()):
            height = values[place] / top * room
            base -= height
            if height:
                words = f"{column}, {name}: {_number(values[place])}"
                x, width = _LEFT + place * step + step * 0.1, step * 0.8
                bars.append(_bar(x=x, y=base, width=width, height=height, series=number, words=words))
    every = max(1, ceil(len(columns) / 10))
    across = [Tick(at=_LEFT + (at + 0.5) * step, words=columns[at]) for at in range(0, len(columns), every)]
    up = [Tick(at=HEIGHT - _BOTTOM - part * room, words=_number(part * top)) for part in (0, 0.5, 1)]
    rows = [[column, *(_number(values[at]) for values in series.values())] for at, column in enumerate(columns)]
    return Plot(bars=bars, across=across, up=up, names=list(series), head=[first, *series], rows=rows)


def ranked(values: Sequence[tuple[str, float]], *, head: tuple[str, str], full: float | None = None) -> Plot:
    """One bar for each name, below one another, in the given order; ``full`` is what a whole line stands for."""
    top, line = full or max((value for _, value in values), default=0) or 1, 26
    left = WIDTH * 0.4
    bars = [
        _bar(
            x=left,
            y=at * line + 4,
            width=max(1.0, value / top * (WIDTH - left - 60)),
            height=line - 8,
            series=0,
            words=f"{name}: {_number(value)}",
        )
        for at, (name, value) in enumerate(values)
    ]
    names = [Tick(at=at * line + line / 2, words=name) for at, (name, _) in enumerate(values)]
    rows = [[name, _number(value)] for name, value in values]
    height = max(line, len(values) * line)
    return Plot(bars=bars, across=(), up=names, names=(), head=head, rows=rows, height=height)


def _bar(*, x: float, y: float, width: float, height: float, series: int, words: str) -> Bar:
    return Bar(
        x=round(x, 1),
        y=round(y, 1),
        width=round(width, 1),
        height=round(height, 1),
        series=min(series, SERIES - 1),
        words=words,
    )


def _round(value: float) -> float:
    """The next number above that is easy to read, and so is its half."""
    if value <= 0:
        return 1
    power = 10.0 ** int(log10(value)) if value >= 1 else 1.0
    return next(float(factor * power) for factor in (1, 2, 3, 4, 6, 8, 10) if factor * power >= value)


def _number(value: float) -> str:
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"
