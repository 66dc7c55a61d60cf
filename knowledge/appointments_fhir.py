"""FHIR R4 resources of appointments, read leniently and written as the specification has them.

Read at hl7.org/fhir/R4: HealthcareService, Schedule, Slot, Appointment, Bundle, OperationOutcome, and the extension
``translation``, by which a text has other languages beside its own.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, TypedDict

from knowledge.reading import identity, rows, words

SYSTEM = "urn:neuvo:appointment"
"""The system of the identifiers that our appointments carry."""
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_STATES = {"booked": "booked", "arrived": "booked", "checked-in": "booked"} | dict.fromkeys(
    ("proposed", "pending", "waitlist"), "pending"
)
_CONFLICTS = frozenset(("conflict", "duplicate", "business-rule", "lock-error"))


class AppointmentKind(TypedDict):
    """What can be booked. ``id`` is ``system|code``; ``bring`` tells by language what to have along."""

    id: str
    names: dict[str, str]
    bring: dict[str, str]


class FreeTime(TypedDict):
    """A time that is free. Moments are ISO with the city's offset; ``place`` is empty where it is not told."""

    id: str
    starts: str
    ends: str
    place: str


class Appointment(TypedDict):
    """An appointment of a code; without ``known`` there is none. ``state`` is ``booked``, ``pending`` or ``ended``."""

    number: str
    known: bool
    state: str
    kind: str
    names: dict[str, str]
    bring: dict[str, str]
    starts: str | None
    ends: str | None
    place: str
    demonstration: bool


def number_of(key: str) -> str:
    """The code of the appointment of an effect's key: 60 bits that nobody guesses, such as ``ABCD-EFGH-2345``."""
    code = b32encode(hashlib.sha256(key.encode()).digest()).decode()
    return "-".join((code[:4], code[4:8], code[8:12]))


def resources(bundle: Any, kind: str) -> list[Mapping[str, Any]]:
    """The resources of a type in a Bundle; none where it is something else."""
    if not isinstance(bundle, Mapping):
        return []
    found = [entry.get("resource") for entry in rows(bundle.get("entry"))]
    return [item for item in found if isinstance(item, Mapping) and item.get("resourceType") == kind]


def following(bundle: Any) -> str | None:
    """The address of a Bundle's next page."""
    links = rows(bundle.get("link")) if isinstance(bundle, Mapping) else []
    urls = [link.get("url") for link in links if link.get("relation") == "next"]
    return urls[0] if urls and isinstance(urls[0], str) else None


def kind_of(service: Mapping[str, Any], languages: Iterable[str]) -> AppointmentKind | None:
    """What a HealthcareService offers; ``None`` where it is closed or has no code."""
    coding = _coding(service.get("type"))
    if coding is None or service.get("active") is False:
        return None
    languages = tuple(languages)
    written = service.get("language")
    base = written if isinstance(written, str) and written in languages else languages[0]
    names = _said(coding, "display", base, languages) or _said(service, "name", base, languages)
    if not names:
        return None
    return AppointmentKind(
        id=f"{coding.get('system') or ''}|{coding['code']}",
        names=names,
        bring=_said(service, "extraDetails", base, languages, 600),
    )


def coded(kind: str) -> dict[str, Any]:
    """The CodeableConcept of a kind's id."""
    system, _, code = kind.rpartition("|")
    return {"coding": [{"system": system, "code": code} if system else {"code": code}]}


def kind_id(resource: Mapping[str, Any]) -> str:
    """The id of the kind of an Appointment; empty where it has none."""
    coding = _coding(resource.get("serviceType"))
    return f"{coding.get('system') or ''}|{coding['code']}" if coding else ""


def free_time(slot: Mapping[str, Any], schedules: Mapping[str, Mapping[str, Any]], zone: tzinfo) -> FreeTime | None:
    """A Slot that is free, with the place of its Schedule; ``None`` where it is not, or cannot be read."""
    number, starts, ends = identity(slot.get("id")), moment(slot.get("start"), zone), moment(slot.get("end"), zone)
    if number is None or starts is None or ends is None or slot.get("status") != "free":
        return None
    schedule = schedules.get(reference(slot.get("schedule")), {})
    return FreeTime(
        id=number, starts=starts.isoformat(), ends=ends.isoformat(), place=_place(rows(schedule.get("actor")))
    )


def appointment(
    resource: Mapping[str, Any], number: str, kinds: Iterable[AppointmentKind], zone: tzinfo, *, demonstration: bool
) -> Appointment:
    """What an Appointment tells."""
    starts, ends = moment(resource.get("start"), zone), moment(resource.get("end"), zone)
    kind = next((kind for kind in kinds if kind["id"] == kind_id(resource)), None)
    actors = [actor for row in rows(resource.get("participant")) if isinstance(actor := row.get("actor"), Mapping)]
    status = resource.get("status")
    return Appointment(
        number=number,
        known=True,
        state=_STATES.get(status, "ended") if isinstance(status, str) else "ended",
        kind=kind_id(resource),
        names=dict(kind["names"]) if kind else {},
        bring=dict(kind["bring"]) if kind else {},
        starts=starts.isoformat() if starts else None,
        ends=ends.isoformat() if ends else None,
        place=_place(actors),
        demonstration=demonstration,
    )


def unknown(number: str) -> Appointment:
    """No appointment has that code."""
    found = appointment({}, number, (), UTC, demonstration=False)
    found["known"] = False
    return found


def new(number: str, kind: str, slot: Mapping[str, Any], schedule: Mapping[str, Any]) -> dict[str, Any]:
    """The Appointment to create. Who comes is known by the code alone."""
    return {
        "resourceType": "Appointment",
        "identifier": [{"system": SYSTEM, "value": number}],
        "status": "booked",
        "serviceType": [coded(kind)],
        **_when(slot),
        "participant": [
            *_participants(schedule),
            {"actor": {"type": "Patient", "display": f"Neuvo {number}"}, "status": "accepted"},
        ],
    }


def moved(resource: Mapping[str, Any], slot: Mapping[str, Any], schedule: Mapping[str, Any]) -> dict[str, Any]:
    """The same Appointment at another time; what we do not know of it stays."""
    old = [row for row in rows(resource.get("participant")) if not _provides(row.get("actor"))]
    return {**resource, "status": "booked", **_when(slot), "participant": [*_participants(schedule), *old]}


def cancelled(resource: Mapping[str, Any]) -> dict[str, Any]:
    """The same Appointment, cancelled by who would have come."""
    reason = {"system": "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason", "code": "pat"}
    return {**resource, "status": "cancelled", "cancelationReason": {"coding": [reason]}}


def slot_of(resource: Mapping[str, Any]) -> str:
    """The reference of the Slot that an Appointment takes."""
    return next((reference(slot) for slot in rows(resource.get("slot"))), "")


def conflict(document: Any) -> bool:
    """Whether an OperationOutcome says that the time is taken, or that a rule forbids it."""
    issues = rows(document.get("issue")) if isinstance(document, Mapping) else []
    return any(issue.get("code") in _CONFLICTS for issue in issues)


def moment(value: Any, zone: tzinfo) -> datetime | None:
    """An instant in the city's time; ``None`` where it has no offset or is no instant."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) < 40 else None
        return found.astimezone(zone) if found is not None and found.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def reference(value: Any) -> str:
    """``Slot/1`` of a Reference, whether it is relative or absolute; empty where there is none."""
    written = value.get("reference") if isinstance(value, Mapping) else None
    return "/".join(written.split("/_history/")[0].split("/")[-2:]) if isinstance(written, str) else ""


def _when(slot: Mapping[str, Any]) -> dict[str, Any]:
    return {"start": slot["start"], "end": slot["end"], "slot": [{"reference": f"Slot/{slot['id']}"}]}


def _participants(schedule: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"actor": dict(actor), "status": "accepted"} for actor in rows(schedule.get("actor"))]


def _provides(actor: Any) -> bool:
    """Whether a participant is who or what is visited, and not who comes."""
    if not isinstance(actor, Mapping):
        return False
    named = reference(actor).split("/")[0] or actor.get("type")
    return named in {"Location", "HealthcareService", "Practitioner", "PractitionerRole", "Device"}


def _place(actors: Iterable[Mapping[str, Any]]) -> str:
    """The name of where somebody goes: a Location before a HealthcareService."""
    names = {reference(actor).split("/")[0]: words(actor.get("display"), 80) for actor in reversed(list(actors))}
    return names.get("Location") or names.get("HealthcareService") or ""


def _coding(concepts: Any) -> Mapping[str, Any] | None:
    for concept in rows(concepts):
        for coding in rows(concept.get("coding")):
            if isinstance(coding.get("code"), str) and isinstance(coding.get("system", ""), str):
                return coding
    return None


def _said(
    holder: Mapping[str, Any], field: str, base: str, languages: tuple[str, ...], longest: int = 120
) -> dict[str, str]:
    """A text and its translations by language, of the city's languages."""
    beside = holder.get(f"_{field}")
    found = {base: words(holder.get(field), longest)}
    for extension in rows(beside.get("extension")) if isinstance(beside, Mapping) else ():
        if extension.get("url") == _TRANSLATION:
            parts = {part.get("url"): part for part in rows(extension.get("extension"))}
            language = parts.get("lang", {}).get("valueCode")
            content = parts.get("content", {})
            if isinstance(language, str) and language in languages:
                found[language] = words(content.get("valueString") or content.get("valueMarkdown"), longest)
    return {language: text for language, text in found.items() if text}
