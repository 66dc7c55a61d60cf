"""Results as a FHIR MeasureReport: the populations nest, and the score is of those who were measured."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from health.assessment import Standing
from health.generator import generate
from health.measure_report import measure_report
from tests.unit.health.programmes import content, standing

AS_OF = date(2026, 11, 27)


def populations(report: dict[str, Any]) -> dict[str, int]:
    return {part["code"]["coding"][0]["code"]: part["count"] for part in report["group"][0]["population"]}


def test_a_report_of_a_programme() -> None:
    counts = {Standing.OUTSIDE: 40, Standing.INELIGIBLE: 30, Standing.EXCLUDED: 5, Standing.MET: 15, Standing.GAP: 10}
    report = measure_report(content().programmes["diabetes_medication_gap"], AS_OF, counts)
    assert populations(report) == {
        "initial-population": 60,
        "denominator": 30,
        "denominator-exclusion": 5,
        "numerator": 15,
    }
    assert report["group"][0]["measureScore"] == {"value": 0.6}
    assert report["period"] == {"start": "2025-11-28", "end": "2026-11-27"}
    assert report["measure"] == "urn:neuvo:programme:diabetes_medication_gap|1"
    assert (report["resourceType"], report["type"], report["status"]) == ("MeasureReport", "summary", "complete")


@pytest.mark.parametrize("name", ["blood_pressure", "diabetes_risk", "hba1c_overdue", "statin_after_coronary_disease"])
def test_each_measure_looks_back_a_year(name: str) -> None:
    assert measure_report(content().programmes[name], AS_OF, {})["period"]["start"] == "2025-11-28"


def test_there_is_no_score_of_nobody() -> None:
    report = measure_report(content().programmes["hba1c_overdue"], AS_OF, {Standing.EXCLUDED: 3})
    assert "measureScore" not in report["group"][0]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(Standing), st.integers(0, 10**6)))
def test_the_populations_nest(counts: dict[Standing, int]) -> None:
    report = measure_report(content().programmes["hba1c_overdue"], AS_OF, counts)
    found = populations(report)
    assert found["initial-population"] >= found["denominator"] >= found["denominator-exclusion"] + found["numerator"]
    gap = found["denominator"] - found["denominator-exclusion"] - found["numerator"]
    assert gap == counts.get(Standing.GAP, 0)
    assert 0 <= report["group"][0].get("measureScore", {"value": 0})["value"] <= 1


def test_the_report_of_synthetic_patients_counts_what_was_planted() -> None:
    planted = list(generate(300, seed=4, as_of=AS_OF, noise=0))
    for name, programme in content().programmes.items():
        counts = Counter(standing(programme, one.patient, AS_OF).standing for one in planted)
        truth = Counter(one.truth[name].standing for one in planted)
        assert populations(measure_report(programme, AS_OF, counts)) == populations(
            measure_report(programme, AS_OF, truth)
        )
