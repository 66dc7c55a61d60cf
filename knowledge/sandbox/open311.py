"""Open311 GeoReport v2 that keeps reports in memory and shows them at once; nobody reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from aiohttp import web

# Codes and names are invented, after the kinds of fault that the city's own examples show.
_STREETS = {"fi": "Kadut", "sv": "Gator", "en": "Streets"}
_CLEAN = {"fi": "Puhtaanapito", "sv": "Renhållning", "en": "Cleaning"}
_PARKS = {"fi": "Puistot", "sv": "Parker", "en": "Parks"}
_OTHER = {"fi": "Muut", "sv": "Övriga", "en": "Other"}
_SERVICES = {
    "demo-1": (_STREETS, {"fi": "Kuopat ja päällystevauriot", "sv": "Hål i gatan", "en": "Potholes and paving"}),
    "demo-2": (_STREETS, {"fi": "Auraus ja hiekoitus", "sv": "Plogning och sandning", "en": "Ploughing and sanding"}),
    "demo-3": (_STREETS, {"fi": "Katuvalot", "sv": "Gatubelysning", "en": "Street lights"}),
    "demo-4": (_STREETS, {"fi": "Liikennemerkit ja -valot", "sv": "Vägmärken och trafikljus", "en": "Traffic signs"}),
    "demo-5": (_CLEAN, {"fi": "Roskaantuminen", "sv": "Nedskräpning", "en": "Litter"}),
    "demo-6": (_CLEAN, {"fi": "Töhryt", "sv": "Klotter", "en": "Graffiti"}),
    "demo-7": (_PARKS, {"fi": "Leikkipaikat", "sv": "Lekplatser", "en": "Playgrounds"}),
    "demo-8": (_PARKS, {"fi": "Puistot ja puut", "sv": "Parker och träd", "en": "Parks and trees"}),
    "demo-9": (_OTHER, {"fi": "Muu palaute", "sv": "Annan respons", "en": "Other feedback"}),
}
_KEPT = 1000


@dataclass(slots=True)
class _Desk:
    """The reports, oldest first; the oldest go when there are too many."""

    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=lambda: count(1))

    async def services(self, request: web.Request) -> web.Response:
        language = request.query.get("locale", "en")[:2]
        return web.json_response([_service(code, language) for code in _SERVICES])

    async def add(self, request: web.Request) -> web.Response:
        form = await request.post()
        values = {name: value for name, value in form.items() if isinstance(value, str)}
        if not values.get("api_key"):
            return _error(403, "Missing or invalid API key.")
        if values.get("service_code") not in _SERVICES:
            return _error(404, "service_code was not found")
        if not 10 <= len(values.get("description", "")) <= 5000:
            return _error(400, "description must have 10 to 5000 characters")
        if not any(values.get(name) for name in ("lat", "address_string", "service_object_id")):
            return _error(400, "a location is missing")
        number = f"DEMO-{next(self.numbers):05}"
        self.requests[number] = _report(number, values)
        while len(self.requests) > _KEPT:
            del self.requests[next(iter(self.requests))]
        return web.json_response([{"service_request_id": number, "service_notice": ""}], status=201)

    async def one(self, request: web.Request) -> web.Response:
        found = self.requests.get(request.match_info["number"])
        if found and request.query.get("extensions") == "true":
            found = found | {"extended_attributes": {"title": "", "detailed_status": "RECEIVED"}}
        return web.json_response([found]) if found else _error(404, "service_request_id was not found")

    async def every(self, request: web.Request) -> web.Response:
        codes = request.query.get("service_code", "").split(",")
        found = [report for report in self.requests.values() if codes == [""] or report["service_code"] in codes]
        return web.json_response(found[-200:])


def application() -> web.Application:
    """``services.json``, ``requests.json`` and ``requests/{id}.json``, by themselves and under ``/v1``."""
    desk = _Desk()
    app = web.Application(client_max_size=64 * 1024)
    for base in ("", "/v1"):
        app.router.add_get(f"{base}/services.json", desk.services)
        app.router.add_post(f"{base}/requests.json", desk.add)
        app.router.add_get(f"{base}/requests.json", desk.every)
        app.router.add_get(f"{base}/requests/{{number}}.json", desk.one)
    return app


def _service(code: str, language: str) -> dict[str, Any]:
    group, name = _SERVICES[code]
    return {
        "service_code": code,
        "service_name": name.get(language, name["en"]),
        "description": "DEMO",
        "metadata": False,
        "type": "realtime",
        "keywords": "demo",
        "group": group.get(language, group["en"]),
    }


def _report(number: str, values: Mapping[str, str]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "service_request_id": number,
        "service_code": values["service_code"],
        "service_name": _SERVICES[values["service_code"]][1]["fi"],
        "description": values["description"],
        "service_notice": "",
        "requested_datetime": now,
        "updated_datetime": now,
        "status": "open",
        "status_notes": "DEMO",
        "agency_responsible": "",
        "address": values.get("address_string", ""),
        "lat": values.get("lat", ""),
        "long": values.get("long", ""),
        "media_url": values.get("media_url", ""),
    }


def _error(status: int, description: str) -> web.Response:
    return web.json_response([{"code": status, "description": description}], status=status)
