"""The programmes that the repository ships, and small ones made for a test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache

from bot.health_content import HealthContent, load_health
from health.assessment import Assessment
from health.facts import Fact, Patient
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
