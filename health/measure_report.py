"""The result of a programme as a FHIR R4 MeasureReport: counts of the populations, and the share of those met."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from health.assessment import Standing
from health.programme import CareGap, Coverage, DiabetesRisk, Measure, Measurement, MissingMedication, Programme

_POPULATIONS: Mapping[str, frozenset[Standing]] = {
    "initial-population": frozenset(Standing) - {Standing.OUTSIDE},
    "denominator": frozenset((Standing.EXCLUDED, Standing.MET, Standing.GAP)),
    "denominator-exclusion": frozenset((Standing.EXCLUDED,)),
    "numerator": frozenset((Standing.MET,)),
}
_TERMS = "http://terminology.hl7.org/CodeSystem/"


def measure_report(programme: Programme, as_of: date, counts: Mapping[Standing, int]) -> dict[str, Any]:
    """A summary for the day of an evaluation, of how many patients stand where.

    The score is the numerator's share of the denominator without its exclusions; there is none of nobody.
    """
    begins = as_of - timedelta(days=_days(programme.measure) - 1)
    return {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": f"urn:neuvo:programme:{programme.id}|{programme.version}",
        "date": as_of.isoformat(),
        "period": {"start": begins.isoformat(), "end": as_of.isoformat()},
        "improvementNotation": _coding("measure-improvement-notation", "increase"),
        "group": [_group(counts)],
    }


def _group(counts: Mapping[Standing, int]) -> dict[str, Any]:
    group: dict[str, Any] = {
        "population": [
            {
                "code": _coding("measure-population", code),
                "count": sum(counts.get(standing, 0) for standing in standings),
            }
            for code, standings in _POPULATIONS.items()
        ]
    }
    met, gaps = counts.get(Standing.MET, 0), counts.get(Standing.GAP, 0)
    if met + gaps:
        group["measureScore"] = {"value": round(met / (met + gaps), 4)}
    return group


def _coding(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": f"{_TERMS}{system}", "code": code}]}


def _days(measure: Measure) -> int:
    """How far back a measure looks."""
    match measure:
        case Coverage():
            return measure.period_days
        case MissingMedication():
            return measure.lookback_days
        case Measurement():
            return measure.overdue_days
        case DiabetesRisk():
            return measure.answers_within_days
        case CareGap():
            return max((criterion.within_days or 1 for criterion in measure.numerator), default=1)
