"""What an event looks like to who asked for it, and in which order events come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

from knowledge.events_read import EventRecord
from knowledge.geometry import metres
from knowledge.units import Unit

_LONG = timedelta(days=3)
"""What goes on for longer is listed after what begins in the days that are asked for."""


class Event(TypedDict):
    """An event. Texts are by language; ``starts`` and ``ends`` are ISO with the city's offset, the end exclusive.

    Without ``has_time`` only the days are said. ``status`` is ``scheduled`` or ``rescheduled``; ``free`` is ``None``
    where nothing is said, and ``prices`` are the source's own words. ``distance_m`` is from the place that was asked
    for, in metres. ``as_of`` is the ISO date of the copy that says so, ``None`` for an answer of the source itself.
    """

    id: str
    names: dict[str, str]
    summaries: dict[str, str]
    urls: dict[str, str]
    starts: str
    ends: str
    has_time: bool
    status: str
    free: bool | None
    prices: dict[str, str]
    children: bool
    languages: list[str]
    unit_id: str | None
    place_names: dict[str, str]
    latitude: float | None
    longitude: float | None
    distance_m: int | None
    as_of: str | None
    demonstration: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody looks for. ``first`` and ``last`` are days, both included; ``held_in`` is a language."""

    what: str
    first: date
    last: date
    language: str
    held_in: str | None
    free: bool
    children: bool
    near: tuple[float, float] | None


def shape(event: EventRecord, unit: Unit | None, wish: Wish, zone: ZoneInfo) -> Event:
    """An event as it is shown; the unit that it is in lends its name and coordinates where the event has none."""
    latitude, longitude = event.latitude, event.longitude
    if unit is not None and (latitude is None or longitude is None):
        latitude, longitude = unit["latitude"], unit["longitude"]
    here = None if latitude is None or longitude is None else (latitude, longitude)
    return Event(
        id=event.id,
        names=dict(event.names),
        summaries=dict(event.summaries),
        urls=dict(event.urls),
        starts=event.starts_at.astimezone(zone).isoformat(),
        ends=event.ends_at.astimezone(zone).isoformat(),
        has_time=event.has_time,
        status=event.status,
        free=event.free,
        prices=dict(event.prices),
        children=event.children,
        languages=list(event.languages),
        unit_id=event.unit_id,
        place_names=dict(event.place_names or (unit["names"] if unit else {})),
        latitude=latitude,
        longitude=longitude,
        distance_m=round(metres(wish.near, here)) if wish.near and here else None,
        as_of=None,
        demonstration=False,
    )


def order(event: Event, wish: Wish) -> tuple[object, ...]:
    """What sorts events: those that begin in the days that are asked for first, by distance or by time."""
    starts, ends = datetime.fromisoformat(event["starts"]), datetime.fromisoformat(event["ends"])
    goes_on = starts.date() < wish.first or ends - starts > _LONG
    return goes_on, (event["distance_m"] if wish.near else None) or 0, event["starts"], event["id"]
