"""1,000 synthetic patients: every planted finding is found, none is invented, and each is said as it is."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from health.assessment import Standing
from health.generator import PROGRAMMES, RECENT_CONTACT_DAYS, Planted, generate
from health.generator_fhir import TRUTH, resources, subject_of, write
from tests.unit.health.programmes import content, standing

ISSUER = "https://login.example"
DAYS = [date(2026, 11, 27), date(2028, 2, 29), date(2027, 3, 1), date(2027, 1, 1)]


@pytest.mark.parametrize("as_of", DAYS)
def test_every_planted_finding_is_found_and_none_is_invented(as_of: date) -> None:
    wrong = [
        (planted.number, name, truth, (found.standing, found.reason))
        for planted in generate(1000, seed=20261127, as_of=as_of, noise=4)
        for name, truth in planted.truth.items()
        if (found := standing(content().programmes[name], planted.patient, as_of))
        and truth != (found.standing, found.reason)
    ]
    assert wrong == []


def test_something_is_planted_for_every_programme_and_of_every_kind() -> None:
    found = Counter(
        (name, outcome.reason)
        for planted in generate(1000, seed=1, as_of=DAYS[0], noise=0)
        for name, outcome in planted.truth.items()
    )
    assert set(PROGRAMMES) == content().programmes.keys() == {name for name, _ in found}
    for name in PROGRAMMES:
        for reason in ("death", "moved", "opted_out", "palliative", "recent_contact", "under_age"):
            assert found[name, reason], (name, reason)
    for programme in content().programmes.values():
        assert programme.exclusions.recent_contact_days == RECENT_CONTACT_DAYS
    standings = Counter(
        (name, outcome.standing)
        for planted in generate(1000, seed=1, as_of=DAYS[0], noise=0)
        for name, outcome in planted.truth.items()
    )
    for name in PROGRAMMES:
        assert standings[name, Standing.GAP] >= 10
        assert standings[name, Standing.MET] >= 10


def test_the_same_seed_gives_the_same_patients_and_another_gives_others() -> None:
    def some(seed: int, count: int) -> list[Planted]:
        return list(generate(count, seed=seed, as_of=DAYS[0]))

    assert some(7, 20) == some(7, 20) == some(7, 30)[:20]
    assert some(7, 20) != some(8, 20)


def test_patients_are_made_one_by_one() -> None:
    endless = generate(10**9, seed=7, as_of=DAYS[0])
    assert [planted.number for planted in islice(endless, 3)] == [0, 1, 2]


def test_an_export_has_a_file_for_each_type_and_the_truth_beside_them(tmp_path: Path) -> None:
    counts = write(tmp_path, generate(60, seed=3, as_of=DAYS[0]), issuer=ISSUER, as_of=DAYS[0])
    written = {path.stem: path.read_text(encoding="utf-8").splitlines() for path in tmp_path.glob("*.ndjson")}
    truth = [json.loads(line) for line in written.pop("truth")]
    assert {name: len(lines) for name, lines in written.items() if lines} == counts
    assert counts["Patient"] == counts["Consent"] == len(truth) == 60
    assert sum(counts.values()) > 40 * 60
    for name, lines in written.items():
        rows = [json.loads(line) for line in lines]
        assert {row["resourceType"] for row in rows} <= {name}
        assert len({row["id"] for row in rows}) == len(rows)
    assert truth[5]["subject"] == subject_of(5)
    assert truth[5]["truth"].keys() == set(PROGRAMMES)
    assert (tmp_path / TRUTH).exists()


def test_resources_say_what_the_facts_say() -> None:
    for planted in generate(100, seed=5, as_of=DAYS[0]):
        found = list(resources(planted, issuer=ISSUER, as_of=DAYS[0]))
        patient, consent = found[:2]
        assert patient["identifier"] == [{"system": ISSUER, "value": subject_of(planted.number)}]
        assert patient["birthDate"] == planted.patient.birth_date.isoformat()
        refused = planted.patient.opted_out_on is not None
        assert consent["provision"]["type"] == ("deny" if refused else "permit")
        codes = [
            coding["code"]
            for resource in found[2:]
            for part in resource.get("component", [resource])
            for coding in (part.get("code") or part["medicationCodeableConcept"])["coding"]
        ]
        assert Counter(codes) == Counter(fact.code for fact in planted.patient.facts)
