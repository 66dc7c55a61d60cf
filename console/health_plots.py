"""How reviewers decided, as plots: the part that was accepted, by the rule's reason and by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from console.desk import Row
from console.figures import percent
from console.pages import Frame
from console.plots import Plot, ranked

HEADS = ("group", "decided", "accepted", "share")


def accepted(figures: Sequence[Row], frame: Frame, language: str) -> list[Row]:
    """A plot of each division: ``of`` (selected, sample), ``what``, ``plot``, and how many groups are ``hidden``."""
    return [
        {"of": one["of"], "what": one["what"], "hidden": one["hidden"], "plot": _plot(one, frame, language)}
        for one in figures
    ]


def _plot(figure: Row, frame: Frame, language: str) -> Plot:
    head = [frame.text(f"health.head.{name}", language) for name in HEADS]
    groups = [(_name(figure["what"], one["name"], frame, language), one) for one in figure["groups"]]
    shares = [(name, round(100 * one["accepted"] / one["decided"], 1)) for name, one in groups]
    drawn = ranked(shares, head=(head[0], head[-1]), full=100)
    rows = [
        [name, str(one["decided"]), str(one["accepted"]), percent(one["accepted"], one["decided"])]
        for name, one in groups
    ]
    return replace(drawn, head=head, rows=rows)


def _name(what: str, value: str, frame: Frame, language: str) -> str:
    if not value:
        return frame.text("health.unknown", language)
    if what == "language":
        return frame.label("languages", value, language)
    return frame.label("health.sexes", value, language) if what == "sex" else value
