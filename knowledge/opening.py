"""When a place is open, from the periods of its days: now, until when, and when again. Pure; times are compared in UTC.

A period that ends at or before its start ends on the next day. Where periods overlap, a closed one wins, since a door
that was said to be open and is not costs more than the opposite; then ``open`` goes before the other open states.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

STATES = frozenset(
    (
        "open",
        "closed",
        "undefined",
        "self_service",
        "with_key",
        "with_reservation",
        "open_and_reservable",
        "with_key_and_reservation",
        "enter_only",
        "exit_only",
        "weather_permitting",
        "not_in_use",
        "maintenance",
        "reserved",
        "by_appointment",
        "no_opening_hours",
    )
)
"""Hauki's resource states."""
OPEN_STATES = frozenset(
    (
        "open",
        "self_service",
        "with_key",
        "with_reservation",
        "open_and_reservable",
        "with_key_and_reservation",
        "enter_only",
        "weather_permitting",
        "reserved",
        "by_appointment",
    )
)
"""Those that Hauki counts as open; all but the first want a word of their own in an answer."""


class OpenPeriod(TypedDict):
    """From ``start`` to ``end`` (``HH:MM`` local, ``None`` where open-ended); ``state`` is Hauki's resource state.

    A whole day is from ``00:00`` to ``00:00`` of the next day.
    """

    start: str | None
    end: str | None
    ends_next_day: bool
    state: str


class DayHours(TypedDict):
    """One day's periods, open and closed alike. ``known`` is false where the source says nothing of the day.

    ``as_of`` is the ISO date of the copy that says so, ``None`` for an answer of the source itself.
    """

    date: str
    known: bool
    periods: list[OpenPeriod]
    demonstration: bool
    as_of: str | None


class OpenStatus(TypedDict):
    """Whether a unit is open at a moment. Moments are ISO with the city's offset.

    ``state`` is Hauki's resource state of the moment, ``closed`` where no period holds; ``until`` is when that state
    ends and ``closes`` when the last of the open states that follow one another does, ``None`` where that is not told
    or is days away. ``next_opening`` is the next time that somebody can get in after being shut out, in the state
    ``next_state``; ``None`` where no known day has one. Without ``known``, nothing of the rest says anything.
    """

    known: bool
    open: bool
    state: str
    until: str | None
    closes: str | None
    next_opening: str | None
    next_state: str | None
    demonstration: bool
    as_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From a moment to another (UTC) in one state. ``told`` is false where the source does not say when it ends."""

    start: datetime
    end: datetime
    state: str
    told: bool


def spans(day: date, periods: Iterable[OpenPeriod], zone: ZoneInfo) -> list[Span]:
    """The periods of a day as spans; open ends reach to the day's own ends."""
    found = []
    for period in periods:
        start, end = period["start"], period["end"]
        begins = _moment(day, start or "00:00", zone)
        next_day = day + timedelta(days=1)
        ends = _moment(next_day if period["ends_next_day"] or end is None else day, end or "00:00", zone)
        if begins < ends:
            found.append(Span(start=begins, end=ends, state=period["state"], told=end is not None))
    return found


def state_at(moment: datetime, held: Sequence[Span]) -> str:
    """The state of a moment."""
    states = {span.state for span in held if span.start <= moment < span.end} - {"undefined"}
    shut = states - OPEN_STATES
    if not states or shut:
        return "closed" if not shut or "closed" in shut else min(shut)
    return "open" if "open" in states else min(states)


def status(days: Mapping[date, Sequence[OpenPeriod] | None], now: datetime, zone: ZoneInfo) -> OpenStatus:
    """The status at ``now`` from the days around it (yesterday's may run over midnight); ``None`` is a day not known.

    Only what is said by days that follow today without a gap is claimed.
    """
    today = now.astimezone(zone).date()
    if days.get(today) is None:
        return unknown()
    held, horizon = _known(days, today, zone)
    moments = sorted({m for span in held for m in (span.start, span.end) if now < m < horizon})
    state = state_at(now, held)
    until = next((m for m in moments if state_at(m, held) != state), None)
    is_open = state in OPEN_STATES
    closes = next((m for m in moments if state_at(m, held) not in OPEN_STATES), None) if is_open else None
    after = closes if is_open else now
    opens = next((m for m in moments if after and m > after and state_at(m, held) in OPEN_STATES), None)
    return OpenStatus(
        known=True,
        open=is_open,
        state=state,
        until=_told(until, held, zone),
        closes=_told(closes, held, zone),
        next_opening=opens.astimezone(zone).isoformat() if opens else None,
        next_state=state_at(opens, held) if opens else None,
        demonstration=False,
        as_of=None,
    )


def _known(
    days: Mapping[date, Sequence[OpenPeriod] | None], today: date, zone: ZoneInfo
) -> tuple[list[Span], datetime]:
    """The spans of yesterday, today and the days that follow without a gap, and the end of the last one."""
    yesterday, day = today - timedelta(days=1), today
    held = spans(yesterday, days.get(yesterday) or (), zone)
    while (periods := days.get(day)) is not None:
        held += spans(day, periods, zone)
        day += timedelta(days=1)
    return held, _moment(day, "00:00", zone)


def _told(moment: datetime | None, held: Sequence[Span], zone: ZoneInfo) -> str | None:
    if moment is None or any(span.end == moment and not span.told for span in held):
        return None
    return moment.astimezone(zone).isoformat()


def unknown() -> OpenStatus:
    """The status of a unit of which nothing is known."""
    return OpenStatus(
        known=False,
        open=False,
        state="undefined",
        until=None,
        closes=None,
        next_opening=None,
        next_state=None,
        demonstration=False,
        as_of=None,
    )


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
