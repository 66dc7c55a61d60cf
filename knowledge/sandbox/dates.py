"""Dates as ``knowledge/dates.py`` asks for them, all invented: no day here is when anything is really done."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

_ZONE = ZoneInfo("Europe/Helsinki")
_LONGEST = timedelta(days=60)
_WASTE = (
    {"fi": "DEMO: sekajäte", "sv": "DEMO: blandavfall", "en": "DEMO: mixed waste"},
    {"fi": "DEMO: biojäte", "sv": "DEMO: bioavfall", "en": "DEMO: bio-waste"},
)
_CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//neuvo//sandbox//EN
BEGIN:VEVENT
UID:demo-application
DTSTAMP:20270101T000000Z
DTSTART;VALUE=DATE:20270115
RRULE:FREQ=MONTHLY
SUMMARY:DEMO: hakuaika / ansökningstid / application
URL:https://www.hel.fi/demo
END:VEVENT
END:VCALENDAR
"""


def application() -> web.Application:
    """``/waste``, ``/streets`` and ``/snow`` by place, ``/loans`` by number, ``/applications`` as a calendar."""
    app = web.Application()
    app.router.add_get("/waste", _waste)
    app.router.add_get("/streets", _streets)
    app.router.add_get("/snow", _streets)
    app.router.add_post("/loans", _loans)
    app.router.add_get("/applications", _applications)
    return app


async def _waste(request: web.Request) -> web.Response:
    """Each Tuesday mixed waste, each Friday bio-waste."""
    items = [
        {"id": f"waste-{day.weekday()}", "at": day.isoformat(), "values": {"kind": _WASTE[day.weekday() // 4]}}
        for day in _days(request.query)
        if day.weekday() in {1, 4}
    ]
    return _answer(request, items)


async def _streets(request: web.Request) -> web.Response:
    """Each Wednesday at seven."""
    street = f"DEMO: {request.query.get('place', '')}"[:60]
    days = [day for day in _days(request.query) if day.weekday() == 2]
    items = [
        {"id": "street", "at": datetime.combine(day, time(7), _ZONE).isoformat(), "values": {"street": street}}
        for day in days
    ]
    return _answer(request, items)


async def _loans(request: web.Request) -> web.Response:
    """Two loans that are due on Thursday; nobody has any whose number ends in 0."""
    asked = await request.json()
    if str(asked.get("number", "")).endswith("0"):
        return web.json_response({"detail": "unknown"}, status=404)
    due = [day for day in _days(asked) if day.weekday() == 3][:1]
    items = [{"id": "loans", "at": day.isoformat(), "values": {"count": 2}} for day in due]
    return web.json_response({"items": items})


async def _applications(_request: web.Request) -> web.Response:
    return web.Response(text=_CALENDAR.replace("\n", "\r\n"), content_type="text/calendar")


def _answer(request: web.Request, items: list[dict[str, Any]]) -> web.Response:
    """A place is known by its coordinates."""
    if "lat" not in request.query:
        return web.json_response({"detail": "unknown place"}, status=404)
    return web.json_response({"items": items})


def _days(asked: Any) -> list[date]:
    try:
        first, last = (date.fromisoformat(asked[name]) for name in ("from", "to"))
    except (KeyError, ValueError):
        raise web.HTTPBadRequest from None
    return [first + timedelta(days=day) for day in range(min(last - first, _LONGEST).days + 1)]
