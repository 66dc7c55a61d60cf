"""Rules and patients at random, dense around every limit: PostgreSQL and the rules in Python always agree."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from health.evaluation import Evaluation
from health.facts import ATC, FINDRISC, ICD10, LOINC, Fact, Kind, Patient
from health.findrisc import ITEMS
from health.measures import assess
from health.programme import (
    CareGap,
    Coverage,
    Criterion,
    DiabetesRisk,
    Exclusions,
    Measure,
    Measurement,
    MissingMedication,
    Population,
    Programme,
    Target,
)
from tests.unit.health.programmes import content, programme_of
from tests.unit.health.records import Known

AS_OF = date(2028, 2, 29)
CONDITIONS = ("E11", "E11.9", "I10", "I25.1", "Z51.5", "J06.9")
MEDICINES = ("A10BA02", "A10BB07", "A10AE04", "C10AA05", "N02BE01")
SETS = {
    Kind.CONDITION: ("diabetes_type_2", "hypertension"),
    Kind.DISPENSE: ("diabetes_medicines", "insulins", "statins"),
}
VALUES = [Decimal(value) for value in ("139.9", "140", "140.1", "89.9", "90", "48")]


def _days(chance: Random) -> int:
    return chance.choice((0, 1, 29, 30, 31, 59, 60, 61, chance.randint(0, 130)))


def _fact(chance: Random) -> Fact:
    kind = chance.choice(list(Kind))
    at = AS_OF - timedelta(days=_days(chance) - chance.choice((0, 0, 0, 40)))
    if kind is Kind.OBSERVATION:
        if chance.random() < 0.3:
            value = chance.choice((Decimal(0), Decimal(1), Decimal(2), Decimal("25"), Decimal("30"), None))
            return Fact(kind=kind, system=FINDRISC, code=chance.choice(ITEMS), at=at, value=value, unit="1")
        code, unit = chance.choice(("8480-6", "8462-4", "59261-8")), chance.choice(("mm[Hg]", "mm[Hg]", "kPa", None))
        value = chance.choice((*VALUES, None))
        return Fact(kind=kind, system=LOINC, code=code, at=at, value=value, unit=unit)
    if kind is Kind.CONDITION:
        until = None if chance.random() < 0.6 else at + timedelta(days=_days(chance))
        return Fact(kind=kind, system=ICD10, code=chance.choice(CONDITIONS), at=at, until=until)
    days = chance.choice((None, 1, 10, 30, 60)) if kind is Kind.DISPENSE and chance.random() < 0.9 else None
    days = chance.choice((10, 30)) if kind is Kind.DISPENSE and chance.random() < 0.7 else days
    return Fact(kind=kind, system=ATC, code=chance.choice(MEDICINES), at=at, days=days)


def _answers(chance: Random) -> list[Fact]:
    """All questions answered on a day, most of them readably."""
    at = AS_OF - timedelta(days=_days(chance))
    numbers = {"bmi": ("24.9", "25", "30", "30.1"), "waist_cm": ("79", "80", "88", "89", "93", "94", "102", "103")}
    return [
        Fact(
            kind=Kind.OBSERVATION,
            system=FINDRISC,
            code=item,
            at=at,
            value=Decimal(chance.choice(numbers.get(item, ("0", "1")))),
            unit="1",
        )
        for item in ITEMS
    ]


def _patient(chance: Random) -> Patient:
    def day(share: float) -> date | None:
        return AS_OF - timedelta(days=_days(chance) - 20) if chance.random() < share else None

    facts = [_fact(chance) for _ in range(chance.randint(0, 14))]
    years = chance.choice((17, 18, 19, 44, 45, 54, 55, 64, 65, 66))
    return Patient(
        birth_date=chance.choice((date(AS_OF.year - years, 2, 28), date(AS_OF.year - years, 3, 1), date(1984, 2, 29))),
        sex=chance.choice(("female", "male", "other", "unknown")),
        language="fi",
        deceased_on=day(0.1),
        moved_on=day(0.1),
        opted_out_on=day(0.1),
        contacted_on=day(0.3),
        facts=tuple(facts + (_answers(chance) if chance.random() < 0.4 else [])),
    )


def _criterion(chance: Random) -> Criterion:
    kind = chance.choice((Kind.CONDITION, Kind.DISPENSE, Kind.REQUEST, Kind.ALLERGY, Kind.OBSERVATION))
    window = chance.choice((None, 30, 60))
    if kind is Kind.OBSERVATION:
        low, high = chance.choice(((Decimal(140), None), (None, Decimal(90)), (None, None)))
        name = chance.choice(("systolic_pressure", "diastolic_pressure"))
        return Criterion(kind=kind, value_set=name, within_days=window, at_least=low, below=high, unit="mm[Hg]")
    name = chance.choice(SETS[Kind.CONDITION] if kind is Kind.CONDITION else SETS[Kind.DISPENSE])
    return Criterion(kind=kind, value_set=name, within_days=window, since_days=chance.choice((0, 0, 30)))


def _measure(chance: Random) -> Measure:
    medicines = chance.choice(("diabetes_medicines", "statins"))
    return chance.choice(
        (
            Coverage(
                medicines=medicines,
                threshold=Decimal(chance.choice(("0.5", "0.8"))),
                period_days=chance.choice((60, 100)),
                minimum_fills=chance.choice((1, 2)),
                first_fill_days=chance.choice((1, 30)),
            ),
            MissingMedication(
                condition=chance.choice(SETS[Kind.CONDITION]), medicines=medicines, grace_days=30, lookback_days=60
            ),
            Measurement(
                targets=(
                    Target(value_set="systolic_pressure", unit="mm[Hg]", below=Decimal(140)),
                    Target(value_set="diastolic_pressure", unit="mm[Hg]", at_least=Decimal(40), below=Decimal(90)),
                )[: chance.choice((1, 2))],
                overdue_days=chance.choice((31, 61)),
            ),
            DiabetesRisk(points_from=chance.choice((7, 12, 15)), answers_within_days=chance.choice((31, 100))),
            CareGap(
                denominator=tuple(_criterion(chance) for _ in range(chance.choice((0, 1, 2)))),
                numerator=tuple(_criterion(chance) for _ in range(chance.choice((1, 2)))),
            ),
        )
    )


def _programme(chance: Random) -> Programme:
    population = Population(
        age_from=chance.choice((0, 18)),
        age_to=chance.choice((None, 65)),
        sexes=chance.choice(((), ("female",), ("female", "male"))),
        criteria=(_criterion(chance),) if chance.random() < 0.3 else (),
    )
    own = (_criterion(chance),) if chance.random() < 0.3 else ()
    exclusions = Exclusions(palliative="palliative_care", recent_contact_days=chance.choice((30, 60)), criteria=own)
    return programme_of(_measure(chance), population, exclusions)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    found = await asyncpg.connect(database_url)
    yield found
    await found.close()


async def _store(connection: Any, patients: dict[bytes, Patient]) -> None:
    people = ("birth_date", "sex", "language", "district", "deceased_on", "moved_on", "opted_out_on", "contacted_on")
    rows = [(name, *(getattr(one, column) for column in people)) for name, one in patients.items()]
    await connection.copy_records_to_table("patients", schema_name="health", records=rows)
    columns = ("system", "code", "at", "until", "value", "unit", "days")
    facts = [
        (name, number.to_bytes(2), 0, fact.kind.value, *(getattr(fact, column) for column in columns))
        for name, one in patients.items()
        for number, fact in enumerate(one.facts)
    ]
    await connection.copy_records_to_table("facts", schema_name="health", records=facts)


@pytest.mark.parametrize("seed", range(3))
async def test_both_agree_on_everybody(connection: Any, seed: int) -> None:
    chance = Random(seed)
    patients = {hashlib.sha256(bytes([seed, n // 256, n % 256])).digest(): _patient(chance) for n in range(400)}
    await _store(connection, patients)
    known = Known()
    known.remembered |= {name: UUID(bytes=name[:16]) for name in patients}
    evaluation = Evaluation(connection, known, content().sets)
    reasons: set[str] = set()
    for _ in range(40):
        programme = _programme(chance)
        run = await evaluation.run(programme, AS_OF)
        found = {one.pseudonym: (one.standing, one.reason) for one in run.stands}
        told = {name: assess(programme, one, AS_OF, content().sets) for name, one in patients.items()}
        assert found == {name: (said.standing, said.reason) for name, said in told.items()}, programme
        reasons |= run.counts.keys()
    assert len(reasons) > 25, "hardly anything was met"
