"""Contact: from a reviewer's decision to a message that says nothing, once, and to the end of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from bot.app import App
from bot.database import Database
from bot.health import Persons
from bot.health_contact import contacting, contacts
from bot.jobs import Chore
from bot.services import Addresses
from health.contact import Contacts, Done
from health.evaluation import Evaluation
from health.proposing import Proposing
from health.review import Review, Reviewer
from mydata.ledger import Wish
from tests.keys import keys_over
from tests.unit.health.programmes import content
from tests.unit.health.records import ISSUER, PURPOSE, TODAY, diabetes, importing, patient, written
from tests.unit.proactive.office import Office, office, unlearned

HBA1C = "hba1c_overdue"
HOME = "https://neuvo.hel.fi"
ANNA, BERT = Reviewer("dev:Anna", "Anna"), Reviewer("dev:Bert", "Bert")
NUMBER = "+358401234567"
PLACE = "UPDATE conversations SET level = 'strong', level_at = now() WHERE id = $1"


@dataclass
class Clinic:
    """A process with patients who are known to it, findings on them, and the contact."""

    office: Office
    folder: Path
    today: date = TODAY
    persons: dict[str, UUID] = field(default_factory=dict)

    @property
    def pool(self) -> Any:
        return self.office.pool

    def contacts(self, home: str = HOME) -> Contacts:
        app = self.office.app
        found = content().programmes
        return contacts(
            app.database, app.keys, app.personal, app.nudging.store, found, home=home, today=lambda: self.today
        )

    @property
    def review(self) -> Review:
        app, found = self.office.app, content()
        return Review(
            lambda: self.pool,
            lambda connection: Persons(connection, app.personal, app.keys, ISSUER),
            found.programmes,
            found.sets,
        )

    async def person(self, subject: str, number: str) -> UUID:
        """Somebody who has logged in, whose number is theirs, and who allows it there."""
        own = self.office.app.personal
        person = await own.people.identified(ISSUER, subject, "substantial")
        conversation, _ = (await own.people.at("sms", [number], "fi"))[number]
        assert await own.people.linked(conversation, person)
        await self.pool.execute(PLACE, conversation)
        await own.ledger.give(await own.pseudonym(person), self.wish())
        self.persons[subject] = person
        return person

    def wish(self) -> Wish:
        return Wish(purpose=PURPOSE, channel="sms", language="fi", through="sms")

    async def withdraw(self, subject: str) -> None:
        own = self.office.app.personal
        await own.ledger.withdraw(await own.pseudonym(self.persons[subject]), self.wish())

    async def found(self) -> list[UUID]:
        """Import and evaluate; the findings that wait."""
        rows = [one for name in self.persons for one in (patient(name), diabetes(f"{name}1", name))]
        app = self.office.app
        async with self.pool.acquire() as connection:
            persons = Persons(connection, app.personal, app.keys, ISSUER)
            await importing(persons).run(connection, [written(self.folder, "all.ndjson", rows)], "test")
            evaluation, programme = Evaluation(connection, persons, content().sets), content().programmes[HBA1C]
            run = await evaluation.run(programme, TODAY)
            await Proposing(connection, evaluation).findings(programme, run, TODAY)
        return [row["id"] for row in await self.review.queue(TODAY)]

    async def accepted(self) -> UUID:
        """One of them, accepted in a programme of two people's."""
        [finding, *_] = await self.found()
        await self.review.propose(HBA1C, ANNA)
        await self.review.approve(HBA1C, BERT)
        assert await self.review.accept(finding, ANNA, TODAY) == "done"
        return finding

    async def sweep(self, home: str = HOME) -> Done:
        done = await self.contacts(home).sweep()
        await self.office.deliver()
        return done

    async def stands(self, finding: UUID) -> tuple[str, str | None]:
        row = await self.pool.fetchrow("SELECT status, outcome FROM health.findings WHERE id = $1", finding)
        return row["status"], row["outcome"]

    @property
    def sent(self) -> Sequence[str]:
        return self.office.sms.sent


@asynccontextmanager
async def clinic(url: str, folder: Path, *subjects: str) -> AsyncIterator[Clinic]:
    message = unlearned().nudges.get("health_message")
    async with office(url, templates=[message]) as here:
        made = Clinic(here, folder)
        for count, subject in enumerate(subjects or ("aino",)):
            await made.person(subject, f"+35840123456{7 + count}")
        yield made


async def test_what_was_accepted_is_written_of_once_and_says_nothing(database_url: str, tmp_path: Path) -> None:
    async with clinic(database_url, tmp_path) as here:
        finding = await here.accepted()
        assert await here.sweep() == Done(written=1)
        [text] = here.sent
        assert f"{HOME}/my/health" in text
        assert "terveyspalveluilta" in text
        assert str(finding) not in text
        assert await here.stands(finding) == ("contacted", None)
        assert await here.sweep() == Done()
        assert len(here.sent) == 1
        assert await here.pool.fetchval("SELECT contacted_on FROM health.patients") == TODAY
        nudge = await here.pool.fetchval("SELECT nudge_id FROM health.findings WHERE id = $1", finding)
        assert (await here.office.fate(nudge))[0] == "sent"


@pytest.mark.parametrize("status", ["waiting", "rejected", "postponed"])
async def test_nothing_is_written_of_what_nobody_accepted(database_url: str, tmp_path: Path, status: str) -> None:
    async with clinic(database_url, tmp_path) as here:
        [finding] = await here.found()
        if status == "rejected":
            assert await here.review.reject(finding, ANNA, "in_care") == "done"
        if status == "postponed":
            assert await here.review.postpone(finding, ANNA, TODAY, 7) == "done"
        here.today = TODAY + timedelta(days=400)
        assert await here.sweep() == Done()
        assert await here.pool.fetchval("SELECT count(*) FROM nudges") == 0
        assert await here.stands(finding) == (status, None)


async def test_a_message_that_was_made_before_a_crash_is_not_made_again(database_url: str, tmp_path: Path) -> None:
    async with clinic(database_url, tmp_path) as here:
        finding = await here.accepted()
        await here.sweep()
        await here.pool.execute("UPDATE health.findings SET status = 'accepted', nudge_id = NULL")
        await here.pool.execute("UPDATE health.patients SET contacted_on = NULL")
        assert await here.sweep() == Done(written=1)
        assert len(here.sent) == 1
        assert await here.stands(finding) == ("contacted", None)


async def test_who_takes_the_consent_back_after_the_decision_is_not_written_to(
    database_url: str, tmp_path: Path
) -> None:
    async with clinic(database_url, tmp_path) as here:
        finding = await here.accepted()
        await here.withdraw("aino")
        assert await here.sweep() == Done(ended=1)
        assert here.sent == []
        assert await here.pool.fetchval("SELECT count(*) FROM nudges") == 0
        assert await here.stands(finding) == ("ended", "no_ground")


@pytest.mark.parametrize(
    ("column", "outcome"),
    [
        ("deceased_on", "excluded"),
        ("moved_on", "excluded"),
        ("opted_out_on", "excluded"),
        ("contacted_on", "contacted_lately"),
    ],
)
async def test_who_is_to_be_left_alone_by_now_is(database_url: str, tmp_path: Path, column: str, outcome: str) -> None:
    async with clinic(database_url, tmp_path) as here:
        finding = await here.accepted()
        await here.pool.execute(f"UPDATE health.patients SET {column} = $1", TODAY)
        assert await here.sweep() == Done(ended=1)
        assert await here.stands(finding) == ("ended", outcome)
        assert here.sent == []


async def test_who_was_erased_is_not_written_to(database_url: str, tmp_path: Path) -> None:
    async with clinic(database_url, tmp_path) as here:
        finding = await here.accepted()
        await here.pool.execute("DELETE FROM keys.health")
        assert await here.sweep() == Done(ended=1)
        assert (await here.stands(finding))[0] == "ended"
        assert here.sent == []


async def test_silence_is_followed_by_as_many_reminders_as_the_programme_has(database_url: str, tmp_path: Path) -> None:
    ladder = content().programmes[HBA1C].ladder
    async with clinic(database_url, tmp_path) as here:
        finding = await here.accepted()
        await here.sweep()
        for step in range(1, ladder.reminders + 1):
            here.today = TODAY + timedelta(days=step * ladder.after_days - 1)
            assert await here.sweep() == Done()
            here.today += timedelta(days=1)
            assert (await here.sweep()).reminded == 1
            await here.sweep()
            assert await here.pool.fetchval("SELECT count(*) FROM nudges") == 1 + step
        here.today = TODAY + timedelta(days=(ladder.reminders + 1) * ladder.after_days)
        assert await here.sweep() == Done(ended=1)
        assert await here.stands(finding) == ("ended", "unanswered")
        assert await here.pool.fetchval("SELECT count(*) FROM nudges") == 1 + ladder.reminders


async def test_workers_write_by_themselves_where_people_can_log_in(database_url: str, tmp_path: Path) -> None:
    def chores(**more: Any) -> dict[str, Chore]:
        made = App(unlearned(), Database(database_url), [], Addresses(), keys_over(database_url), **more)
        return {one.name: one for one in made.worker._chores}

    assert "health_contacts" in chores(login_url=HOME, programmes=content().programmes)
    assert "health_contacts" not in chores(programmes=content().programmes)
    assert "health_contacts" not in chores(login_url=HOME)
    async with clinic(database_url, tmp_path) as here:
        finding = await here.accepted()
        await contacting(here.contacts()).run()
        assert await here.stands(finding) == ("contacted", None)


async def test_an_address_that_the_template_does_not_allow_keeps_the_decision(
    database_url: str, tmp_path: Path
) -> None:
    async with clinic(database_url, tmp_path) as here:
        finding = await here.accepted()
        assert await here.sweep("http://127.0.0.1:8080") == Done(failed=1)
        assert await here.stands(finding) == ("accepted", None)
        assert await here.sweep() == Done(written=1)
