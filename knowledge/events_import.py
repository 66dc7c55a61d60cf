"""The events of the weeks to come, from Linked Events into our tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from knowledge import documents
from knowledge.events_read import EventRecord, NoEvent, NotShown, read_event
from knowledge.feed import Feed, Limits, Seen
from knowledge.imports import Connection, Progress, Report, Staging, merge, packed, refuse_loss, rows_of, run, utc
from knowledge.imports import no_progress as silent
from knowledge.load import Content

SOURCE = "events"
EVENTS = "city_events"
DAYS = 60
COLUMNS = (
    "id",
    "names",
    "summaries",
    "urls",
    "starts_at",
    "ends_at",
    "has_time",
    "status",
    "free",
    "children",
    "languages",
    "unit_id",
    "place_names",
    "prices",
    "latitude",
    "longitude",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsImport:
    """Where the events are: the base address of Linked Events (``…/v1``), or a file with one of its lists."""

    content: Content
    address: str
    force: bool = False
    limits: Limits | None = None
    progress: Progress = silent
    now: Callable[[], datetime] = utc

    async def run(self, connection: Connection) -> Report:
        """Bring the table up to the source. Raises ``SourceUnavailable`` or ``ImportRefused``, and changes nothing."""
        return await run(connection, SOURCE, self._work)

    async def _work(self, connection: Connection) -> tuple[Report, Seen]:
        table = Staging(connection, EVENTS, COLUMNS)
        await table.make()
        seen: set[str] = set()
        counts: Counter[str] = Counter()
        async with self._feed() as feed, aclosing(rows_of(feed, self.progress)) as found:
            async for row in found:
                try:
                    event = read_event(row, self.content.city)
                except (NoEvent, NotShown) as error:
                    counts[type(error).__name__] += 1
                    continue
                if event.id not in seen:
                    seen.add(event.id)
                    await table.add(*columns(event))
        await table.index(("id",))
        report = Report(source=SOURCE, kept=len(seen), broken=counts["NoEvent"], elsewhere=counts["NotShown"])
        await refuse_loss(connection, f"{EVENTS} WHERE ends_at > now()", report, force=self.force)
        report = await merge(connection, EVENTS, ("id",), report)
        await documents.index_events(connection, self.content, urlsplit(self.address).hostname or "Linked Events")
        return report, Seen()

    def _feed(self) -> Feed:
        if not self.address.startswith(("http://", "https://")):
            return Feed(SOURCE, self.address, limits=self.limits)
        today = self.now().astimezone(ZoneInfo(self.content.city.time_zone)).date()
        asked = {
            "start": today.isoformat(),
            "end": (today + timedelta(days=DAYS)).isoformat(),
            "include": "location",
            "sort": "start_time",
            "page_size": "100",
        }
        return Feed(SOURCE, f"{self.address.rstrip('/')}/event/", asked, limits=self.limits)


def columns(event: EventRecord) -> tuple[object, ...]:
    """An event as a row."""
    return (
        event.id,
        packed(event.names),
        packed(event.summaries),
        packed(event.urls),
        event.starts_at,
        event.ends_at,
        event.has_time,
        event.status,
        event.free,
        event.children,
        list(event.languages),
        event.unit_id,
        packed(event.place_names),
        packed(event.prices),
        event.latitude,
        event.longitude,
    )
