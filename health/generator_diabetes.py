"""Planted: diabetes, what was handed out for it, and its long-term blood sugar.

What is covered is counted here day by day, in a set, so that the truth does not rest on the measure's own counting.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from health.assessment import Standing
from health.facts import ATC, ICD10, LOINC, SNOMED, Kind
from health.generator_scene import Outcome, Scene

METFORMIN, GLIPIZIDE, SITAGLIPTIN = (ATC, "A10BA02"), (ATC, "A10BB07"), (ATC, "A10BH01")
INSULIN = (ATC, "A10AE04")
_TYPE_2 = ((ICD10, "E11.9"), (ICD10, "E11"), (SNOMED, "44054006"))
_TYPE_1 = (ICD10, "E10.9")
_HBA1C = (LOINC, "59261-8")
_WINDOW = 364  # days before the day of evaluation on which the year of a measure begins


def plant_type(scene: Scene) -> int:
    """Diabetes of type 2, of type 1, or none (0); what a patient had and is over is none."""
    draw = scene.chance.random()
    onset = scene.ago(scene.between(400, 4000))
    if draw < 0.30:
        scene.add(Kind.CONDITION, scene.one_of(_TYPE_2), onset)
        return 2
    if draw < 0.35:
        scene.add(Kind.CONDITION, _TYPE_1, onset)
        return 1
    if draw < 0.38:
        scene.add(Kind.CONDITION, scene.one_of(_TYPE_2), onset, until=scene.ago(scene.between(0, 300)))
    return 0


def plant_insulin(scene: Scene) -> bool:
    """Whether insulin was handed out within a year; some had it before that."""
    if scene.happens(0.08):
        scene.add(Kind.DISPENSE, INSULIN, scene.ago(scene.one_of((0, 30, 200, _WINDOW))), days=90)
        return True
    if scene.happens(0.05):
        scene.add(Kind.DISPENSE, INSULIN, scene.ago(scene.between(_WINDOW + 1, 900)), days=90)
    return False


def plant_hba1c(scene: Scene) -> Outcome:
    """Measured within a year, or not."""
    ago = scene.one_of(
        (None, 0, _WINDOW, _WINDOW + 1, scene.between(1, 363), scene.between(1, 363), scene.between(366, 1500))
    )
    if ago is None:
        return Outcome(Standing.GAP, "not_done")
    scene.measured(_HBA1C, scene.ago(ago), Decimal(scene.between(35, 110)), "mmol/mol")
    return Outcome(Standing.MET, "done") if ago <= _WINDOW else Outcome(Standing.GAP, "not_done")


def plant_fills(scene: Scene) -> Outcome:
    """What was handed out of the tablets for diabetes, and how the measure must find it."""
    if scene.happens(0.2):  # of before the year: not looked at
        scene.add(Kind.DISPENSE, METFORMIN, scene.ago(scene.between(_WINDOW + 1, 700)), days=90)
    plans: tuple[Callable[[Scene], Outcome], ...] = (_any, _any, _any, _any, _any, _exactly, _unmeasured)
    planted = scene.one_of(plans)(scene)
    eighteenth = scene.age == 18 and scene.birthday_ago < _WINDOW
    return Outcome(Standing.INELIGIBLE, "under_age_then") if eighteenth else planted


def _unmeasured(scene: Scene) -> Outcome:
    reason = scene.one_of(("no_fills", "supply_unknown", "few_fills", "late_start"))
    first = scene.between(91, _WINDOW)
    if reason == "late_start":
        latest = scene.one_of((90, scene.between(35, 89)))
        scene.add(Kind.DISPENSE, METFORMIN, scene.ago(latest), days=30)
        scene.add(Kind.DISPENSE, METFORMIN, scene.ago(latest - 30), days=30)
    elif reason == "few_fills":
        scene.add(Kind.DISPENSE, METFORMIN, scene.ago(first), days=90)
        if scene.happens(0.5):
            scene.add(Kind.DISPENSE, GLIPIZIDE, scene.ago(first), days=90)
    elif reason == "supply_unknown":
        scene.add(Kind.DISPENSE, METFORMIN, scene.ago(first), days=90)
        scene.add(Kind.DISPENSE, METFORMIN, scene.ago(first - 90))
    return Outcome(Standing.INELIGIBLE, reason)


def _exactly(scene: Scene) -> Outcome:
    """The whole year, and 292 days of it (the threshold to the day), or 291."""
    last = scene.one_of((91, 92))
    for ago, days in ((_WINDOW, 100), (_WINDOW - 100, 100), (_WINDOW - 200, last)):
        scene.add(Kind.DISPENSE, METFORMIN, scene.ago(ago), days=days)
    return Outcome(Standing.MET, "covered") if last == 92 else Outcome(Standing.GAP, "low_coverage")


def _any(scene: Scene) -> Outcome:
    """One medicine or two at once, refilled early, on time or late; the days are counted one by one."""
    first = scene.one_of((91, _WINDOW, scene.between(92, _WINDOW - 1)))
    covered = _chain(scene, METFORMIN, first)
    if scene.happens(0.3):
        covered |= _chain(scene, SITAGLIPTIN, scene.between(0, first))
    period = first + 1
    return (
        Outcome(Standing.GAP, "low_coverage") if len(covered) * 100 < 80 * period else Outcome(Standing.MET, "covered")
    )


def _chain(scene: Scene, drug: tuple[str, str], first: int) -> set[int]:
    """Fills of one medicine from so many days ago on; the days that they cover, as days ago.

    A refill is made early only where the supply before has no hole after it, and then lasts from that one's end.
    """
    covered = set[int]()
    days, lateness = scene.one_of((30, 60, 90, 100)), scene.one_of((0, 0, 10, 45))
    if drug == METFORMIN:
        days = min(days, first - 20)  # so that there is time for a second fill
    begins = filled = first
    while filled >= 0:
        scene.add(Kind.DISPENSE, drug, scene.ago(filled), days=days)
        covered |= set(range(max(begins - days + 1, 0), begins + 1))
        late = scene.between(0, max(min(lateness, begins - days), 0))
        early = scene.between(0, 14) if not late else 0
        begins -= days + late
        filled = min(begins + early, filled - 1)
    return covered
