"""The periods of a day in words. Hauki calls eleven states open; only one of them is a door that stands open."""

from __future__ import annotations

from datetime import datetime

from dialogs.cityscape import day_words
from dialogs.services import DayHours, OpenPeriod, OpenStatus
from dialogs.speech import Voice
from dialogs.steps import Edge

_CLOSED = frozenset(("closed", "not_in_use", "maintenance", "no_opening_hours", "exit_only"))


def periods_words(day: DayHours, voice: Voice) -> str:
    """Each period on a line of its own, in the order of their beginnings."""
    return "\n".join(f"- {_period(period, voice)}" for period in day["periods"])


def now_words(status: OpenStatus, now: datetime, edge: Edge) -> str:
    """Whether a place is open at a moment, until when, and when it opens next; empty where that is not known."""
    if not status["known"]:
        return ""
    if status["open"]:
        closes = status["closes"]
        key, moment = ("hours.open_until", closes) if closes else ("hours.open_now", None)
    else:
        opening = status["next_opening"]
        key, moment = ("hours.opens_next", opening) if opening else ("hours.closed_now", None)
    return edge.voice.text(key, {"when": _when(moment, now, edge)} if moment else {})


def _when(moment: str, now: datetime, edge: Edge) -> str:
    """A clock time today, or a day with it."""
    then = datetime.fromisoformat(moment).astimezone(now.tzinfo)
    time = edge.voice.text("hours.at", {"time": _time(f"{then:%H:%M}", edge.voice)})
    if then.date() == now.date():
        return time
    return f"{day_words(then.date().isoformat(), edge).words(edge.language)} {time}"


def is_open(period: OpenPeriod) -> bool:
    """Whether somebody can get in, if only with a key or an appointment."""
    return period["state"] not in _CLOSED and period["state"] != "undefined"


def _period(period: OpenPeriod, voice: Voice) -> str:
    state = voice.maybe(f"hours.state.{period['state']}") or voice.text("hours.state.undefined")
    start, end = period["start"], period["end"]
    if start is None and end is None:
        return state
    if start == "00:00" and end == "00:00":
        span = voice.text("hours.all_day")
    elif end is None:
        span = voice.text("hours.from", {"start": _time(start, voice)})
    elif start is None:
        span = voice.text("hours.until", {"end": _time(end, voice)})
    else:
        span = voice.text("hours.span", {"start": _time(start, voice), "end": _time(end, voice)})
    if period["ends_next_day"] and end not in {None, "00:00"}:
        span = voice.text("hours.next_day", {"span": span})
    return f"{state}: {span}"


def _time(value: str | None, voice: Voice) -> str:
    hour, _, minute = (value or "").partition(":")
    return voice.text("hours.time", {"hour": int(hour), "minute": minute})
