"""A programme of health outreach: who is looked for, by which rule, on whose word, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from health.facts import HIERARCHICAL, Fact, Kind

Texts = Mapping[str, str]
"""By language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSet:
    """A named set of codes. ``codes`` are by code system (`health.facts.SYSTEMS`), ``names`` of some of them by code.

    A code of ICD-10 or ATC stands for every code that begins with it; dots in codes mean nothing.
    """

    id: str
    version: int
    title: Texts
    source: str
    codes: Mapping[str, tuple[str, ...]]
    names: Mapping[str, Texts]

    def has(self, system: str, code: str) -> bool:
        """Whether the code is of the set."""
        wanted = self.codes.get(system, ())
        if system not in HIERARCHICAL:
            return code in wanted
        return code.replace(".", "").startswith(tuple(own.replace(".", "") for own in wanted))

    def holds(self, fact: Fact) -> bool:
        """Whether the fact's code is of the set."""
        return self.has(fact.system, fact.code)


ValueSets = Mapping[str, ValueSet]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A fact that there must be, dated on or before the day that one asks for.

    ``within_days`` 365 means that day and the 364 before it; ``since_days`` 90 means that day is 90 days or more ago.
    What is over does not count. With ``at_least`` (inclusive) or ``below`` (exclusive) the fact must have a value in
    ``unit`` in that range.
    """

    kind: Kind
    value_set: str
    within_days: int | None = None
    since_days: int = 0
    at_least: Decimal | None = None
    below: Decimal | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """Who the programme is for: ages in whole years, both inclusive; no ``sexes`` are all. Every criterion holds."""

    age_from: int
    age_to: int | None = None
    sexes: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusions:
    """Who is left alone. Death, moving away and refusal always exclude; these come on top.

    ``palliative`` is the value set of conditions that exclude. ``recent_contact_days``: nobody is found whom a
    programme wrote to so lately. Any one of ``criteria`` excludes.
    """

    palliative: str
    recent_contact_days: int
    criteria: tuple[Criterion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Proportion of days covered (PDC) by what was handed out of a class of medicines; below ``threshold`` is a gap.

    The period is ``period_days`` up to the day that one asks for, that day included, and begins with the first fill in
    it. Who was younger than ``minimum_age`` on its first day, has fills on fewer than ``minimum_fills`` days, or the
    first one less than ``first_fill_days`` before the end, is not measured; nor is who has a fill of unknown length.
    """

    medicines: str
    threshold: Decimal = Decimal("0.80")
    period_days: int = 365
    minimum_age: int = 18
    minimum_fills: int = 2
    first_fill_days: int = 91


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingMedication:
    """A condition, ``grace_days`` old or older, and nothing of its medicines handed out in ``lookback_days``."""

    condition: str
    medicines: str
    grace_days: int = 90
    lookback_days: int = 365


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a measured value should be: ``at_least`` (inclusive) and ``below`` (exclusive), in the UCUM ``unit``."""

    value_set: str
    unit: str
    at_least: Decimal | None = None
    below: Decimal | None = None

    def met_by(self, fact: Fact) -> bool:
        """Whether the value is where it should be, or cannot be compared: no value, or one of another unit."""
        if fact.value is None or fact.unit != self.unit:
            return True
        return (self.at_least is None or fact.value >= self.at_least) and (
            self.below is None or fact.value < self.below
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A measurement that is overdue (a target not measured in ``overdue_days``), or out of range.

    Of a target the newest day counts; it is out of range where every value of that day is.
    """

    targets: tuple[Target, ...]
    overdue_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiabetesRisk:
    """FINDRISC of ``points_from`` or more, by answers given in the last ``answers_within_days``; the newest day counts.

    Nobody is measured whose answers of that day are not whole, or are given twice.
    """

    points_from: int
    answers_within_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CareGap:
    """Of whom every criterion of the ``denominator`` holds, those of whom not every one of the ``numerator`` does."""

    denominator: tuple[Criterion, ...]
    numerator: tuple[Criterion, ...]


Measure = Coverage | MissingMedication | Measurement | DiabetesRisk | CareGap


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the rule rests on."""

    source: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """What follows a message that nobody answered: ``reminders`` at most, each ``after_days`` after the last one."""

    reminders: int
    after_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """One programme. ``ground`` is the purpose (purposes.yaml) that its use of data is asked for.

    ``offer`` is what the person is offered. ``every_days`` is how often it is evaluated. ``template`` is the nudge that
    tells of a message, ``sample_share`` the part of those not selected whom reviewers see as well (0 to 1). After
    ``review_by`` the rule's evidence must be looked at again.
    """

    id: str
    version: int
    title: Texts
    description: Texts
    offer: Texts
    owner: str
    evidence: tuple[Evidence, ...]
    review_by: date
    ground: str
    self_referral: Texts
    population: Population
    exclusions: Exclusions
    measure: Measure
    every_days: int
    template: str
    sample_share: Decimal
    ladder: Ladder

    def value_sets(self) -> frozenset[str]:
        """The ids of every value set that the programme uses."""
        measure = self.measure
        criteria = [*self.population.criteria, *self.exclusions.criteria]
        own = {self.exclusions.palliative}
        match measure:
            case Coverage():
                own.add(measure.medicines)
            case MissingMedication():
                own |= {measure.condition, measure.medicines}
            case Measurement():
                own |= {target.value_set for target in measure.targets}
            case CareGap():
                criteria += [*measure.denominator, *measure.numerator]
            case DiabetesRisk():
                pass
        return frozenset(own | {criterion.value_set for criterion in criteria})
