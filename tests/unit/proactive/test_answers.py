"""Answers of citizens: whose they are, until when they can be given, and that each is taken once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.codec import UNREADABLE, Sealer
from proactive.answers import Answers
from proactive.claimed import Connection
from proactive.suppressions import Suppressions
from proactive.template import Choice, Ladder, Templates
from proactive.wanted import ToPhone
from tests.unit.proactive.store import NOW, PHONE, Store, said, store, template

CHOICES = (
    Choice(id="confirm", label=said("Vahvista"), thanks=said("Kiitos, {name}.")),
    Choice(id="cancel", label=said("Peru"), confirm=said("Perutaanko {time}?"), thanks=said("Peruttu.")),
)
CHECKIN = template(
    id="senior_checkin",
    purpose="senior_checkins",
    values={},
    text=said("Miten voit?"),
    choices=(
        Choice(id="well", label=said("Hyvin"), thanks=said("Mukavaa.")),
        Choice(id="help", label=said("Apua"), thanks=said("Kiitos."), alarm=True),
    ),
    ladder=Ladder(
        again="senior_checkin", again_after=timedelta(hours=2), handoff_after=timedelta(hours=4), skill="social"
    ),
)
STATE = "SELECT status, reason, answer, answered_at, ended_at, silent_at FROM nudges WHERE id = $1"


@dataclass
class There:
    """A store with one nudge to one address, and the answers to it."""

    store: Store
    answers: Answers
    conversation: UUID
    nudge: UUID
    told: list[UUID] = field(default_factory=list)
    now: datetime = NOW

    async def state(self) -> tuple[Any, ...]:
        ((*row,),) = await self.store.rows(STATE, self.nudge)
        return tuple(row)

    async def set(self, **columns: Any) -> None:
        for name, value in columns.items():
            await self.store.database.pool.execute(f"UPDATE nudges SET {name} = $2 WHERE id = $1", self.nudge, value)

    async def sent(self) -> None:
        await self.set(sent_at=self.now, sent_to=self.conversation, channel="sms", status="sent")


@asynccontextmanager
async def there(url: str, **changes: Any) -> AsyncIterator[There]:
    templates = [template(choices=CHOICES), CHECKIN]
    async with store(url, templates) as kept:
        made = await kept.one(to=ToPhone(PHONE), **changes)
        conversation = await kept.value("SELECT id FROM conversations")
        assert made.id is not None

        async def told(connection: Connection, ids: Sequence[UUID]) -> None:
            assert connection.is_in_transaction()
            here.told.extend(ids)

        answers = Answers(
            lambda: kept.database.pool,
            Sealer(kept.keys),
            Templates(templates),
            lost=UNREADABLE,
            changed=told,
            now=lambda: here.now,
        )
        here = There(kept, answers, conversation, made.id)
        await here.sent()
        yield here


async def test_a_choice_is_recorded_once_for_its_key_and_the_last_one_stands(database_url: str) -> None:
    async with there(database_url) as here:
        for key, choice in (("1", "confirm"), ("2", "cancel"), ("1", "confirm"), ("2", "cancel")):
            assert await here.answers.record(key, here.conversation, here.nudge, choice)
        assert (await here.state())[:5] == ("delivered", None, "cancel", NOW, NOW)
        kept = await here.store.rows("SELECT choice FROM nudge_answers ORDER BY choice")
        assert kept == [("cancel",), ("confirm",)]
        assert here.told == [here.nudge] * 2
        asked = await here.answers.asked(here.conversation, here.nudge)
        assert asked is not None
        assert (asked.answer, asked.values["name"]) == ("cancel", "Aino")


async def test_a_choice_that_there_is_not_is_not_taken(database_url: str) -> None:
    async with there(database_url) as here:
        assert not await here.answers.record("1", here.conversation, here.nudge, "transfer")
        assert not await here.answers.record("1", here.conversation, uuid4(), "confirm")
        assert (await here.state())[2] is None


async def test_what_is_another_persons_is_not_found(database_url: str) -> None:
    async with there(database_url) as here:
        await here.store.person("telegram", "1")
        other = await here.store.value("SELECT id FROM conversations WHERE channel = 'telegram'")
        assert await here.answers.asked(other, here.nudge) is None
        assert not await here.answers.record("1", other, here.nudge, "confirm")
        assert await here.answers.alarmed("1", other, here.nudge) is None
        merged = "UPDATE persons SET merged_into = $2 WHERE id = $1"
        owner = await here.store.value("SELECT person_id FROM nudges")
        new = await here.store.value("SELECT person_id FROM conversations WHERE id = $1", other)
        await here.store.database.pool.execute(merged, owner, new)
        assert await here.answers.record("1", other, here.nudge, "confirm")


@pytest.mark.parametrize("status", ["cancelled", "expired"])
async def test_what_is_over_cannot_be_answered(database_url: str, status: str) -> None:
    async with there(database_url) as here:
        await here.store.database.pool.execute(
            "UPDATE nudges SET status = $2, ended_at = $3 WHERE id = $1", here.nudge, status, NOW
        )
        assert await here.answers.asked(here.conversation, here.nudge) is None
        assert not await here.answers.record("1", here.conversation, here.nudge, "confirm")


async def test_what_has_expired_cannot_be_answered_but_a_check_in_always_can(database_url: str) -> None:
    async with there(database_url) as here:
        here.now = NOW + timedelta(days=2)
        assert await here.answers.asked(here.conversation, here.nudge) is None
        assert not await here.answers.record("1", here.conversation, here.nudge, "confirm")
    async with there(database_url, template="senior_checkin", values={}) as here:
        here.now = NOW + timedelta(days=9)
        assert await here.answers.record("9", here.conversation, here.nudge, "well")


@pytest.mark.parametrize("status", ["held", "technical-failure", "permanent-failure", "sending"])
async def test_who_answers_has_got_it_and_nothing_is_sent_again(database_url: str, status: str) -> None:
    ended = status.endswith("failure")
    async with there(database_url) as here:
        await here.store.database.pool.execute(
            "UPDATE nudges SET status = $2, reason = 'in_doubt', ended_at = $3, watch_at = $4 WHERE id = $1",
            here.nudge,
            status,
            NOW if ended else None,
            NOW,
        )
        assert await here.answers.record("1", here.conversation, here.nudge, "confirm")
        expected = ("sending", "in_doubt") if status == "sending" else ("delivered", None)
        assert (await here.state())[:3] == (*expected, "confirm")
        assert await here.store.value("SELECT watch_at FROM nudges") is None


async def test_an_answer_to_a_check_in_ends_the_silence_about_those_before(database_url: str) -> None:
    async with there(database_url, template="senior_checkin", values={}) as here:
        before = here.nudge
        assert (await here.state())[5] == NOW + timedelta(hours=2)
        later = await here.store.one(template="senior_checkin", values={}, due_at=NOW + timedelta(days=1))
        made = await here.store.one(template="senior_checkin", values={})
        assert made.id is not None
        here.nudge = made.id
        await here.sent()
        assert await here.answers.record("1", here.conversation, here.nudge, "well")
        silent = await here.store.rows("SELECT id FROM nudges WHERE silent_at IS NOT NULL")
        assert silent == [(later.id,)]
        assert before != here.nudge


async def test_help_is_heard_at_any_time_and_names_who_answers(database_url: str) -> None:
    async with there(database_url, template="senior_checkin", values={}) as here:
        here.now = NOW + timedelta(days=9)
        template = await here.answers.alarmed("1", here.conversation, here.nudge)
        assert template is not None
        assert template.ladder is not None
        assert (await here.state())[2:3] + (await here.state())[5:] == ("help", None)


async def test_a_person_who_was_erased_is_not_asked_about(database_url: str) -> None:
    async with there(database_url) as here:
        await here.store.keys.destroy([str(await here.store.value("SELECT person_id FROM nudges"))])
        assert await here.answers.asked(here.conversation, here.nudge) is None


async def test_an_address_is_in_the_list_by_purpose_or_of_all_until_it_is_lifted(database_url: str) -> None:
    rows = "SELECT channel, purpose, reason FROM suppressions ORDER BY purpose"
    async with there(database_url, template="senior_checkin", values={}) as here:
        wishes = Suppressions(lambda: here.store.database.pool)
        await here.store.person("telegram", PHONE)
        await wishes.add(here.conversation, "opted_out", "waste_reminders")
        assert (await here.state())[5] is not None
        for reason in ("opted_out", "complaint", "opted_out"):
            await wishes.add(here.conversation, reason)
        assert (await here.state())[5] is None
        assert await here.store.rows(rows) == [("sms", "", "complaint"), ("sms", "waste_reminders", "opted_out")]
        await wishes.lift(here.conversation, "waste_reminders")
        assert await here.store.rows(rows) == [("sms", "", "complaint")]
        await wishes.lift(here.conversation)
        assert await here.store.rows(rows) == []
        assert not await wishes.blocked(here.conversation)
        await here.store.database.pool.execute(
            "INSERT INTO reach (channel, address_lookup, opted_out) VALUES ('sms', $1, true)",
            here.store.keys.lookup(PHONE),
        )
        assert await wishes.blocked(here.conversation)
