"""The city's services as the dialogs know them: the knowledge room's clients, their errors in the dialogs' words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias

import asyncpg

from bot.city import City
from bot.service_appointments import Appointments
from bot.subscriptions import feeds
from dialogs.services import (
    Contact,
    DayHours,
    Event,
    EventWish,
    Found,
    Kind,
    OpenPeriod,
    OpenStatus,
    Place,
    ReportStatus,
    ServiceUnavailable,
    Ticket,
)
from knowledge.events import EventFinder
from knowledge.feedback import Contact as KnownContact
from knowledge.feedback import Open311Desk
from knowledge.hours import Hours
from knowledge.http import SourceUnavailable
from knowledge.search import Search
from knowledge.topics import Topics
from knowledge.units import Directory
from knowledge.units import Place as KnownPlace
from nlu.mask import ACCOUNT, EMAIL, IDENTITY_CODE, PHONE, mask


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the city's services are; ``None`` where there is none. ``demonstration`` marks invented ones.

    ``feeds`` are of dates that citizens can order, by their names in ``reminders.yaml``.
    """

    hauki: str | None = None
    open311: str | None = None
    open311_key: str = ""
    linked_events: str | None = None
    appointments: str | None = None
    appointments_token: str = field(default="", repr=False)
    units: str | None = None
    unit_connections: str | None = None
    feeds: Mapping[str, str] = field(default_factory=dict)
    demonstration: bool = False


PictureUrl = Callable[[str], Awaitable[str | None]]
"""The web address of a citizen's picture by its id, for the city's service to fetch; ``None`` where there is none."""


Pool: TypeAlias = "asyncpg.Pool[Any]"


async def _nowhere(_photo_id: str) -> str | None:
    return None


class OpeningHours:
    """Opening hours, with the dialogs' error."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours

    async def on(self, unit_id: str, date: str) -> DayHours:
        """The hours of one ISO date. Raises ``ServiceUnavailable``."""
        try:
            day = await self._hours.on(unit_id, date)
        except SourceUnavailable as error:
            raise ServiceUnavailable(str(error)) from error
        return DayHours(
            date=day["date"],
            known=day["known"],
            periods=[OpenPeriod(**period) for period in day["periods"]],
            demonstration=day["demonstration"],
            as_of=day["as_of"],
        )

    async def status(self, unit_id: str, now: str) -> OpenStatus:
        """Whether a unit is open at an ISO moment, until when, and when again. Raises ``ServiceUnavailable``."""
        try:
            return OpenStatus(**await self._hours.status(unit_id, datetime.fromisoformat(now)))
        except SourceUnavailable as error:
            raise ServiceUnavailable(str(error)) from error

    def holiday(self, date: str, language: str) -> str | None:
        """The name of the public holiday on an ISO date, if it is one."""
        return self._hours.holiday(date, language)


class EventSearch:
    """Events, with the dialogs' error."""

    def __init__(self, finder: EventFinder) -> None:
        self._finder = finder

    async def search(self, wish: EventWish) -> list[Event]:
        """Events that fit the wish, nearest or soonest first. Raises ``ServiceUnavailable``."""
        near = wish["near"]
        try:
            found = await self._finder.search(
                wish["what"],
                wish["first"],
                wish["last"],
                wish["language"],
                held_in=wish["held_in"],
                free=wish["free"],
                children=wish["children"],
                near=KnownPlace(**near) if near is not None else None,
                limit=wish["limit"],
            )
        except SourceUnavailable as error:
            raise ServiceUnavailable(str(error)) from error
        return [Event(**event) for event in found]


class CitySearch:
    """The search, with the dialogs' error; without a database it finds nothing."""

    def __init__(self, search: Search | None) -> None:
        self._search = search

    async def find(self, text: str, language: str, limit: int = 3) -> list[Found]:
        """Up to ``limit`` answers, the best first; none where nothing fits well. Raises ``ServiceUnavailable``."""
        if self._search is None:
            return []
        try:
            return [Found(**found) for found in await self._search.find(text, language, limit)]
        except SourceUnavailable as error:
            raise ServiceUnavailable(str(error)) from error


class FeedbackDesk:
    """Fault reports, with the dialogs' error where a dialog waits; an effect's errors are the effect's."""

    def __init__(self, desk: Open311Desk, picture_url: PictureUrl) -> None:
        self._desk = desk
        self._picture_url = picture_url

    async def kinds(self, language: str) -> list[Kind]:
        """The kinds of fault that can be reported. Raises ``ServiceUnavailable``."""
        try:
            return [Kind(**kind) for kind in await self._desk.kinds(language)]
        except SourceUnavailable as error:
            raise ServiceUnavailable(str(error)) from error

    async def submit(  # noqa: PLR0917  an effect's arguments are a list
        self,
        key: str,
        kind: str,
        place: Place,
        details: str,
        photos: Sequence[str] = (),
        contact: Contact | None = None,
    ) -> Ticket:
        """Send a report with the pictures of these ids and a contact by choice, once for each ``key``."""
        urls = [await self._picture_url(photo) for photo in photos]
        reached = KnownContact(**contact) if contact is not None else None
        sent = await self._desk.submit(
            key, kind, KnownPlace(**place), details, pictures=[url for url in urls if url], contact=reached
        )
        return Ticket(**sent)

    async def status(self, number: str) -> ReportStatus:
        """What has become of a report. Raises ``ServiceUnavailable``."""
        try:
            return ReportStatus(**await self._desk.status(number))
        except SourceUnavailable as error:
            raise ServiceUnavailable(str(error)) from error


class Masking:
    """Personal data out of a report's description; its place and a car's plate stay, since they may be the report."""

    KINDS = frozenset((ACCOUNT, EMAIL, IDENTITY_CODE, PHONE))

    def mask(self, text: str) -> str:
        """The text with identity codes, phone numbers, e-mail and bank accounts as ``‹phone›`` and the like."""
        return mask(text, self.KINDS)


class Services:
    """All services under the names that dialogs and effects use. Make it where the event loop runs.

    ``pool`` gives the database's connections once it is open; without it, what the content brings is all there is.
    """

    def __init__(
        self,
        city: City,
        addresses: Addresses,
        picture_url: PictureUrl = _nowhere,
        pool: Callable[[], Pool] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        demonstration = addresses.demonstration
        self._hours = Hours(city.content.city, addresses.hauki, demonstration=demonstration, pool=pool)
        self._desk = Open311Desk(
            city.content.city, addresses.open311, api_key=addresses.open311_key, demonstration=demonstration
        )
        self._directory = Directory(city.content, pool)
        self._events = EventFinder(
            city.content.city,
            addresses.linked_events,
            unit=self._directory.unit,
            pool=pool,
            demonstration=demonstration,
            now=now,
        )
        self.feeds = feeds(addresses.feeds, self._events, city.zone)
        self._appointments: Appointments | None = None
        if addresses.appointments is not None:  # without a server nothing can be booked in a conversation
            self._appointments = Appointments(
                city.content.city,
                addresses.appointments,
                token=addresses.appointments_token,
                demonstration=demonstration,
                now=now,
            )
        self.by_name: Mapping[str, object] = {
            "events": EventSearch(self._events),
            "search": CitySearch(Search(city.content, pool, lemma=city.lemma) if pool is not None else None),
            "directory": self._directory,
            "hours": OpeningHours(self._hours),
            "feedback": FeedbackDesk(self._desk, picture_url),
            "masking": Masking(),
            "topics": Topics(city.content),
            **({"appointments": self._appointments} if self._appointments is not None else {}),
        }

    async def close(self) -> None:
        """Close the connections."""
        await self._directory.close()
        await self._hours.close()
        await self._events.close()
        await self._desk.close()
        for feed in self.feeds.values():
            await feed.close()
        if self._appointments is not None:
            await self._appointments.close()
