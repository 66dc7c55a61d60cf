"""Linked Events v1 with a handful of invented events, on the days that are asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from aiohttp import web

# Times are UTC (Z), as the real server gives them. Place ids are units of the register; nothing takes place there.
# Id, name, place, free, hour, keyword of the audience, language.
_CHILDREN = "yso:p4354"
_PRICE = {"fi": "12 €, opiskelijat 6 €", "sv": "12 €, studerande 6 €", "en": "€12, students €6"}
_EVENTS = (
    (
        "demo:1",
        {"fi": "DEMO: Satutunti", "sv": "DEMO: Sagostund", "en": "DEMO: Story hour"},
        "8215",
        True,
        8,
        True,
        "fi",
    ),
    (
        "demo:2",
        {"fi": "DEMO: Konsertti", "sv": "DEMO: Konsert", "en": "DEMO: Concert"},
        "51342",
        False,
        16,
        False,
        "fi",
    ),
    (
        "demo:3",
        {"fi": "DEMO: Pihatalkoot", "sv": "DEMO: Gårdstalko", "en": "DEMO: Yard day"},
        "8192",
        True,
        10,
        False,
        "sv",
    ),
)
_SHORT = {"fi": "Keksitty tapahtuma.", "sv": "Ett påhittat evenemang.", "en": "An invented event."}


def application() -> web.Application:
    """``/v1/event/`` with ``start``, ``end``, ``text`` and ``page_size``, and ``/v1/event/{id}/``."""
    app = web.Application()
    app.router.add_get("/v1/event/", _list)
    app.router.add_get("/v1/event/{id}/", _one)
    return app


async def _list(request: web.Request) -> web.Response:
    first = _day(request.query.get("start", "today"))
    last = _day(request.query.get("end", "")) or (first or date.min)
    if first is None or last < first:
        return web.json_response({"detail": "Error while parsing dates."}, status=400)
    wanted = request.query.get("text", "").casefold()
    size = request.query.get("page_size", "20")
    base = str(request.url.origin())
    days = [first + timedelta(days=n) for n in range(min((last - first).days, 30) + 1)]
    found = [_event(base, number, day) for day in days for number in range(len(_EVENTS))]
    found = [event for event in found if any(wanted in name.casefold() for name in event["name"].values())]
    shown = found[: int(size) if size.isdecimal() else 20]
    return web.json_response({"meta": {"count": len(found), "next": None, "previous": None}, "data": shown})


async def _one(request: web.Request) -> web.Response:
    for number, event in enumerate(_EVENTS):
        if request.match_info["id"].startswith(event[0]):
            return web.json_response(_event(str(request.url.origin()), number, datetime.now(UTC).date()))
    return web.json_response({"detail": "Not found."}, status=404)


def _event(base: str, number: int, day: date) -> dict[str, Any]:
    identity, name, place, free, hour, children, language = _EVENTS[number]
    start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    return {
        "id": f"{identity}:{day:%Y%m%d}",
        "type_id": "General",
        "data_source": "demo",
        "event_status": "EventScheduled",
        "deleted": False,
        "name": name,
        "short_description": _SHORT,
        "description": {language: f"<p>{text}</p>" for language, text in _SHORT.items()},
        "start_time": _utc(start),
        "end_time": _utc(start + timedelta(hours=2)),
        "location": {"@id": f"{base}/linkedevents/v1/place/tprek:{place}/"},
        "keywords": [],
        "audience": [{"@id": f"{base}/linkedevents/v1/keyword/{_CHILDREN}/"}] if children else [],
        "audience_min_age": None,
        "in_language": [{"@id": f"{base}/linkedevents/v1/language/{language}/"}],
        "offers": [{"is_free": free, "price": None if free else _PRICE, "info_url": None, "description": None}],
        "info_url": None,
        "images": [],
    }


def _utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(text: str) -> date | None:
    if text == "today":
        return datetime.now(UTC).date()
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        return None
