"""The measure of a programme as an editor writes it, and the kinds of value that its file has."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from health import programme as values
from health.facts import Kind

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Count = Annotated[int, Field(ge=1, le=36500)]
Window = Annotated[int, Field(ge=2, le=36500)]
Age = Annotated[int, Field(ge=0, le=130)]


def fault(message: str, remedy: str) -> PydanticCustomError:
    """An error of a validator, with its remedy."""
    return PydanticCustomError("content", "{message}", {"message": message, "remedy": remedy})


def _not_blank(value: str) -> str:
    if not value.strip():
        raise fault("is empty", "Write its text")
    return value.strip()


def _decimal(value: Any) -> Any:
    """YAML knows whole numbers and floats; the text of a float is what was written."""
    return Decimal(str(value)) if type(value) in {int, float} else value


def _kind(value: Any) -> Any:
    return Kind(value) if value in {kind.value for kind in Kind} else value


Text = Annotated[str, AfterValidator(_not_blank)]
Texts = Mapping[str, Text]
Number = Annotated[Decimal, BeforeValidator(_decimal)]
Share = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, le=1, decimal_places=3)]


class Model(BaseModel):
    """Frozen, strict, and without fields that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


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


def _limits_have_a_unit(criterion: CriterionFile) -> CriterionFile:
    if (criterion.at_least is not None or criterion.below is not None) is not (criterion.unit is not None):
        raise fault("a limit and its unit go together", "Write at_least or below with a unit, or neither")
    return criterion


Criteria = tuple[Annotated[CriterionFile, AfterValidator(_limits_have_a_unit)], ...]


def criteria_of(criteria: Criteria) -> tuple[values.Criterion, ...]:
    """The criteria of a file."""
    return tuple(criterion.value() for criterion in criteria)


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


def _has_a_limit(target: TargetFile) -> TargetFile:
    if target.at_least is None and target.below is None:
        raise fault("has no limit", "Write at_least, below or both")
    return target


class MeasurementFile(Model):
    """The measure of a measurement overdue or out of range."""

    kind: Literal["measurement"]
    targets: Annotated[tuple[Annotated[TargetFile, AfterValidator(_has_a_limit)], ...], Field(min_length=1)]
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
        return values.CareGap(denominator=criteria_of(self.denominator), numerator=criteria_of(self.numerator))


MeasureFile = Annotated[
    CoverageFile | MissingMedicationFile | MeasurementFile | DiabetesRiskFile | CareGapFile,
    Field(discriminator="kind"),
]
