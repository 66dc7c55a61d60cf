"""Patients and their consents as FHIR R4 has them: when somebody was born, and whose login an identifier is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from health.facts import Patient
from health.fhir_days import Calendar, Faulty, Resource

PURPOSE = "urn:neuvo:purpose"
"""The code system of our purposes (purposes.yaml), by which a Consent says what it is for."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a Consent says: ``purpose`` (none: all that it can be about) is allowed, or refused, since a day."""

    patient: str
    purpose: str
    allowed: bool
    at: date
    until: date | None


def subject_of(resource: Resource, issuer: str) -> str | None:
    """Whose login the patient is, at an issuer. Raises ``Faulty``: two_persons."""
    found = {one["value"] for one in resource.get("identifier", ()) if one.get("system") == issuer and "value" in one}
    if len(found) > 1:
        raise Faulty("two_persons")
    return next(iter(found), None)


def read_patient(resource: Resource, cities: Collection[str], calendar: Calendar) -> Patient:
    """The patient without a name. Raises ``Faulty``: missing_date or inexact_date of the birth.

    ``cities`` are the names of the city in small letters, to tell who moved away. Who died, on a day that is not told,
    had died by today: nobody like that is ever written to.
    """
    if "birthDate" not in resource:
        raise Faulty("missing_date")
    return Patient(
        birth_date=calendar.day(resource["birthDate"]),
        sex=resource.get("gender", "unknown"),
        language=_language(resource),
        district=next((one["district"] for one in resource.get("address", ()) if "district" in one), ""),
        deceased_on=_deceased(resource, calendar),
        moved_on=_moved(resource, cities, calendar),
    )


def read_consent(resource: Resource, patient: str, calendar: Calendar) -> list[Said]:
    """What it says of each of our purposes; a refusal that names none is of all. Raises ``Faulty``: missing_date."""
    if resource.get("status") not in {"active", "rejected", "inactive"}:
        return []
    provision = resource.get("provision", {})
    period = provision.get("period", {})
    said = period.get("start") or resource.get("dateTime")
    if said is None:
        raise Faulty("missing_date")
    at, until = calendar.day(said), period.get("end")
    allowed = resource.get("status") == "active" and provision.get("type") == "permit"
    ends = None if until is None else calendar.day(until)
    purposes = list(_purposes(resource, provision))
    if not purposes:
        return [] if allowed else [Said(patient, "", False, at, None)]
    return [Said(patient, purpose, allowed, at, ends if allowed else None) for purpose in purposes]


def _purposes(resource: Resource, provision: Resource) -> Iterable[str]:
    concepts = [*resource["category"], *provision.get("code", ())]
    codings = [coding for concept in concepts for coding in concept.get("coding", ())]
    codings += [*provision.get("purpose", ()), *provision.get("class", ())]
    return dict.fromkeys(one["code"] for one in codings if one.get("system") == PURPOSE and "code" in one)


def _language(resource: Resource) -> str:
    spoken = sorted(resource.get("communication", ()), key=lambda one: not one.get("preferred", False))
    codes = [coding.get("code", "") for one in spoken for coding in one["language"].get("coding", ())]
    return str(next((code for code in codes if code), "")).partition("-")[0].lower()


def _deceased(resource: Resource, calendar: Calendar) -> date | None:
    if "deceasedDateTime" in resource:
        return calendar.by(resource["deceasedDateTime"])
    return calendar.today if resource.get("deceasedBoolean") else None


def _moved(resource: Resource, cities: Collection[str], calendar: Calendar) -> date | None:
    """Since when no address stands in the city; none where one does, or nothing is said."""
    today = calendar.today
    dated = [(one, _ends(one, calendar)) for one in resource.get("address", ()) if one.get("use") != "temp"]
    standing = [one for one, ends in dated if (ends is None or ends > today) and one.get("use") != "old"]
    if not dated or any(_inside(one, cities) for one in standing):
        return None
    left = [ends for one, ends in dated if ends is not None and ends <= today and _inside(one, cities)]
    begun = [calendar.by(one.get("period", {}).get("start")) for one in standing]
    return max(left) if left else min(begun, default=today)


def _ends(address: Resource, calendar: Calendar) -> date | None:
    said = address.get("period", {}).get("end")
    return None if said is None else calendar.by(said)


def _inside(address: Resource, cities: Collection[str]) -> bool:
    return address.get("city", "").casefold() in cities and address.get("country", "FI") == "FI"
