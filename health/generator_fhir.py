"""Synthetic patients as FHIR R4 resources, and as the NDJSON files of a bulk export with the truth beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from health.facts import ATC, FINDRISC, FINDRISC_URI, ICD10, LOINC, SNOMED, Fact, Kind
from health.generator import Planted
from health.generator_heart import DIASTOLIC, SYSTOLIC

TRUTH = "truth.ndjson"
Resource = dict[str, Any]
_UCUM = "http://unitsofmeasure.org"
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_URIS: Mapping[str, str] = MappingProxyType(
    {
        ICD10: "urn:oid:1.2.246.537.6.1.1999",
        ATC: "urn:oid:1.2.246.537.6.32.2007",
        SNOMED: "http://snomed.info/sct",
        LOINC: "http://loinc.org",
        FINDRISC: FINDRISC_URI,
    }
)
_PRESSURE = (_URIS[LOINC], "85354-9")
_TEST = (FINDRISC_URI, "findrisc")


def subject_of(number: int) -> str:
    """What the login's issuer calls a synthetic patient."""
    return f"synthetic-{number:07d}"


def write(folder: Path, patients: Iterable[Planted], *, issuer: str, as_of: date) -> dict[str, int]:
    """Write ``<type>.ndjson`` and ``truth.ndjson`` into a folder, patient by patient; resources written by type.

    A line of the truth is ``{"subject", "contacted_on", "truth": {programme: [standing, reason]}}``.
    """
    counts = dict[str, int]()
    with ExitStack() as files:
        opened = {name: files.enter_context((folder / f"{name}.ndjson").open("wb")) for name in _TYPES}
        truth = files.enter_context((folder / TRUTH).open("wb"))
        for planted in patients:
            for resource in resources(planted, issuer=issuer, as_of=as_of):
                name = resource["resourceType"]
                counts[name] = counts.get(name, 0) + 1
                opened[name].write(orjson.dumps(resource, option=orjson.OPT_APPEND_NEWLINE))
            truth.write(orjson.dumps(_truth(planted), option=orjson.OPT_APPEND_NEWLINE))
    return counts


def _truth(planted: Planted) -> Resource:
    truth = {programme: list(outcome) for programme, outcome in planted.truth.items()}
    return {"subject": subject_of(planted.number), "contacted_on": planted.patient.contacted_on, "truth": truth}


def resources(planted: Planted, *, issuer: str, as_of: date) -> Iterator[Resource]:
    """Everything of one patient: the patient first. Who moved has an address that ended, who refused a Consent."""
    name = f"p{planted.number}"
    yield _patient(planted, name, issuer)
    yield _consent(planted, name, as_of)
    subject = {"reference": f"Patient/{name}"}
    panels = dict[tuple[tuple[str, str], date], Resource]()
    for place, fact in enumerate(planted.patient.facts):
        panel = _panel_of(fact)
        if panel is None:
            yield {**_TYPES_OF[fact.kind](fact, subject), "id": f"{name}-{place}"}
            continue
        known = panels.get((panel, fact.at))
        if known is not None and _holds(known, fact):  # measured or answered once more
            yield known
            known = None
        if known is None:
            known = {"id": f"{name}-{place}", **_panel(panel, fact, subject)}
        known["component"].append({"code": _code(fact), **_value(fact)})
        panels[panel, fact.at] = known
    yield from panels.values()


def _patient(planted: Planted, name: str, issuer: str) -> Resource:
    patient = planted.patient
    home: Resource = {"use": "home", "city": "Helsinki", "district": patient.district, "country": "FI"}
    found: Resource = {
        "resourceType": "Patient",
        "id": name,
        "identifier": [{"system": issuer, "value": subject_of(planted.number)}],
        "gender": patient.sex,
        "birthDate": patient.birth_date.isoformat(),
        "address": [home],
        "communication": [{"language": _coding("urn:ietf:bcp:47", patient.language), "preferred": True}],
    }
    if patient.deceased_on is not None:
        found["deceasedDateTime"] = patient.deceased_on.isoformat()
    if patient.moved_on is not None:
        home["period"] = {"end": patient.moved_on.isoformat()}
        away = {"use": "home", "city": "Tampere", "country": "FI", "period": {"start": patient.moved_on.isoformat()}}
        found["address"].append(away)
    return found


def _consent(planted: Planted, name: str, as_of: date) -> Resource:
    """That health data may be used to manage the patient's care, or may not."""
    refused = planted.patient.opted_out_on
    at = refused or as_of - timedelta(days=planted.number % 300)
    purpose = {"system": f"{_TERMS}v3-ActReason", "code": "CAREMGT"}
    return {
        "resourceType": "Consent",
        "id": f"{name}-consent",
        "status": "active",
        "scope": _coding(f"{_TERMS}consentscope", "patient-privacy"),
        "category": [_coding(_URIS[LOINC], "59284-0")],
        "patient": {"reference": f"Patient/{name}"},
        "dateTime": at.isoformat(),
        "policyRule": _coding(f"{_TERMS}v3-ActCode", "OPTOUT" if refused else "OPTIN"),
        "provision": {"type": "deny" if refused else "permit", "purpose": [purpose]},
    }


def _coding(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _code(fact: Fact) -> Resource:
    return _coding(_URIS[fact.system], fact.code)


def _value(fact: Fact) -> Resource:
    if fact.value is None:
        return {}
    return {"valueQuantity": {"value": float(fact.value), "unit": fact.unit, "system": _UCUM, "code": fact.unit}}


def _panel_of(fact: Fact) -> tuple[str, str] | None:
    if fact.system == FINDRISC:
        return _TEST
    return _PRESSURE if (fact.system, fact.code) in {SYSTOLIC, DIASTOLIC} else None


def _panel(panel: tuple[str, str], fact: Fact, subject: Resource) -> Resource:
    found = {"resourceType": "Observation", "status": "final", "code": _coding(*panel), "subject": subject}
    return {**found, "effectiveDateTime": fact.at.isoformat(), "component": []}


def _holds(panel: Resource, fact: Fact) -> bool:
    return any(component["code"]["coding"][0]["code"] == fact.code for component in panel["component"])


def _condition(fact: Fact, subject: Resource) -> Resource:
    over = fact.until is not None
    found = {
        "resourceType": "Condition",
        "clinicalStatus": _coding(f"{_TERMS}condition-clinical", "resolved" if over else "active"),
        "verificationStatus": _coding(f"{_TERMS}condition-ver-status", "confirmed"),
        "code": _code(fact),
        "subject": subject,
        "onsetDateTime": fact.at.isoformat(),
    }
    return found if fact.until is None else {**found, "abatementDateTime": fact.until.isoformat()}


def _observation(fact: Fact, subject: Resource) -> Resource:
    found = {"resourceType": "Observation", "status": "final", "code": _code(fact), "subject": subject}
    return {**found, "effectiveDateTime": fact.at.isoformat(), **_value(fact)}


def _request(fact: Fact, subject: Resource) -> Resource:
    found = {"resourceType": "MedicationRequest", "status": "active", "intent": "order", "subject": subject}
    return {**found, "medicationCodeableConcept": _code(fact), "authoredOn": fact.at.isoformat()}


def _dispense(fact: Fact, subject: Resource) -> Resource:
    found = {"resourceType": "MedicationDispense", "status": "completed", "subject": subject}
    found |= {"medicationCodeableConcept": _code(fact), "whenHandedOver": fact.at.isoformat()}
    if fact.days is None:
        return found
    return {**found, "daysSupply": {"value": fact.days, "unit": "days", "system": _UCUM, "code": "d"}}


def _allergy(fact: Fact, subject: Resource) -> Resource:
    found = {"resourceType": "AllergyIntolerance", "patient": subject, "code": _code(fact)}
    found["clinicalStatus"] = _coding(f"{_TERMS}allergyintolerance-clinical", "active")
    found["verificationStatus"] = _coding(f"{_TERMS}allergyintolerance-verification", "confirmed")
    return {**found, "recordedDate": fact.at.isoformat()}


_TYPES_OF: Mapping[Kind, Callable[[Fact, Resource], Resource]] = MappingProxyType(
    {
        Kind.CONDITION: _condition,
        Kind.OBSERVATION: _observation,
        Kind.REQUEST: _request,
        Kind.DISPENSE: _dispense,
        Kind.ALLERGY: _allergy,
    }
)
_TYPES = (
    "Patient",
    "Consent",
    "Condition",
    "Observation",
    "MedicationRequest",
    "MedicationDispense",
    "AllergyIntolerance",
)
