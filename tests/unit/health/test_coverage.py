"""Days covered, counted one by one beside the measure: for any fills the two agree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from health.assessment import Standing
from health.coverage import Fill, cover
from health.facts import ATC, Fact, Kind
from health.programme import Coverage
from tests.unit.health.programmes import DAY, DRUGS, FILLS, dispensed, patient_of, programme_of, standing

MEASURE = Coverage(medicines="diabetes_medicines")


def walked(fills: list[Fill], ends: date) -> int:
    """Each day from the first fill to the end: is there a tablet left of any drug? What is left over waits."""
    left = dict.fromkeys(DRUGS, 0)
    covered, day = 0, min(fill.at for fill in fills)
    while day <= ends:
        for fill in fills:
            if fill.at == day:
                left[fill.drug] += fill.days
        covered += any(left.values())
        left = {drug: max(days - 1, 0) for drug, days in left.items()}
        day += timedelta(days=1)
    return covered


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILLS.filter(bool))
def test_days_covered_are_those_on_which_something_is_left_to_take(fills: list[Fill]) -> None:
    covered = cover(fills, ends=DAY)
    assert covered.covered == walked(fills, DAY)
    assert 0 < covered.covered <= covered.period


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILLS, st.integers(0, 30))
def test_the_measure_is_the_rule_said_once_more_in_other_words(fills: list[Fill], died: int) -> None:
    ends = DAY - timedelta(days=died)
    patient = replace(patient_of(dispensed(fills)), deceased_on=ends if died else None)
    found = standing(programme_of(MEASURE), patient)
    counted = [fill for fill in fills if DAY - timedelta(days=364) <= fill.at <= ends]
    first = min((fill.at for fill in counted), default=None)
    if first is None:
        expected = "no_fills"
    elif len({fill.at for fill in counted}) < 2:
        expected = "few_fills"
    elif (ends - first).days < 91:
        expected = "late_start"
    elif died:
        expected = "death"
    else:
        share = walked(counted, ends) / ((ends - first).days + 1)
        expected = "covered" if share >= 0.8 else "low_coverage"
    assert found.reason == expected


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FILLS.filter(bool))
def test_one_more_fill_never_covers_fewer_days(fills: list[Fill]) -> None:
    more = [*fills, replace(fills[0], at=DAY)]
    assert cover(more, ends=DAY).covered >= cover(fills, ends=DAY).covered


def filled(*ago_and_days: tuple[int, int | None], code: str = "A10BA02") -> list[Fact]:
    return [
        Fact(kind=Kind.DISPENSE, system=ATC, code=code, at=DAY - timedelta(days=ago), days=days)
        for ago, days in ago_and_days
    ]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (filled((364, 100), (264, 100), (164, 92)), "covered"),  # 292 of 365 days is 0.80 itself
        (filled((364, 100), (264, 100), (164, 91)), "low_coverage"),
        (filled((91, 60), (30, 60)), "covered"),
        (filled((90, 60), (30, 60)), "late_start"),
        (filled((365, 90), (90, 90), (10, 90)), "late_start"),  # the first is of before the year
        (filled((364, 200), (164, 10), (150, None)), "supply_unknown"),
        (filled((364, 200), (164, 10), (150, 0)), "supply_unknown"),
        (filled((200, 90), (-1, 90)), "few_fills"),  # what is dated later is not known yet
        (filled((200, 90), (100, 90), code="A10AE04"), "no_fills"),  # insulin is not of the class
    ],
)
def test_at_the_edges(facts: list[Fact], expected: str) -> None:
    assert standing(programme_of(MEASURE), patient_of(facts)).reason == expected


@pytest.mark.parametrize(("born", "expected"), [(date(2000, 1, 1), "covered"), (date(2000, 1, 2), "under_age_then")])
def test_an_adult_is_one_on_the_first_day_of_the_year(born: date, expected: str) -> None:
    patient = patient_of(filled((364, 200), (164, 165)), born=born)
    assert standing(programme_of(MEASURE), patient).reason == expected


def test_antiretrovirals_have_a_threshold_of_their_own() -> None:
    patient = patient_of(filled((364, 200), (164, 110)))  # 310 of 365 days: 0.849
    assert standing(programme_of(MEASURE), patient).standing is Standing.MET
    assert standing(programme_of(replace(MEASURE, threshold=Decimal("0.90"))), patient).standing is Standing.GAP
