"""A programme and a value set as an editor writes them: ``programmes/<id>.yaml`` and ``value_sets/<id>.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl

from health import programme as values
from health.facts import SYSTEMS
from health.measure_file import Age, Count, Criteria, MeasureFile, Model, Name, Share, Text, Texts, criteria_of, fault


def _address(value: Any) -> Any:
    return HttpUrl(value) if isinstance(value, str) else value


def _system(value: str) -> str:
    known = sorted(set(SYSTEMS.values()))
    if value not in known:
        raise fault(f"there is no code system “{value}”", f"Take one of {', '.join(known)}")
    return value


Url = Annotated[HttpUrl, BeforeValidator(_address)]


class ValueSetFile(Model):
    """One value set. Codes are facts; their source is named."""

    id: Name
    version: Count
    title: Texts
    source: Text
    codes: Mapping[Annotated[str, AfterValidator(_system)], Annotated[tuple[Text, ...], Field(min_length=1)]]
    names: Mapping[Text, Texts] = Field(default_factory=dict)

    def value(self) -> values.ValueSet:
        """The value set."""
        return values.ValueSet(**dict(self))


class PopulationFile(Model):
    """Who the programme is for."""

    age_from: Age
    age_to: Age | None = None
    sexes: tuple[Literal["female", "male"], ...] = ()
    criteria: Criteria = ()

    def value(self) -> values.Population:
        """The population."""
        return values.Population(**{**dict(self), "criteria": criteria_of(self.criteria)})


def _ages_in_order(population: PopulationFile) -> PopulationFile:
    if population.age_to is not None and population.age_to < population.age_from:
        raise fault("age_to is below age_from", "Write the lower age first")
    return population


class ExclusionsFile(Model):
    """Who is left alone."""

    palliative: Name
    recent_contact_days: Count
    criteria: Criteria = ()

    def value(self) -> values.Exclusions:
        """The exclusions."""
        return values.Exclusions(**{**dict(self), "criteria": criteria_of(self.criteria)})


class EvidenceFile(Model):
    """What the rule rests on."""

    source: Text
    url: Url


class LadderFile(Model):
    """What follows a silence."""

    reminders: Annotated[int, Field(ge=0, le=3)]
    after_days: Annotated[int, Field(ge=3, le=365)]


class ProgrammeFile(Model):
    """One programme."""

    id: Name
    version: Count
    title: Texts
    description: Texts
    offer: Texts
    self_referral: Texts
    owner: Text
    evidence: Annotated[tuple[EvidenceFile, ...], Field(min_length=1)]
    review_by: date
    ground: Name
    population: Annotated[PopulationFile, AfterValidator(_ages_in_order)]
    exclusions: ExclusionsFile
    measure: MeasureFile
    every_days: Count
    template: Name
    sample_share: Share
    ladder: LadderFile

    def value(self) -> values.Programme:
        """The programme."""
        built = {
            "evidence": tuple(values.Evidence(source=one.source, url=str(one.url)) for one in self.evidence),
            "population": self.population.value(),
            "exclusions": self.exclusions.value(),
            "measure": self.measure.value(),
            "ladder": values.Ladder(**dict(self.ladder)),
        }
        return values.Programme(**{**dict(self), **built})
