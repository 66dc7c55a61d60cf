"""The page of figures: how much is asked, of what, how it ends, and how long people wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from aiohttp import web

from console.desk import Editing, Insights, Row
from console.pages import Frame
from console.plots import Plot, ranked, stacked
from console.roles import ROLES
from console.sessions import Session

SPANS = (7, 30, 90)
"""Days that can be looked at."""
MOST = 15
"""Intents that are named."""
LOST = frozenset(("OUT_OF_SCOPE", "other_language"))
"""Intents of what was not understood."""
UNNAMED = frozenset(("", "to_person", "rating"))
"""Steps inside a dialog, what was said to a person, and whether an answer helped: no intents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The figures of the whole span."""

    turns: int
    answered: int
    lost: int
    asked: int
    taken: int
    up: int
    down: int

    def share(self, part: int) -> str:
        """A part of all turns, in per cent."""
        return percent(part, self.turns)

    @property
    def helped(self) -> str:
        """The part of all ratings that say that the answer helped."""
        return percent(self.up, self.up + self.down)


def percent(part: int, whole: int) -> str:
    """A part in per cent; a dash of nothing."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated:
    """How often citizens said of a topic's answer that it helped, and that it did not."""

    title: str
    up: int
    down: int

    @property
    def helped(self) -> str:
        """The part that says that it helped."""
        return percent(self.up, self.up + self.down)


class Figures:
    """Figures for all roles: they name nobody."""

    def __init__(self, frame: Frame, insights: Insights, editing: Editing) -> None:
        self._frame = frame
        self._insights = insights
        self._editing = editing

    def routes(self) -> list[web.AbstractRouteDef]:
        """One."""
        return [web.get("/console/insight", self._frame.staff(self._page, *ROLES))]

    async def _page(self, request: web.Request, session: Session) -> web.StreamResponse:
        wanted = request.query.get("days", "")
        length = int(wanted) if wanted in map(str, SPANS) else SPANS[1]
        zone = self._frame.zone
        today = self._frame.now().astimezone(zone).date()
        days = [today - timedelta(days=back) for back in reversed(range(length))]
        first = datetime.combine(days[0], time.min, zone)
        turns = await self._insights.turns(first, zone.key)
        handoffs = await self._insights.handoffs(first, zone.key)
        endings = await self._insights.endings(first)
        thumbs = await self._insights.thumbs(days[0])
        return self._frame.shown(
            request,
            session,
            "insight.html",
            days=length,
            spans=SPANS,
            sums=_sums(turns, handoffs, thumbs),
            endings=endings,
            plots=self._plots(days, turns, handoffs, session.language)
            | {"thumbs": self._thumbs(days, thumbs, session.language)},
            rated=self._rated(thumbs, session.language),
        )

    def _plots(
        self, days: Sequence[date], turns: Sequence[Row], handoffs: Sequence[Row], language: str
    ) -> dict[str, Plot]:
        frame = self._frame
        columns = [f"{day.day}.{day.month}." for day in days]

        def say(key: str) -> str:
            return frame.text(f"insight.{key}", language)

        def by(column: str) -> Plot:
            series: dict[str, list[float]] = {}
            for name in sorted({row[column] for row in turns}):
                label = frame.label(f"{column}s", name, language) if name else say("unknown")
                series[label] = _daily(days, [row for row in turns if row[column] == name], "turns")
            return stacked(columns, series, first=say("day"))

        intents: Counter[str] = Counter()
        for row in turns:
            if row["intent"] not in LOST | UNNAMED:
                intents[row["intent"]] += row["turns"]
        named = [(self._editing.title(intent, language), float(count)) for intent, count in intents.most_common(MOST)]
        understood = {
            say("answered"): _daily(days, [row for row in turns if row["intent"] not in LOST], "turns"),
            say("lost"): _daily(days, [row for row in turns if row["intent"] in LOST], "turns"),
        }
        waits = {say("median"): _minutes(days, handoffs, "median"), say("worst"): _minutes(days, handoffs, "worst")}
        asked = {say("handed_over"): _daily(days, handoffs, "asked")}
        return {
            "channels": by("channel"),
            "languages": by("language"),
            "intents": ranked(named, head=(say("intent"), say("turns"))),
            "understood": stacked(columns, understood, first=say("day")),
            "handoffs": stacked(columns, asked, first=say("day")),
            "waits": side_by_side(columns, waits, say("day")),
        }

    def _thumbs(self, days: Sequence[date], thumbs: Sequence[Row], language: str) -> Plot:
        """Ratings by day."""
        columns = [f"{day.day}.{day.month}." for day in days]
        series = {
            self._frame.text(f"insight.thumbs_{way}", language): _daily(days, thumbs, way) for way in ("up", "down")
        }
        return stacked(columns, series, first=self._frame.text("insight.day", language))

    def _rated(self, thumbs: Sequence[Row], language: str) -> list[Rated]:
        """Ratings by intent, those that helped least often first."""
        up: Counter[str] = Counter()
        down: Counter[str] = Counter()
        for row in thumbs:
            up[row["intent"]] += row["up"]
            down[row["intent"]] += row["down"]
        names = sorted(up, key=lambda name: (-down[name], up[name], name))[:MOST]
        return [Rated(title=self._editing.title(name, language), up=up[name], down=down[name]) for name in names]


def side_by_side(columns: Sequence[str], series: Mapping[str, Sequence[float]], first: str) -> Plot:
    """The longest wait as what is above the median; the table has both as they are."""
    (median, low), (worst, high) = series.items()
    above = [max(0.0, top - base) for base, top in zip(low, high, strict=True)]
    plot = stacked(columns, {median: low, worst: above}, first=first)
    rows = [[column, f"{a:.1f}", f"{b:.1f}"] for column, a, b in zip(columns, low, high, strict=True)]
    return Plot(bars=plot.bars, across=plot.across, up=plot.up, names=plot.names, head=plot.head, rows=rows)


def _sums(turns: Sequence[Row], handoffs: Sequence[Row], thumbs: Sequence[Row]) -> Sums:
    every = sum(row["turns"] for row in turns)
    lost = sum(row["turns"] for row in turns if row["intent"] in LOST)
    asked, taken = (sum(row[name] for row in handoffs) for name in ("asked", "taken"))
    up, down = (sum(row[name] for row in thumbs) for name in ("up", "down"))
    return Sums(turns=every, answered=every - lost, lost=lost, asked=asked, taken=taken, up=up, down=down)


def _daily(days: Sequence[date], rows: Sequence[Row], what: str) -> list[float]:
    found: Counter[Any] = Counter()
    for row in rows:
        found[row["day"]] += row[what]
    return [float(found[day]) for day in days]


def _minutes(days: Sequence[date], rows: Sequence[Row], what: str) -> list[float]:
    found = {row["day"]: (row[what] or 0.0) / 60 for row in rows}
    return [round(found.get(day, 0.0), 1) for day in days]
