"""Synthetic patients in whom it is known beforehand what must be found, and why not where not. Nobody is real.

The same count and seed give the same patients, each made by itself: any number of them in any order of memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from dateutil.relativedelta import relativedelta

from health import generator_diabetes as diabetes
from health import generator_heart as heart
from health import generator_risk as risk
from health.assessment import Standing
from health.facts import ATC, ICD10, LOINC, Kind, Patient
from health.generator_scene import Outcome, Scene

MEDICATION_GAP = "diabetes_medication_gap"
HBA1C = "hba1c_overdue"
STATIN = "statin_after_coronary_disease"
PRESSURE = "blood_pressure"
RISK = "diabetes_risk"
PROGRAMMES = (MEDICATION_GAP, HBA1C, STATIN, PRESSURE, RISK)
"""The programmes (knowledge/programmes/) that something is planted for, as the city ships them."""
RECENT_CONTACT_DAYS = 90
_PALLIATIVE = (ICD10, "Z51.5")
_DISTRICTS = ("Kallio", "Kannelmäki", "Itäkeskus", "Munkkiniemi", "Malmi", "Lauttasaari", "Vuosaari", "Haaga")
_LEAVES = ("death", "moved", "opted_out", "palliative", "recent_contact")
_CONDITIONS = ((ICD10, "J06.9"), (ICD10, "M54.5"), (ICD10, "H52.1"), (ICD10, "L20.9"))
_MEDICINES = ((ATC, "N02BE01"), (ATC, "M01AE01"), (ATC, "J01CA04"), (ATC, "R06AE07"))
_MEASURED = (
    ((LOINC, "29463-7"), "kg", 450, 1300),
    ((LOINC, "8867-4"), "/min", 500, 1100),
    ((LOINC, "2708-6"), "%", 900, 1000),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A patient, and where the patient must stand in each programme. ``number`` counts from 0."""

    number: int
    patient: Patient
    truth: Mapping[str, Outcome]


def generate(count: int, *, seed: int, as_of: date, noise: int = 44) -> Iterator[Planted]:
    """Patients for an evaluation on ``as_of``; each has about ``noise`` facts that no programme asks for."""
    for number in range(count):
        yield _planted(number, Random(f"{seed}:{number}"), as_of, noise)  # noqa: S311 - patients, not secrets


def _planted(number: int, chance: Random, as_of: date, noise: int) -> Planted:
    scene = _scene(chance, as_of)
    leave = scene.one_of(_LEAVES) if scene.happens(0.15) else ""
    patient = Patient(
        birth_date=scene.birth_date,
        sex=scene.sex,
        language=chance.choices(("fi", "sv", "en"), (80, 6, 14))[0],
        district=scene.one_of(_DISTRICTS),
        # Who died did so that very day: the year that is measured stays whole.
        deceased_on=as_of if leave == "death" else None,
        moved_on=scene.ago(scene.between(0, 500)) if leave == "moved" else None,
        opted_out_on=scene.ago(scene.between(0, 500)) if leave == "opted_out" else None,
        contacted_on=_contacted(scene, leave),
    )
    if leave == "palliative":
        scene.add(Kind.CONDITION, _PALLIATIVE, scene.ago(scene.between(0, 200)))
    truth = _truth(scene, leave)
    _noise(scene, noise)
    return Planted(number=number, patient=replace(patient, facts=tuple(scene.facts)), truth=truth)


def _scene(chance: Random, as_of: date) -> Scene:
    age = chance.choice((17, 18, 44, 45, 54, 55, 64, 65, *[chance.randint(0, 17)] * 2, *[chance.randint(19, 95)] * 20))
    ago = chance.choice((0, chance.randint(1, 363), chance.randint(1, 363), chance.randint(1, 363)))
    born = as_of - timedelta(days=ago) - relativedelta(years=age)
    sex = chance.choices(("female", "male", "other", "unknown"), (500, 490, 6, 4))[0]
    return Scene(chance=chance, as_of=as_of, birth_date=born, age=age, birthday_ago=ago, sex=sex)


def _contacted(scene: Scene, leave: str) -> date | None:
    if leave == "recent_contact":
        return scene.ago(scene.one_of((0, RECENT_CONTACT_DAYS - 1, scene.between(1, 88))))
    return scene.ago(scene.between(RECENT_CONTACT_DAYS, 900)) if scene.happens(0.1) else None


def _truth(scene: Scene, leave: str) -> Mapping[str, Outcome]:
    kind = diabetes.plant_type(scene)
    nothing = Outcome(Standing.OUTSIDE, "no_fact")
    fills = diabetes.plant_fills(scene) if kind == 2 or scene.happens(0.05) else nothing
    insulin = diabetes.plant_insulin(scene)
    hba1c = diabetes.plant_hba1c(scene) if kind or scene.happens(0.1) else nothing
    statin, allergy = heart.plant_coronary(scene), heart.plant_statin_allergy(scene)
    pregnant = heart.plant_pregnancy(scene)
    tense = heart.plant_hypertension(scene)
    pressure = heart.plant_pressure(scene) if tense or scene.happens(0.2) else nothing
    answers = risk.plant_answers(scene) if scene.happens(0.6) else Outcome(Standing.INELIGIBLE, "no_answers")
    no_diabetes = Outcome(Standing.INELIGIBLE, "no_fact")
    found = {
        MEDICATION_GAP: _left_alone(fills, leave, own=insulin) if kind == 2 else nothing,
        HBA1C: _left_alone(hba1c if kind else no_diabetes, leave, own=False),
        STATIN: _left_alone(statin, leave, own=allergy or pregnant),
        PRESSURE: _left_alone(pressure, leave, own=pregnant) if tense else nothing,
        RISK: _left_alone(answers, leave, own=kind > 0),
    }
    young = Outcome(Standing.OUTSIDE, "under_age")
    return {programme: young if scene.age < 18 else outcome for programme, outcome in found.items()}


def _left_alone(outcome: Outcome, leave: str, *, own: bool) -> Outcome:
    if outcome.standing is Standing.INELIGIBLE or not (leave or own):
        return outcome
    return Outcome(Standing.EXCLUDED, leave or "own_fact")


def _noise(scene: Scene, count: int) -> None:
    """What every record is full of, in an order of its own."""
    for _ in range(scene.between(count * 2 // 3, count * 4 // 3)):
        draw, at = scene.chance.random(), scene.ago(scene.between(0, 3000))
        if draw < 0.6:
            code, unit, least, most = scene.one_of(_MEASURED)
            scene.measured(code, at, scene.tenths(least, most), unit)
        elif draw < 0.75:
            scene.add(Kind.CONDITION, scene.one_of(_CONDITIONS), at, until=at + timedelta(days=scene.between(1, 30)))
        elif draw < 0.95:
            scene.add(Kind.DISPENSE, scene.one_of(_MEDICINES), at, days=scene.between(5, 100))
        else:
            scene.add(Kind.REQUEST, scene.one_of(_MEDICINES), at)
    scene.chance.shuffle(scene.facts)
