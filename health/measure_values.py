"""A condition without its medication, a measurement overdue or out of range, and any other gap of care."""

from __future__ import annotations

from datetime import timedelta

from health.assessment import Assessment, Case, Standing, Step
from health.criteria import all_hold
from health.facts import Fact, Kind
from health.programme import CareGap, Criterion, Measurement, MissingMedication, Target


def missing_medication(measure: MissingMedication, case: Case) -> Assessment:
    """Whether a medicine of a condition was handed out of late. The oldest onset counts."""
    conditions = case.matching(Criterion(kind=Kind.CONDITION, value_set=measure.condition))
    if not conditions:
        step = Step("no_fact", {"value_set": measure.condition, "kind": Kind.CONDITION.value, "days": None})
        return Assessment(standing=Standing.INELIGIBLE, reason="no_condition", steps=(step,))
    onset = conditions[0]
    age = (case.as_of - onset.at).days
    known = {"value_set": measure.condition, "code": onset.code, "at": onset.at.isoformat(), "age": age}
    known["least"] = measure.grace_days
    if age < measure.grace_days:
        step = Step("new_condition", known)
        return Assessment(standing=Standing.INELIGIBLE, reason="new_condition", facts=(onset,), steps=(step,))
    dispensed = case.facts(Kind.DISPENSE, measure.medicines, measure.lookback_days)[-1:]
    requested = case.facts(Kind.REQUEST, measure.medicines, measure.lookback_days)[-1:]
    steps = [
        Step("condition", known),
        _latest("prescribed", measure, requested),
        _latest("dispensed", measure, dispensed),
    ]
    standing, reason = (Standing.MET, "dispensed") if dispensed else (Standing.GAP, "not_dispensed")
    return Assessment(standing=standing, reason=reason, facts=(onset, *requested, *dispensed), steps=tuple(steps))


def _latest(name: str, measure: MissingMedication, found: tuple[Fact, ...]) -> Step:
    values = {"value_set": measure.medicines, "days": measure.lookback_days}
    if not found:
        return Step(f"not_{name}", values)
    return Step(name, {**values, "code": found[0].code, "at": found[0].at.isoformat()})


def measurement(measure: Measurement, case: Case) -> Assessment:
    """Whether every target was measured of late and is where it should be."""
    facts, steps = list[Fact](), list[Step]()
    overdue = outside = False
    for target in measure.targets:
        found = case.facts(Kind.OBSERVATION, target.value_set)
        newest = [fact for fact in found if fact.at == found[-1].at]
        facts += newest
        if not newest or (case.as_of - newest[0].at).days >= measure.overdue_days:
            overdue = True
            steps.append(_overdue(measure, target, newest, case))
            continue
        met = any(target.met_by(fact) for fact in newest)
        outside = outside or not met
        steps.append(_measured(target, newest, met))
    reason = "overdue" if overdue else "out_of_range" if outside else "in_range"
    standing = Standing.MET if reason == "in_range" else Standing.GAP
    return Assessment(standing=standing, reason=reason, facts=tuple(facts), steps=tuple(steps))


def _overdue(measure: Measurement, target: Target, newest: list[Fact], case: Case) -> Step:
    values = {"value_set": target.value_set, "least": measure.overdue_days}
    if not newest:
        return Step("never_measured", values)
    at = newest[0].at
    due = at + timedelta(days=measure.overdue_days)
    return Step("overdue", {**values, "at": at.isoformat(), "days": (case.as_of - at).days, "due": due.isoformat()})


def _measured(target: Target, newest: list[Fact], met: bool) -> Step:
    return Step(
        "in_range" if met else "out_of_range",
        {
            "value_set": target.value_set,
            "at": newest[0].at.isoformat(),
            "measured": [None if fact.value is None else str(fact.value) for fact in newest],
            "units": [fact.unit for fact in newest],
            "unit": target.unit,
            "at_least": None if target.at_least is None else str(target.at_least),
            "below": None if target.below is None else str(target.below),
        },
    )


def care_gap(measure: CareGap, case: Case) -> Assessment:
    """Whether what should be done for those of the denominator was done."""
    eligible = all_hold(measure.denominator, case, otherwise=Standing.INELIGIBLE, reason="no_fact")
    if eligible.standing is Standing.INELIGIBLE:
        return eligible
    done = all_hold(measure.numerator, case, otherwise=Standing.GAP, reason="not_done")
    return Assessment(
        standing=done.standing,
        reason=done.reason,
        facts=(*eligible.facts, *done.facts),
        steps=(*eligible.steps, *done.steps),
    )
