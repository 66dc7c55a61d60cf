"""What citizens order: reminders of one kind, for a place, a day or a time, on the channel where they ordered them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, Protocol
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import asyncpg

from bot.messages import JSON
from proactive import schedule
from proactive import subscriptions_sql as sql
from proactive.reminders import Feed, FeedDown, Kind, Nowhere, Occasion, Reminders, Subject
from proactive.template import Templates
from proactive.upcoming import Order, by_feed, dumped, loaded

MOST = 20
"""Orders of one person on one channel."""


class Content(Protocol):
    """What is sealed by one person's key."""

    def json(self, value: Any) -> bytes:
        """Seal a JSON value."""

    def open_json(self, data: bytes) -> JSON:
        """The JSON value."""


class Sealer(Protocol):
    """The content of every person."""

    async def of(self, person: UUID) -> Content:
        """One person's."""


class Refused(Exception):
    """It cannot be ordered like this: an unknown kind, details that it needs, or too many orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """An order as it stands. ``next`` is when the next message is due, where that is known."""

    id: UUID
    order: Order
    status: str
    until: date | None
    next: datetime | None


class Subscriptions:
    """The table ``subscriptions``. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        kinds: Reminders,
        templates: Templates,
        feeds: Mapping[str, Feed],
        *,
        number: Callable[[UUID], Awaitable[str | None]],
        zone: ZoneInfo,
        lost: tuple[type[Exception], ...],
        now: Callable[[], datetime],
    ) -> None:
        """``feeds`` by the names in the kinds; ``number`` is the confirmed one of who is in a conversation.

        ``lost`` is what opening raises of who has no key any more.
        """
        self._pool = pool
        self._sealer = sealer
        self._kinds = kinds
        self._templates = templates
        self._feeds = feeds
        self._number = number
        self._zone = zone
        self._lost = lost
        self._now = now

    def kinds(self) -> list[Kind]:
        """What can be ordered: a kind whose dates come from nowhere cannot."""
        return [kind for kind in self._kinds if kind.dates or (self._feed(kind) if kind.feed else kind.rule)]

    async def order(
        self, key: str, conversation: UUID, kind: str, details: Mapping[str, JSON], language: str
    ) -> tuple[Subscription, bool]:
        """Order one, once for each ``key``; and whether there was the same one before.

        Raises ``Refused``, ``reminders.Nowhere`` where its feed does not know the place, or ``reminders.FeedDown``.
        """
        here = await self._pool().fetchrow(sql.HERE, conversation)
        chosen = next((one for one in self.kinds() if one.id == kind), None)
        if here is None or chosen is None:
            raise Refused
        order = _order(chosen, details, self._now().astimezone(self._zone).date())
        new, live = uuid5(conversation, key), await self.list(conversation)
        same = next((one for one in live if one.id == new), None) or next(
            (one for one in live if _same(one.order, order)), None
        )
        if same is not None:
            return same, same.id != new
        if len(live) >= MOST:
            raise Refused
        told = None  # asked now, lest somebody waits for what never comes
        if chosen.feed is not None and chosen.rule is None:
            told = await self.ask(conversation, order, language)
        content = await self._sealer.of(here["person_id"])
        kept = {name: details.get(name) for name in ("place", "day", "time")}
        purpose = self._templates.get(chosen.template).purpose
        await self._pool().execute(
            sql.ORDER,
            new,
            here["person_id"],
            conversation,
            here["channel"],
            kind,
            purpose,
            language,
            content.json(kept),
            self._now(),
            None if told is None else content.json(dumped(told)),
            None if told is None else self._now(),
        )
        made = await self._pool().fetchrow(sql.ONE, new)
        opened = None if made is None else await self.opened(made)
        if opened is None:
            raise Refused  # its person was erased in this moment
        return opened, False

    async def list(self, conversation: UUID) -> list[Subscription]:
        """What the person of a conversation has ordered on its channel and has not ended, the oldest first."""
        rows = await self._pool().fetch(sql.LIST, conversation)
        return [one for row in rows if (one := await self.opened(row)) is not None]

    async def pause(self, conversation: UUID, subscription: UUID, until: date | None) -> bool:
        """Write nothing until the morning of a day, or until it is resumed; false where it has ended."""
        again = None if until is None else schedule.moment(until, time(), self._zone)
        return await self._pool().fetchval(sql.PAUSE, conversation, subscription, until, again) is not None

    async def resume(self, conversation: UUID, subscription: UUID) -> bool:
        """Go on; false where it has ended."""
        return await self._pool().fetchval(sql.RESUME, conversation, subscription, self._now()) is not None

    async def end(self, conversation: UUID, subscription: UUID) -> bool:
        """End it; false where it had ended."""
        return await self._pool().fetchval(sql.END, conversation, subscription, self._now()) is not None

    async def opened(self, row: asyncpg.Record) -> Subscription | None:
        """A row as it stands; nothing where its key is gone, or the city has no such kind any more."""
        kind = self._kinds.get(row["kind"])
        try:
            content = await self._sealer.of(row["person_id"])
            details = content.open_json(row["details"])
            ahead = loaded([] if row["ahead"] is None else content.open_json(row["ahead"]))
        except self._lost:
            return None
        if kind is None:
            return None
        order = _order(kind, details, row["created_at"].astimezone(self._zone).date())
        status = row["status"]
        due = self._next(order, ahead) if status == "active" else None
        return Subscription(id=row["id"], order=order, status=status, until=row["until"], next=due)

    def _next(self, order: Order, ahead: Sequence[Occasion]) -> datetime | None:
        if order.rule is not None:
            return order.following(self._now(), self._zone)
        return by_feed(order, [*ahead, *order.kind.dates], now=self._now(), zone=self._zone).next

    async def ask(self, conversation: UUID, order: Order, language: str) -> Sequence[Occasion]:
        """What an order's feed tells. Raises ``reminders.Nowhere`` or ``reminders.FeedDown``."""
        feed = self._feed(order.kind)
        if feed is None:
            raise FeedDown
        number = await self._number(conversation) if order.kind.by_number else None
        if order.kind.by_number and number is None:
            raise Nowhere
        today = self._now().astimezone(self._zone).date()
        subject = Subject(place=order.place, number=number, language=language)
        return await feed.ahead(subject, today, today + order.kind.ahead)

    def _feed(self, kind: Kind) -> Feed | None:
        return None if kind.feed is None else self._feeds.get(kind.feed)


def _order(kind: Kind, details: Mapping[str, JSON], begins: date) -> Order:
    """From what was asked. Raises ``Refused``."""
    place, day, clock = (details.get(name) if name in kind.asks else None for name in ("place", "day", "time"))
    try:
        at = None if clock is None else time.fromisoformat(clock)
    except (TypeError, ValueError):
        raise Refused from None
    if any(details.get(name) is None for name in kind.asks) or day not in (None, *range(1, 8)):
        raise Refused
    return Order(kind=kind, place=place, day=day, time=at, begins=begins)


def _same(one: Order, other: Order) -> bool:
    return (one.kind.id, one.place, one.day, one.time) == (other.kind.id, other.place, other.day, other.time)
