"""The measures as conditions of a statement (`health.evaluation_sql`) on a patient ``p``, in their reasons' order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from health.facts import Kind
from health.findrisc import ITEMS
from health.programme import CareGap, Coverage, Criterion, DiabetesRisk, Measure, Measurement, MissingMedication

Cases = Iterable[tuple[str, str]]
"""Conditions in SQL, and what each of them means where none before it is true."""
_MET_BY = "value IS NULL OR unit IS DISTINCT FROM {unit} OR ({ranges})"


class Made(Protocol):
    """What `health.evaluation_sql.Statement` does for a measure."""

    def value(self, value: Any, kind: str) -> str:
        """A place for a value."""

    def table(self, query: str) -> str:
        """The name of a common table expression."""

    def facts(self, kind: Kind, value_set: str, within_days: int | None = None) -> str:
        """A query of facts."""

    def matching(self, criterion: Criterion) -> str:
        """A query of the facts of a criterion."""

    def holds(self, criterion: Criterion) -> str:
        """A condition that a criterion holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Why somebody is not measured, what the measured are, and what is joined to find it out."""

    ineligible: Sequence[tuple[str, str]]
    ends: Sequence[tuple[str, str]]
    joins: Sequence[str] = ()


def measured(made: Made, measure: Measure) -> Measured:
    """The measure of a programme."""
    match measure:
        case Coverage():
            return _coverage(made, measure)
        case MissingMedication():
            return _missing_medication(made, measure)
        case Measurement():
            return _measurement(made, measure)
        case DiabetesRisk():
            return _diabetes_risk(made, measure)
        case CareGap():
            return _care_gap(made, measure)


# A supply begins when it was handed out, or after the one before of the same medicine. With S as the days of all
# supplies before, that is S + the greatest of (day - S) so far: no supply needs to wait for another to be counted.
_SUPPLIES = """
SELECT pseudonym, greatest_start + before AS begins, days, ends FROM (
    SELECT *, max(at - before) OVER (PARTITION BY pseudonym, system, code ORDER BY at, days, n) AS greatest_start
    FROM (
        SELECT *, (sum(days) OVER (PARTITION BY pseudonym, system, code ORDER BY at, days, n) - days)::int AS before
        FROM (SELECT *, row_number() OVER () AS n FROM {fills}) f
    ) f
) f
"""
_COVERED = """
SELECT pseudonym, sum(upper(days) - lower(days)) AS covered FROM (
    SELECT pseudonym, unnest(range_agg(daterange(begins, least(begins + days, ends + 1)))) AS days
    FROM {supplies} WHERE begins <= ends GROUP BY pseudonym
) c GROUP BY pseudonym
"""
_FILLED = """
SELECT f.pseudonym, bool_or(f.days IS NULL OR f.days < 1) AS unknown, count(DISTINCT f.at) AS fills, min(f.at) AS first
FROM {fills} f GROUP BY f.pseudonym
"""


def _coverage(made: Made, measure: Coverage) -> Measured:
    ends = "least($1::date, p.deceased_on)"
    dispensed = made.facts(Kind.DISPENSE, measure.medicines, measure.period_days)
    fills = made.table(
        f"SELECT f.*, {ends} AS ends FROM ({dispensed}) f JOIN health.patients p USING (pseudonym) WHERE f.at <= {ends}"  # noqa: S608
    )
    supplies = made.table(_SUPPLIES.format(fills=fills))
    covered = made.table(_COVERED.format(supplies=supplies))
    filled = made.table(_FILLED.format(fills=fills))
    begins = f"$1::date - {made.value(measure.period_days - 1, 'int')}"
    enough = f"c.covered < {made.value(measure.threshold, 'numeric')} * ({ends} - f.first + 1)"
    return Measured(
        ineligible=(
            (
                f"extract(year FROM age({begins}, p.birth_date)) < {made.value(measure.minimum_age, 'int')}",
                "under_age_then",
            ),
            ("f.pseudonym IS NULL", "no_fills"),
            ("f.unknown", "supply_unknown"),
            (f"f.fills < {made.value(measure.minimum_fills, 'int')}", "few_fills"),
            (f"{ends} - f.first < {made.value(measure.first_fill_days, 'int')}", "late_start"),
        ),
        ends=((enough, "gap low_coverage"), ("true", "met covered")),
        joins=(f"LEFT JOIN {filled} f USING (pseudonym)", f"LEFT JOIN {covered} c USING (pseudonym)"),
    )


def _missing_medication(made: Made, measure: MissingMedication) -> Measured:
    conditions = made.matching(Criterion(kind=Kind.CONDITION, value_set=measure.condition))
    onsets = made.table(f"SELECT pseudonym, min(at) AS at FROM ({conditions}) f GROUP BY pseudonym")  # noqa: S608
    dispensed = Criterion(kind=Kind.DISPENSE, value_set=measure.medicines, within_days=measure.lookback_days)
    return Measured(
        ineligible=(
            ("o.at IS NULL", "no_condition"),
            (f"$1::date - o.at < {made.value(measure.grace_days, 'int')}", "new_condition"),
        ),
        ends=((made.holds(dispensed), "met dispensed"), ("true", "gap not_dispensed")),
        joins=(f"LEFT JOIN {onsets} o USING (pseudonym)",),
    )


def _measurement(made: Made, measure: Measurement) -> Measured:
    joins, overdue, outside = [], [], []
    days = made.value(measure.overdue_days, "int")
    for place, target in enumerate(measure.targets):
        ranges = []
        if target.at_least is not None:
            ranges.append(f"value >= {made.value(target.at_least, 'numeric')}")
        if target.below is not None:
            ranges.append(f"value < {made.value(target.below, 'numeric')}")
        met = _MET_BY.format(unit=made.value(target.unit, "text"), ranges=" AND ".join(ranges) or "true")
        found = made.facts(Kind.OBSERVATION, target.value_set)
        newest = made.table(
            f"SELECT DISTINCT ON (pseudonym) pseudonym, at, bool_or({met}) AS met FROM ({found}) f "  # noqa: S608
            "GROUP BY pseudonym, at ORDER BY pseudonym, at DESC"
        )
        joins.append(f"LEFT JOIN {newest} m{place} USING (pseudonym)")
        overdue.append(f"m{place}.at IS NULL OR $1::date - m{place}.at >= {days}")
        outside.append(f"NOT m{place}.met")
    return Measured(
        ineligible=(),
        ends=(
            (" OR ".join(overdue), "gap overdue"),
            (" OR ".join(outside), "gap out_of_range"),
            ("true", "met in_range"),
        ),
        joins=joins,
    )


_ANSWERS = """
SELECT DISTINCT ON (f.pseudonym) f.pseudonym, f.at, count(*) AS answers, count(DISTINCT f.code) FILTER (WHERE CASE
    WHEN f.code IN ('bmi', 'waist_cm') THEN f.value > 0
    WHEN f.code = 'family' THEN f.value IN (0, 1, 2)
    ELSE f.value IN (0, 1)
END) AS readable, {columns}
FROM health.facts f
WHERE f.kind = 'observation' AND f.system = 'findrisc' AND f.code = ANY ({items})
    AND f.at <= $1::date AND f.at > $1::date - {days}
GROUP BY f.pseudonym, f.at ORDER BY f.pseudonym, f.at DESC
"""
# The table of `health.findrisc`; that both give the same points is tested.
_POINTS = """
CASE WHEN {age} >= 65 THEN 4 WHEN {age} >= 55 THEN 3 WHEN {age} >= 45 THEN 2 ELSE 0 END
+ CASE WHEN a.bmi < 25 THEN 0 WHEN a.bmi <= 30 THEN 1 ELSE 3 END
+ CASE WHEN a.waist_cm < {least} THEN 0 WHEN a.waist_cm <= {least} + 8 THEN 3 ELSE 4 END
+ CASE WHEN a.active = 1 THEN 0 ELSE 2 END + CASE WHEN a.vegetables = 1 THEN 0 ELSE 1 END
+ CASE WHEN a.pressure_medicine = 1 THEN 2 ELSE 0 END + CASE WHEN a.high_glucose = 1 THEN 5 ELSE 0 END
+ CASE a.family WHEN 0 THEN 0 WHEN 1 THEN 3 ELSE 5 END
"""


def _diabetes_risk(made: Made, measure: DiabetesRisk) -> Measured:
    columns = ", ".join(f"max(f.value) FILTER (WHERE f.code = '{item}') AS {item}" for item in ITEMS)
    items = made.value(list(ITEMS), "text[]")
    days = made.value(measure.answers_within_days, "int")
    answers = made.table(_ANSWERS.format(columns=columns, items=items, days=days))
    least = "CASE p.sex WHEN 'male' THEN 94 ELSE 80 END"
    points = _POINTS.format(age="extract(year FROM age(a.at, p.birth_date))", least=f"({least})")
    whole = f"a.answers = {len(ITEMS)} AND a.readable = {len(ITEMS)}"
    return Measured(
        ineligible=(
            ("a.at IS NULL", "no_answers"),
            ("p.sex NOT IN ('female', 'male')", "sex"),
            (f"NOT ({whole})", "answers_unclear"),
        ),
        ends=(
            (f"({points}) >= {made.value(measure.points_from, 'int')}", "gap high_risk"),
            ("true", "met low_risk"),
        ),
        joins=(f"LEFT JOIN {answers} a USING (pseudonym)",),
    )


def _care_gap(made: Made, measure: CareGap) -> Measured:
    return Measured(
        ineligible=[(f"NOT {made.holds(criterion)}", "no_fact") for criterion in measure.denominator],
        ends=[
            *((f"NOT {made.holds(criterion)}", "gap not_done") for criterion in measure.numerator),
            ("true", "met done"),
        ],
    )
