"""The risk of diabetes by the answers that a patient gave, each kept as a fact of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from health.assessment import Assessment, Case, Standing, Step
from health.facts import FINDRISC, Fact, Kind, age_on
from health.findrisc import FAMILY, ITEMS, ONE_IN, Answers, findrisc, readable
from health.programme import DiabetesRisk


def diabetes_risk(measure: DiabetesRisk, case: Case) -> Assessment:
    """Whether the newest answers give so many points; the age is that of the day of the answers."""
    answered = _newest(measure, case)
    if not answered:
        step = Step("no_answers", {"days": measure.answers_within_days})
        return Assessment(standing=Standing.INELIGIBLE, reason="no_answers", steps=(step,))
    facts, at = tuple(answered), answered[0].at
    if case.patient.sex not in {"female", "male"}:
        step = Step("no_form", {"at": at.isoformat()})
        return Assessment(standing=Standing.INELIGIBLE, reason="sex", facts=facts, steps=(step,))
    values = _whole(answered)
    if values is None:
        step = Step("answers_unclear", {"at": at.isoformat()})
        return Assessment(standing=Standing.INELIGIBLE, reason="answers_unclear", facts=facts, steps=(step,))
    answers = _answers(values, age_on(case.patient.birth_date, at), case.patient.sex)
    risk = findrisc(answers)
    given = {"age": str(answers.age), **{item: str(values[item]) for item in ITEMS}}
    steps = [Step("item", {"item": item, "given": given[item], "points": risk.points[item]}) for item in given]
    total = {"score": risk.score, "least": measure.points_from, "level": risk.level.value, "at": at.isoformat()}
    steps.append(Step("score", {**total, "one_in": ONE_IN[risk.level]}))
    standing, reason = (Standing.GAP, "high_risk") if risk.score >= measure.points_from else (Standing.MET, "low_risk")
    return Assessment(standing=standing, reason=reason, facts=facts, steps=tuple(steps))


def _newest(measure: DiabetesRisk, case: Case) -> Sequence[Fact]:
    """The answers of the newest day on which any was given."""
    found = [
        fact
        for fact in case.patient.facts
        if fact.kind is Kind.OBSERVATION
        and fact.system == FINDRISC
        and fact.code in ITEMS
        and 0 <= (case.as_of - fact.at).days < measure.answers_within_days
    ]
    newest = max((fact.at for fact in found), default=None)
    return sorted((fact for fact in found if fact.at == newest), key=lambda fact: ITEMS.index(fact.code))


def _whole(answered: Sequence[Fact]) -> Mapping[str, Decimal] | None:
    """One answer that can be read to each question; ``None`` where it is not so."""
    values = {fact.code: fact.value for fact in answered if fact.value is not None and readable(fact.code, fact.value)}
    return values if len(answered) == len(values) == len(ITEMS) else None


def _answers(values: Mapping[str, Decimal], age: int, sex: str) -> Answers:
    return Answers(
        age=age,
        sex=sex,
        bmi=values["bmi"],
        waist_cm=values["waist_cm"],
        active=bool(values["active"]),
        vegetables=bool(values["vegetables"]),
        pressure_medicine=bool(values["pressure_medicine"]),
        high_glucose=bool(values["high_glucose"]),
        family=FAMILY[int(values["family"])],
    )
