"""Dates from another's server: when the waste is collected, a street is swept, an application time ends.

Cities have no common interface for these, so ours is small, and iCalendar (RFC 5545) is read as well. We ask
``GET {url}?from=2027-01-04&to=2027-01-18&lat=60.17&lon=24.94&place=Kaivokatu 1``, or ``POST {url}`` with ``{"from",
"to", "number"}`` where it is by somebody's telephone number, which must be in no log. The answer is ``{"items": [{"id",
"at", "values": {…}}]}``, with ``at`` an ISO date, or a moment with its offset; 404 says that the place is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypedDict
from zoneinfo import ZoneInfo

import recurring_ical_events
from async_lru import alru_cache
from icalendar import Calendar, Component

from knowledge.http import JsonSource, SourceUnavailable, text

_CALENDAR = b"BEGIN:VCALENDAR"
_TAKEN = ("summary", "location", "description", "url")
_MOST = 500
"""Items of one answer."""


class Dated(TypedDict):
    """Something that will be. ``at`` is an ISO date, or a moment with its offset."""

    id: str
    at: str
    values: dict[str, Any]


class _Source(JsonSource):
    """JSON, or a calendar as its bytes."""

    def _decode(self, raw: bytes, lost: type[SourceUnavailable]) -> Any:
        if raw.lstrip(b"\xef\xbb\xbf\r\n ").startswith(_CALENDAR):
            return raw
        return super()._decode(raw, lost)


class DateFeed:
    """One such server. An answer is kept for ``keep`` seconds, since many live in one street."""

    def __init__(
        self, name: str, url: str, zone: ZoneInfo, *, timeout: float = 5.0, attempts: int = 2, keep: float = 900.0
    ) -> None:
        """``zone`` is that of the times in a calendar which have none."""
        self._name = name
        self._zone = zone
        self._source = _Source(name, url, timeout=timeout, attempts=attempts)
        self._kept = alru_cache(maxsize=4096, ttl=keep)(self._get)

    async def at_place(self, place: Mapping[str, Any] | None, first: date, last: date) -> list[Dated] | None:
        """What will be at a place (``latitude``, ``longitude``, ``text``), or everywhere; ``None``: it is not known.

        Raises ``SourceUnavailable``.
        """
        asked = {"from": first.isoformat(), "to": last.isoformat()}
        if place is not None:
            where = {"lat": place.get("latitude"), "lon": place.get("longitude"), "place": place.get("text")}
            asked |= {name: str(value) for name, value in where.items() if value not in (None, "")}
        return self._read(await self._kept(tuple(sorted(asked.items()))), first, last)

    async def of_number(self, number: str, first: date, last: date) -> list[Dated] | None:
        """What will be of who has a telephone number (E.164). Raises ``SourceUnavailable``."""
        document = {"from": first.isoformat(), "to": last.isoformat(), "number": number}
        answer = await self._source.write("POST", "", document, {}, answers={404})
        return None if answer.status == 404 else self._read(answer.document, first, last)

    async def close(self) -> None:
        """Close the connections."""
        await self._source.close()

    async def _get(self, asked: tuple[tuple[str, str], ...]) -> Any:
        return await self._source.get("", dict(asked))

    def _read(self, document: Any, first: date, last: date) -> list[Dated] | None:
        if document is None:
            return None
        if isinstance(document, bytes):
            return list(self._calendar(document, first, last))[:_MOST]
        items = document.get("items") if isinstance(document, dict) else None
        if not isinstance(items, list):
            raise SourceUnavailable(f"{self._name}: an answer without its items")
        return [dated for item in items[:_MOST] if (dated := _item(item)) is not None]

    def _calendar(self, raw: bytes, first: date, last: date) -> Iterator[Dated]:
        try:
            calendar = Calendar.from_ical(text(raw))
            found = recurring_ical_events.of(calendar, skip_bad_series=True).between(first, last + timedelta(days=1))
        except ValueError:
            raise SourceUnavailable(f"{self._name}: a calendar that cannot be read") from None
        for event in sorted(found, key=lambda one: self._moment(one.start).isoformat()):
            if str(event.get("STATUS", "")).upper() != "CANCELLED":
                yield self._event(event)

    def _event(self, event: Any) -> Dated:
        start = event.start
        at = start.isoformat() if not isinstance(start, datetime) else self._moment(start).isoformat()
        return Dated(id=str(event.get("UID", "")), at=at, values=dict(_values(event)))

    def _moment(self, start: date | datetime) -> datetime:
        if not isinstance(start, datetime):
            start = datetime(start.year, start.month, start.day)  # noqa: DTZ001  the zone comes with the next line
        return (start if start.tzinfo is not None else start.replace(tzinfo=self._zone)).astimezone(UTC)


def _values(event: Component) -> Iterator[tuple[str, str]]:
    for name in _TAKEN:
        said = event.get(name)
        if said is not None:
            yield name, " ".join(str(said).split())


def _item(item: Any) -> Dated | None:
    """One that can be used; a broken one does not spoil the others."""
    if not isinstance(item, dict):
        return None
    id_, at, values = item.get("id"), item.get("at"), item.get("values", {})
    if not isinstance(at, str) or not isinstance(values, dict) or not isinstance(id_, str | int) or not _right(at):
        return None
    return Dated(id=str(id_), at=at, values=values)


def _right(at: str) -> bool:
    try:
        return (len(at) == 10 and bool(date.fromisoformat(at))) or datetime.fromisoformat(at).tzinfo is not None
    except ValueError:
        return False
