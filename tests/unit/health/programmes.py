"""The programmes that the repository ships, and small ones made for a test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from hypothesis import strategies as st

from bot.health_content import HealthContent, load_health
from health.assessment import Assessment
from health.coverage import Fill
from health.facts import ATC, Fact, Kind, Patient
from health.measures import assess
from health.programme import Exclusions, Measure, Population, Programme
from tests.conftest import KNOWLEDGE

LANGUAGES = ("fi", "sv", "en")
DAY = date(2018, 12, 31)


@cache
def content() -> HealthContent:
    """The city's programmes and value sets."""
    return load_health(KNOWLEDGE, LANGUAGES, {"health_outreach"}, {"health_message"})


def programme_of(
    measure: Measure, population: Population | None = None, exclusions: Exclusions | None = None
) -> Programme:
    """A programme with this measure, for everybody, from which nobody but the dead and the like is excluded."""
    return replace(
        content().programmes["diabetes_medication_gap"],
        measure=measure,
        population=population or Population(age_from=0),
        exclusions=exclusions or Exclusions(palliative="palliative_care", recent_contact_days=90),
    )


def patient_of(facts: Iterable[Fact] = (), *, sex: str = "female", born: date = date(1950, 6, 15)) -> Patient:
    """A patient with these facts."""
    return Patient(birth_date=born, sex=sex, language="fi", facts=tuple(facts))


def standing(programme: Programme, patient: Patient, as_of: date = DAY) -> Assessment:
    """Where a patient stands."""
    return assess(programme, patient, as_of, content().sets)


DRUGS = ("A10BA02", "A10BB07", "A10BH01")
FILLS = st.lists(
    st.builds(
        Fill,
        drug=st.sampled_from(DRUGS),
        at=st.integers(0, 400).map(lambda ago: DAY - timedelta(days=ago)),
        days=st.integers(1, 200),
    ),
    max_size=12,
)
"""Any fills of diabetes medicines in the year before the day, and a little before it."""


def dispensed(fills: Iterable[Fill]) -> list[Fact]:
    """The fills as facts."""
    return [Fact(kind=Kind.DISPENSE, system=ATC, code=fill.drug, at=fill.at, days=fill.days) for fill in fills]
