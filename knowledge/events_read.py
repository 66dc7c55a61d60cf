"""One event of Linked Events v1.

``name{} short_description{} description{} (HTML) start_time end_time has_start_time location{@id | place} offers[]
in_language[] audience[] keywords[] event_status super_event_type``. Times are UTC, or a day alone; ends are exclusive.
An umbrella of repeated events is left out, since each of them is in the list itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from knowledge.html_text import plain
from knowledge.model import City
from knowledge.reading import by_language, identity, number, point, rows, webs_by_language

STATUS = {
    "EventScheduled": "scheduled",
    "EventRescheduled": "rescheduled",
    "EventPostponed": "postponed",
    "EventCancelled": "cancelled",
}
_LAST_PART = re.compile(r"/([^/]+)/?$")
_REGISTER = "tprek:"
_CHILD = 17
_SUMMARY = 400
_PRICE, _MOST_PRICES = 120, 3
"""Characters of one price, and how many of an event's are told."""


class NoEvent(Exception):
    """A row that is no event: without an id, a name or a time."""


class NotShown(Exception):
    """An event that is whole, but a draft, deleted, an umbrella, or without a day yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRecord:
    """One event. ``free`` is ``None`` where nothing is said; ``languages`` are those that it is held in."""

    id: str
    names: dict[str, str]
    summaries: dict[str, str]
    urls: dict[str, str]
    starts_at: datetime
    ends_at: datetime
    has_time: bool
    status: str
    free: bool | None
    prices: Mapping[str, str]
    children: bool
    languages: tuple[str, ...]
    unit_id: str | None
    place_names: dict[str, str]
    latitude: float | None
    longitude: float | None


def read_event(row: Any, city: City) -> EventRecord:
    """An event. Raises ``NoEvent`` or ``NotShown``."""
    if not isinstance(row, Mapping):
        raise NoEvent
    event_id, names = identity(row.get("id")), by_language(row, "name", city.languages)
    if event_id is None or not names:
        raise NoEvent
    hidden = row.get("deleted") is True or row.get("publication_status") == "draft"
    if hidden or row.get("super_event_type") == "recurring" or row.get("start_time") is None:
        raise NotShown
    starts, ends, has_time = _times(row, ZoneInfo(city.time_zone))
    place = row.get("location")
    where = place if isinstance(place, Mapping) else {}
    latitude, longitude = point(where.get("position")) or (None, None)
    return EventRecord(
        id=event_id,
        names=names,
        summaries=_summaries(row, city.languages),
        urls=webs_by_language(row, "info_url", city.languages),
        starts_at=starts,
        ends_at=ends,
        has_time=has_time,
        status=_status(row.get("event_status")),
        free=_free(row.get("offers")),
        prices=_prices(row.get("offers"), city.languages),
        children=_for_children(row, city.children_keywords),
        languages=tuple(sorted({ref for item in rows(row.get("in_language")) if (ref := _reference(item))})),
        unit_id=_unit(where),
        place_names=by_language(where, "name", city.languages),
        latitude=latitude,
        longitude=longitude,
    )


def _times(row: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime, bool]:
    """Begin, end, and whether they are more than days. An event without an end ends with its day."""
    start, timed = _moment(row["start_time"], zone)
    if start is None:
        raise NoEvent
    timed = timed and row.get("has_start_time") is not False
    end, end_timed = _moment(row.get("end_time"), zone)
    if end is not None and not end_timed and isinstance(row.get("end_time"), str):
        end = _midnight(end.astimezone(zone).date() + timedelta(days=1), zone)  # a day alone is a part of the event
    if end is None or end < start:
        end = _midnight(start.astimezone(zone).date() + timedelta(days=1), zone)
    return start, end, timed


def _moment(value: Any, zone: ZoneInfo) -> tuple[datetime | None, bool]:
    if not isinstance(value, str):
        return None, False
    try:
        if len(value) == 10:
            return _midnight(date.fromisoformat(value), zone), False
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC), True
    except (ValueError, OverflowError):
        return None, False


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _status(value: Any) -> str:
    return STATUS.get(value, "scheduled") if isinstance(value, str) else "scheduled"


def _summaries(row: Mapping[str, Any], languages: Iterable[str]) -> dict[str, str]:
    """The short description, else the beginning of the long one, which is HTML."""
    long = {code: plain(text) for code, text in by_language(row, "description", languages, 4000).items()}
    short = {code: plain(text) for code, text in by_language(row, "short_description", languages, 1000).items()}
    return by_language(
        {"text": long | {code: text for code, text in short.items() if text}}, "text", languages, _SUMMARY
    )


def _free(offers: Any) -> bool | None:
    """Free where every offer is; not free where one is not; else nothing is said."""
    said = [offer.get("is_free") for offer in rows(offers)]
    return None if not said or any(not isinstance(free, bool) for free in said) else all(said)


def _prices(offers: Any, languages: Iterable[str]) -> dict[str, str]:
    """What the offers that are not free cost, as the source words it, by language; of many the first few."""
    said: dict[str, list[str]] = {}
    for offer in rows(offers):
        if offer.get("is_free") is not True:
            for code, text in by_language(offer, "price", languages, _PRICE).items():
                words = said.setdefault(code, [])
                if (price := plain(text)) and price not in words and len(words) < _MOST_PRICES:
                    words.append(price)
    return {code: "; ".join(words) for code, words in said.items() if words}


def _for_children(row: Mapping[str, Any], keywords: Iterable[str]) -> bool:
    oldest = number(row.get("audience_max_age"))
    if oldest is not None and oldest <= _CHILD:
        return True
    named = (*rows(row.get("audience")), *rows(row.get("keywords")))
    return not set(keywords).isdisjoint({_reference(item) for item in named})


def _reference(item: Mapping[str, Any]) -> str | None:
    """The id of a reference, which is the last part of its address, or of what it stands for."""
    known = item.get("id")
    if isinstance(known, str):
        return known
    address = item.get("@id")
    match = _LAST_PART.search(address) if isinstance(address, str) else None
    return match[1] if match else None


def _unit(place: Mapping[str, Any]) -> str | None:
    reference = _reference(place)
    if reference is None or not reference.startswith(_REGISTER):
        return None
    return identity(reference.removeprefix(_REGISTER))
