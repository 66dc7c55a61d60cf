"""The city's own people in health outreach: who allowed it, what is theirs, and what is left of who was erased."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from bot.city import City
from bot.database import Database
from bot.health import Persons
from bot.health_records import ways_back
from bot.keys import KeyStore
from bot.personal import Personal, personal
from health.evaluation import Evaluation
from health.importing import Import
from health.proposing import Proposing
from mydata.ledger import Wish
from tests.conftest import KNOWLEDGE
from tests.keys import opened_keys
from tests.unit.health.programmes import content
from tests.unit.health.records import ISSUER, PURPOSE, TODAY, diabetes, dispense, importing, patient, written

HBA1C = "hba1c_overdue"


@dataclass(frozen=True, kw_only=True)
class Place:
    """One process and its people."""

    connection: Any
    own: Personal
    keys: KeyStore
    persons: Persons

    async def person(self, subject: str, *, allows: bool = True) -> UUID:
        """Somebody who has logged in, and allows the purpose or does not."""
        found = await self.own.people.identified(ISSUER, subject, "substantial")
        if allows:
            await self.own.ledger.give(await self.own.pseudonym(found), self.wish())
        return found

    def wish(self) -> Wish:
        """Of the purpose, in web chat."""
        return Wish(purpose=PURPOSE, channel="webchat", language="fi", through="webchat")

    async def standing(self) -> list[str]:
        """How those are found whose data may be used."""
        run = await Evaluation(self.connection, self.persons, content().sets).run(content().programmes[HBA1C], TODAY)
        return sorted(one.reason for one in run.stands)

    async def rows(self) -> dict[str, int]:
        """How many rows each table has."""
        tables = ("health.patients", "health.facts", "keys.health")
        return {name: await self.connection.fetchval(f"SELECT count(*) FROM {name}") for name in tables}


@asynccontextmanager
async def place(url: str) -> AsyncIterator[Place]:
    async def resume(_conversation: UUID) -> None:
        """Nothing waits."""

    async with opened_keys(url) as keys, Database(url) as database:
        connection = await asyncpg.connect(url)
        own = personal(City.read(KNOWLEDGE), database, keys, keys, resume)
        yield Place(connection=connection, own=own, keys=keys, persons=Persons(connection, own, keys, ISSUER))
        await connection.close()


def work(found: Place) -> Import:
    return importing(found.persons)


async def test_who_allows_it_is_found_until_it_is_taken_back(database_url: str, tmp_path: Path) -> None:
    names = ("aino", "bertta", "cecilia")
    rows = [one for name in names for one in (patient(name), diabetes(f"{name}1", name))]
    async with place(database_url) as found:
        aino = await found.person("aino")
        await found.person("bertta", allows=False)
        report = await work(found).run(found.connection, [written(tmp_path, "all.ndjson", rows)], "test")
        assert report.counts["patients_kept"] == 1
        assert await ways_back(found.keys).pseudonyms([aino]) == [
            row["pseudonym"] for row in await found.connection.fetch("SELECT pseudonym FROM health.patients")
        ]
        assert await found.standing() == ["not_done"]
        await found.own.ledger.withdraw(await found.own.pseudonym(aino), found.wish())
        assert await found.standing() == []


async def test_the_pseudonym_is_not_that_of_the_ledger(database_url: str, tmp_path: Path) -> None:
    async with place(database_url) as found:
        aino = await found.person("aino")
        await work(found).run(found.connection, [written(tmp_path, "all.ndjson", [patient("aino")])], "test")
        assert await ways_back(found.keys).pseudonyms([aino]) != [await found.own.pseudonym(aino)]


async def test_a_person_takes_all_of_it_along(database_url: str, tmp_path: Path) -> None:
    rows = [patient("aino", gender="female"), diabetes("1", "aino"), dispense("2", "aino"), patient("b")]
    async with place(database_url) as found:
        aino, other = await found.person("aino"), await found.person("b")
        await work(found).run(found.connection, [written(tmp_path, "all.ndjson", rows)], "test")
        told = b"".join([piece async for piece in found.own.data.exports.document(aino)])
        kept = sorted(orjson.loads(told)["health"], key=lambda one: str(one["kind"]))
        assert kept == [
            {"kind": "condition", "system": "icd-10", "code": "E11.9", "on": "2015-03-01"},
            {"kind": "dispense", "system": "atc", "code": "A10BA02", "on": "2026-03-01", "days": 90},
            {"kind": "patient", "birth_date": "1950-06-15", "sex": "female"},
        ]
        sections = await found.own.data.readable.sections(found.own.data.exports, aino)
        lines = next(one.rows for one in sections if one.name == "health")
        assert {line.label["fi"] for line in lines} == {"Sinusta", "Diagnoosi", "Apteekista haettu lääke"}
        assert {line.value for line in lines} >= {"icd-10, E11.9, 2015-03-01"}
        assert orjson.loads(b"".join([piece async for piece in found.own.data.exports.document(other)]))["health"] == [
            {"kind": "patient", "birth_date": "1950-06-15", "sex": "unknown"}
        ]


async def test_what_was_found_is_shown_to_the_person_and_goes_with_the_person(
    database_url: str, tmp_path: Path
) -> None:
    rows = [patient("aino"), diabetes("1", "aino"), patient("b"), diabetes("2", "b")]
    async with place(database_url) as found:
        aino, other = await found.person("aino"), await found.person("b")
        await work(found).run(found.connection, [written(tmp_path, "all.ndjson", rows)], "test")
        evaluation, programme = Evaluation(found.connection, found.persons, content().sets), content().programmes[HBA1C]
        run = await evaluation.run(programme, TODAY)
        assert await Proposing(found.connection, evaluation).findings(programme, run, TODAY) == 2
        for person in (aino, other):
            told = orjson.loads(b"".join([piece async for piece in found.own.data.exports.document(person)]))["health"]
            [finding] = [one for one in told if one["kind"] == "finding"]
            assert (finding["programme"], finding["reason"], finding["status"]) == (HBA1C, "not_done", "waiting")
        sections = await found.own.data.readable.sections(found.own.data.exports, aino)
        lines = next(one.rows for one in sections if one.name == "health")
        assert "Terveysohjelman havainto" in {line.label["fi"] for line in lines}
        assert await found.own.data.erasures.ask(aino, "portal") == ()
        assert await found.connection.fetchval("SELECT count(*) FROM health.findings") == 1


async def test_nothing_is_left_of_who_is_erased(database_url: str, tmp_path: Path) -> None:
    rows = [patient("aino"), diabetes("1", "aino"), patient("b"), diabetes("2", "b")]
    async with place(database_url) as found:
        aino, _ = await found.person("aino"), await found.person("b")
        path = written(tmp_path, "all.ndjson", rows)
        await work(found).run(found.connection, [path], "test")
        assert await found.rows() == {"health.patients": 2, "health.facts": 2, "keys.health": 2}
        assert await found.own.data.erasures.ask(aino, "portal") == ()
        assert await found.rows() == {"health.patients": 1, "health.facts": 1, "keys.health": 1}
        report = await work(found).run(found.connection, [path], "test")
        assert report.counts["patients_kept"] == 1
        assert await found.rows() == {"health.patients": 1, "health.facts": 1, "keys.health": 1}


async def test_the_records_go_at_once_and_not_when_the_last_message_is_out(database_url: str, tmp_path: Path) -> None:
    async with place(database_url) as found:
        aino = await found.person("aino")
        [(conversation, _)] = (await found.own.people.at("sms", ["+358401234567"], "fi")).values()
        assert await found.own.people.linked(conversation, aino)
        rows = [patient("aino"), diabetes("1", "aino")]
        await work(found).run(found.connection, [written(tmp_path, "all.ndjson", rows)], "test")
        await found.own.data.erasures.ask(aino, "dialog", conversation_id=conversation)
        assert await found.connection.fetchval("SELECT step FROM erasures") == "disabled"
        assert await found.rows() == {"health.patients": 0, "health.facts": 0, "keys.health": 0}
        # An import that had begun before ends only now.
        late = await found.keys.own(str(aino))
        await ways_back(found.keys).keep({late.pseudonym("health"): aino})
        await found.connection.execute(
            "INSERT INTO health.patients VALUES ($1, '1950-06-15', 'female', 'fi', '')", late.pseudonym("health")
        )
        await found.connection.execute("UPDATE erasures SET asked_at = asked_at - interval '1 hour'")
        await found.own.data.erasures.sweep()
        assert await found.connection.fetchval("SELECT step FROM erasures") == "done"
        assert await found.rows() == {"health.patients": 0, "health.facts": 0, "keys.health": 0}
