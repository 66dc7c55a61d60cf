"""What the person reads of a finding behind strong login, and what follows on each answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.health_letters import OwnLetters
from portal.services import Letter
from tests.unit.health.programmes import content
from tests.unit.health.records import PURPOSE, TODAY
from tests.unit.health.test_contact import HBA1C, Clinic, clinic


def letters(here: Clinic) -> OwnLetters:
    app = here.office.app
    return OwnLetters(app.database, app.keys, app.personal, content(), app.handoffs.request)


async def written(here: Clinic) -> tuple[UUID, UUID]:
    """Whose it is, and the finding that was written of."""
    finding = await here.accepted()
    await here.sweep()
    return here.persons["aino"], finding


async def of(here: Clinic, person: UUID, language: str = "fi") -> Sequence[Letter]:
    return await letters(here).letters(person, language)


async def stands(here: Clinic, person: UUID) -> set[str]:
    """What the ledger says of the purpose on each channel."""
    own = here.office.app.personal
    found = await own.ledger.standings(await own.pseudonym(person))
    return {one.state for one in found if one.purpose == PURPOSE}


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_a_letter_says_why_from_what_on_which_ground_and_what_is_offered(
    database_url: str, tmp_path: Path, language: str
) -> None:
    programme = content().programmes[HBA1C]
    async with clinic(database_url, tmp_path) as here:
        person, finding = await written(here)
        assert await here.stands(finding) == ("contacted", None)
        [letter] = await of(here, person, language)
        assert (letter.id, letter.title, letter.offer) == (
            finding,
            programme.title[language],
            programme.offer[language],
        )
        assert letter.ground.id == PURPOSE
        assert letter.reason
        assert any("E11" in fact and "2015" in fact for fact in letter.facts)
        assert len(letter.steps) > 1
        assert await here.stands(finding) == ("contacted", "read")


async def test_nobody_reads_of_another_or_before_anything_was_written(database_url: str, tmp_path: Path) -> None:
    async with clinic(database_url, tmp_path, "aino") as here:
        person = here.persons["aino"]
        await here.accepted()
        assert await of(here, person) == []
        await here.sweep()
        other = await here.person("bertta", "+358401234599")
        [letter] = await of(here, person)
        assert await of(here, other) == []
        for answer in ("time", "nurse", "booked", "refused"):
            assert not await letters(here).answered(other, letter.id, answer, "fi")
            assert not await letters(here).answered(person, uuid4(), answer, "fi")
        assert not await letters(here).answered(person, letter.id, "paid", "fi")
        assert await here.stands(letter.id) == ("contacted", "read")
        assert "withdrawn" not in await stands(here, other)


async def test_a_no_takes_the_consent_back_and_ends_all_of_it(database_url: str, tmp_path: Path) -> None:
    async with clinic(database_url, tmp_path) as here:
        person, finding = await written(here)
        row: Any = await here.pool.fetchrow("SELECT pseudonym, run_id FROM health.findings WHERE id = $1", finding)
        await here.pool.execute(
            "INSERT INTO health.grounds (pseudonym, purpose, kind, at) VALUES ($1, $2, 'fhir_consent', $3)",
            *(row["pseudonym"], PURPOSE, TODAY),
        )
        await here.pool.execute(
            "INSERT INTO health.findings (programme, version, run_id, pseudonym, selected, standing, reason, facts, "
            "steps) VALUES ('blood_pressure', 1, $1, $2, true, 'gap', 'overdue', '[]', '[]')",
            *(row["run_id"], row["pseudonym"]),
        )
        assert await letters(here).answered(person, finding, "refused", "fi")
        assert await stands(here, person) == {"withdrawn"}
        assert await here.stands(finding) == ("ended", "refused")
        assert await here.pool.fetchval("SELECT count(*) FROM health.grounds") == 0
        assert await here.review.queue(TODAY) == []
        here.today = TODAY + timedelta(days=400)
        assert (await here.sweep()).reminded == 0
        assert len(here.sent) == 1
        assert not await letters(here).answered(person, finding, "time", "fi"), "a no stays one"
        [letter] = await of(here, person)
        assert letter.answer == "refused"


async def test_a_wish_for_a_nurse_waits_in_the_console_for_people_of_health(database_url: str, tmp_path: Path) -> None:
    async with clinic(database_url, tmp_path) as here:
        person, finding = await written(here)
        for _ in range(2):
            assert await letters(here).answered(person, finding, "nurse", "fi")
        [row] = await here.pool.fetch("SELECT channel, reason, skill FROM handoffs")
        assert tuple(row) == ("sms", "wish", "health")
        assert await here.stands(finding) == ("contacted", "nurse")


async def test_who_answers_is_not_reminded_and_a_booking_is_counted(database_url: str, tmp_path: Path) -> None:
    async with clinic(database_url, tmp_path) as here:
        person, finding = await written(here)
        assert await letters(here).answered(person, finding, "time", "fi")
        here.today = TODAY + timedelta(days=content().programmes[HBA1C].ladder.after_days)
        assert (await here.sweep()).reminded == 0
        assert await letters(here).answered(person, finding, "booked", "fi")
        row = await here.pool.fetchrow("SELECT answered_at, booked_at FROM health.findings WHERE id = $1", finding)
        assert row["answered_at"] is not None
        assert row["booked_at"] >= row["answered_at"]
        [letter] = await of(here, person)
        assert letter.answer == "booked"


TABLES = """
SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
WHERE schemaname NOT IN ('health', 'pg_catalog', 'information_schema')
"""
CLINICAL = ("e11.9", "diabet", "hba1c", "blood_pressure", "icd-10", "not_done", "sokeri", "blodsocker")


async def test_no_clinical_word_is_in_a_message_a_log_a_job_or_a_table_outside(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with clinic(database_url, tmp_path) as here:
        caplog.clear()  # an import names its own files and counts, and comes before
        person, finding = await written(here)
        await of(here, person)
        await letters(here).answered(person, finding, "nurse", "fi")
        await letters(here).answered(person, finding, "refused", "fi")
        tables = [row[0] for row in await here.pool.fetch(TABLES)]
        rows = [row[0] for name in tables for row in await here.pool.fetch(f"SELECT t::text FROM {name} t")]
        assert {"public.nudges", "public.handoffs", "public.outbox", "public.pgqueuer"} <= set(tables)
        assert len(rows) > 10
        said = "\n".join([*rows, *here.sent, caplog.text]).lower()
        assert [word for word in CLINICAL if word in said] == []
