"""What citizens order: made once for each occasion, on time, and for as long as they want it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import pytest

from bot.codec import UNREADABLE, Sealer
from proactive.nudge import Created
from proactive.placeholder import Placeholder
from proactive.reminders import FeedDown, Kind, Nowhere, Occasion, Reminders, Subject
from proactive.subscriptions import MOST, Refused, Subscriptions
from proactive.subscriptions_run import Ground, Run
from proactive.suppressions import Suppressions
from proactive.template import Templates
from proactive.wanted import Wanted
from tests.unit.proactive.store import NOW, PHONE, Store, said, store, template

ZONE = ZoneInfo("Europe/Helsinki")
WASTE = template(
    id="waste_pickup",
    purpose="waste_reminders",
    urgency="routine",
    values={"kind": Placeholder(kind="text", example="bio"), "day": Placeholder(kind="date", example="2027-08-03")},
    text=said("{kind} {day}"),
    expires_after=timedelta(hours=18),
)
DAILY = template(id="senior_checkin", purpose="senior_checkins", values={}, text=said("Miten voit?"))
KINDS = Reminders(
    (
        Kind(
            id="waste",
            title=said("Jätteet"),
            template="waste_pickup",
            asks=("place",),
            feed="waste",
            date="day",
            take={"kind": "kind"},
        ),
        Kind(id="daily", title=said("Kuulumiset"), template="senior_checkin", asks=("time",), rule="FREQ=DAILY"),
        Kind(id="loans", title=said("Lainat"), template="waste_pickup", feed="waste", by_number=True, date="day"),
        Kind(id="nothing", title=said("Ei mitään"), template="waste_pickup", feed="elsewhere"),
    )
)
HOME = {"kind": "street", "id": "1", "text": "Kaivokatu 1", "latitude": 60.17, "longitude": 24.94}
MADE = 'SELECT template, due_at, scheduled_at, "values", person_id FROM nudges ORDER BY created_at, due_at'


@dataclass
class Waste:
    """A feed: what it tells, whether it answers, and what it was asked."""

    things: list[Occasion] = field(default_factory=list)
    down: bool = False
    asked: list[Subject] = field(default_factory=list)

    async def ahead(self, subject: Subject, first: date, last: date) -> Sequence[Occasion]:
        self.asked.append(subject)
        if self.down:
            raise FeedDown
        if subject.place is not None and subject.place.get("text") == "Narnia":
            raise Nowhere
        return [one for one in self.things if first <= (one.at if type(one.at) is date else first) <= last]


@dataclass
class There:
    """Orders over a real store, with a clock that is set."""

    store: Store
    feed: Waste
    conversation: UUID
    now: datetime = NOW
    ended: bool = False
    number: str | None = None
    broken: bool = False

    def __post_init__(self) -> None:
        pool, sealer, templates = lambda: self.store.database.pool, Sealer(self.store.keys), Templates((WASTE, DAILY))

        async def number(_conversation: UUID) -> str | None:
            return self.number

        async def withdrawn(asked: Sequence[Ground]) -> Sequence[Ground]:
            return asked if self.ended else ()

        async def create(wanted: Sequence[Wanted], *, maker: bytes) -> Sequence[Created]:
            made = await self.store.nudges.create(wanted, maker=maker)
            if self.broken:
                raise asyncpg.ConnectionDoesNotExistError
            return made

        self.orders = Subscriptions(
            pool,
            sealer,
            KINDS,
            templates,
            {"waste": self.feed},
            number=number,
            zone=ZONE,
            lost=UNREADABLE,
            now=lambda: self.now,
        )
        self.run = Run(
            pool,
            sealer,
            self.orders,
            templates,
            create,
            withdrawn=withdrawn,
            zone=ZONE,
            now=lambda: self.now,
        )

    async def order(self, key: str = "1", kind: str = "waste", **details: Any) -> Any:
        wanted: Mapping[str, Any] = details or {"place": HOME}
        made, _ = await self.orders.order(key, self.conversation, kind, wanted, "fi")
        return made

    async def made(self) -> list[tuple[Any, ...]]:
        rows = await self.store.rows(MADE)
        return [(row[0], row[2], (await Sealer(self.store.keys).of(row[4])).open_json(row[3])) for row in rows]

    async def at(self, moment: datetime) -> int:
        self.now = moment
        return await self.run.sweep()


@asynccontextmanager
async def there(url: str, *things: Occasion) -> AsyncIterator[There]:
    made: list[There] = []
    async with store(url, [WASTE, DAILY], now=lambda: made[0].now) as kept:
        await kept.person("sms", PHONE)
        conversation = await kept.value("SELECT id FROM conversations")
        made.append(There(kept, Waste(list(things)), conversation))
        yield made[0]


def bio(day: date, name: str = "bio") -> Occasion:
    return Occasion(id=name, at=day, values={"kind": "bio"})


WEDNESDAY = date(2027, 8, 4)
TUESDAY_EVENING = datetime(2027, 8, 3, 15, tzinfo=UTC)


async def test_a_pick_up_is_told_of_the_evening_before_once_however_often_one_looks(database_url: str) -> None:
    async with there(database_url, bio(WEDNESDAY)) as here:
        made = await here.order()
        assert made.next == TUESDAY_EVENING
        for hour in range(28):
            await here.at(NOW + timedelta(hours=hour))
        assert await here.made() == []
        for minute in (0, 1, 2, 400):
            await here.at(TUESDAY_EVENING + timedelta(minutes=minute))
        assert await here.made() == [("waste_pickup", TUESDAY_EVENING, {"kind": "bio", "day": "2027-08-04"})]
        await here.at(TUESDAY_EVENING + timedelta(days=9))
        assert len(await here.made()) == 1


async def test_a_process_that_dies_after_storing_sends_each_once(database_url: str) -> None:
    async with there(database_url, bio(WEDNESDAY), bio(WEDNESDAY, "paper")) as here:
        await here.order()
        here.broken = True
        with pytest.raises(asyncpg.ConnectionDoesNotExistError):
            await here.at(TUESDAY_EVENING)
        here.broken = False
        await here.at(TUESDAY_EVENING + timedelta(minutes=1))
        assert len(await here.made()) == 2


async def test_a_feed_that_is_down_does_not_hold_back_what_it_told_before(database_url: str) -> None:
    async with there(database_url, bio(WEDNESDAY)) as here:
        await here.order()
        here.feed.down = True
        await here.at(NOW + timedelta(hours=7))
        assert len(here.feed.asked) == 2
        await here.at(TUESDAY_EVENING)
        assert len(await here.made()) == 1
        here.feed.down = False
        here.feed.things = [bio(date(2027, 8, 6))]
        await here.at(TUESDAY_EVENING + timedelta(minutes=16))
        await here.at(datetime(2027, 8, 5, 15, tzinfo=UTC))
        assert [values["day"] for _, _, values in await here.made()] == ["2027-08-04", "2027-08-06"]


async def test_what_is_ordered_late_is_told_of_at_once_until_it_begins(database_url: str) -> None:
    async with there(database_url, bio(WEDNESDAY)) as here:
        here.now = TUESDAY_EVENING + timedelta(hours=2)
        await here.order()
        await here.run.sweep()
        assert len(await here.made()) == 1


async def test_what_has_begun_is_not_told_of(database_url: str) -> None:
    async with there(database_url, bio(WEDNESDAY)) as here:
        here.now = datetime(2027, 8, 3, 21, tzinfo=UTC)  # midnight in Helsinki
        await here.order()
        await here.run.sweep()
        assert await here.made() == []


@pytest.mark.parametrize(
    ("day", "utc"),
    [(date(2027, 3, 28), "06:00"), (date(2027, 10, 31), "07:00"), (date(2028, 2, 29), "07:00")],
)
async def test_a_daily_nine_stays_nine_on_each_of_these_days(database_url: str, day: date, utc: str) -> None:
    async with there(database_url) as here:
        here.now = datetime.combine(day - timedelta(days=1), time(12), UTC)
        await here.order(kind="daily", time="09:00")
        due = datetime.combine(day, time.fromisoformat(utc), UTC)
        assert (await here.orders.list(here.conversation))[0].next == due
        await here.at(due - timedelta(minutes=1))
        assert await here.made() == []
        for minute in range(130):
            await here.at(due + timedelta(minutes=minute))
        assert [(at, values) for _, at, values in await here.made()] == [(due, {})]


async def test_days_on_which_nothing_worked_are_not_made_up_for(database_url: str) -> None:
    async with there(database_url) as here:
        await here.order(kind="daily", time="09:00")
        await here.at(NOW + timedelta(days=5, hours=-2))
        assert [at for _, at, _ in await here.made()] == [datetime(2027, 8, 7, 6, tzinfo=UTC)]


async def test_pausing_leaves_out_and_goes_on(database_url: str) -> None:
    async with there(database_url) as here:
        made = await here.order(kind="daily", time="09:00")
        assert await here.orders.pause(here.conversation, made.id, date(2027, 8, 5))
        (paused,) = await here.orders.list(here.conversation)
        assert (paused.status, paused.until, paused.next) == ("paused", date(2027, 8, 5), None)
        for day in range(2, 7):
            for hour in (7, 12, 23):
                await here.at(datetime(2027, 8, day, hour, tzinfo=UTC))
        assert [at.day for _, at, _ in await here.made()] == [5, 6]
        assert await here.orders.pause(here.conversation, made.id, None)
        await here.at(datetime(2027, 8, 9, 12, tzinfo=UTC))
        assert await here.orders.resume(here.conversation, made.id)
        await here.at(datetime(2027, 8, 9, 13, tzinfo=UTC))
        await here.at(datetime(2027, 8, 10, 6, tzinfo=UTC))
        assert [at.day for _, at, _ in await here.made()] == [5, 6, 10]
        assert await here.orders.end(here.conversation, made.id)
        assert not await here.orders.end(here.conversation, made.id)
        assert not await here.orders.resume(here.conversation, made.id)
        await here.at(datetime(2027, 8, 12, 13, tzinfo=UTC))
        assert len(await here.made()) == 3
        assert await here.orders.list(here.conversation) == []


async def test_the_same_is_ordered_once_and_once_for_each_key(database_url: str) -> None:
    async with there(database_url) as here:
        first, known = await here.orders.order("1", here.conversation, "waste", {"place": HOME}, "fi")
        again, twice = await here.orders.order("1", here.conversation, "waste", {"place": HOME}, "fi")
        other, same = await here.orders.order("2", here.conversation, "waste", {"place": HOME}, "fi")
        assert (known, twice, same) == (False, False, True)
        assert first.id == again.id == other.id
        await here.order("3", place={**HOME, "text": "Kaivokatu 2"})
        assert len(await here.orders.list(here.conversation)) == 2
        row = await here.store.value("SELECT details FROM subscriptions LIMIT 1")
        assert b"Kaivokatu" not in row


@pytest.mark.parametrize(
    ("kind", "details"),
    [
        ("unknown", {"place": HOME}),
        ("nothing", {"place": HOME}),
        ("waste", {"place": None}),
        ("daily", {"time": "at nine"}),
        ("daily", {}),
    ],
)
async def test_what_cannot_be_ordered_is_refused(database_url: str, kind: str, details: Any) -> None:
    async with there(database_url) as here:
        with pytest.raises(Refused):
            await here.orders.order("1", here.conversation, kind, details, "fi")
        assert [one.id for one in here.orders.kinds()] == ["waste", "daily", "loans"]


async def test_a_place_that_the_feed_does_not_know_and_a_number_that_there_is_not(database_url: str) -> None:
    async with there(database_url, bio(WEDNESDAY)) as here:
        with pytest.raises(Nowhere):
            await here.order(place={**HOME, "text": "Narnia"})
        with pytest.raises(Nowhere):
            await here.orders.order("1", here.conversation, "loans", {}, "fi")
        here.number = PHONE
        await here.orders.order("1", here.conversation, "loans", {}, "fi")
        assert [one.number for one in here.feed.asked] == [None, PHONE]
        here.feed.down = True
        with pytest.raises(FeedDown):
            await here.order("2")


async def test_there_is_an_end_to_how_much_one_orders(database_url: str) -> None:
    async with there(database_url) as here:
        for number in range(MOST):
            await here.order(str(number), place={**HOME, "text": str(number)})
        with pytest.raises(Refused):
            await here.order("one more")


async def test_who_wants_no_more_or_is_gone_gets_no_more(database_url: str) -> None:
    async with there(database_url) as here:
        await here.order(kind="daily", time="09:00")
        await Suppressions(lambda: here.store.database.pool).add(here.conversation, "opted_out", "senior_checkins")
        assert await here.orders.list(here.conversation) == []
        await here.order("2", kind="daily", time="09:00")
        here.ended = True
        await here.at(NOW + timedelta(days=1))
        assert await here.orders.list(here.conversation) == []
        here.ended = False
        await here.order("3", kind="daily", time="09:00")
        await here.store.database.pool.execute("UPDATE conversations SET detached_at = now()")
        await here.at(NOW + timedelta(days=2))
        statuses = await here.store.rows("SELECT status FROM subscriptions")
        assert statuses == [("ended",)] * 3
        assert await here.made() == []


async def test_what_is_anothers_is_not_theirs_to_end(database_url: str) -> None:
    async with there(database_url) as here:
        made = await here.order()
        await here.store.person("telegram", "1")
        other = await here.store.value("SELECT id FROM conversations WHERE channel = 'telegram'")
        assert await here.orders.list(other) == []
        assert not await here.orders.end(other, made.id)
        assert not await here.orders.pause(other, made.id, None)
        assert len(await here.orders.list(here.conversation)) == 1
