"""Whether what was handed out of a class of medicines covers the days it should."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from health.assessment import Assessment, Case, Standing, Step
from health.coverage import Covered, Fill, cover
from health.facts import Fact, Kind, age_on
from health.programme import Coverage


def coverage(measure: Coverage, case: Case) -> Assessment:
    """Proportion of days covered, or why it cannot be measured."""
    ends = min(case.as_of, case.patient.deceased_on or case.as_of)
    dispensed = case.facts(Kind.DISPENSE, measure.medicines, measure.period_days)
    found = tuple(fact for fact in dispensed if fact.at <= ends)
    reason, values = _unmeasured(measure, case, found, ends)
    if reason:
        step = Step(reason, {"value_set": measure.medicines, **values})
        return Assessment(standing=Standing.INELIGIBLE, reason=reason, facts=found, steps=(step,))
    covered = cover((_fill(fact) for fact in found), ends=ends)
    # Whole days and a decimal: at exactly the threshold there is no gap.
    gap = covered.covered < measure.threshold * covered.period
    standing, reason = (Standing.GAP, "low_coverage") if gap else (Standing.MET, "covered")
    steps = (*_supplies(covered), _share(measure, covered))
    return Assessment(standing=standing, reason=reason, facts=found, steps=steps)


def _fill(fact: Fact) -> Fill:
    return Fill(drug=f"{fact.system}|{fact.code}", at=fact.at, days=fact.days or 0)


def _unmeasured(measure: Coverage, case: Case, found: tuple[Fact, ...], ends: date) -> tuple[str, dict[str, Any]]:
    """The first reason why coverage cannot be measured, with its numbers; empty where it can."""
    begins = case.as_of - timedelta(days=measure.period_days - 1)
    age = age_on(case.patient.birth_date, begins)
    if age < measure.minimum_age:
        return "under_age_then", {"age": age, "on": begins.isoformat(), "least": measure.minimum_age}
    if not found:
        return "no_fills", {"days": measure.period_days}
    unknown = [fact for fact in found if fact.days is None or fact.days < 1]
    if unknown:
        return "supply_unknown", {"at": unknown[0].at.isoformat()}
    fills = len({fact.at for fact in found})
    if fills < measure.minimum_fills:
        return "few_fills", {"fills": fills, "least": measure.minimum_fills}
    left = (ends - found[0].at).days
    if left < measure.first_fill_days:
        return "late_start", {"at": found[0].at.isoformat(), "days": left, "least": measure.first_fill_days}
    return "", {}


def _supplies(covered: Covered) -> Iterable[Step]:
    for supply in covered.supplies:
        fill = supply.fill
        yield Step(
            "supply",
            {
                "code": fill.drug.partition("|")[2],
                "at": fill.at.isoformat(),
                "days": fill.days,
                "begins": supply.begins.isoformat(),
                "ends": supply.ends.isoformat(),
                "moved": (supply.begins - fill.at).days,
                "counted": (supply.ends - supply.begins).days + 1,
            },
        )


def _share(measure: Coverage, covered: Covered) -> Step:
    """``permille`` is cut, not rounded: what is below the threshold never looks as if it were not.

    ``overlap`` is what the days counted of each supply have twice or more: their sum less it is ``covered``.
    """
    counted = sum((supply.ends - supply.begins).days + 1 for supply in covered.supplies)
    return Step(
        "coverage",
        {
            "value_set": measure.medicines,
            "covered": covered.covered,
            "overlap": counted - covered.covered,
            "period": covered.period,
            "begins": covered.begins.isoformat(),
            "ends": covered.ends.isoformat(),
            "permille": covered.covered * 1000 // covered.period,
            "threshold_permille": int(measure.threshold * 1000),
        },
    )
