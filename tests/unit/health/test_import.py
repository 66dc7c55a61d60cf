"""Records into the database: what is kept of whom, every fault with its line, and the same again."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest

from health.import_report import Report
from tests.unit.health.records import (
    TODAY,
    Known,
    Resource,
    concept,
    diabetes,
    dispense,
    imported,
    patient,
    pseudonym,
    written,
)

FACTS = "SELECT kind, code, at::text, until::text, value, unit, days FROM health.facts ORDER BY kind, code, at"
Connection = asyncpg.Connection


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    found = await asyncpg.connect(database_url)
    yield found
    await found.close()


def codes(report: Report) -> list[tuple[int, str, str]]:
    """Line, code and element of each fault."""
    return sorted((fault.line, fault.code, fault.path) for fault in report.faults)


async def test_facts_that_programmes_ask_for_are_kept(connection: Any, tmp_path: Path) -> None:
    cold = diabetes("2", code=concept("http://hl7.org/fhir/sid/icd-10", "J06.9"))
    path = written(tmp_path, "all.ndjson", [dispense("3"), diabetes("1"), cold, patient()])
    report = await imported(connection, [path])
    assert [tuple(row) for row in await connection.fetch(FACTS)] == [
        ("condition", "E11.9", "2015-03-01", None, None, None, None),
        ("dispense", "A10BA02", "2026-03-01", None, None, None, 90),
    ]
    assert report.counts["not_asked_for"] == 1
    assert report.faults == []


async def test_who_is_nobody_here_or_gave_no_ground_is_passed_over(connection: Any, tmp_path: Path) -> None:
    people = [patient(name) for name in ("given", "silent", "stranger")]
    rows = [*people, *(diabetes(name, name) for name in ("given", "silent", "stranger"))]
    known = Known({"given": ["health_outreach"], "silent": []})
    report = await imported(connection, [written(tmp_path, "all.ndjson", rows)], known)
    for table in ("patients", "facts"):
        assert await connection.fetchval(f"SELECT array_agg(pseudonym) FROM health.{table}") == [pseudonym("given")]
    assert known.remembered.keys() == {pseudonym("given")}
    assert (report.counts["patients_passed_over"], report.counts["passed_over"]) == (2, 2)


async def test_a_ground_for_one_programme_keeps_nothing_for_another(connection: Any, tmp_path: Path) -> None:
    path = written(tmp_path, "all.ndjson", [patient(), diabetes("1")])
    await imported(connection, [path], Known({"a": ["city_news"]}))
    assert await connection.fetchval("SELECT count(*) FROM health.patients") == 0


async def test_no_name_or_identifier_is_stored(connection: Any, tmp_path: Path) -> None:
    told = patient(name=[{"family": "Meikäläinen"}], telecom=[{"system": "phone", "value": "+358401234567"}])
    await imported(connection, [written(tmp_path, "all.ndjson", [told, diabetes("condition-77")])])
    for table in ("patients", "facts", "grounds", "imports", "import_faults", "runs"):
        rows = " ".join(str(tuple(row)) for row in await connection.fetch(f"SELECT * FROM health.{table}"))
        assert not any(word in rows for word in ("Meikäläinen", "+358401234567", "condition-77", "login.example"))


FAULTY: list[tuple[Resource, str, str]] = [
    (diabetes("1", onsetDateTime="2015"), "inexact_date", ""),
    (diabetes("1", onsetDateTime="2015-02-30"), "inexact_date", ""),
    ({k: v for k, v in diabetes("1").items() if k != "onsetDateTime"}, "missing_date", ""),
    (diabetes("1", clinicalStatus=concept("x", "resolved")), "missing_date", ""),
    (diabetes("1", code=concept("urn:unheard-of", "1")), "unknown_code", ""),
    (diabetes("1", code={"text": "diabetes"}), "no_code", ""),
    (diabetes("1", subject={"reference": "Patient/nobody"}), "patient_unknown", ""),
    (diabetes("1", subject={"display": "somebody"}), "patient_unknown", ""),
    (diabetes("1", subject="Patient/a"), "schema", "subject"),
    (diabetes("1", quux=1), "schema", ""),
    (diabetes("1", code={"coding": []}), "schema", "code.coding"),
    ({k: v for k, v in diabetes("1").items() if k != "id"}, "no_id", ""),
    (dispense("1", daysSupply={"value": -90, "code": "d"}), "negative_supply", ""),
    (dispense("1", daysSupply={"value": 0, "code": "d"}), "negative_supply", ""),
    (dispense("1", daysSupply={"value": 3, "code": "mo"}), "supply", ""),
    (dispense("1", daysSupply={"value": 1.5, "code": "d"}), "supply", ""),
    ({k: v for k, v in dispense("1").items() if k != "status"}, "schema", ""),
    ({k: v for k, v in dispense("1").items() if k != "medicationCodeableConcept"}, "schema", ""),
    (
        {k: v for k, v in dispense("1").items() if k != "medicationCodeableConcept"}
        | {"medicationReference": {"reference": "Medication/9"}},
        "medication_elsewhere",
        "",
    ),
]


@pytest.mark.parametrize(("resource", "code", "path"), FAULTY)
async def test_a_fault_is_told_by_its_line_and_the_rest_goes_on(
    connection: Any, tmp_path: Path, resource: Resource, code: str, path: str
) -> None:
    file = written(tmp_path, "all.ndjson", [patient(), resource, diabetes("9")])
    report = await imported(connection, [file])
    assert codes(report) == [(2, code, path)]
    assert await connection.fetchval("SELECT count(*) FROM health.facts") == 1
    kept = await connection.fetchrow("SELECT file, line, resource, code, path FROM health.import_faults")
    assert tuple(kept) == ("all.ndjson", 2, resource["resourceType"], code, path)


PATIENTS: list[tuple[Resource, str]] = [
    ({k: v for k, v in patient().items() if k != "birthDate"}, "missing_date"),
    (patient(birthDate="1950"), "inexact_date"),
    (patient(gender="lady"), "schema"),
    (patient(identifier=[{"system": "https://login.example", "value": name} for name in "ab"]), "two_persons"),
]


@pytest.mark.parametrize(("resource", "code"), PATIENTS)
async def test_nothing_is_kept_of_a_patient_whose_record_is_at_fault(
    connection: Any, tmp_path: Path, resource: Resource, code: str
) -> None:
    report = await imported(connection, [written(tmp_path, "all.ndjson", [resource, diabetes("1")])])
    assert [fault[:2] for fault in codes(report)] == [(1, code)]
    assert report.counts["of_refused_patients"] == 1
    assert await connection.fetchval("SELECT count(*) FROM health.facts") == 0


@pytest.mark.parametrize(
    ("second", "code", "left"),
    [
        (patient(), ["duplicate"], 1),
        (patient(birthDate="1950-06-16"), ["conflicting", "conflicting"], 0),
        (patient() | {"id": "other"}, ["same_person", "same_person"], 0),
    ],
)
async def test_a_patient_twice(connection: Any, tmp_path: Path, second: Resource, code: list[str], left: int) -> None:
    report = await imported(connection, [written(tmp_path, "all.ndjson", [patient(), second, diabetes("1")])])
    assert [fault.code for fault in report.faults] == code
    assert await connection.fetchval("SELECT count(*) FROM health.facts") == left
    assert await connection.fetchval("SELECT count(*) FROM health.patients") == left


async def test_a_resource_twice_is_kept_once_and_not_at_all_where_both_differ(connection: Any, tmp_path: Path) -> None:
    rows = [patient(), diabetes("1"), dispense("2"), diabetes("1"), dispense("2", whenHandedOver="2026-04-01")]
    report = await imported(connection, [written(tmp_path, "all.ndjson", rows)])
    assert codes(report) == [(3, "conflicting", ""), (4, "duplicate", ""), (5, "conflicting", "")]
    assert [row["kind"] for row in await connection.fetch(FACTS)] == ["condition"]


async def test_what_is_cut_off_is_told(connection: Any, tmp_path: Path) -> None:
    path = written(tmp_path, "all.ndjson", [patient(), diabetes("1"), dispense("2")])
    path.write_bytes(path.read_bytes()[:-20])
    (tmp_path / "list.ndjson").write_bytes(b'[1]\n{"a":\n\n')
    packed = tmp_path / "packed.ndjson.gz"
    packed.write_bytes(gzip.compress(orjson.dumps(diabetes("3")) + b"\n")[:-12])
    bundle = tmp_path / "bundle.json"
    bundle.write_bytes(b'{"resourceType": "Bundle", "entry": [{"resour')
    report = await imported(connection, [path, tmp_path / "list.ndjson", packed, bundle])
    found = sorted((fault.file, fault.line, fault.code) for fault in report.faults)
    assert found == [(0, 3, "truncated"), (1, 1, "json"), (1, 2, "json"), (2, 1, "truncated"), (3, 1, "truncated")]
    assert [row["kind"] for row in await connection.fetch(FACTS)] == ["condition"]


async def test_a_text_that_no_database_holds_is_told(connection: Any, tmp_path: Path) -> None:
    nul = diabetes("1", code=concept("http://hl7.org/fhir/sid/icd-10", "E11.9\x00"))
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": nul}]}
    (tmp_path / "bundle.json").write_bytes(orjson.dumps(bundle))
    path = written(tmp_path, "all.ndjson", [patient(), nul, diabetes("2")])
    report = await imported(connection, [path, tmp_path / "bundle.json"])
    assert [(fault.file, fault.line, fault.code) for fault in report.faults] == [(0, 2, "json"), (1, 1, "json")]
    assert report.counts["facts_kept"] == 1


async def test_a_bundle_may_tell_of_its_own_patients_alone(connection: Any, tmp_path: Path) -> None:
    for name in "ab":
        entries = [patient(name), diabetes(f"{name}1", name), dispense(f"{name}2", "b")]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in entries]}
        (tmp_path / f"{name}.json").write_bytes(orjson.dumps(bundle))
    report = await imported(connection, [tmp_path / "a.json", tmp_path / "b.json"])
    assert [(fault.file, fault.line, fault.code) for fault in report.faults] == [(0, 3, "other_patient")]
    assert await connection.fetchval("SELECT count(*) FROM health.facts") == 3


async def test_an_import_again_changes_what_changed(connection: Any, tmp_path: Path) -> None:
    rows = [patient(), diabetes("1"), diabetes("2", onsetDateTime="2016-01-01"), dispense("3")]
    await imported(connection, [written(tmp_path, "first.ndjson", rows)])
    wrong = diabetes("2", verificationStatus=concept("x", "entered-in-error"))
    rows = [patient(deceasedBoolean=True), diabetes("1", onsetDateTime="2014-01-01"), wrong]
    await imported(connection, [written(tmp_path, "second.ndjson", rows)])
    assert [tuple(row)[:3] for row in await connection.fetch(FACTS)] == [
        ("condition", "E11.9", "2014-01-01"),
        ("dispense", "A10BA02", "2026-03-01"),
    ]
    assert await connection.fetchval("SELECT deceased_on FROM health.patients") == TODAY


def consent(kind: str, at: str, *, purpose: str | None, **more: Any) -> Resource:
    """What a patient said to the source."""
    coding = [{"system": "urn:neuvo:purpose", "code": purpose}] if purpose else []
    return {
        "resourceType": "Consent",
        "id": f"consent-{at}",
        "status": "active",
        "scope": concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        "category": [concept("http://loinc.org", "59284-0")],
        "patient": {"reference": "Patient/a"},
        "dateTime": at,
        "provision": {"type": kind, **({"purpose": coding} if coding else {}), **more},
    }


GIVEN = consent("permit", "2026-02-01", purpose="health_outreach")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([GIVEN], True),
        ([consent("permit", "2026-02-01", purpose=None)], False),
        ([consent("permit", "2026-02-01", purpose="city_news")], False),
        ([consent("permit", "2026-02-01", purpose="health_outreach", period={"end": "2026-03-01"})], False),
        ([GIVEN, consent("deny", "2026-03-01", purpose="health_outreach")], False),
        ([GIVEN, consent("deny", "2026-01-01", purpose="health_outreach")], True),
    ],
)
async def test_a_consent_of_the_source_is_a_ground_where_it_names_the_purpose(
    connection: Any, tmp_path: Path, said: list[Resource], kept: bool
) -> None:
    path = written(tmp_path, "all.ndjson", [patient(), *said, diabetes("1")])
    await imported(connection, [path], Known({"a": []}))
    assert await connection.fetchval("SELECT count(*) FROM health.facts") == int(kept)


async def test_a_refusal_is_kept_with_its_day(connection: Any, tmp_path: Path) -> None:
    path = written(tmp_path, "all.ndjson", [patient(), consent("deny", "2026-03-01", purpose=None)])
    await imported(connection, [path])
    assert await connection.fetchval("SELECT opted_out_on::text FROM health.patients") == "2026-03-01"


async def test_nothing_is_left_of_who_was_erased_meanwhile(connection: Any, tmp_path: Path) -> None:
    known = Known()
    known.gone.add(pseudonym("a"))
    rows = [patient(), diabetes("1"), patient("b"), diabetes("2", "b")]
    await imported(connection, [written(tmp_path, "all.ndjson", rows)], known)
    for table in ("patients", "facts"):
        assert await connection.fetchval(f"SELECT array_agg(pseudonym) FROM health.{table}") == [pseudonym("b")]


async def test_a_file_that_cannot_be_read_changes_nothing(connection: Any, tmp_path: Path) -> None:
    path = written(tmp_path, "all.ndjson", [patient(), diabetes("1")])
    with pytest.raises(FileNotFoundError):
        await imported(connection, [path, tmp_path / "none.ndjson"])
    assert await connection.fetchval("SELECT count(*) FROM health.patients") == 0


HOME = {"city": "Helsinki", "district": "Kallio"}


@pytest.mark.parametrize(
    ("addresses", "moved"),
    [
        ([], None),
        ([HOME], None),
        ([HOME | {"period": {"end": "2026-02-03"}}], "2026-02-03"),
        ([HOME | {"period": {"end": "2026-02-03"}}, {"city": "Turku"}], "2026-02-03"),
        ([HOME | {"period": {"end": "2026-02-03"}}, HOME], None),
        ([HOME, {"city": "Turku", "use": "temp"}], None),
        ([{"city": "Turku", "period": {"start": "2020-01-02"}}], "2020-01-02"),
    ],
)
async def test_who_moved_away(connection: Any, tmp_path: Path, addresses: list[Resource], moved: str | None) -> None:
    told = patient(**({"address": addresses} if addresses else {}))
    await imported(connection, [written(tmp_path, "all.ndjson", [told])])
    assert await connection.fetchval("SELECT moved_on::text FROM health.patients") == moved


async def test_synthea_is_read_and_what_it_cannot_say_is_told(connection: Any) -> None:
    files = sorted((Path(__file__).parent / "synthea").glob("*.json"))
    report = await imported(connection, files, issuer="https://github.com/synthetichealth/synthea")
    assert report.counts["patients_kept"] == len(files)
    # Its medicines are in RxNorm, which no programme here can read; nobody guesses what they would be in ATC.
    assert {(fault.resource, fault.code) for fault in report.faults} == {("MedicationRequest", "unknown_code")}
    assert report.counts["not_asked_for"] + report.codes["unknown_code"] + len(files) == report.counts["read"]
