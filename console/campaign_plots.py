"""What came of a campaign, as plots: by hour of the city's clock, or by day where it took long, and by channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from console.desk import Row
from console.pages import Frame
from console.plots import Plot, stacked

WHAT = ("sent", "delivered", "answered", "opted_out")
LONGEST = 48
"""Hours that are drawn one by one."""


def results(hours: Sequence[Row], frame: Frame, language: str) -> dict[str, Plot]:
    """A plot of each thing that is counted (``WHAT``), all over the same time."""
    columns, place, head = _columns([row["hour"] for row in hours])
    first = frame.text(f"campaigns.{head}", language)
    plots = {}
    for what in WHAT:
        counts: dict[str, Counter[int]] = {}
        for row in hours:
            if row["what"] == what:
                label = frame.label("channels", row["channel"] or "", language)
                counts.setdefault(label, Counter())[place(row["hour"])] += row["count"]
        series = {label: [float(found[at]) for at in range(len(columns))] for label, found in counts.items()}
        plots[what] = stacked(columns, series, first=first)
    return plots


def _columns(moments: Sequence[datetime]) -> tuple[list[str], Callable[[datetime], int], str]:
    """The columns from the first moment to the last, the column of a moment, and what they are called."""
    if not moments:
        return [], lambda _: 0, "hour"
    first, last = min(moments), max(moments)
    hours = int((last - first) / timedelta(hours=1)) + 1
    if hours <= LONGEST:
        names = [first + timedelta(hours=at) for at in range(hours)]
        return [f"{m.day}.{m.month}. {m.hour}" for m in names], lambda m: int((m - first) / timedelta(hours=1)), "hour"
    days = [first.date() + timedelta(days=at) for at in range((last.date() - first.date()).days + 1)]
    return [f"{day.day}.{day.month}." for day in days], lambda m: (m.date() - first.date()).days, "day"
