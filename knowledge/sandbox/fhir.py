"""A FHIR R4 server with invented times, the same for an hour on every run; what is booked is kept in memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

CODES = "https://neuvo.example/demonstration"
_ZONE = ZoneInfo("Europe/Helsinki")
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"
_DAYS = 60
_PAGE = 20
# Invented: no such reception is anybody's.
_SERVICES: Mapping[str, tuple[dict[str, str], dict[str, str], tuple[str, ...]]] = {
    "nurse": (
        {"fi": "Sairaanhoitajan vastaanotto", "sv": "Sjukskötarens mottagning", "en": "Nurse's appointment"},
        {"fi": "Kela-kortti ja lääkelista", "sv": "FPA-kort och medicinlista", "en": "Kela card and list of medicines"},
        ("Kallio DEMO", "Töölö DEMO"),
    ),
    "doctor": (
        {"fi": "Lääkärin vastaanotto", "sv": "Läkarens mottagning", "en": "Doctor's appointment"},
        {"fi": "Kela-kortti ja lääkelista", "sv": "FPA-kort och medicinlista", "en": "Kela card and list of medicines"},
        ("Kallio DEMO",),
    ),
    "maternity": (
        {"fi": "Neuvola", "sv": "Rådgivningsbyrå", "en": "Maternity and child health clinic"},
        {"fi": "Neuvolakortti", "sv": "Rådgivningskort", "en": "Clinic card"},
        ("Töölö DEMO",),
    ),
}


@dataclass(slots=True)
class FhirStand:
    """The appointments by their ids. ``busy`` are slots that somebody else has taken."""

    appointments: dict[str, dict[str, Any]] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    numbers: count[int] = field(default_factory=lambda: count(1))

    async def services(self, _request: web.Request) -> web.Response:
        """``HealthcareService``."""
        return _bundle([_service(code) for code in _SERVICES])

    async def slots(self, request: web.Request) -> web.Response:
        """``Slot``, by ``_id`` or by ``service-type`` and ``start``; a page of them with their schedules."""
        wish = request.query
        if "_id" in wish:
            found = [slot for slot in [self._slot(wish["_id"])] if slot is not None]
            return _bundle([*found, *_schedules(found)])
        code = wish.get("service-type", "").rpartition("|")[2]
        first = wish.get("start", "").removeprefix("ge").replace("Z", "+00:00")
        try:
            start = datetime.fromisoformat(first)
        except ValueError:
            return _outcome(400, "invalid", "start")
        if code not in _SERVICES:
            return _bundle([])
        every = [slot for slot in self._every(code, start) if slot["status"] == "free"]
        offset, size = int(wish.get("_offset", "0")), min(int(wish.get("_count", _PAGE)), _PAGE)
        page = every[offset : offset + size]
        more = offset + size < len(every)
        following = request.url.update_query(_offset=str(offset + size)) if more else None
        return _bundle([*page, *_schedules(page)], str(following) if following else None)

    async def found(self, request: web.Request) -> web.Response:
        """``Appointment`` by ``identifier``."""
        return _bundle(self._identified(request.query.get("identifier", "")))

    async def create(self, request: web.Request) -> web.Response:
        """``Appointment``, once for what ``If-None-Exist`` finds; 409 where its slot is taken."""
        written = await _written(request)
        if written is None:
            return _outcome(400, "structure", "no Appointment")
        there = self._identified(request.headers.get("If-None-Exist", "").removeprefix("identifier="))
        if there:
            return web.json_response(there[0])
        if self._taken(written):
            return _outcome(409, "conflict", "the slot is taken")
        number = str(next(self.numbers))
        kept = {**written, "id": number, "meta": {"versionId": "1"}}
        self.appointments[number] = kept
        return web.json_response(kept, status=201)

    async def update(self, request: web.Request) -> web.Response:
        """``Appointment/{id}`` under ``If-Match``."""
        number = request.match_info["id"]
        kept, written = self.appointments.get(number), await _written(request)
        if kept is None:
            return _outcome(404, "not-found", number)
        if written is None:
            return _outcome(400, "structure", "no Appointment")
        version = kept["meta"]["versionId"]
        if request.headers.get("If-Match") != f'W/"{version}"':
            return _outcome(412, "conflict", "another version")
        if written.get("status") == "booked" and self._taken(written, but=number):
            return _outcome(409, "conflict", "the slot is taken")
        self.appointments[number] = {**written, "id": number, "meta": {"versionId": str(int(version) + 1)}}
        return web.json_response(self.appointments[number])

    def _identified(self, token: str) -> list[dict[str, Any]]:
        system, _, value = token.rpartition("|")
        wanted = {"system": system, "value": value}
        return [kept for kept in self.appointments.values() if wanted in kept.get("identifier", [])]

    def _taken(self, written: Mapping[str, Any], but: str = "") -> bool:
        wanted = {row["reference"] for row in written["slot"]}
        theirs = {f"Slot/{slot}" for slot in self.busy}
        for number, kept in self.appointments.items():
            if number != but and kept["status"] == "booked":
                theirs |= {row["reference"] for row in kept["slot"]}
        return bool(wanted & theirs)

    def _every(self, code: str, start: datetime) -> Iterator[dict[str, Any]]:
        first = start.astimezone(_ZONE).date()
        for day in (first + timedelta(days=n) for n in range(_DAYS)):
            for hour, minute in ((h, m) for h in range(8, 16) for m in (0, 30)):
                for place in range(len(_SERVICES[code][2])):
                    slot = self._slot(f"{code}-{place}-{day:%Y%m%d}T{hour:02}{minute:02}")
                    if slot is not None and datetime.fromisoformat(slot["start"]) >= start:
                        yield slot

    def _slot(self, number: str) -> dict[str, Any] | None:
        """The slot of an id: on weekdays, about one in four."""
        try:
            code, place, moment = number.split("-")
            day = date.fromisoformat(moment[:8])
            begin = datetime.combine(day, time(int(moment[9:11]), int(moment[11:13])), _ZONE)
            known = int(place) < len(_SERVICES[code][2])
        except (ValueError, KeyError):
            return None
        if not known or day.isoweekday() > 5 or hashlib.sha256(number.encode()).digest()[0] % 4:
            return None
        taken = self._taken({"slot": [{"reference": f"Slot/{number}"}]})
        return {
            "resourceType": "Slot",
            "id": number,
            "serviceType": [_concept(code)],
            "schedule": {"reference": f"Schedule/{code}-{place}"},
            "status": "busy" if taken else "free",
            "start": begin.isoformat(),
            "end": (begin + timedelta(minutes=20)).isoformat(),
        }


def application(stand: FhirStand | None = None) -> web.Application:
    """``HealthcareService``, ``Slot`` and ``Appointment``."""
    stand = stand or FhirStand()
    app = web.Application(client_max_size=64 * 1024)
    app.router.add_get("/HealthcareService", stand.services)
    app.router.add_get("/Slot", stand.slots)
    app.router.add_get("/Appointment", stand.found)
    app.router.add_post("/Appointment", stand.create)
    app.router.add_put("/Appointment/{id}", stand.update)
    return app


async def _written(request: web.Request) -> dict[str, Any] | None:
    try:
        written = json.loads(await request.text())
    except ValueError:
        return None
    fine = isinstance(written, dict) and written.get("resourceType") == "Appointment" and written.get("slot")
    return written if fine and written.get("participant") else None


def _bundle(resources: list[dict[str, Any]], following: str | None = None) -> web.Response:
    links = [{"relation": "next", "url": following}] if following else []
    entries = [{"resource": resource} for resource in resources]
    return web.json_response({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries})


def _outcome(status: int, code: str, details: str) -> web.Response:
    issue = {"severity": "error", "code": code, "diagnostics": details}
    return web.json_response({"resourceType": "OperationOutcome", "issue": [issue]}, status=status)


def _schedules(slots: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = {slot["schedule"]["reference"].removeprefix("Schedule/") for slot in slots}
    return [_schedule(*number.split("-")) for number in sorted(found)]


def _schedule(code: str, place: str) -> dict[str, Any]:
    actor = {"reference": f"Location/{code}-{place}", "display": _SERVICES[code][2][int(place)]}
    return {"resourceType": "Schedule", "id": f"{code}-{place}", "active": True, "actor": [actor]}


def _service(code: str) -> dict[str, Any]:
    names, bring, _ = _SERVICES[code]
    return {
        "resourceType": "HealthcareService",
        "id": code,
        "language": "fi",
        "active": True,
        "type": [_concept(code)],
        "name": names["fi"],
        "extraDetails": bring["fi"],
        "_extraDetails": _translated(bring),
        "meta": {"lastUpdated": datetime(2026, 11, 1, tzinfo=UTC).isoformat()},
    }


def _concept(code: str) -> dict[str, Any]:
    names = _SERVICES[code][0]
    return {"coding": [{"system": CODES, "code": code, "display": names["fi"], "_display": _translated(names)}]}


def _translated(texts: Mapping[str, str]) -> dict[str, Any]:
    others = [(language, text) for language, text in texts.items() if language != "fi"]
    return {
        "extension": [
            {
                "url": _TRANSLATION,
                "extension": [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": text}],
            }
            for language, text in others
        ]
    }
