"""The programmes that the city ships, and what an editor is told of one that is wrong."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from bot.health_content import HealthContent, load_health
from health.facts import ATC, ICD10, LOINC
from health.generator import PROGRAMMES
from health.programme import Coverage, Measurement
from knowledge.faults import ContentFaults
from tests.conftest import KNOWLEDGE
from tests.unit.health.programmes import LANGUAGES, content

FILE = "programmes/diabetes_medication_gap.yaml"


def load(folder: Path) -> HealthContent:
    return load_health(folder, LANGUAGES, {"health_outreach"}, {"health_message"})


@pytest.fixture
def city(tmp_path: Path) -> Path:
    for part in ("programmes", "value_sets"):
        shutil.copytree(KNOWLEDGE / part, tmp_path / "city" / part)
    return tmp_path / "city"


def test_the_city_has_a_programme_for_each_measure() -> None:
    programmes = content().programmes
    assert programmes.keys() == set(PROGRAMMES)
    assert len({type(programme.measure) for programme in programmes.values()}) == 5
    gap = programmes["diabetes_medication_gap"]
    assert gap.measure == Coverage(medicines="diabetes_medicines", threshold=Decimal("0.8"))
    assert (gap.review_by, gap.ground, gap.sample_share) == (date(2027, 11, 30), "health_outreach", Decimal("0.05"))
    pressure = programmes["blood_pressure"].measure
    assert isinstance(pressure, Measurement)
    assert [(target.below, target.unit) for target in pressure.targets] == [
        (Decimal(140), "mm[Hg]"),
        (Decimal(90), "mm[Hg]"),
    ]


def test_every_programme_tells_what_it_rests_on_and_has_a_way_in_by_oneself() -> None:
    for programme in content().programmes.values():
        assert all(evidence.url.startswith("https://") for evidence in programme.evidence)
        assert programme.owner
        for texts in (programme.title, programme.description, programme.offer, programme.self_referral):
            assert texts.keys() == set(LANGUAGES)


def test_every_value_set_is_used_and_its_codes_stand_once() -> None:
    used = frozenset[str]().union(*(programme.value_sets() for programme in content().programmes.values()))
    assert content().sets.keys() == used
    for value_set in content().sets.values():
        for codes in value_set.codes.values():
            assert len(set(codes)) == len(codes)
        assert all(value_set.has(ATC, code) for code in value_set.names)


@pytest.mark.parametrize(
    ("name", "system", "code", "held"),
    [
        *(("diabetes", ICD10, "E11.9", True), ("diabetes", ICD10, "E119", True), ("diabetes", ICD10, "E15", False)),
        *(("statins", ATC, "C10AA05", True), ("statins", ATC, "C10AB04", False), ("statins", ATC, "C10A", False)),
        *(("hba1c", LOINC, "4548-4", True), ("hba1c", LOINC, "4548-45", False), ("hba1c", ATC, "4548-4", False)),
        *(("palliative_care", ICD10, "Z515", True), ("palliative_care", ICD10, "Z51", False)),
    ],
)
def test_what_a_value_set_holds(name: str, system: str, code: str, held: bool) -> None:
    assert content().sets[name].has(system, code) is held


def test_a_city_without_programmes_has_none(tmp_path: Path) -> None:
    assert load(tmp_path) == HealthContent(programmes={}, sets={})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("id: diabetes_medication_gap", "id: gap", "the id “gap” is not the file's name"),
        ("ground: health_outreach", "ground: marketing", "there is no purpose “marketing”"),
        ("template: health_message", "template: advert", "there is no nudge “advert”"),
        ("medicines: diabetes_medicines", "medicines: sweets", "there is no value set “sweets”"),
        ("palliative: palliative_care", "palliative: hospice", "there is no value set “hospice”"),
        ("threshold: 0.80", "threshold: 1.2", "measure.coverage.threshold"),
        ("kind: coverage", "kind: horoscope", "measure"),
        ("within_days: 365", "within_days: 365, below: 7", "a limit and its unit go together"),
        ("age_from: 18", "age_from: 18\n  age_to: 17", "age_to is below age_from"),
        ("within_days: 365", "within_days: 0", "exclusions.criteria.1.within_days"),
        ("  recent_contact_days: 90\n", "", "exclusions.recent_contact_days: is missing"),
        ("review_by: 2027-11-30", "review_by: soon", "review_by"),
        ("kind: condition,", "kind: rumour,", "population.criteria.1.kind"),
        ('  en: "Diabetes medicines that are not collected"\n', "", "title has no “en”"),
        ('url: "https://www.kaypahoito.fi/hoi50056"', "url: nowhere", "evidence.2.url"),
        ("reminders: 1", "reminders: 9", "ladder.reminders"),
        ("every_days: 30", "every_day: 30", "every_day: is a field that nobody knows"),
        ("sample_share: 0.05", "sample_share: 0", "sample_share"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(city: Path, old: str, new: str, said: str) -> None:
    path = city / FILE
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentFaults) as caught:
        load(city)
    fault = next(fault for fault in caught.value.faults if said in fault.message)
    assert fault.file == f"city/{FILE}"
    assert fault.line > 1 or not new
    assert fault.remedy


def test_a_code_system_that_nobody_knows_is_told(city: Path) -> None:
    path = city / "value_sets" / "statins.yaml"
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump({**found, "codes": {"rxnorm": ["83367"]}}), encoding="utf-8")
    with pytest.raises(ContentFaults, match="there is no code system “rxnorm”"):
        load(city)


def test_a_target_without_a_limit_is_told(city: Path) -> None:
    path = city / "programmes" / "blood_pressure.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(", below: 90", ""), encoding="utf-8")
    with pytest.raises(ContentFaults, match=r"measure\.measurement\.targets\.2: has no limit"):
        load(city)


def test_the_name_of_a_medicine_is_there_in_every_language(city: Path) -> None:
    path = city / "value_sets" / "statins.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(', sv: "simvastatin"', ""), encoding="utf-8")
    with pytest.raises(ContentFaults, match=r"names\.C10AA01 has no “sv”"):
        load(city)


def test_evidence_that_is_due_to_be_looked_at_again_is_a_warning() -> None:
    def warnings(today: date) -> set[str]:
        found = load_health(KNOWLEDGE, LANGUAGES, {"health_outreach"}, {"health_message"}, today=today)
        return {Path(fault.file).stem for fault in found.warnings}

    assert warnings(date(2027, 11, 30)) == set()
    assert warnings(date(2027, 12, 1)) == set(PROGRAMMES)
