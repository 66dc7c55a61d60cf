"""From what was ordered to what is written: each message once, whatever is broken off in between.

A message has the name of its order and of what it tells; the store makes one of a name. So all that is done here may
be done again, and an order is only marked as done after its messages are stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import structlog

from proactive import subscriptions_sql as sql
from proactive.checkins import Create
from proactive.reminders import FeedDown, Nowhere, Occasion
from proactive.subscriptions import Sealer, Subscriptions
from proactive.template import Template, Templates
from proactive.upcoming import Due, Order, Plan, by_feed, by_rule, dumped, loaded
from proactive.wanted import ToPerson, Wanted

MAKER = b"subscriptions"
BATCH = 100
AT_ONCE = 8
"""Feeds that are asked side by side."""
LATER = timedelta(days=1)
"""After this long a kind that the city has dropped is looked for again."""
AGAIN = timedelta(minutes=15)
"""After this long a feed that did not answer is asked again."""

Ground = tuple[UUID, str, str]
"""A person, a purpose and a channel."""
Withdrawn = Callable[[Sequence[Ground]], Awaitable[Collection[Ground]]]
"""Which of them somebody has ended."""

logger = structlog.stdlib.get_logger("subscriptions")


class Keys(Sealer, Protocol):
    """The content of every person, many at once."""

    async def warm(self, persons: Collection[UUID]) -> None:
        """Have the keys of many persons at hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """An order that was looked at: what is to be written, when next, and what its feed told, if it was asked.

    ``done_until`` is now, where it is not said; ``over`` ends it.
    """

    row: asyncpg.Record
    wanted: tuple[Wanted, ...] = ()
    next: datetime | None = None
    told: Sequence[Occasion] | None = None
    done_until: datetime | None = None
    over: bool = False


class Run:
    """Makes nudges of orders that are due. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Keys,
        subscriptions: Subscriptions,
        templates: Templates,
        create: Create,
        *,
        withdrawn: Withdrawn,
        zone: ZoneInfo,
        now: Callable[[], datetime],
    ) -> None:
        self._pool = pool
        self._sealer = sealer
        self._subscriptions = subscriptions
        self._templates = templates
        self._create = create
        self._withdrawn = withdrawn
        self._zone = zone
        self._now = now
        self._asking = asyncio.Semaphore(AT_ONCE)

    async def sweep(self) -> int:
        """Look at all that is due; how many there were."""
        done = 0
        while rows := await self._pool().fetch(sql.DUE, self._now(), BATCH):
            await self._sealer.warm({row[name] for row in rows for name in ("person_id", "owner")})
            ended = await self._withdrawn([_ground(row) for row in rows])
            looked = await asyncio.gather(*(self._look(row, ended=_ground(row) in ended) for row in rows))
            wanted = [one for order in looked for one in order.wanted]
            for created in await self._create(wanted, maker=MAKER) if wanted else ():
                if created.fault is not None:
                    logger.error("not_reminded", reason=created.fault.code)
            await self._done(looked)
            done += len(rows)
        return done

    async def _look(self, row: asyncpg.Record, *, ended: bool) -> Looked:
        if row["gone"] or ended:
            return Looked(row=row, over=True)
        opened = await self._subscriptions.opened(row)
        if opened is None:
            logger.warning("order_of_nothing", kind=row["kind"])
            return Looked(row=row, next=self._now() + LATER)
        order, template = opened.order, self._templates.get(opened.order.kind.template)
        if order.rule is not None:
            return await self._by_rule(row, order, template)
        told, next_ask = await self._ahead(row, order)
        kept = await self._kept(row) if told is None else told
        plan = by_feed(order, [*kept, *order.kind.dates], now=self._now(), zone=self._zone)
        nexts = [at for at in (plan.next, next_ask) if at is not None]
        return Looked(row=row, wanted=self._wanted(row, order, plan), next=min(nexts, default=None), told=told)

    async def _by_rule(self, row: asyncpg.Record, order: Order, template: Template) -> Looked:
        # What a pause left out is not made up for: it is over at the moment that this row waited for.
        since = row["next_at"] if row["status"] == "paused" else row["done_until"]
        plan = by_rule(order, done_until=since, now=self._now(), within=template.expires_after, zone=self._zone)
        if not plan.due or order.kind.feed is None:
            return Looked(row=row, wanted=self._wanted(row, order, plan), next=plan.next)
        try:
            told = await self._ask(row, order)
        except FeedDown:
            return Looked(row=row, next=self._now() + AGAIN, done_until=since)
        except Nowhere:
            told = []
        due = tuple(Due(one.name, one.at, about) for one in plan.due for about in told[:1])
        return Looked(row=row, wanted=self._wanted(row, order, Plan(due, None)), next=plan.next)

    async def _ahead(self, row: asyncpg.Record, order: Order) -> tuple[Sequence[Occasion] | None, datetime | None]:
        """What the feed tells, if it is time to ask it, and when to ask it next."""
        if order.kind.feed is None:
            return None, None
        now, asked_at = self._now(), row["asked_at"]
        if asked_at is not None and now < asked_at + order.kind.every:
            return None, asked_at + order.kind.every
        try:
            return await self._ask(row, order), now + order.kind.every
        except FeedDown:
            logger.warning("feed_down", kind=order.kind.id)
            return None, now + AGAIN
        except Nowhere:
            return [], now + order.kind.every

    async def _ask(self, row: asyncpg.Record, order: Order) -> Sequence[Occasion]:
        async with self._asking:
            return await self._subscriptions.ask(row["conversation_id"], order, row["spoken"])

    async def _kept(self, row: asyncpg.Record) -> list[Occasion]:
        if row["ahead"] is None:
            return []
        return loaded((await self._sealer.of(row["person_id"])).open_json(row["ahead"]))

    def _wanted(self, row: asyncpg.Record, order: Order, plan: Plan) -> tuple[Wanted, ...]:
        template, spoken = self._templates.get(order.kind.template), row["spoken"]
        return tuple(
            Wanted(
                template=template.id,
                to=ToPerson(row["owner"]),
                values={} if due.about is None else order.kind.values(due.about, template, spoken, self._zone),
                language=spoken,
                channels=(row["channel"],),
                due_at=due.at if order.rule is not None else None,
                dedupe=f"{row['id']} {due.name}",
            )
            for due in plan.due
        )

    async def _done(self, looked: Sequence[Looked]) -> None:
        now = self._now()
        over = [(one.row["id"], now) for one in looked if one.over]
        done = [await self._marked(one, now) for one in looked if not one.over]
        async with self._pool().acquire() as connection, connection.transaction():
            await connection.executemany(sql.OVER, over)
            await connection.executemany(sql.DONE, done)

    async def _marked(self, looked: Looked, now: datetime) -> tuple[Any, ...]:
        row, told = looked.row, looked.told
        ahead = None if told is None else (await self._sealer.of(row["person_id"])).json(dumped(told))
        asked_at = None if told is None else now
        return row["id"], row["next_at"], looked.done_until or now, looked.next, ahead, asked_at


def _ground(row: asyncpg.Record) -> Ground:
    return row["owner"], row["purpose"], row["channel"]
