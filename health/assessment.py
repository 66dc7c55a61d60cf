"""What a programme says of a patient, with the steps of the rule that led there, in no language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from bot.messages import JSON
from health.facts import Fact, Kind, Patient
from health.programme import Criterion, ValueSets


class Standing(StrEnum):
    """Where a patient stands, in the terms of clinical quality measures.

    Not of the initial population; of it but not of the denominator; excluded from that; in the numerator, or not.
    """

    OUTSIDE = "outside"
    INELIGIBLE = "ineligible"
    EXCLUDED = "excluded"
    MET = "met"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a rule: its id (`health.explain` has its words) and its numbers, days and codes as JSON.

    Days are ISO 8601; decimal numbers are texts.
    """

    id: str
    values: Mapping[str, JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Where a patient stands and why: ``reason`` is a word of the table in `health.measures`."""

    standing: Standing
    reason: str
    facts: tuple[Fact, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A patient as known on a day: nothing dated later is looked at."""

    patient: Patient
    as_of: date
    sets: ValueSets

    def facts(self, kind: Kind, value_set: str, within_days: int | None = None) -> tuple[Fact, ...]:
        """Facts of a kind with a code of the set, the oldest first; ``within_days`` 365 is the day and 364 before."""
        codes = self.sets[value_set]
        found = (
            fact
            for fact in self.patient.facts
            if fact.kind is kind
            and fact.at <= self.as_of
            and (within_days is None or (self.as_of - fact.at).days < within_days)
            and codes.holds(fact)
        )
        return tuple(sorted(found, key=lambda fact: (fact.at, fact.system, fact.code, fact.value or 0)))

    def matching(self, criterion: Criterion) -> tuple[Fact, ...]:
        """The facts that make a criterion hold; none where it does not."""
        found = self.facts(criterion.kind, criterion.value_set, criterion.within_days)
        return tuple(fact for fact in found if self._fits(criterion, fact))

    def _fits(self, criterion: Criterion, fact: Fact) -> bool:
        if fact.until is not None and fact.until <= self.as_of:
            return False
        if (self.as_of - fact.at).days < criterion.since_days:
            return False
        if criterion.at_least is None and criterion.below is None:
            return True
        if fact.value is None or fact.unit != criterion.unit:
            return False
        return (criterion.at_least is None or fact.value >= criterion.at_least) and (
            criterion.below is None or fact.value < criterion.below
        )
