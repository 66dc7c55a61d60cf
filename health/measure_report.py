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
_SYSTEM = "http://terminology.hl7.org/CodeSystem/measure-population"


def measure_report(programme: Programme, as_of: date, counts: Mapping[Standing, int]) -> dict[str, Any]:
    """A summary for the day of an evaluation, of how many patients stand where.

    The score is the numerator's share of the denominator without its exclusions; there is none of nobody.
    """
    populations = [
        {
            "code": {"coding": [{"system": _SYSTEM, "code": code}]},
            "count": sum(counts.get(standing, 0) for standing in standings),
        }
        for code, standings in _POPULATIONS.items()
    ]
    group: dict[str, Any] = {"population": populations}
    met, measured = counts.get(Standing.MET, 0), counts.get(Standing.MET, 0) + counts.get(Standing.GAP, 0)
    if measured:
        group["measureScore"] = {"value": round(met / measured, 4)}
    begins = as_of - timedelta(days=_days(programme.measure) - 1)
    return {
        "resourceType": "MeasureReport",
        "status": "complete",
        "type": "summary",
        "measure": f"urn:neuvo:programme:{programme.id}|{programme.version}",
        "date": as_of.isoformat(),
        "period": {"start": begins.isoformat(), "end": as_of.isoformat()},
        "improvementNotation": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/measure-improvement-notation", "code": "increase"}
            ]
        },
        "group": [group],
    }


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
