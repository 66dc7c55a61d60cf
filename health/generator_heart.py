"""Planted: coronary disease with or without statins, and high blood pressure with or without measurements."""

from __future__ import annotations

from decimal import Decimal

from health.assessment import Standing
from health.facts import ATC, ICD10, LOINC, SNOMED, Kind
from health.generator_scene import Outcome, Scene

SYSTOLIC, DIASTOLIC = (LOINC, "8480-6"), (LOINC, "8462-4")
PRESSURE_UNIT = "mm[Hg]"
_ATORVASTATIN = (ATC, "C10AA05")
_STATINS = (_ATORVASTATIN, (ATC, "C10AA07"), (ATC, "C10BA05"))
_CORONARY = ((ICD10, "I25.1"), (ICD10, "I21.4"), (SNOMED, "53741008"))
_HYPERTENSION = ((ICD10, "I10"), (ICD10, "I11.9"), (SNOMED, "38341003"))
_PREGNANCY = (ICD10, "Z34")
_YEAR = 364


def plant_coronary(scene: Scene) -> Outcome:
    """Coronary disease, and whether a statin was handed out within a year."""
    if not scene.happens(0.25):
        if scene.happens(0.1):  # over
            scene.add(Kind.CONDITION, scene.one_of(_CORONARY), scene.ago(2000), until=scene.ago(scene.between(0, 900)))
        return Outcome(Standing.INELIGIBLE, "no_condition")
    onset = scene.one_of((89, 90, scene.between(0, 88), *[scene.between(91, 4000)] * 6))
    scene.add(Kind.CONDITION, scene.one_of(_CORONARY), scene.ago(onset))
    if scene.happens(0.4):
        scene.add(Kind.REQUEST, scene.one_of(_STATINS), scene.ago(scene.between(0, min(onset, _YEAR))))
    handed = scene.one_of((None, None, 0, _YEAR, _YEAR + 1, scene.between(1, 363), scene.between(366, 1500)))
    if handed is not None:
        scene.add(Kind.DISPENSE, scene.one_of(_STATINS), scene.ago(handed), days=100)
    if onset < 90:
        return Outcome(Standing.INELIGIBLE, "new_condition")
    if handed is None or handed > _YEAR:
        return Outcome(Standing.GAP, "not_dispensed")
    return Outcome(Standing.MET, "dispensed")


def plant_statin_allergy(scene: Scene) -> bool:
    """Whether statins do not suit the patient."""
    if scene.happens(0.06):
        scene.add(Kind.ALLERGY, _ATORVASTATIN, scene.ago(scene.between(0, 3000)))
        return True
    return False


def plant_pregnancy(scene: Scene) -> bool:
    """Whether the patient expects a child; one of long ago, of which no end was written down, does not count."""
    if scene.sex != "female" or not 16 <= scene.age <= 45 or not scene.happens(0.15):
        return False
    ago = scene.one_of((scene.between(0, 299), 299, 300, scene.between(300, 3000)))
    scene.add(Kind.CONDITION, _PREGNANCY, scene.ago(ago))
    return ago < 300


def plant_hypertension(scene: Scene) -> bool:
    """Whether the patient has high blood pressure."""
    if scene.happens(0.3):
        scene.add(Kind.CONDITION, scene.one_of(_HYPERTENSION), scene.ago(scene.between(0, 5000)))
        return True
    return False


def plant_pressure(scene: Scene) -> Outcome:
    """Blood pressure in range, out of it, not measured of late, or never."""
    if scene.happens(0.3):  # before the newest one: not looked at
        _pressure(scene, scene.between(1500, 2000), scene.tenths(1000, 1900), scene.tenths(600, 1100))
    return _newest_pressure(scene)


def _newest_pressure(scene: Scene) -> Outcome:
    planned = scene.one_of(("in_range", "in_range", "out_of_range", "overdue", "half", "twice", "other_unit"))
    ago = scene.one_of((0, _YEAR, scene.between(1, 363)))
    low, high = (scene.tenths(1000, 1399), scene.tenths(600, 899)), (scene.tenths(1400, 1900), scene.tenths(900, 1100))
    if planned in {"overdue", "half"}:
        if planned == "half":  # the systolic pressure alone
            scene.measured(SYSTOLIC, scene.ago(ago), low[0], PRESSURE_UNIT)
        elif scene.happens(0.7):
            _pressure(scene, scene.one_of((_YEAR + 1, scene.between(366, 1400))), *low)
        return Outcome(Standing.GAP, "overdue")
    if planned == "out_of_range":
        pair = scene.one_of((high, (high[0], low[1]), (low[0], high[1]), (Decimal(140), low[1]), (low[0], Decimal(90))))
        _pressure(scene, ago, *pair)
        return Outcome(Standing.GAP, "out_of_range")
    if planned == "other_unit":
        _pressure(scene, ago, Decimal(19), Decimal(12), "kPa")
        return Outcome(Standing.MET, "in_range")
    if planned == "twice":  # high at first, in range when measured again
        _pressure(scene, ago, *high)
    _pressure(scene, ago, *scene.one_of((low, low, (Decimal("139.9"), Decimal("89.9")))))
    return Outcome(Standing.MET, "in_range")


def _pressure(scene: Scene, ago: int, systolic: Decimal, diastolic: Decimal, unit: str = PRESSURE_UNIT) -> None:
    for code, value in ((SYSTOLIC, systolic), (DIASTOLIC, diastolic)):
        scene.measured(code, scene.ago(ago), value, unit)
