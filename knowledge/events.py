"""What is on: events by words, days, price, audience, language and place.

From the copy that ``neuvo import events`` keeps, as long as it is of the last day; else from Linked Events itself; else
from the copy as it is, with its day.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from async_lru import alru_cache
from orjson import loads

from knowledge.documents import config
from knowledge.events_read import EventRecord, NoEvent, NotShown, read_event
from knowledge.events_shape import Event, Wish, order, shape
from knowledge.http import JsonSource, SourceRefused, SourceUnavailable
from knowledge.model import City
from knowledge.reading import rows
from knowledge.unit_copy import AWAY, Pool
from knowledge.units import Place, Unit

__all__ = ["Event", "EventFinder"]

_FRESH = timedelta(hours=24)
_MEGABYTES = 8 * 1024 * 1024
_MOST = 500
_NEAR_M = 5000
"""Events further away are not near, however few there are."""
_AGE = "SELECT ok_at FROM city_sources WHERE name = 'events'"
_COPY = """
SELECT e.* FROM city_events e
WHERE e.starts_at < $2 AND e.ends_at > $1 AND e.status IN ('scheduled', 'rescheduled')
    AND ($3 = '' OR EXISTS (SELECT FROM city_documents d WHERE d.kind = 'event' AND d.id = e.id
        AND d.language = $4 AND d.words @@ plainto_tsquery($5::text::regconfig, $3)))
ORDER BY e.starts_at, e.id LIMIT $6
"""


class EventFinder:
    """Events of a Linked Events server at ``base_url`` (``…/v1``) and of the copy over ``pool``; each may be missing.

    ``unit`` looks a place of the register up, for its name and where it is.
    """

    def __init__(
        self,
        city: City,
        base_url: str | None,
        *,
        unit: Callable[[str], Awaitable[Unit | None]],
        pool: Callable[[], Pool] | None = None,
        demonstration: bool = False,
        timeout: float = 5.0,
        attempts: int = 2,
        keep: float = 300.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._city = city
        self._zone = ZoneInfo(city.time_zone)
        self._unit = unit
        self._pool = pool
        self._demonstration = demonstration
        self._now = now
        self._source = (
            JsonSource("linked events", base_url, timeout=timeout, attempts=attempts, limit=_MEGABYTES)
            if base_url
            else None
        )
        self._live = alru_cache(maxsize=256, ttl=keep)(self._fetch)

    async def search(
        self,
        what: str,
        first: str,
        last: str,
        language: str,
        *,
        held_in: str | None = None,
        free: bool = False,
        children: bool = False,
        near: Place | None = None,
        limit: int = 5,
    ) -> list[Event]:
        """Events of the days from ``first`` to ``last`` (ISO, both included), those near the place first, else by time.

        ``what`` may be empty. Raises ``SourceUnavailable`` when neither source nor copy answers.
        """
        wish = Wish(
            what=" ".join(what.split())[:200],
            first=date.fromisoformat(first),
            last=date.fromisoformat(last),
            language=language,
            held_in=held_in,
            free=free,
            children=children,
            near=_point(near),
        )
        found, as_of = await self._found(wish)
        shown = [await self._shown(event, wish, as_of) for event in found if self._fits(event, wish)]
        if wish.near is not None:
            shown = [event for event in shown if event["distance_m"] is not None and event["distance_m"] <= _NEAR_M]
        shown.sort(key=lambda event: order(event, wish))
        return shown[: max(limit, 0)]

    async def close(self) -> None:
        """Close the connections."""
        if self._source is not None:
            await self._source.close()

    async def _found(self, wish: Wish) -> tuple[Iterable[EventRecord], str | None]:
        age = await self._age()
        if age is not None and (self._now() - age < _FRESH or self._source is None):
            return await self._copy(wish), self._day(age)
        if self._source is None:
            raise SourceUnavailable("linked events: no address is set, and there is no copy")
        try:
            return await self._live(wish.what, wish.first, wish.last), None
        except SourceUnavailable:
            if age is None:
                raise
            return await self._copy(wish), self._day(age)

    async def _age(self) -> datetime | None:
        if self._pool is None:
            return None
        try:
            found: datetime | None = await self._pool().fetchval(_AGE)
        except AWAY:
            return None
        return found

    async def _copy(self, wish: Wish) -> list[EventRecord]:
        if self._pool is None:
            return []
        begin, end = self._window(wish)
        values = (begin, end, wish.what, wish.language, config(wish.language), _MOST)
        try:
            return [_record(row) for row in await self._pool().fetch(_COPY, *values)]
        except AWAY as error:
            raise SourceUnavailable(f"events: {type(error).__name__}") from None

    async def _fetch(self, what: str, first: date, last: date) -> tuple[EventRecord, ...]:
        if self._source is None:
            return ()
        asked = {"start": first.isoformat(), "end": last.isoformat(), "include": "location", "sort": "start_time"}
        try:
            page = await self._source.get("/event/", asked | {"page_size": "100"} | ({"text": what} if what else {}))
        except SourceRefused as error:
            raise SourceUnavailable(str(error)) from None
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise SourceUnavailable("linked events: an answer without events")
        found = []
        for row in rows(page["data"]):
            try:
                found.append(read_event(row, self._city))
            except (NoEvent, NotShown):
                continue
        return tuple(found)

    def _window(self, wish: Wish) -> tuple[datetime, datetime]:
        begin = datetime.combine(wish.first, time(), self._zone)
        end = datetime.combine(wish.last + timedelta(days=1), time(), self._zone)
        return max(begin, self._now()), end

    def _fits(self, event: EventRecord, wish: Wish) -> bool:
        begin, end = self._window(wish)
        return (
            event.status in {"scheduled", "rescheduled"}
            and event.starts_at < end
            and event.ends_at > begin
            and (event.free is True or not wish.free)
            and (event.children or not wish.children)
            and (wish.held_in is None or wish.held_in in event.languages)
        )

    async def _shown(self, event: EventRecord, wish: Wish, as_of: str | None) -> Event:
        unit = await self._unit(event.unit_id) if event.unit_id else None
        shown = shape(event, unit, wish, self._zone)
        shown["as_of"], shown["demonstration"] = as_of, self._demonstration
        return shown

    def _day(self, moment: datetime) -> str:
        return moment.astimezone(self._zone).date().isoformat()


def _record(row: Any) -> EventRecord:
    texts = {name: loads(row[name]) for name in ("names", "summaries", "urls", "place_names", "prices")}
    plain = ("id", "starts_at", "ends_at", "has_time", "status", "free", "children", "unit_id", "latitude", "longitude")
    return EventRecord(**texts, **{name: row[name] for name in plain}, languages=tuple(row["languages"]))


def _point(place: Place | None) -> tuple[float, float] | None:
    if place is None or place["latitude"] is None or place["longitude"] is None:
        return None
    return place["latitude"], place["longitude"]
