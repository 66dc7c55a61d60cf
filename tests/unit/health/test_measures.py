"""The other measures, who is asked at all, and who is left alone: each at its edges."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from health.assessment import Standing
from health.facts import ATC, FINDRISC, ICD10, LOINC, SNOMED, Fact, Kind, Patient, age_on
from health.findrisc import ITEMS
from health.programme import (
    CareGap,
    Criterion,
    DiabetesRisk,
    Exclusions,
    Measurement,
    MissingMedication,
    Population,
    Programme,
    Target,
)
from tests.unit.health.programmes import DAY, patient_of, programme_of, standing

STATIN = MissingMedication(condition="coronary_disease", medicines="statins")
PRESSURE = Measurement(
    targets=(
        Target(value_set="systolic_pressure", unit="mm[Hg]", below=Decimal(140)),
        Target(value_set="diastolic_pressure", unit="mm[Hg]", below=Decimal(90)),
    ),
    overdue_days=365,
)
RISK = DiabetesRisk(points_from=15, answers_within_days=365)
DIABETES = Criterion(kind=Kind.CONDITION, value_set="diabetes")
HBA1C = CareGap(
    denominator=(DIABETES,), numerator=(Criterion(kind=Kind.OBSERVATION, value_set="hba1c", within_days=365),)
)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def condition(code: str, days: int, *, over: int | None = None, system: str = ICD10) -> Fact:
    until = None if over is None else ago(over)
    return Fact(kind=Kind.CONDITION, system=system, code=code, at=ago(days), until=until)


def medicine(code: str, days: int, kind: Kind = Kind.DISPENSE) -> Fact:
    return Fact(kind=kind, system=ATC, code=code, at=ago(days), days=100 if kind is Kind.DISPENSE else None)


def measured(code: str, days: int, value: str | None, unit: str | None = "mm[Hg]") -> Fact:
    number = None if value is None else Decimal(value)
    return Fact(kind=Kind.OBSERVATION, system=LOINC, code=code, at=ago(days), value=number, unit=unit)


def pressure(days: int, systolic: str, diastolic: str) -> tuple[Fact, Fact]:
    return measured("8480-6", days, systolic), measured("8462-4", days, diastolic)


def reason_of(programme: Programme, facts: Iterable[Fact], **known: Any) -> str:
    patient: Patient = replace(patient_of(facts), **known)
    return standing(programme, patient).reason


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], "no_condition"),
        ([condition("I25.1", 89)], "new_condition"),
        ([condition("I25.1", 90)], "not_dispensed"),
        ([condition("I251", 90)], "not_dispensed"),  # the dot means nothing
        ([condition("53741008", 90, system=SNOMED)], "not_dispensed"),
        ([condition("I26.0", 90)], "no_condition"),
        ([condition("I25.1", 900, over=0)], "no_condition"),
        ([condition("I25.1", 900, over=-1)], "not_dispensed"),  # ends tomorrow
        ([condition("I25.1", 900), condition("I21", 5)], "not_dispensed"),  # known for long, whatever is new
        ([condition("I25.1", 900), medicine("C10AA05", 364)], "dispensed"),
        ([condition("I25.1", 900), medicine("C10AA05", 365)], "not_dispensed"),
        ([condition("I25.1", 900), medicine("C10AA05", -1)], "not_dispensed"),
        ([condition("I25.1", 900), medicine("C10AB04", 10)], "not_dispensed"),  # a fibrate is no statin
        ([condition("I25.1", 900), medicine("C10AA05", 10, Kind.REQUEST)], "not_dispensed"),
    ],
)
def test_a_condition_without_its_medication(facts: Sequence[Fact], expected: str) -> None:
    assert reason_of(programme_of(STATIN), facts) == expected


def test_a_prescription_that_was_not_collected_is_told() -> None:
    found = standing(programme_of(STATIN), patient_of([condition("I25.1", 900), medicine("C10AA05", 10, Kind.REQUEST)]))
    assert [step.id for step in found.steps] == ["age", "condition", "prescribed", "not_dispensed", "not_excluded"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ((), "overdue"),
        (pressure(364, "139.9", "89.9"), "in_range"),
        (pressure(365, "120", "80"), "overdue"),
        (pressure(0, "140", "80"), "out_of_range"),
        (pressure(0, "120", "90"), "out_of_range"),
        (pressure(0, "120", "80")[:1], "overdue"),  # half of it
        ((*pressure(10, "160", "100"), *pressure(10, "130", "85")), "in_range"),  # measured again the same day
        ((*pressure(10, "160", "100"), *pressure(9, "130", "85")), "in_range"),
        ((*pressure(10, "130", "85"), *pressure(9, "160", "100")), "out_of_range"),
        ((measured("8480-6", 1, "19", "kPa"), measured("8462-4", 1, "12", "kPa")), "in_range"),  # not compared
        ((measured("8480-6", 1, None), measured("8462-4", 1, "80")), "in_range"),
        ((*pressure(-1, "120", "80"),), "overdue"),
    ],
)
def test_a_measurement_overdue_or_out_of_range(facts: Sequence[Fact], expected: str) -> None:
    assert reason_of(programme_of(PRESSURE), facts) == expected


def test_overdue_says_since_when_it_was_due() -> None:
    found = standing(programme_of(PRESSURE), patient_of(pressure(400, "120", "80")))
    values = found.steps[1].values
    assert (values["at"], values["days"], values["due"]) == (ago(400).isoformat(), 400, ago(35).isoformat())


def test_a_target_may_have_two_ends() -> None:
    measure = Measurement(
        targets=(Target(value_set="hba1c", unit="mmol/mol", at_least=Decimal(20), below=Decimal(53)),), overdue_days=90
    )
    for value, expected in (("19.9", "out_of_range"), ("20", "in_range"), ("52.9", "in_range"), ("53", "out_of_range")):
        assert reason_of(programme_of(measure), [measured("59261-8", 3, value, "mmol/mol")]) == expected


def answered(days: int, *values: str) -> list[Fact]:
    given = zip(ITEMS, map(Decimal, values), strict=False)
    return [
        Fact(kind=Kind.OBSERVATION, system=FINDRISC, code=item, at=ago(days), value=value, unit="1")
        for item, value in given
    ]


HIGH, LOW = ("31", "89", "0", "1", "1", "1", "0"), ("24.9", "79", "1", "1", "0", "0", "0")
"""A woman of 68: 4 + 3 + 4 + 2 + 0 + 2 + 5 + 0 is 20 points, and 4 points."""


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], "no_answers"),
        (answered(364, *HIGH), "high_risk"),
        (answered(365, *HIGH), "no_answers"),
        (answered(5, *LOW), "low_risk"),
        ([*answered(6, *HIGH), *answered(5, *LOW)], "low_risk"),  # the newest day counts
        ([*answered(5, *HIGH), *answered(6, *LOW)], "high_risk"),
        (answered(5, *HIGH[:-1]), "answers_unclear"),
        ([*answered(5, *HIGH), *answered(5, "31")], "answers_unclear"),  # twice
        (answered(5, *HIGH[:-1], "3"), "answers_unclear"),
        (answered(5, "0", *HIGH[1:]), "answers_unclear"),
        ([replace(fact, value=None) for fact in answered(5, *HIGH)], "answers_unclear"),
        (answered(-1, *HIGH), "no_answers"),
    ],
)
def test_diabetes_risk_by_the_answers(facts: Sequence[Fact], expected: str) -> None:
    assert reason_of(programme_of(RISK), facts) == expected


def test_the_age_of_the_risk_is_that_of_the_day_of_the_answers() -> None:
    patient = patient_of(answered(100, *HIGH), born=DAY.replace(year=DAY.year - 65))
    found = standing(programme_of(RISK), patient)
    item = next(step for step in found.steps if step.id == "item")
    assert (item.values["given"], item.values["points"]) == ("64", 3)


@pytest.mark.parametrize("sex", ["other", "unknown"])
def test_the_risk_of_who_is_neither_woman_nor_man_is_not_guessed(sex: str) -> None:
    found = standing(programme_of(RISK), patient_of(answered(5, *HIGH), sex=sex))
    assert (found.standing, found.reason) == (Standing.INELIGIBLE, "sex")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ([], (Standing.INELIGIBLE, "no_fact")),
        ([condition("E10.9", 900)], (Standing.GAP, "not_done")),
        ([condition("E10.9", 900), measured("4548-4", 364, "7")], (Standing.MET, "done")),
        ([condition("E10.9", 900), measured("4548-4", 365, "7")], (Standing.GAP, "not_done")),
        ([condition("E10.9", 900), measured("2345-7", 5, "7")], (Standing.GAP, "not_done")),
    ],
)
def test_any_other_gap_of_care(facts: Sequence[Fact], expected: tuple[Standing, str]) -> None:
    found = standing(programme_of(HBA1C), patient_of(facts))
    assert (found.standing, found.reason) == expected


def test_a_criterion_may_ask_for_a_value_and_for_some_time_past() -> None:
    high = Criterion(
        kind=Kind.OBSERVATION,
        value_set="hba1c",
        at_least=Decimal(48),
        below=Decimal(60),
        unit="mmol/mol",
        since_days=30,
    )
    programme = programme_of(CareGap(denominator=(), numerator=(high,)))
    for days, value, unit, met in (
        *((30, "48", "mmol/mol", True), (29, "48", "mmol/mol", False), (30, "47.9", "mmol/mol", False)),
        *((30, "60", "mmol/mol", False), (30, "50", "%", False), (30, None, "mmol/mol", False)),
    ):
        assert (reason_of(programme, [measured("59261-8", days, value, unit)]) == "done") is met


def test_the_population_is_asked_first() -> None:
    programme = programme_of(HBA1C, Population(age_from=18, age_to=75, sexes=("female",), criteria=(DIABETES,)))
    diabetic = [condition("E11", 900)]
    born = DAY.replace(year=DAY.year - 76)
    expected = {
        (DAY.replace(year=DAY.year - 18), "female"): "not_done",
        (DAY.replace(year=DAY.year - 18, day=30), "female"): "not_done",
        (date(2001, 1, 1), "female"): "under_age",
        (born, "female"): "over_age",
        (date(1943, 1, 1), "female"): "not_done",
        (date(1970, 1, 1), "male"): "sex",
    }
    for (day, sex), reason in expected.items():
        assert standing(programme, patient_of(diabetic, sex=sex, born=day)).reason == reason
    assert standing(programme, patient_of()).reason == "no_fact"
    assert standing(programme, patient_of()).standing is Standing.OUTSIDE


OWN = Exclusions(
    palliative="palliative_care",
    recent_contact_days=90,
    criteria=(Criterion(kind=Kind.CONDITION, value_set="pregnancy", within_days=300),),
)


@pytest.mark.parametrize(
    ("name", "day", "expected"),
    [
        *(("deceased_on", 0, "death"), ("deceased_on", -1, "not_done")),
        *(("moved_on", 0, "moved"), ("moved_on", -1, "not_done")),
        *(("opted_out_on", 0, "opted_out"), ("opted_out_on", -1, "not_done")),
        *(("contacted_on", 0, "recent_contact"), ("contacted_on", 89, "recent_contact")),
        *(("contacted_on", 90, "not_done"), ("contacted_on", -1, "not_done")),
    ],
)
def test_who_is_left_alone(name: str, day: int, expected: str) -> None:
    assert reason_of(programme_of(HBA1C), [condition("E11", 900)], **{name: ago(day)}) == expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (condition("Z51.5", 30), "palliative"),
        (condition("Z515", 30), "palliative"),
        (condition("Z51.5", 30, over=1), "not_done"),
        (condition("Z51.1", 30), "not_done"),
        (condition("O24.4", 299), "own_fact"),
        (condition("O24.4", 300), "not_done"),
        (condition("Z34", 100, over=10), "not_done"),
    ],
)
def test_what_excludes(fact: Fact, expected: str) -> None:
    assert reason_of(programme_of(HBA1C, exclusions=OWN), [condition("E11", 900), fact]) == expected


def test_an_allergy_excludes_until_it_is_over() -> None:
    own = replace(OWN, criteria=(Criterion(kind=Kind.ALLERGY, value_set="statins"),))
    programme = programme_of(STATIN, exclusions=own)
    allergy = medicine("C10AA05", 500, Kind.ALLERGY)
    assert reason_of(programme, [condition("I25", 900), allergy]) == "own_fact"
    assert reason_of(programme, [condition("I25", 900), replace(allergy, until=ago(1))]) == "not_dispensed"


def test_of_several_reasons_to_leave_somebody_alone_the_first_is_told() -> None:
    known = {"deceased_on": ago(1), "moved_on": ago(2), "opted_out_on": ago(3), "contacted_on": ago(4)}
    facts = [condition("E11", 900), condition("Z51.5", 9), condition("O24", 9)]
    order = ["death", "moved", "opted_out", "palliative", "recent_contact", "own_fact", "not_done"]
    programme = programme_of(HBA1C, exclusions=OWN)
    told = [reason_of(programme, facts, **known)]
    for name in ("deceased_on", "moved_on", "opted_out_on"):
        del known[name]
        told.append(reason_of(programme, facts, **known))
    del facts[1]
    told.append(reason_of(programme, facts, **known))
    del known["contacted_on"]
    told.append(reason_of(programme, facts, **known))
    told.append(reason_of(programme, facts[:1]))
    assert told == order


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dates(date(1900, 1, 1), DAY), st.dates(date(1900, 1, 1), DAY))
def test_an_age_grows_by_one_each_year_on_the_birthday(one: date, other: date) -> None:
    born, day = sorted((one, other))
    age = age_on(born, day)
    birthdays = 0
    for year in range(born.year + 1, day.year + 1):
        leap_day = (born.month, born.day) == (2, 29)
        birthday = date(year, 3, 1) if leap_day and year % 4 else born.replace(year=year)
        birthdays += birthday <= day
    assert age == birthdays


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.permutations(
        [condition("E11", 900), measured("4548-4", 20, "7"), *pressure(3, "150", "80"), *answered(5, *HIGH)]
    )
)
def test_the_order_of_the_facts_means_nothing(facts: list[Fact]) -> None:
    for measure in (STATIN, PRESSURE, RISK, HBA1C):
        programme = programme_of(measure)
        assert standing(programme, patient_of(facts)) == standing(programme, patient_of(sorted(facts, key=repr)))
