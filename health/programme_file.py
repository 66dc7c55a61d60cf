"""A programme and a value set as an editor writes them: ``programmes/<id>.yaml`` and ``value_sets/<id>.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, HttpUrl
from pydantic_core import PydanticCustomError

from health import programme as values
from health.facts import SYSTEMS, Kind

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Count = Annotated[int, Field(ge=1, le=36500)]
Window = Annotated[int, Field(ge=2, le=36500)]
Age = Annotated[int, Field(ge=0, le=130)]


def _not_blank(value: str) -> str:
    if not value.strip():
        raise PydanticCustomError("content", "{message}", {"message": "is empty", "remedy": "Write its text"})
    return value.strip()


def _decimal(value: Any) -> Any:
    """YAML knows whole numbers and floats; the text of a float is what was written."""
    return Decimal(str(value)) if type(value) in {int, float} else value


def _kind(value: Any) -> Any:
    return Kind(value) if value in {kind.value for kind in Kind} else value


def _address(value: Any) -> Any:
    return HttpUrl(value) if isinstance(value, str) else value


def _system(value: str) -> str:
    known = sorted(set(SYSTEMS.values()))
    if value not in known:
        words = {"message": f"there is no code system “{value}”", "remedy": f"Take one of {', '.join(known)}"}
        raise PydanticCustomError("content", "{message}", words)
    return value


Text = Annotated[str, AfterValidator(_not_blank)]
Texts = Mapping[str, Text]
Number = Annotated[Decimal, BeforeValidator(_decimal)]
Share = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, le=1, decimal_places=3)]
Url = Annotated[HttpUrl, BeforeValidator(_address)]


class Model(BaseModel):
    """Frozen, strict, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


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


class CriterionFile(Model):
    """One fact that is asked for."""

    kind: Annotated[Kind, BeforeValidator(_kind)]
    value_set: Name
    within_days: Window | None = None
    since_days: Annotated[int, Field(ge=0, le=36500)] = 0
    at_least: Number | None = None
    below: Number | None = None
    unit: Text | None = None

    def value(self) -> values.Criterion:
        """The criterion."""
        return values.Criterion(**dict(self))


Criteria = tuple[CriterionFile, ...]


def _values(criteria: Criteria) -> tuple[values.Criterion, ...]:
    return tuple(criterion.value() for criterion in criteria)


class PopulationFile(Model):
    """Who the programme is for."""

    age_from: Age
    age_to: Age | None = None
    sexes: tuple[Literal["female", "male"], ...] = ()
    criteria: Criteria = ()

    def value(self) -> values.Population:
        """The population."""
        return values.Population(**{**dict(self), "criteria": _values(self.criteria)})


class ExclusionsFile(Model):
    """Who is left alone."""

    palliative: Name
    recent_contact_days: Count
    criteria: Criteria = ()

    def value(self) -> values.Exclusions:
        """The exclusions."""
        return values.Exclusions(**{**dict(self), "criteria": _values(self.criteria)})


class CoverageFile(Model):
    """The measure of days covered."""

    kind: Literal["coverage"]
    medicines: Name
    threshold: Share = Decimal("0.80")
    period_days: Window = 365
    minimum_age: Age = 18
    minimum_fills: Count = 2
    first_fill_days: Count = 91

    def value(self) -> values.Measure:
        """The measure."""
        return values.Coverage(**self.model_dump(exclude={"kind"}))


class MissingMedicationFile(Model):
    """The measure of a condition without its medication."""

    kind: Literal["missing_medication"]
    condition: Name
    medicines: Name
    grace_days: Annotated[int, Field(ge=0, le=36500)] = 90
    lookback_days: Window = 365

    def value(self) -> values.Measure:
        """The measure."""
        return values.MissingMedication(**self.model_dump(exclude={"kind"}))


class TargetFile(Model):
    """Where a value should be."""

    value_set: Name
    unit: Text
    at_least: Number | None = None
    below: Number | None = None


class MeasurementFile(Model):
    """The measure of a measurement overdue or out of range."""

    kind: Literal["measurement"]
    targets: Annotated[tuple[TargetFile, ...], Field(min_length=1)]
    overdue_days: Window

    def value(self) -> values.Measure:
        """The measure."""
        targets = tuple(values.Target(**dict(target)) for target in self.targets)
        return values.Measurement(targets=targets, overdue_days=self.overdue_days)


class DiabetesRiskFile(Model):
    """The measure of FINDRISC."""

    kind: Literal["diabetes_risk"]
    points_from: Annotated[int, Field(ge=1, le=26)]
    answers_within_days: Window

    def value(self) -> values.Measure:
        """The measure."""
        return values.DiabetesRisk(**self.model_dump(exclude={"kind"}))


class CareGapFile(Model):
    """The measure of any other gap of care."""

    kind: Literal["care_gap"]
    denominator: Criteria = ()
    numerator: Annotated[Criteria, Field(min_length=1)]

    def value(self) -> values.Measure:
        """The measure."""
        return values.CareGap(denominator=_values(self.denominator), numerator=_values(self.numerator))


MeasureFile = Annotated[
    CoverageFile | MissingMedicationFile | MeasurementFile | DiabetesRiskFile | CareGapFile,
    Field(discriminator="kind"),
]


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
    population: PopulationFile
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
