"""Nudges from the store to the channel and back, over a real database."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.messages import Delivery, DeliveryState
from channels.base import OptedOut, Refused, RetryAfter, SendError, UnknownOutcome, Unreachable
from proactive.claimed import Connection, Facts, Reads
from proactive.rules import Cap, Pace, Rules
from proactive.wanted import ToAddress
from tests.unit.proactive.office import HELSINKI, PURPOSE, Clock, Office, office

PHONE = "+358401234567"


async def test_a_nudge_is_sent_once_and_its_conversation_knows(database_url: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen()
        nudge = await here.nudge(person)
        await here.deliver()
        await here.deliver()
        assert here.sms.sent == ["Huomenna lasia."]
        assert await here.fate(nudge) == ("sent", None)
        row = await here.row(nudge)
        assert (row["channel"], row["attempts"], row["sent_at"]) == ("sms", 1, here.clock())
        assert await here.pool.fetchval("SELECT kind FROM transcript WHERE id = $1", row["outbox_id"]) == "nudge"
        events = await here.app.nudging.store.events(nudge)
        assert [event.status for event in events] == ["created", "sending", "sent"]


@pytest.mark.parametrize("language, said", [("sv", "I morgon lasia."), ("en", "Tomorrow lasia.")])
async def test_it_speaks_the_persons_language(database_url: str, language: str, said: str) -> None:
    async with office(database_url) as here:
        await here.nudge(await here.citizen(language=language))
        await here.deliver()
        assert here.sms.sent == [said]


async def test_without_consent_nothing_is_sent(database_url: str) -> None:
    async with office(database_url) as here:
        stranger = await here.citizen(purpose=None)
        nudge = await here.nudge(stranger)
        await here.deliver()
        assert (here.sms.sent, await here.fate(nudge)) == ([], ("cancelled", "no_consent"))


async def test_a_ground_that_needs_a_surer_address_is_none(database_url: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen(purpose=None)
        await here.agree(person, purpose="appointment_reminders")
        nudge = await here.nudge(person)
        await here.pool.execute("UPDATE nudges SET purpose = 'appointment_reminders'")
        await here.deliver()
        assert await here.fate(nudge) == ("cancelled", "level")


async def test_consent_is_read_at_every_sending(database_url: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen()
        nudge = await here.nudge(person)
        here.sms.trouble.append(SendError("away"))
        await here.deliver()
        assert await here.fate(nudge) == ("held", "provider_unavailable")
        await here.withdraw(person)
        here.clock.move(hours=1)
        await here.deliver()
        assert await here.fate(nudge) == ("cancelled", "withdrawn")
        assert here.sms.sent == []


class _Before(Reads):
    """Somebody withdraws after a nudge was claimed and before the facts are read."""

    def __init__(self, inner: Reads, here: Office, person: UUID) -> None:
        self._inner, self._here, self._person = inner, here, person

    async def read(self, connection: Connection, nudges: Any, now: datetime) -> Facts:
        await self._here.withdraw(self._person)
        return await self._inner.read(connection, nudges, now)


async def test_a_withdrawal_in_the_middle_of_the_claim_is_seen(database_url: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen()
        nudge = await here.nudge(person)
        delivery = here.app.nudging.delivery
        delivery._reads = _Before(delivery._reads, here, person)
        await here.deliver()
        assert (here.sms.sent, await here.fate(nudge)) == ([], ("cancelled", "withdrawn"))


async def test_a_withdrawal_that_was_first_always_wins_the_race(database_url: str) -> None:
    """Whose withdrawal was confirmed before the claim began is never written to."""
    async with office(database_url, rules=Rules(caps={})) as here:
        here.clock.at = datetime.now(UTC).replace(hour=12)
        person = await here.citizen()
        outcomes = set()
        for round_ in range(40):
            await here.agree(person)
            nudge = await here.nudge(person)
            delay = (round_ % 8) / 1000

            async def withdraw(wait: float = delay) -> datetime:
                await asyncio.sleep(wait)
                await here.withdraw(person)
                return datetime.now(UTC)

            withdrawn, _ = await asyncio.gather(withdraw(), here.deliver())
            status, _ = await here.fate(nudge)
            outcomes.add(status)
            began = await here.pool.fetchval(
                "SELECT created_at FROM transcript WHERE id = (SELECT outbox_id FROM nudges WHERE id = $1)", nudge
            )
            # PostgreSQL's now() is when the transaction of the claim began.
            assert status == "cancelled" or withdrawn > began
        assert outcomes == {"sent", "cancelled"}, "the race never went both ways: it proves nothing"


async def test_a_temporary_failure_is_tried_again_and_not_without_end(database_url: str) -> None:
    async with office(database_url) as here:
        nudge = await here.nudge(await here.citizen())
        here.sms.trouble.extend([SendError("away")] * 10)
        waits = []
        for _ in range(6):
            await here.deliver()
            waits.append(await here.due_in(nudge))
            here.clock.move(hours=2)
        assert len(here.sms.tried) == Rules().retry.attempts
        assert await here.fate(nudge) == ("temporary-failure", "provider_unavailable")
        assert waits[0] < waits[1] < waits[2]


async def test_a_provider_that_asks_for_time_gets_it(database_url: str) -> None:
    async with office(database_url) as here:
        here.clock.at = datetime.now(UTC).replace(hour=12)
        nudge = await here.nudge(await here.citizen())
        here.sms.trouble.append(RetryAfter(7200))
        await here.deliver()
        asked = await here.pool.fetchval("SELECT due_at FROM outbox")
        assert (await here.row(nudge))["due_at"] >= asked > datetime.now(UTC) + timedelta(hours=1)


@pytest.mark.parametrize("error, reason", [(Unreachable(), "unreachable"), (OptedOut(), "opted_out")])
async def test_who_cannot_be_reached_is_written_to_elsewhere(database_url: str, error: SendError, reason: str) -> None:
    async with office(database_url) as here:
        person = await _two_places(here)
        nudge = await here.nudge(person, channels=("sms", "webchat"))
        here.sms.trouble.append(error)
        await here.deliver()
        assert here.wires["webchat"].sent == ["Huomenna lasia."]
        assert await here.fate(nudge) == ("sent", None)
        again = await here.nudge(person, channels=("sms", "webchat"))
        await here.deliver()
        assert len(here.sms.tried) == 1, "who cannot be reached is not tried again"
        events = await here.app.nudging.store.events(again)
        assert events[1].skipped is not None and reason in str(events[1].skipped)


async def test_one_blocked_number_holds_up_nobody(database_url: str) -> None:
    """SO-07."""
    async with office(database_url) as here:
        people = [await here.citizen(f"+3584012345{number:02}") for number in range(20)]
        here.sms.trouble.extend([None] * 7 + [OptedOut()])
        nudges = [await here.nudge(person) for person in people]
        await here.deliver()
        fates = [await here.fate(nudge) for nudge in nudges]
        assert fates.count(("sent", None)) == 19
        assert fates.count(("cancelled", "opted_out")) == 1
        assert await here.pool.fetchval("SELECT count(*) FROM reach WHERE opted_out") == 1


async def test_what_is_refused_ends(database_url: str) -> None:
    async with office(database_url) as here:
        nudge = await here.nudge(await here.citizen())
        here.sms.trouble.append(Refused())
        await here.deliver()
        assert await here.fate(nudge) == ("technical-failure", "refused")


@pytest.mark.parametrize("error", [UnknownOutcome(), TimeoutError(), ValueError("what is this")])
async def test_a_doubt_is_recorded_and_not_repeated(database_url: str, error: Exception) -> None:
    async with office(database_url) as here:
        nudge = await here.nudge(await here.citizen())
        here.sms.trouble.append(error)
        await here.deliver()
        here.clock.move(hours=3)
        await here.deliver()
        assert await here.fate(nudge) == ("technical-failure", "in_doubt")
        assert len(here.sms.tried) == 1


async def test_a_lost_sender_leaves_a_doubt(database_url: str) -> None:
    async with office(database_url) as here:
        nudge = await here.nudge(await here.citizen())
        found, outgoing = await here.app.nudging.delivery._claim(10)  # and the process is gone
        assert (found, len(outgoing), await here.fate(nudge)) == (True, 1, ("sending", None))
        await here.pool.execute("UPDATE outbox SET due_at = now() - interval '1 second'")
    async with office(database_url) as successor:
        await successor.app.sweep.once()
        await successor.deliver()
        assert await successor.fate(nudge) == ("technical-failure", "in_doubt")
        assert successor.sms.tried == []


@pytest.mark.parametrize(
    "states, ends",
    [
        ((DeliveryState.SENT,), ("sent", None)),
        ((DeliveryState.SENT, DeliveryState.DELIVERED), ("delivered", None)),
        ((DeliveryState.FAILED,), ("permanent-failure", "undelivered")),
    ],
)
async def test_a_provider_that_has_the_message_ends_the_doubt(
    database_url: str, states: tuple[DeliveryState, ...], ends: tuple[str, str | None]
) -> None:
    """Its call was never answered, but its reports name the message."""
    async with office(database_url) as here:
        nudge = await here.nudge(await here.citizen())
        here.sms.trouble.append(UnknownOutcome())
        await here.deliver()
        assert await here.fate(nudge) == ("technical-failure", "in_doubt")
        key = str((await here.row(nudge))["outbox_id"])
        for state in states:
            await here.app.engine.handle(Delivery(channel="sms", provider_id="SM1", state=state, key=key))
        await here.deliver()
        assert await here.fate(nudge) == ends
        assert len(here.sms.tried) == 1


async def test_a_report_that_overtakes_the_answer_counts(database_url: str) -> None:
    async with office(database_url) as here:
        nudge = await here.nudge(await here.citizen())
        _, (message,) = await here.app.nudging.delivery._claim(10)
        report = Delivery(channel="sms", provider_id="SM1", state=DeliveryState.DELIVERED, key=str(message.id))
        await here.app.engine.handle(report)
        await here.app.nudging._send(message)
        assert await here.fate(nudge) == ("delivered", None)


async def test_a_receipt_tells_how_it_ended(database_url: str) -> None:
    async with office(database_url) as here:
        delivered, failed = [await here.nudge(await here.citizen(f"+35840123456{n}")) for n in range(2)]
        await here.deliver()
        for nudge, state in ((delivered, DeliveryState.DELIVERED), (failed, DeliveryState.FAILED)):
            provider_id = (await here.row(nudge))["provider_id"]
            for _ in range(2):  # receipts come twice
                await here.app.engine.handle(Delivery(channel="sms", provider_id=provider_id, state=state))
        await here.deliver()
        assert await here.fate(delivered) == ("delivered", None)
        assert await here.fate(failed) == ("permanent-failure", "undelivered")


async def test_a_receipt_may_be_quicker_than_we_are(database_url: str) -> None:
    async with office(database_url) as here:
        nudge = await here.nudge(await here.citizen())
        _, outgoing = await here.app.nudging.delivery._claim(10)
        told = f"sent-{outgoing[0].id}"
        await here.app.engine.handle(Delivery(channel="sms", provider_id=told, state=DeliveryState.DELIVERED))
        await here.app.nudging._send(outgoing[0])
        assert await here.fate(nudge) == ("delivered", None)


async def test_without_a_receipt_in_time_another_channel_is_tried(database_url: str) -> None:
    async with office(database_url) as here:
        nudge = await here.nudge(await here.citizen(), "watched")
        await here.deliver()
        await here.app.nudging.following.sweep()
        assert await here.fate(nudge) == ("sent", None)
        here.clock.move(hours=4)
        await here.app.nudging.following.sweep()
        assert await here.fate(nudge) == ("held", "no_receipt")
        await here.deliver()
        assert (await here.fate(nudge))[0] == "permanent-failure"


async def test_a_channel_keeps_its_pace_over_all_processes(database_url: str) -> None:
    rules = Rules(pace={"sms": Pace(per_second=10, urgent_share=0.5)})
    async with office(database_url, rules=rules) as here, office(database_url, rules=rules, clock=here.clock) as other:
        people = [await here.citizen(f"+3584012345{number:02}") for number in range(30)]
        for person in people:
            await here.nudge(person)
        sent = []
        for _ in range(8):
            await asyncio.gather(here.deliver(), other.deliver())
            sent.append(len(here.sms.sent) + len(other.sms.sent))
            here.clock.move(seconds=1)
        assert sent[-1] == 30
        assert all(later - earlier <= 10 for earlier, later in itertools.pairwise(sent))
        assert sent[3] < 30
        urgent = await here.nudge(people[0], "urgent")
        await here.deliver()
        assert (await here.fate(urgent))[0] == "sent"


async def test_small_ones_become_one_message(database_url: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen()
        nudges = [await here.nudge(person, "small", word) for word in ("lasia", "paperia", "metallia")]
        await here.deliver()
        assert len(here.sms.sent) == 1
        assert all(word in here.sms.sent[0] for word in ("lasia", "paperia", "metallia"))
        rows = [await here.row(nudge) for nudge in nudges]
        assert {row["status"] for row in rows} == {"sent"}
        assert len({row["outbox_id"] for row in rows}) == 1


async def test_others_go_out_one_after_the_other(database_url: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen()
        first, second = [await here.nudge(person, word=word) for word in ("lasia", "paperia")]
        await here.deliver()
        assert here.sms.sent == ["Huomenna lasia."]
        assert await here.fate(second) == ("held", "busy")
        here.clock.move(seconds=20)
        await here.deliver()
        assert (len(here.sms.sent), await here.fate(first), await here.fate(second)) == (
            2,
            ("sent", None),
            ("sent", None),
        )


async def test_a_message_on_its_way_goes_first(database_url: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen()
        await here.pool.execute(
            "INSERT INTO inbox (conversation_id, number, person_id, channel, message_id, body)"
            " SELECT id, 1, person_id, channel, 'x', '' FROM conversations"
        )
        await here.pool.execute("UPDATE conversations SET arrived = 1, lease_until = now() + interval '1 minute'")
        nudge = await here.nudge(person)
        await here.deliver()
        assert (here.sms.sent, await here.fate(nudge)) == ([], ("held", "busy"))


async def _two_places(here: Office) -> UUID:
    """Somebody who writes by text message and, later, on the web, and has agreed on both."""
    person, other = await here.citizen(), await here.citizen("browser", "webchat")
    await here.pool.execute(
        "UPDATE conversations SET person_id = $1, address = $2 WHERE person_id = $3",
        person,
        (await here.app.engine.sealer.of(person)).text("browser"),
        other,
    )
    await here.agree(person, "webchat")
    return person


async def test_a_message_goes_where_it_is_seen_at_once(database_url: str) -> None:
    async with office(database_url) as here:
        person = await _two_places(here)
        await here.nudge(person)
        await here.deliver()
        assert (len(here.sms.sent), here.wires["webchat"].sent) == (1, [])
        await here.withdraw(person)
        await here.nudge(person)
        await here.deliver()
        assert (len(here.sms.sent), len(here.wires["webchat"].sent)) == (1, 1)


async def test_who_talks_with_a_person_elsewhere_is_left_alone_everywhere(database_url: str) -> None:
    async with office(database_url) as here:
        person = await _two_places(here)
        await here.pool.execute("UPDATE conversations SET owner = 'anna' WHERE channel = 'webchat'")
        nudge = await here.nudge(person, channels=("sms",))
        await here.deliver()
        assert (here.sms.sent, await here.fate(nudge)) == ([], ("held", "human"))


async def test_nobody_is_written_to_beside_a_person_who_answers(database_url: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen()
        await here.pool.execute("UPDATE conversations SET owner = 'anna'")
        nudge = await here.nudge(person)
        await here.deliver()
        assert (here.sms.sent, await here.fate(nudge)) == ([], ("held", "human"))
        await here.pool.execute("UPDATE conversations SET owner = NULL")
        here.clock.move(hours=1)
        await here.deliver()
        assert here.sms.sent == ["Huomenna lasia."]


@pytest.mark.parametrize("reason", ["opted_out", "wrong_number", "complaint"])
async def test_our_own_list_is_kept(database_url: str, reason: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen()
        lookup = await here.pool.fetchval("SELECT address_lookup FROM conversations")
        for purpose in ("", PURPOSE):
            await here.pool.execute("DELETE FROM suppressions")
            await here.pool.execute(
                "INSERT INTO suppressions (channel, address_lookup, purpose, reason) VALUES ('sms', $1, $2, $3)",
                lookup,
                purpose,
                reason,
            )
            nudge = await here.nudge(person)
            await here.deliver()
            assert (here.sms.sent, await here.fate(nudge)) == ([], ("cancelled", reason))
        await here.pool.execute("UPDATE suppressions SET purpose = 'library_reminders'")
        await here.nudge(person)
        await here.deliver()
        assert here.sms.sent == ["Huomenna lasia."]


async def test_a_person_is_not_written_to_too_often(database_url: str) -> None:
    async with office(database_url, rules=Rules(caps={PURPOSE: Cap(count=2, days=7)})) as here:
        person = await here.citizen()
        nudges = [
            await here.nudge(person, "small", f"n{n}", expires_at=here.clock() + timedelta(days=30)) for n in range(4)
        ]
        await here.deliver()
        assert [status for status, _ in [await here.fate(nudge) for nudge in nudges]].count("sent") == 2
        here.clock.move(days=8)
        await here.deliver()
        assert [status for status, _ in [await here.fate(nudge) for nudge in nudges]].count("sent") == 4


@pytest.mark.parametrize(
    "name, hour, sent", [("pickup", 22, 0), ("routine", 22, 0), ("urgent", 22, 1), ("pickup", 8, 1)]
)
async def test_quiet_hours_hold_what_can_wait(database_url: str, name: str, hour: int, sent: int) -> None:
    async with office(database_url, clock=Clock(datetime(2027, 8, 3, hour, tzinfo=HELSINKI))) as here:
        nudge = await here.nudge(await here.citizen(), name)
        await here.deliver()
        assert len(here.sms.sent) == sent
        if not sent:
            due = (await here.row(nudge))["due_at"].astimezone(HELSINKI)
            assert (due.date(), due.time()) == (date(2027, 8, 4), time(8))
            here.clock.at = due
            await here.deliver()
            assert len(here.sms.sent) == 1


async def test_what_is_of_no_use_any_more_expires(database_url: str) -> None:
    async with office(database_url) as here:
        nudge = await here.nudge(await here.citizen())
        here.clock.move(days=3)
        await here.deliver()
        assert (here.sms.sent, await here.fate(nudge)) == ([], ("expired", "expired"))


async def test_test_keys_reach_no_provider(database_url: str) -> None:
    async with office(database_url) as here:
        key = uuid4()
        to = ToAddress("sms", PHONE)
        delivered = await here.nudge(to, mode="test", key_id=key)
        failed = await here.nudge(to, mode="test", key_id=key, ends_as="temporary-failure")
        await here.deliver()
        assert await here.fate(delivered) == ("delivered", "test_key")
        assert await here.fate(failed) == ("temporary-failure", "test_key")
        assert here.sms.tried == []


async def test_what_cannot_be_rendered_holds_up_nobody(database_url: str) -> None:
    async with office(database_url) as here:
        broken, whole = [await here.nudge(await here.citizen(f"+35840123456{n}")) for n in range(2)]
        await here.pool.execute("UPDATE nudges SET values = '\\x00' WHERE id = $1", broken)
        await here.deliver()
        assert await here.fate(broken) == ("technical-failure", "not_rendered")
        assert await here.fate(whole) == ("sent", None)


async def test_two_processes_send_each_nudge_once(database_url: str) -> None:
    async with office(database_url) as here, office(database_url, clock=here.clock) as other:
        people = [await here.citizen(f"+358401{number:06}") for number in range(150)]
        for number, person in enumerate(people):
            await here.nudge(person, word=f"n{number}")
        await asyncio.gather(here.deliver(), other.deliver(), here.deliver(), other.deliver())
        sent = here.sms.sent + other.sms.sent
        assert sorted(sent) == sorted(f"Huomenna n{number}." for number in range(150))
        assert here.sms.sent and other.sms.sent


async def test_a_joined_person_is_found_where_they_are_now(database_url: str) -> None:
    async with office(database_url) as here:
        before = await here.citizen()
        nudge = await here.nudge(before)
        after = await here.app.personal.people.identified("issuer", "subject", "substantial")
        conversation = await here.pool.fetchval("SELECT id FROM conversations WHERE person_id = $1", before)
        assert await here.app.personal.people.linked(conversation, after)
        await here.deliver()
        assert (here.sms.sent, await here.fate(nudge)) == (["Huomenna lasia."], ("sent", None))


@pytest.mark.parametrize("last", ["withdrawn", "given"])
async def test_what_was_said_last_counts_whoever_said_it(database_url: str, last: str) -> None:
    """Two persons became one, and what the first had said was not carried over yet."""
    async with office(database_url) as here:
        before, after = [await here.citizen(f"+35840123456{n}", purpose=None) for n in range(2)]
        await here.agree(before)
        await here.withdraw(before)
        await here.agree(after)
        if last == "withdrawn":
            await here.agree(before)
            await here.withdraw(before)
        await here.pool.execute("UPDATE persons SET merged_into = $2 WHERE id = $1", before, after)
        nudge = await here.nudge(after)
        await here.deliver()
        assert await here.fate(nudge) == (("sent", None) if last == "given" else ("cancelled", "withdrawn"))


async def test_a_nudge_of_somebody_erased_is_gone(database_url: str) -> None:
    async with office(database_url) as here:
        person = await here.citizen()
        nudge = await here.nudge(person)
        await here.app.keys.destroy([str(person)])
        await here.deliver()
        assert here.sms.sent == []
        assert (await here.fate(nudge))[0] in {"cancelled", "technical-failure", "permanent-failure"}


async def test_the_sweep_makes_a_job_for_what_is_due(database_url: str) -> None:
    async with office(database_url) as here:
        await here.nudge(await here.citizen(), due_at=here.clock() + timedelta(hours=1))
        jobs = "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'nudges'"
        await here.app.sweep.once()
        assert await here.pool.fetchval(jobs) == 0
        here.clock.move(hours=1)
        await here.app.sweep.once()
        await here.app.sweep.once()
        assert await here.pool.fetchval(jobs) == 1


async def test_a_worker_sends_without_being_told(database_url: str) -> None:
    async with office(database_url) as here:
        here.clock.at = datetime.now(UTC).replace(hour=12)
        here.app.work()
        nudge = await here.nudge(await here.citizen())
        async with asyncio.timeout(20):
            while (await here.fate(nudge))[0] != "sent":  # noqa: ASYNC110  the worker does it
                await asyncio.sleep(0.05)
        assert here.sms.sent == ["Huomenna lasia."]
