"""PostgreSQL finds whom the rules in Python find, for the same reasons, through records and the database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from health.evaluation import Evaluation
from health.generator import Planted, generate
from health.generator_fhir import subject_of, write
from tests.unit.health.programmes import content
from tests.unit.health.records import ISSUER, Known, diabetes, files, imported, patient, pseudonym, written

CONTACTED = """
UPDATE health.patients SET contacted_on = day FROM unnest($1::bytea[], $2::date[]) AS told (whose, day)
WHERE whose = pseudonym
"""


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    found = await asyncpg.connect(database_url)
    yield found
    await found.close()


async def _stored(connection: Any, folder: Path, known: Known, as_of: date, seed: int) -> dict[bytes, Planted]:
    planted = list(generate(1000, seed=seed, as_of=as_of, noise=3))
    write(folder, planted, issuer=ISSUER, as_of=as_of)
    report = await imported(connection, files(folder), known, as_of)
    assert report.faults == []
    pairs = [(pseudonym(subject_of(one.number)), one.patient.contacted_on) for one in planted]
    await connection.execute(CONTACTED, *map(list, zip(*pairs, strict=True)))
    return {pseudonym(subject_of(one.number)): one for one in planted}


@pytest.mark.parametrize("as_of", [date(2026, 11, 27), date(2028, 2, 29), date(2027, 3, 1)])
async def test_a_thousand_patients_through_the_database(connection: Any, tmp_path: Path, as_of: date) -> None:
    known = Known()
    truth = await _stored(connection, tmp_path, known, as_of, seed=as_of.year)
    evaluation = Evaluation(connection, known, content().sets)
    for name, programme in content().programmes.items():
        run = await evaluation.run(programme, as_of)
        found = {one.pseudonym: (one.standing, one.reason) for one in run.stands}
        assert found == {one: planted.truth[name] for one, planted in truth.items()}
        explained = await evaluation.assessed(programme, as_of, list(truth))
        assert {one: (said.standing, said.reason) for one, said in explained.items()} == found
        counts = await connection.fetchval("SELECT counts FROM health.runs WHERE id = $1", run.id)
        assert sum(run.counts.values()) == 1000
        assert "gap" in counts


async def test_who_takes_the_ground_back_is_not_evaluated(connection: Any, tmp_path: Path) -> None:
    known = Known()
    rows = [patient(), diabetes("1"), patient("b"), diabetes("2", "b")]
    await imported(connection, [written(tmp_path, "all.ndjson", rows)], known)
    del known.remembered[pseudonym("b")]
    evaluation = Evaluation(connection, known, content().sets)
    run = await evaluation.run(content().programmes["hba1c_overdue"], date(2026, 11, 27))
    assert [(one.pseudonym, one.reason) for one in run.stands] == [(pseudonym("a"), "not_done")]


async def test_a_recorded_ground_counts_until_it_ends(connection: Any, tmp_path: Path) -> None:
    known = Known()
    await imported(connection, [written(tmp_path, "all.ndjson", [patient(), diabetes("1")])], known)
    known.remembered.clear()
    evaluation = Evaluation(connection, known, content().sets)
    programme = content().programmes["hba1c_overdue"]
    assert (await evaluation.run(programme, date(2026, 11, 27))).stands == ()
    add = "INSERT INTO health.grounds VALUES ($1, 'health_outreach', 'law', '2020-01-01', current_date - $2::int)"
    await connection.execute(add, pseudonym("a"), 1)
    assert (await evaluation.run(programme, date(2026, 11, 27))).stands == ()
    await connection.execute("UPDATE health.grounds SET until = NULL")
    assert len((await evaluation.run(programme, date(2026, 11, 27))).stands) == 1
