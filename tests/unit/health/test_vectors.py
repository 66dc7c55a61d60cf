"""The published vectors: proportion of days covered (PQA) and the risk test for diabetes (the Finnish form)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from health.assessment import Standing
from health.coverage import Fill, cover
from health.facts import ATC, Fact, Kind
from health.findrisc import FAMILY, ITEMS, MAXIMUM, ONE_IN, Answers, Family, Level, findrisc, level_of
from health.programme import Coverage
from tests.unit.health.programmes import patient_of, programme_of, standing

VECTORS = Path(__file__).parent / "vectors"
PDC: dict[str, Any] = json.loads((VECTORS / "pdc.json").read_text(encoding="utf-8"))
CASES = {case["id"]: case for case in PDC["cases"]}
FORM: dict[str, Any] = json.loads((VECTORS / "findrisc.json").read_text(encoding="utf-8"))
ATC_OF = {"metformin": "A10BA02", "glipizide": "A10BB07"}
END = date(2018, 12, 31)
MEASURE = Coverage(medicines="diabetes_medicines")


def dispensed(case: str) -> list[Fact]:
    return [
        Fact(kind=Kind.DISPENSE, system=ATC, code=ATC_OF[drug], at=date.fromisoformat(at), days=days)
        for at, days, drug in CASES[case]["fills"]
    ]


@pytest.mark.parametrize("case", list(CASES))
def test_each_fill_covers_the_days_that_the_vectors_say(case: str) -> None:
    fills = [Fill(drug=drug, at=date.fromisoformat(at), days=days) for at, days, drug in CASES[case]["fills"]]
    covered = cover(fills, ends=END)
    found = {(supply.begins.isoformat(), supply.ends.isoformat()) for supply in covered.supplies}
    assert found == {(begins, ends) for begins, ends in CASES[case]["covered"]}


@pytest.mark.parametrize(
    ("case", "days", "period"), [("A", 180, 365), ("B", 90, 365), ("C", 270, 282), ("D", 348, 365)]
)
def test_days_covered_and_days_of_the_period(case: str, days: int, period: int) -> None:
    fills = [Fill(drug=drug, at=date.fromisoformat(at), days=n) for at, n, drug in CASES[case]["fills"]]
    covered = cover(fills, ends=END)
    assert (covered.covered, covered.period) == (days, period)


@pytest.mark.parametrize(
    ("case", "expected", "reason"),
    [
        ("A", Standing.GAP, "low_coverage"),
        ("B", Standing.INELIGIBLE, "few_fills"),  # both fills on one day
        ("C", Standing.MET, "covered"),
        ("D", Standing.MET, "covered"),
        ("E-head", Standing.INELIGIBLE, "late_start"),  # 88 days before the end
    ],
)
def test_who_is_measured_and_who_has_a_gap(case: str, expected: Standing, reason: str) -> None:
    found = standing(programme_of(MEASURE), patient_of(dispensed(case)), END)
    assert (found.standing, found.reason) == (expected, reason)


def answers_of(case: dict[str, Any]) -> Answers:
    return Answers(
        age=case["age"],
        sex=case["sex"],
        bmi=Decimal(str(case["bmi"])),
        waist_cm=Decimal(str(case["waist"])),
        active=case["active"],
        vegetables=case["veg"],
        pressure_medicine=case["bp"],
        high_glucose=case["glucose"],
        family=Family(case["family"]),
    )


@pytest.mark.parametrize("case", FORM["cases"], ids=lambda case: str(case["score"]))
def test_the_score_and_the_level_of_the_published_cases(case: dict[str, Any]) -> None:
    risk = findrisc(answers_of(case["in"]))
    assert (risk.score, risk.level.value) == (case["score"], case["level"])
    assert sum(risk.points.values()) == risk.score


def points_of(item: str, **changed: Any) -> int:
    plain = {"age": 30, "sex": "male", "bmi": 20, "waist": 80, "active": True, "veg": True}
    rest = {"bp": False, "glucose": False, "family": "none"}
    return findrisc(answers_of({**plain, **rest, **changed})).points[item]


@pytest.mark.parametrize(("age", "points"), [(0, 0), (44, 0), (45, 2), (54, 2), (55, 3), (64, 3), (65, 4), (110, 4)])
def test_points_of_an_age(age: int, points: int) -> None:
    assert points_of("age", age=age) == points


@pytest.mark.parametrize(
    ("bmi", "points"), [("24.9", 0), ("24.99", 0), ("25", 1), ("30", 1), ("30.01", 3), ("30.1", 3)]
)
def test_points_of_a_body_mass_index(bmi: str, points: int) -> None:
    assert points_of("bmi", bmi=bmi) == points


@pytest.mark.parametrize(
    ("sex", "waist", "points"),
    [
        *(("male", "93.9", 0), ("male", "94", 3), ("male", "102", 3), ("male", "102.1", 4)),
        *(("female", "79.9", 0), ("female", "80", 3), ("female", "88", 3), ("female", "88.1", 4)),
    ],
)
def test_points_of_a_waist(sex: str, waist: str, points: int) -> None:
    assert points_of("waist_cm", sex=sex, waist=waist) == points


@pytest.mark.parametrize("item", ["active_30min_daily", "veg_fruit_berries_every_day", "ever_bp_medication_regularly"])
def test_points_of_yes_and_no(item: str) -> None:
    form = next(entry for entry in FORM["items"] if entry["id"] == item)
    ours, theirs = {
        "active_30min_daily": ("active", "active"),
        "veg_fruit_berries_every_day": ("vegetables", "veg"),
        "ever_bp_medication_regularly": ("pressure_medicine", "bp"),
    }[item]
    assert points_of(ours, **{theirs: True}) == form["yes"]
    assert points_of(ours, **{theirs: False}) == form["no"]


def test_points_of_high_glucose_and_of_the_family() -> None:
    assert [points_of("high_glucose", glucose=given) for given in (False, True)] == [0, 5]
    assert [points_of("family", family=family.value) for family in FAMILY] == [0, 3, 5]


@pytest.mark.parametrize("band", FORM["bands"], ids=lambda band: str(band["level"]))
def test_both_ends_of_each_level(band: dict[str, Any]) -> None:
    least, most = band["range"]
    level = Level(band["level"])
    assert level_of(least) is level_of(most) is level
    assert ONE_IN[level] == band["one_in"]
    assert most == MAXIMUM or level_of(most + 1) is not level
    assert least == 0 or level_of(least - 1) is not level


def test_the_form_has_no_row_for_another_sex() -> None:
    with pytest.raises(ValueError, match="women and men"):
        points_of("waist_cm", sex="other")


def test_what_is_kept_of_the_answers_is_what_the_form_asks() -> None:
    assert {"age", *ITEMS} == set(findrisc(answers_of(FORM["cases"][0]["in"])).points)
