"""A programme as one statement over all patients: where each stands, and why, as `health.measures.assess` has it.

It reads ``eligible`` (pseudonyms of those who gave a ground) and ``wanted`` (value_set, system, code), which the
evaluation fills: which codes are of a value set is decided in one place, `health.programme.ValueSet`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from health.evaluation_measures import Cases, measured
from health.facts import Kind
from health.programme import Criterion, Programme

TABLES = """
CREATE TEMP TABLE eligible (pseudonym bytea PRIMARY KEY);
CREATE TEMP TABLE wanted (value_set text, system text, code text, PRIMARY KEY (value_set, system, code))
"""
CODES = "SELECT DISTINCT system, code FROM health.facts"


@dataclass(slots=True)
class Statement:
    """A statement in the making: its common table expressions and its values. ``$1`` is the day that one asks for."""

    as_of: date
    values: list[Any] = field(default_factory=list)
    tables: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """The day comes first."""
        self.values.append(self.as_of)

    def value(self, value: Any, kind: str) -> str:
        """A place for a value of a type of PostgreSQL."""
        self.values.append(value)
        return f"${len(self.values)}::{kind}"

    def table(self, query: str) -> str:
        """The name of a common table expression."""
        name = f"t{len(self.tables)}"
        self.tables.append(f"{name} AS (\n{query}\n)")
        return name

    def facts(self, kind: Kind, value_set: str, within_days: int | None = None) -> str:
        """A query of facts of a set, as `health.assessment.Case.facts`."""
        since = "" if within_days is None else f" AND f.at > $1::date - {self.value(within_days, 'int')}"
        return (
            "SELECT f.* FROM health.facts f JOIN wanted w USING (system, code) "  # noqa: S608  places of values alone
            f"WHERE w.value_set = {self.value(value_set, 'text')} AND f.kind = {self.value(kind.value, 'text')} "
            f"AND f.at <= $1::date{since}"
        )

    def matching(self, criterion: Criterion) -> str:
        """A query of the facts that make a criterion hold, as `health.assessment.Case.matching`."""
        query = self.facts(criterion.kind, criterion.value_set, criterion.within_days)
        if criterion.kind is Kind.CONDITION:
            query += " AND (f.until IS NULL OR f.until > $1::date)"
        if criterion.since_days:
            query += f" AND f.at <= $1::date - {self.value(criterion.since_days, 'int')}"
        if criterion.at_least is not None or criterion.below is not None:
            query += f" AND f.unit = {self.value(criterion.unit, 'text')}"
        if criterion.at_least is not None:
            query += f" AND f.value >= {self.value(criterion.at_least, 'numeric')}"
        if criterion.below is not None:
            query += f" AND f.value < {self.value(criterion.below, 'numeric')}"
        return query

    def holds(self, criterion: Criterion) -> str:
        """A condition that a criterion holds of the patient ``p``."""
        name = self.table(f"SELECT DISTINCT pseudonym FROM ({self.matching(criterion)}) f")  # noqa: S608
        return f"p.pseudonym IN (SELECT pseudonym FROM {name})"  # noqa: S608


def statement(programme: Programme, as_of: date) -> tuple[str, list[Any]]:
    """A query of ``pseudonym``, ``standing`` and ``reason``, and its values."""
    made = Statement(as_of)
    cases = [*_outside(made, programme)]
    measure = measured(made, programme.measure)
    cases += [(when, f"ineligible {reason}") for when, reason in measure.ineligible]
    cases += [(when, f"excluded {reason}") for when, reason in _excluded(made, programme)]
    cases += measure.ends
    whens = "\n".join(f"    WHEN {when} THEN '{found}'" for when, found in cases)
    tables = ",\n".join(made.tables)
    query = f"""
WITH {tables}{"," if tables else ""}
found AS (
    SELECT p.pseudonym, CASE
{whens}
    END AS found
    FROM health.patients p JOIN eligible USING (pseudonym) {" ".join(measure.joins)}
)
SELECT pseudonym, split_part(found, ' ', 1) AS standing, split_part(found, ' ', 2) AS reason FROM found
"""  # noqa: S608  names of ours and places of values
    return query, made.values


def _outside(made: Statement, programme: Programme) -> Cases:
    population = programme.population
    age = "extract(year FROM age($1::date, p.birth_date))"
    yield f"{age} < {made.value(population.age_from, 'int')}", "outside under_age"
    if population.age_to is not None:
        yield f"{age} > {made.value(population.age_to, 'int')}", "outside over_age"
    if population.sexes:
        yield f"p.sex <> ALL ({made.value(list(population.sexes), 'text[]')})", "outside sex"
    for criterion in population.criteria:
        yield f"NOT {made.holds(criterion)}", "outside no_fact"


def _excluded(made: Statement, programme: Programme) -> Iterable[tuple[str, str]]:
    own = programme.exclusions
    for reason, column in (("death", "deceased_on"), ("moved", "moved_on"), ("opted_out", "opted_out_on")):
        yield f"p.{column} <= $1::date", reason
    yield made.holds(Criterion(kind=Kind.CONDITION, value_set=own.palliative)), "palliative"
    days = made.value(own.recent_contact_days, "int")
    yield f"p.contacted_on <= $1::date AND $1::date - p.contacted_on < {days}", "recent_contact"
    for criterion in own.criteria:
        yield made.holds(criterion), "own_fact"
