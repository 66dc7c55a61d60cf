"""What comes back of what the city writes first, in one whole process: answers, silence, orders, wishes for no more."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import pytest
from multidict import MultiDict

from bot.messages import Address, Delivery, Reach
from bot.rig import Rig
from bot.service_nudges import NudgeDesk
from bot.subscriptions import ReminderDesk
from channels.sms.inbound import read_status
from dialogs.services_nudges import Details, Ordered
from mydata.ledger import Wish
from proactive.wanted import ToPerson, ToPhone, Wanted
from tests.unit.test_service_mydata import Here, another

if TYPE_CHECKING:
    from bot.city import City

SID = "SM" + "0" * 32
MORNING = datetime(2027, 8, 2, 7, tzinfo=UTC)  # a Monday, ten o'clock in Helsinki
HOME = {"kind": "street", "id": "1", "text": "Kaivokatu 1", "latitude": 60.1705, "longitude": 24.9414}
NUDGES = "SELECT template, status, reason FROM nudges ORDER BY created_at, id"


@asynccontextmanager
async def citizen(city: City, url: str) -> AsyncIterator[Here]:
    async with Rig(city, url) as rig:
        rig.begin(MORNING)
        yield await another(rig)


def desk(here: Here) -> NudgeDesk:
    return cast(NudgeDesk, here.rig.app.known["nudges"])


def reminders(here: Here) -> ReminderDesk:
    return cast(ReminderDesk, here.rig.app.known["subscriptions"])


async def rows(here: Here, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await here.rig.app.database.pool.fetch(statement, *values)]


async def allow(here: Here, purpose: str) -> None:
    """The consent, from an address that is surely the citizen's."""
    statement = "UPDATE conversations SET level = 'strong', level_at = now() WHERE id = $1"
    await here.rig.app.database.pool.execute(statement, UUID(here.id))
    assert (await here.consents.give("allow", here.id, purpose, 1, "fi"))["outcome"] == "done"


async def nudge(here: Here, template: str, **values: Any) -> UUID:
    """One that is written and sent."""
    wanted = Wanted(template=template, to=ToPerson(await here.person()), values=values)
    (made,) = await here.rig.app.nudging.store.create([wanted], maker=b"test")
    assert made.id is not None, made.fault
    await deliver(here)
    return made.id


async def deliver(here: Here) -> None:
    await here.rig.app.nudging.sweep()
    await here.rig.settle()


async def order(here: Here, kind: str, key: str = "1", **details: Any) -> Ordered:
    wanted = Details(place=details.get("place"), day=details.get("day"), time=details.get("time"))
    return await reminders(here).order(key, here.id, kind, wanted, "fi")


def heard(here: Here) -> list[str]:
    return [reply.text for reply in here.rig.said]


async def test_a_silent_check_in_is_asked_again_and_then_reaches_the_care_team(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await allow(here, "senior_checkins")
        await nudge(here, "senior_checkin")
        checkins = here.rig.app.replies.checkins
        await here.rig.wait(timedelta(hours=1, minutes=59))
        await checkins.sweep()
        assert [row[0] for row in await rows(here, NUDGES)] == ["senior_checkin"]
        await here.rig.wait(timedelta(minutes=2))
        for _ in range(2):
            await checkins.sweep()
            await deliver(here)
        assert [row[0] for row in await rows(here, NUDGES)] == ["senior_checkin", "senior_checkin_again"]
        assert await rows(here, "SELECT reason FROM handoffs") == []
        await here.rig.wait(timedelta(hours=2))
        await checkins.sweep()
        await checkins.sweep()
        assert await rows(here, "SELECT reason, skill, language FROM handoffs") == [("checkin", "social", "fi")]
        events = await rows(here, "SELECT reason FROM nudge_events WHERE reason IN ('asked_again', 'handed_over')")
        assert events == [("asked_again",), ("handed_over",)]


async def test_an_answer_ends_the_ladder_and_help_reaches_people_at_once(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await allow(here, "senior_checkins")
        first = await nudge(here, "senior_checkin")
        offer = await desk(here).choice(here.id, first.hex, "help", "sv")
        assert offer is not None
        assert (offer["alarm"], offer["opens"], offer["answered"]) == (True, None, None)
        assert await desk(here).answered("a", here.id, first.hex, "well")
        await here.rig.wait(timedelta(hours=5))
        await here.rig.app.replies.checkins.sweep()
        assert len(await rows(here, NUDGES)) == 1
        second = await nudge(here, "senior_checkin")
        promise = await desk(here).help("b", here.id, second.hex, "fi")
        assert promise == await desk(here).help("b", here.id, second.hex, "fi")
        assert promise["position"] == 1
        assert await rows(here, "SELECT reason, skill FROM handoffs") == [("checkin", "social")]
        await here.rig.wait(timedelta(hours=5))
        await here.rig.app.replies.checkins.sweep()
        assert len(await rows(here, NUDGES)) == 2


async def test_who_waits_for_something_else_waits_as_a_check_in_and_is_first_after_a_crisis(
    city: City, database_url: str
) -> None:
    async with citizen(city, database_url) as here:
        people = here.rig.app.handoffs
        others = [await another(here.rig) for _ in range(2)]
        await people.request("1", others[0].id, "wish", "fi")
        await people.request("2", here.id, "wish", "fi")
        promise = await desk(here).help("3", here.id, "0" * 32, "fi")
        assert promise["position"] == 1
        assert (await people.request("4", others[1].id, "crisis", "fi"))["position"] == 1
        assert await rows(here, "SELECT reason FROM handoffs ORDER BY reason") == [("checkin",), ("crisis",), ("wish",)]
        assert (await people.request("5", here.id, "wish", "fi"))["position"] == 2


@pytest.mark.parametrize("ending", ["STOP ASKING", "complaint"])
async def test_who_wants_no_check_ins_is_not_silent(city: City, database_url: str, ending: str) -> None:
    async with citizen(city, database_url) as here:
        await allow(here, "senior_checkins")
        await nudge(here, "senior_checkin")
        if ending == "complaint":
            await desk(here).complained("a", here.id, "fi")
        else:
            await here.consents.end("a", here.id, "senior_checkins", "fi")
        await here.rig.wait(timedelta(hours=5))
        await here.rig.app.replies.checkins.sweep()
        assert [row[0] for row in await rows(here, NUDGES)] == ["senior_checkin"]
        assert (await rows(here, "SELECT count(*) FROM handoffs WHERE reason = 'checkin'")) == [(0,)]


async def test_a_check_in_that_could_not_be_sent_is_told_to_people(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await allow(here, "senior_checkins")
        lookup = await here.value("SELECT address_lookup FROM conversations WHERE id = $1", UUID(here.id))
        insert = "INSERT INTO reach (channel, address_lookup, reachable) VALUES ('webchat', $1, false)"
        await here.rig.app.database.pool.execute(insert, lookup)
        await nudge(here, "senior_checkin")
        assert await rows(here, NUDGES) == [("senior_checkin", "permanent-failure", "unreachable")]
        await here.rig.wait(timedelta(hours=2, minutes=1))
        await here.rig.app.replies.checkins.sweep()
        assert await rows(here, "SELECT reason, skill FROM handoffs") == [("checkin", "social")]


async def test_waste_is_ordered_and_told_of_the_evening_before_until_it_is_paused(
    city: City, database_url: str
) -> None:
    async with citizen(city, database_url) as here:
        asks = {kind["id"]: kind["asks"] for kind in await reminders(here).kinds("sv")}
        assert asks["waste_pickup"] == ["place"]
        assert asks["event_nearby"] == ["place", "day"]
        assert asks["senior_checkin"] == ["time"]
        assert (await order(here, "waste_pickup", place=HOME))["outcome"] == "no_consent"
        await allow(here, "waste_reminders")
        assert (await order(here, "waste_pickup", place={**HOME, "latitude": None}))["outcome"] == "nowhere"
        done = await order(here, "waste_pickup", place=HOME)
        assert done["outcome"] == "done"
        assert done["reminder"] is not None
        assert (done["reminder"]["about"], done["reminder"]["state"]) == ("Kaivokatu 1", "active")
        assert done["reminder"]["next"] == "2027-08-02T15:00:00+00:00"  # Tuesday's, on Monday at six
        assert (await order(here, "waste_pickup", "2", place=HOME))["outcome"] == "known"
        await here.rig.app.replies.orders.sweep()
        await here.rig.wait(timedelta(hours=8, minutes=1))
        await here.rig.app.replies.orders.sweep()
        await deliver(here)
        assert "DEMO: sekajäte" in heard(here)[-1]
        (listed,) = await reminders(here).list(here.id, "en")
        assert listed["title"] == "Waste collection"
        assert await reminders(here).pause("p", here.id, listed["id"], "2027-09-01")
        assert [one["until"] for one in await reminders(here).list(here.id, "en")] == ["2027-09-01"]
        why = await here.mydata.last_nudge(here.id, "en")
        assert why is not None
        assert (why["purpose"], why["here"]) == ("waste_reminders", "ordered")
        assert why["given"] is not None


@pytest.mark.parametrize("kind", ["street_cleaning", "snow_plowing", "daycare_deadline", "event_nearby"])
async def test_each_kind_says_what_its_feed_tells(city: City, database_url: str, kind: str) -> None:
    purposes = {"daycare_deadline": "daycare_deadlines", "event_nearby": "events_nearby"}
    async with citizen(city, database_url) as here:
        await allow(here, purposes.get(kind, "street_notices"))
        done = await order(here, kind, place=HOME, day=3)
        assert done["outcome"] == "done"
        assert done["reminder"] is not None
        await here.rig.app.replies.orders.sweep()
        due = done["reminder"]["next"]
        if kind == "daycare_deadline":  # the next one is the 15th, a week before
            assert due == "2027-08-08T07:00:00+00:00"
        assert due is not None
        await here.rig.wait(datetime.fromisoformat(due) - here.rig.now() + timedelta(minutes=1))
        await here.rig.app.replies.orders.sweep()
        await deliver(here)
        assert [row[:2] for row in await rows(here, NUDGES)] == [(kind, "sent")]
        assert "DEMO" in heard(here)[-1]


async def test_loans_are_asked_for_by_the_confirmed_number_alone(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await allow(here, "library_reminders")
        assert (await order(here, "library_due"))["outcome"] == "nowhere"
        people = here.rig.app.personal.people
        conversation, owner = (await people.at("sms", ["+358401234567"], "fi"))["+358401234567"]
        async with here.rig.app.database.pool.acquire() as connection, connection.transaction():
            await people.merge(connection, owner, await here.person())
        assert (await order(here, "library_due", "2"))["outcome"] == "nowhere"
        statement = "UPDATE conversations SET level = 'confirmed', level_at = now() WHERE id = $1"
        await here.rig.app.database.pool.execute(statement, conversation)
        done = await order(here, "library_due", "3")
        assert done["outcome"] == "done"
        await here.rig.app.replies.orders.sweep()
        await here.rig.wait(timedelta(days=1, hours=1))
        await here.rig.app.replies.orders.sweep()
        assert [row[0] for row in await rows(here, NUDGES)] == ["library_due"]


async def test_stop_is_in_our_own_list_and_start_takes_it_back(city: City, database_url: str) -> None:
    listed = "SELECT channel, purpose, reason FROM suppressions ORDER BY purpose"
    async with citizen(city, database_url) as here:
        await allow(here, "waste_reminders")
        await order(here, "waste_pickup", place=HOME)
        await here.consents.end("s", here.id, "", "fi")
        assert await rows(here, listed) == [("webchat", "", "opted_out")]
        assert await reminders(here).list(here.id, "fi") == []
        await nudge(here, "waste_pickup", kind="bio", day="2027-08-03")
        assert await rows(here, NUDGES) == [("waste_pickup", "cancelled", "opted_out")]
        await desk(here).resumed("r", here.id)
        assert await rows(here, listed) == []
        await here.consents.end("s2", here.id, "waste_reminders", "fi")
        assert await rows(here, listed) == [("webchat", "waste_reminders", "opted_out")]
        await allow(here, "waste_reminders")
        assert await rows(here, listed) == []
        await nudge(here, "waste_pickup", kind="bio", day="2027-08-03")
        assert (await rows(here, NUDGES))[-1][1] == "sent"


async def test_an_order_waits_while_the_provider_blocks(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await allow(here, "waste_reminders")
        lookup = await here.value("SELECT address_lookup FROM conversations WHERE id = $1", UUID(here.id))
        insert = "INSERT INTO reach (channel, address_lookup, opted_out) VALUES ('webchat', $1, true)"
        await here.rig.app.database.pool.execute(insert, lookup)
        made = await order(here, "waste_pickup", place=HOME)
        assert made["outcome"] == "pending"
        assert [one["state"] for one in await reminders(here).list(here.id, "fi")] == ["pending"]
        await here.rig.app.database.pool.execute("UPDATE reach SET opted_out = false")
        assert [one["state"] for one in await reminders(here).list(here.id, "fi")] == ["active"]


async def test_a_block_that_the_provider_tells_of_later_is_kept_for_that_number_alone(
    city: City, database_url: str
) -> None:
    """SO-06: the send was accepted, and error 21610 comes by the status callback."""
    async with citizen(city, database_url) as here:
        await allow(here, "waste_reminders")
        app, number = here.rig.app, "+358401234567"
        _, owner = (await app.personal.people.at("sms", [number], "fi"))[number]
        async with app.database.pool.acquire() as connection, connection.transaction():
            await app.personal.people.merge(connection, owner, await here.person())
        wish = Wish(purpose="waste_reminders", channel="sms", language="fi", through="sms")
        await app.personal.ledger.give(await app.personal.pseudonym(await here.person()), wish)
        values = {"kind": "bio", "day": "2027-08-03"}

        async def text_message() -> tuple[Any, ...]:
            wanted = Wanted(template="waste_pickup", to=ToPhone(number), values=values)
            (made,) = await app.nudging.store.create([wanted], maker=b"test")
            await deliver(here)
            return (await rows(here, "SELECT status, reason, provider_id FROM nudges WHERE id = $1", made.id))[0]

        status, _, provider_id = await text_message()
        assert (status, len(here.rig.telephones.sent[number])) == ("sent", 1)
        told = {"MessageSid": provider_id, "MessageStatus": "undelivered", "ErrorCode": "21610", "To": number}
        delivery, reach = read_status(MultiDict(told | {"MessageSid": SID}))
        await app.engine.handle(replace(cast(Delivery, delivery), provider_id=provider_id))
        await app.engine.handle(reach)
        await deliver(here)
        ended = await rows(here, "SELECT ended_at IS NOT NULL, reason IN ('opted_out', 'undelivered') FROM nudges")
        assert ended == [(True, True)]
        assert (await text_message())[:2] == ("cancelled", "opted_out")
        assert len(here.rig.telephones.sent[number]) == 1
        await nudge(here, "waste_pickup", **values)  # the web chat is as it was
        assert (await rows(here, "SELECT status, channel FROM nudges ORDER BY created_at"))[-1] == ("sent", "webchat")
        await app.engine.handle(Reach(address=Address("sms", number), opted_out=False))
        assert (await text_message())[0] == "sent"


async def test_a_wrong_number_is_parted_from_its_person_and_written_to_no_more(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        for _ in range(2):  # an effect may run again
            await desk(here).wrong_number("w", here.id)
        assert await rows(here, "SELECT reason FROM suppressions") == [("wrong_number",)]
        assert await here.value("SELECT detached_at FROM conversations WHERE id = $1", UUID(here.id)) is not None
        await here.talk.say("moi")
        fresh = await here.value("SELECT id FROM conversations WHERE detached_at IS NULL")
        suppressed = await here.value(
            "SELECT s.reason FROM suppressions s JOIN conversations c USING (channel, address_lookup) WHERE c.id = $1",
            fresh,
        )
        assert suppressed == "wrong_number"
        await desk(here).resumed("r", str(fresh))
        assert await rows(here, "SELECT reason FROM suppressions") == []


async def test_a_complaint_stops_all_and_is_in_the_queue(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        promise = await desk(here).complained("c", here.id, "fi")
        assert promise["hours"]
        assert await rows(here, "SELECT purpose, reason FROM suppressions") == [("", "complaint")]
        assert await rows(here, "SELECT reason FROM handoffs") == [("complaint",)]


async def test_a_choice_opens_what_it_is_about(city: City, database_url: str) -> None:
    async with citizen(city, database_url) as here:
        await allow(here, "appointment_reminders")
        template = city.nudges.get("appointment_reminder")
        made = await nudge(here, "appointment_reminder", **template.examples)
        for choice in template.choices:
            offer = await desk(here).choice(here.id, made.hex, choice.id, "en")
            assert offer is not None
            assert offer["opens"] == choice.opens
            assert [kind for kind, _ in offer["entities"]] == list(choice.entities)
        assert await desk(here).choice(here.id, made.hex, "no_such", "en") is None
        assert await desk(here).choice(here.id, "not an id", "confirm", "en") is None
        stranger = await another(here.rig)
        assert await desk(here).choice(stranger.id, made.hex, template.choices[0].id, "en") is None
        assert not await desk(here).answered("k", stranger.id, made.hex, template.choices[0].id)
