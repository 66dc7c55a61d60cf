"""Planted: answers to the diabetes risk test. The points are chosen first, and answers made to give them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from health.assessment import Standing
from health.facts import FINDRISC, Fact, Kind
from health.generator_scene import Outcome, Scene

_HIGH = 15
_YEAR = 364
_UNITS: Mapping[str, str] = {"bmi": "kg/m2", "waist_cm": "cm"}
_YES_OR_NO: Mapping[str, tuple[int, int]] = {
    "active": (2, 0),
    "vegetables": (1, 0),
    "pressure_medicine": (0, 2),
    "high_glucose": (0, 5),
}
"""The points of no and of yes."""


def plant_answers(scene: Scene) -> Outcome:
    """Answers within a year, older ones, unclear ones, or none."""
    planned = scene.one_of(("none", *["whole"] * 6, "old", "missing", "twice", "unreadable"))
    if planned == "none":
        return Outcome(Standing.INELIGIBLE, "no_answers")
    ago = _YEAR + scene.between(1, 900) if planned == "old" else scene.one_of((0, _YEAR, scene.between(1, 363)))
    if scene.happens(0.3):  # answers of before: the newest day counts
        _answer(scene, ago + scene.between(1, 300))
    points = _answer(scene, ago)
    if planned == "old":
        return Outcome(Standing.INELIGIBLE, "no_answers")
    if scene.sex not in {"female", "male"}:
        return Outcome(Standing.INELIGIBLE, "sex")
    if planned != "whole":
        _spoil(scene, planned)
        return Outcome(Standing.INELIGIBLE, "answers_unclear")
    return Outcome(Standing.GAP, "high_risk") if points >= _HIGH else Outcome(Standing.MET, "low_risk")


def _spoil(scene: Scene, planned: str) -> None:
    """The last answer (that on the family) goes missing, is given twice, or is none of the form's."""
    last = scene.facts.pop()
    if planned == "twice":
        scene.facts += [last, _fact(last.code, last, Decimal((int(last.value or 0) + 1) % 3))]
    elif planned == "unreadable":
        scene.facts.append(_fact(last.code, last, Decimal(7)))


def _fact(code: str, like: Fact, value: Decimal) -> Fact:
    return Fact(kind=Kind.OBSERVATION, system=FINDRISC, code=code, at=like.at, value=value, unit=like.unit)


def _answer(scene: Scene, ago: int) -> int:
    """Answers of a day; the points that they must give, the age of that day among them."""
    age = scene.age - _birthdays_since(scene, ago)
    points = 4 if age >= 65 else 3 if age >= 55 else 2 if age >= 45 else 0
    heavy = scene.happens(0.4)  # one thing comes with the others
    options = ((3, 305, 450), (1, 250, 300)) if heavy else ((0, 180, 249), (1, 250, 250), (1, 300, 300), (3, 301, 301))
    bmi_points, least, most = scene.one_of(options)
    _give(scene, "bmi", ago, scene.tenths(least, most))
    waist_points, waist = _waist(scene, heavy)
    _give(scene, "waist_cm", ago, Decimal(waist))
    points += bmi_points + waist_points
    for item, (no, yes) in _YES_OR_NO.items():
        answer = scene.happens(0.5)
        _give(scene, item, ago, Decimal(answer))
        points += yes if answer else no
    family = scene.between(0, 2)
    _give(scene, "family", ago, Decimal(family))
    return points + (0, 3, 5)[family]


def _birthdays_since(scene: Scene, ago: int) -> int:
    return 0 if ago <= scene.birthday_ago else 1 + (ago - scene.birthday_ago - 1) // 366


def _waist(scene: Scene, heavy: bool) -> tuple[int, int]:
    """Points and centimetres: men have 94 to 102 in the middle, women 80 to 88."""
    middle = 94 if scene.sex == "male" else 80
    if heavy:
        return 4, middle + scene.one_of((9, scene.between(9, 40)))
    return scene.one_of(((0, middle - 1), (0, middle - scene.between(1, 20)), (3, middle), (3, middle + 8)))


def _give(scene: Scene, item: str, ago: int, value: Decimal) -> None:
    scene.measured((FINDRISC, item), scene.ago(ago), value, _UNITS.get(item, "1"))
