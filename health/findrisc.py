"""FINDRISC: the risk of type 2 diabetes in ten years, by eight questions.

The table is that of the Finnish Diabetes Association's form (Lindström and Tuomilehto 2003).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

MAXIMUM = 26
ITEMS = ("bmi", "waist_cm", "active", "vegetables", "pressure_medicine", "high_glucose", "family")
"""What is asked and kept as facts; age and sex are known of a patient. Yes is 1, no is 0; ``family`` as `FAMILY`."""


class Family(StrEnum):
    """Who of the family has diabetes; the nearest counts."""

    NONE = "none"
    DISTANT = "grandparent_aunt_uncle_first_cousin"
    NEAR = "parent_sibling_own_child"


FAMILY: tuple[Family, ...] = (Family.NONE, Family.DISTANT, Family.NEAR)
"""By the number that stands for it in a fact."""


class Level(StrEnum):
    """How high the risk is."""

    LOW = "low"
    SLIGHTLY_ELEVATED = "slightly_elevated"
    MODERATE = "moderate"
    HIGH = "high"
    VERY_HIGH = "very_high"


_LEVELS = ((21, Level.VERY_HIGH), (15, Level.HIGH), (12, Level.MODERATE), (7, Level.SLIGHTLY_ELEVATED))
ONE_IN: Mapping[Level, int] = MappingProxyType(
    {Level.LOW: 100, Level.SLIGHTLY_ELEVATED: 25, Level.MODERATE: 6, Level.HIGH: 3, Level.VERY_HIGH: 2}
)
"""One of so many people of a level gets diabetes in ten years."""
_WAIST: Mapping[str, tuple[Decimal, Decimal]] = MappingProxyType(
    {"male": (Decimal(94), Decimal(102)), "female": (Decimal(80), Decimal(88))}
)
_FAMILY_POINTS = (0, 3, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The answers: age in years, ``bmi`` in kg/m², ``waist_cm`` in cm, ``sex`` female or male.

    ``active``: half an hour of movement a day. ``vegetables``: vegetables, fruit or berries every day. Then, whether
    one ever took medicine for blood pressure regularly, and whether high blood glucose was ever found.
    """

    age: int
    sex: str
    bmi: Decimal
    waist_cm: Decimal
    active: bool
    vegetables: bool
    pressure_medicine: bool
    high_glucose: bool
    family: Family


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """``points`` by item (their sum is ``score``), and the level."""

    points: Mapping[str, int]
    score: int
    level: Level


def findrisc(answers: Answers) -> Risk:
    """The risk by the answers. Raises ``ValueError`` where the form has no row: a sex but female and male."""
    if answers.sex not in _WAIST:
        raise ValueError("the form has a waist for women and men alone")
    points = {
        "age": _age_points(answers.age),
        "bmi": _band(answers.bmi, Decimal(25), Decimal(30), (0, 1, 3)),
        "waist_cm": _band(answers.waist_cm, *_WAIST[answers.sex], (0, 3, 4)),
        "active": 0 if answers.active else 2,
        "vegetables": 0 if answers.vegetables else 1,
        "pressure_medicine": 2 if answers.pressure_medicine else 0,
        "high_glucose": 5 if answers.high_glucose else 0,
        "family": _FAMILY_POINTS[FAMILY.index(answers.family)],
    }
    score = sum(points.values())
    return Risk(points=points, score=score, level=level_of(score))


def readable(item: str, value: Decimal) -> bool:
    """Whether a number can be the answer to one of `ITEMS`."""
    if item in {"bmi", "waist_cm"}:
        return value > 0
    return value in range(len(FAMILY) if item == "family" else 2)


def level_of(score: int) -> Level:
    """The level of a sum of points."""
    return next((level for least, level in _LEVELS if score >= least), Level.LOW)


def _age_points(age: int) -> int:
    return next((points for least, points in ((65, 4), (55, 3), (45, 2)) if age >= least), 0)


def _band(value: Decimal, middle_from: Decimal, middle_to: Decimal, points: tuple[int, int, int]) -> int:
    """Below the middle, in it (both ends included), or above it."""
    return points[0] if value < middle_from else points[1] if value <= middle_to else points[2]
