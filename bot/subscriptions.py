"""Reminders that citizens order, as the dialogs know them, and the feeds of their dates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from bot.codec import Sealer
from bot.database import DOWN
from bot.service_mydata_consents import ConsentDesk
from dialogs.services import ServiceUnavailable
from dialogs.services_nudges import Details, Ordered, Reminder, ReminderKind
from knowledge.dates import Dated, DateFeed
from knowledge.events import EventFinder
from knowledge.events_shape import Event
from knowledge.http import SourceUnavailable
from knowledge.units import Place
from proactive.reminders import FeedDown, Nowhere, Occasion, Subject
from proactive.subscriptions import Refused, Subscription, Subscriptions
from proactive.suppressions import Suppressions
from proactive.template import Templates
from proactive.upcoming import when

EVENTS = "events"
"""The feed of the city's events, which needs no address of its own."""

NUMBER = """
SELECT o.person_id, o.address FROM conversations c JOIN conversations o ON o.person_id = c.person_id
WHERE c.id = $1 AND o.channel = 'sms' AND o.level <> 'claimed' AND o.detached_at IS NULL
ORDER BY o.level_at DESC LIMIT 1
"""
"""conversation. The number that was confirmed last."""


class Dates:
    """``proactive.reminders.Feed`` over a server of dates."""

    def __init__(self, source: DateFeed) -> None:
        self._source = source

    async def close(self) -> None:
        """Close the connections."""
        await self._source.close()

    async def ahead(self, subject: Subject, first: date, last: date) -> Sequence[Occasion]:
        """What it tells."""
        try:
            if subject.number is not None:
                found = await self._source.of_number(subject.number, first, last)
            else:
                found = await self._source.at_place(subject.place, first, last)
        except SourceUnavailable as error:
            raise FeedDown(str(error)) from error
        if found is None:
            raise Nowhere
        return [_occasion(dated) for dated in found]


class Events:
    """``proactive.reminders.Feed`` over the city's events."""

    def __init__(self, finder: EventFinder) -> None:
        self._finder = finder

    async def ahead(self, subject: Subject, first: date, last: date) -> Sequence[Occasion]:
        """The nearest first; only what has a name and a place in words."""
        near = None if subject.place is None else cast(Place, dict(subject.place))
        try:
            found = await self._finder.search("", first.isoformat(), last.isoformat(), subject.language, near=near)
        except SourceUnavailable as error:
            raise FeedDown(str(error)) from error
        return [_event(event, subject.language) for event in found if event["names"] and event["place_names"]]

    async def close(self) -> None:
        """Nothing of its own is open."""


class ReminderDesk:
    """``dialogs.services_nudges.Subscriptions``."""

    def __init__(
        self,
        subscriptions: Subscriptions,
        suppressions: Suppressions,
        consents: ConsentDesk,
        templates: Templates,
        *,
        number: str,
    ) -> None:
        """``number`` is what citizens send START to."""
        self._subscriptions = subscriptions
        self._suppressions = suppressions
        self._consents = consents
        self._templates = templates
        self._number = number

    async def kinds(self, language: str) -> list[ReminderKind]:
        """What can be ordered."""
        return [
            ReminderKind(
                id=kind.id,
                title=kind.title[language],
                purpose=self._templates.get(kind.template).purpose,
                asks=list(kind.asks),
            )
            for kind in self._subscriptions.kinds()
        ]

    async def list(self, conversation: str, language: str) -> list[Reminder]:
        """What has been ordered. Raises ``ServiceUnavailable``."""
        try:
            found = await self._subscriptions.list(UUID(conversation))
            blocked = await self._suppressions.blocked(UUID(conversation))
        except DOWN as error:
            raise ServiceUnavailable(type(error).__name__) from error
        return [_reminder(one, language, blocked=blocked) for one in found]

    async def order(self, key: str, conversation: str, kind: str, details: Details, language: str) -> Ordered:
        """Order one. Who orders wants to be written to: what stopped messages here is taken back."""
        here, chosen = UUID(conversation), next((k for k in self._subscriptions.kinds() if k.id == kind), None)
        if chosen is None:
            return _not("refused")
        stands = await self._consents.standing(here, self._templates.get(chosen.template).purpose)
        if stands is None or not stands.allowed:
            return _not("no_consent")
        try:
            made, known = await self._subscriptions.order(key, here, kind, {**details}, language)
        except Refused:
            return _not("refused")
        except Nowhere:
            return _not("nowhere")
        await self._suppressions.lift(here)
        blocked = await self._suppressions.blocked(here)
        outcome = "pending" if blocked else "known" if known else "done"
        number = self._number if blocked else ""
        return Ordered(outcome=outcome, number=number, reminder=_reminder(made, language, blocked=blocked))

    async def pause(self, _key: str, conversation: str, reminder: str, until: str | None) -> bool:
        """Write nothing for a while."""
        day = None if until is None else date.fromisoformat(until)
        return await self._subscriptions.pause(UUID(conversation), UUID(reminder), day)

    async def resume(self, _key: str, conversation: str, reminder: str) -> bool:
        """Go on."""
        return await self._subscriptions.resume(UUID(conversation), UUID(reminder))

    async def end(self, _key: str, conversation: str, reminder: str) -> bool:
        """End it."""
        return await self._subscriptions.end(UUID(conversation), UUID(reminder))


def feeds(addresses: Mapping[str, str], finder: EventFinder, zone: ZoneInfo) -> dict[str, Dates | Events]:
    """All of them by name. Make them where the event loop runs."""
    return {EVENTS: Events(finder), **{name: Dates(DateFeed(name, url, zone)) for name, url in addresses.items()}}


def confirmed_number(pool: Callable[[], asyncpg.Pool[Any]], sealer: Sealer) -> Callable[[UUID], Awaitable[str | None]]:
    """Looks up the confirmed number of who is in a conversation."""

    async def number(conversation: UUID) -> str | None:
        row = await pool().fetchrow(NUMBER, conversation)
        return None if row is None else (await sealer.of(row["person_id"])).open_text(row["address"])

    return number


def _not(outcome: str) -> Ordered:
    return Ordered(outcome=outcome, number="", reminder=None)


def _reminder(one: Subscription, language: str, *, blocked: bool) -> Reminder:
    place = one.order.place
    state = "pending" if blocked and one.status == "active" else one.status
    return Reminder(
        id=str(one.id),
        kind=one.order.kind.id,
        title=one.order.kind.title[language],
        about="" if place is None else str(place.get("text", "")),
        state=state,
        until=None if one.until is None else one.until.isoformat(),
        next=None if one.next is None or state != "active" else one.next.isoformat(),
    )


def _occasion(dated: Dated) -> Occasion:
    return Occasion(id=dated["id"], at=when(dated["at"]), values=dated["values"])


def _event(event: Event, language: str) -> Occasion:
    said = {"name": _in(event["names"], language)[:80], "place": _in(event["place_names"], language)[:60]}
    link = _in(event["urls"], language) if event["urls"] else ""
    if link.startswith("https://"):
        said["link"] = link
    return Occasion(id=event["id"], at=datetime.fromisoformat(event["starts"]), values=said)


def _in(said: Mapping[str, str], language: str) -> str:
    return said.get(language) or next(iter(said.values()))
