"""Programmes evaluated over all patients by PostgreSQL itself, and the facts of whom is found, to explain them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import orjson

from health.assessment import Assessment, Standing
from health.evaluation_sql import CODES, TABLES, statement
from health.facts import Fact, Kind, Patient
from health.measures import assess
from health.programme import Programme, ValueSets

if TYPE_CHECKING:
    import asyncpg

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"
BATCH = 2_000
LONG = 3600.0
"""Seconds for a statement."""
_PSEUDONYMS = "SELECT pseudonym FROM health.patients ORDER BY pseudonym"
_RECORDED = """
INSERT INTO eligible SELECT g.pseudonym FROM health.grounds g JOIN health.patients USING (pseudonym)
WHERE g.purpose = $1 AND g.at <= current_date AND (g.until IS NULL OR g.until >= current_date) ON CONFLICT DO NOTHING
"""
_PATIENTS = "SELECT * FROM health.patients WHERE pseudonym = ANY($1)"
_FACTS = "SELECT * FROM health.facts WHERE pseudonym = ANY($1) ORDER BY pseudonym, source, part"
_NOTE = "INSERT INTO health.runs (programme, version, as_of, counts) VALUES ($1, $2, $3, $4) RETURNING id"


class Grounds(Protocol):
    """Who knows what persons allow."""

    async def allowed(self, pseudonyms: Collection[bytes], purpose: str) -> Collection[bytes]:
        """Of whom data may be used for a purpose now, by what they said to us."""


@dataclass(frozen=True, slots=True)
class Stands:
    """Where a patient stands in a programme."""

    pseudonym: bytes
    standing: Standing
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One evaluation. ``counts`` are patients by standing and reason, as ``gap overdue``."""

    id: int
    counts: Mapping[str, int]
    stands: tuple[Stands, ...]


class Evaluation:
    """Evaluates on one connection of its own, which it fills with temporary tables."""

    def __init__(self, connection: Connection, grounds: Grounds, sets: ValueSets) -> None:
        self._connection = connection
        self._grounds = grounds
        self._sets = sets

    async def run(self, programme: Programme, as_of: date) -> Run:
        """Where everybody stands of whom there is a ground now. Raises the database's errors."""
        async with self._connection.transaction():
            await self._prepare(programme)
            query, values = statement(programme, as_of)
            rows = await self._connection.fetch(query, *values, timeout=LONG)
            stands = tuple(Stands(row["pseudonym"], Standing(row["standing"]), row["reason"]) for row in rows)
            counts = Counter(f"{one.standing} {one.reason}" for one in stands)
            told = (programme.id, programme.version, as_of, orjson.dumps(counts).decode())
            run = await self._connection.fetchval(_NOTE, *told)
            await self._connection.execute("DROP TABLE eligible, wanted")
        return Run(id=run, counts=counts, stands=stands)

    async def assessed(
        self, programme: Programme, as_of: date, pseudonyms: Collection[bytes]
    ) -> Mapping[bytes, Assessment]:
        """The facts and steps of some patients, by the rule itself; some thousands at once at most."""
        patients = await self.patients(pseudonyms)
        return {one: assess(programme, patient, as_of, self._sets) for one, patient in patients.items()}

    async def patients(self, pseudonyms: Collection[bytes]) -> Mapping[bytes, Patient]:
        """Patients with all their facts."""
        wanted = list(pseudonyms)
        facts: dict[bytes, list[Fact]] = {}
        for row in await self._connection.fetch(_FACTS, wanted, timeout=LONG):
            facts.setdefault(row["pseudonym"], []).append(_fact(row))
        rows = await self._connection.fetch(_PATIENTS, wanted, timeout=LONG)
        return {row["pseudonym"]: _patient(row, facts.get(row["pseudonym"], ())) for row in rows}

    async def _prepare(self, programme: Programme) -> None:
        await self._connection.execute(TABLES)
        found = [(row["system"], row["code"]) for row in await self._connection.fetch(CODES, timeout=LONG)]
        wanted = [(name, *code) for name in programme.value_sets() for code in found if self._sets[name].has(*code)]
        await self._connection.copy_records_to_table("wanted", records=wanted)
        for batch in _batches([row["pseudonym"] for row in await self._connection.fetch(_PSEUDONYMS)]):
            allowed = set(await self._grounds.allowed(batch, programme.ground))
            await self._connection.copy_records_to_table("eligible", records=[(one,) for one in allowed])
        await self._connection.execute(_RECORDED, programme.ground)
        await self._connection.execute("ANALYZE eligible; ANALYZE wanted")


def _batches(pseudonyms: list[bytes]) -> Iterable[list[bytes]]:
    return (pseudonyms[start : start + BATCH] for start in range(0, len(pseudonyms), BATCH))


def _patient(row: Mapping[str, Any], facts: Iterable[Fact]) -> Patient:
    columns = ("birth_date", "sex", "language", "district", "deceased_on", "moved_on", "opted_out_on", "contacted_on")
    return Patient(**{name: row[name] for name in columns}, facts=tuple(facts))


def _fact(row: Mapping[str, Any]) -> Fact:
    columns = ("system", "code", "at", "until", "value", "unit", "days")
    return Fact(kind=Kind(row["kind"]), **{name: row[name] for name in columns})
