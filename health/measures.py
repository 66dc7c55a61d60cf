"""Where a patient stands in a programme on a day, by which facts and steps of the rule.

========== ============================================================================================================
standing   reasons
========== ============================================================================================================
outside    under_age, over_age, sex, no_fact (of the population)
ineligible under_age_then, no_fills, supply_unknown, few_fills, late_start (coverage); no_condition, new_condition
           (missing medication); no_answers, sex, answers_unclear (diabetes risk); no_fact (care gap)
excluded   death, moved, opted_out, palliative, recent_contact, own_fact
met        covered, dispensed, in_range, low_risk, done
gap        low_coverage, not_dispensed, overdue or out_of_range, high_risk, not_done
========== ============================================================================================================

Within a standing the first reason of the row that applies is given.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from health.assessment import Assessment, Case, Standing, Step
from health.criteria import all_hold, criterion_values
from health.facts import Kind, Patient, age_on
from health.measure_coverage import coverage
from health.measure_risk import diabetes_risk
from health.measure_values import care_gap, measurement, missing_medication
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
    ValueSets,
)


def assess(programme: Programme, patient: Patient, as_of: date, sets: ValueSets) -> Assessment:
    """Where the patient stands. ``sets`` has every value set of the programme.

    The order is that of clinical quality measures: population, denominator, exclusions, numerator.
    """
    case = Case(patient=patient, as_of=as_of, sets=sets)
    asked = _population(programme.population, case)
    if asked.standing is Standing.OUTSIDE:
        return asked
    measured = _after(asked, _measured(programme.measure, case))
    if measured.standing is Standing.INELIGIBLE:
        return measured
    excluded = _excluded(programme.exclusions, case)
    if excluded is not None:
        return _after(measured, excluded)
    clear = Step("not_excluded", {"days": programme.exclusions.recent_contact_days})
    return replace(measured, steps=(*measured.steps, clear))


def _after(first: Assessment, then: Assessment) -> Assessment:
    """The second assessment, with the facts and steps that led to it."""
    new = tuple(fact for fact in then.facts if fact not in first.facts)
    return replace(then, facts=(*first.facts, *new), steps=(*first.steps, *then.steps))


def _measured(measure: Measure, case: Case) -> Assessment:
    match measure:
        case Coverage():
            return coverage(measure, case)
        case MissingMedication():
            return missing_medication(measure, case)
        case Measurement():
            return measurement(measure, case)
        case DiabetesRisk():
            return diabetes_risk(measure, case)
        case CareGap():
            return care_gap(measure, case)


def _population(population: Population, case: Case) -> Assessment:
    patient = case.patient
    age = age_on(patient.birth_date, case.as_of)
    ages = {"age": age, "on": case.as_of.isoformat(), "from": population.age_from, "to": population.age_to}
    steps = [Step("age", ages)]
    if age < population.age_from:
        return Assessment(standing=Standing.OUTSIDE, reason="under_age", steps=tuple(steps))
    if population.age_to is not None and age > population.age_to:
        return Assessment(standing=Standing.OUTSIDE, reason="over_age", steps=tuple(steps))
    if population.sexes and patient.sex not in population.sexes:
        steps.append(Step("sex", {"sexes": list(population.sexes)}))
        return Assessment(standing=Standing.OUTSIDE, reason="sex", steps=tuple(steps))
    held = all_hold(population.criteria, case, otherwise=Standing.OUTSIDE, reason="no_fact")
    return replace(held, steps=(*steps, *held.steps))


def _excluded(exclusions: Exclusions, case: Case) -> Assessment | None:
    """The first reason to leave the patient alone."""
    patient, as_of = case.patient, case.as_of
    ends = (("death", patient.deceased_on), ("moved", patient.moved_on), ("opted_out", patient.opted_out_on))
    for reason, day in ends:
        if day is not None and day <= as_of:
            return _exclusion(reason, at=day.isoformat())
    palliative = Criterion(kind=Kind.CONDITION, value_set=exclusions.palliative)
    found = case.matching(palliative)
    if found:
        return replace(_exclusion("palliative", **criterion_values(palliative, found)), facts=found[-1:])
    contacted, days = patient.contacted_on, exclusions.recent_contact_days
    if contacted is not None and 0 <= (as_of - contacted).days < days:
        return _exclusion("recent_contact", at=contacted.isoformat(), days=days)
    for criterion in exclusions.criteria:
        found = case.matching(criterion)
        if found:
            return replace(_exclusion("own_fact", **criterion_values(criterion, found)), facts=found[-1:])
    return None


def _exclusion(reason: str, **values: Any) -> Assessment:
    return Assessment(standing=Standing.EXCLUDED, reason=reason, steps=(Step(reason, values),))
