"""Hauki with invented hours: the same for a unit and a weekday on every run, closed on public holidays.

The shape is that of City-of-Helsinki/hauki (hours/serializers.py); no hour here is anybody's.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
from aiohttp import web

_DEMONSTRATION = "DEMO: invented hours / keksityt ajat / påhittade tider"
_LONGEST_DAYS = 370
_ZONE = ZoneInfo("Europe/Helsinki")


def application() -> web.Application:
    """``/v1/resource/{id}/opening_hours/`` and ``/v1/resource/{id}/is_open_now/``."""
    app = web.Application()
    app.router.add_get("/v1/resource/{id}/opening_hours/", _opening_hours)
    app.router.add_get("/v1/resource/{id}/is_open_now/", _is_open_now)
    return app


async def _opening_hours(request: web.Request) -> web.Response:
    try:
        start = date.fromisoformat(request.query.get("start_date", ""))
        end = date.fromisoformat(request.query.get("end_date", ""))
    except ValueError:
        return web.json_response(["Invalid start_date"], status=400)
    if end < start or (end - start).days > _LONGEST_DAYS:
        return web.json_response(["Invalid end_date"], status=400)
    resource = _resource(request)
    days = [start + timedelta(days=n) for n in range((end - start).days + 1)]
    return web.json_response([{"date": day.isoformat(), "times": times(resource, day)} for day in days])


async def _is_open_now(request: web.Request) -> web.Response:
    now = datetime.now(_ZONE)
    today = [period for period in times(_resource(request), now.date()) if _holds(period, now.time())]
    return web.json_response(
        {"is_open": bool(today), "resource_timezone": "Europe/Helsinki", "matching_opening_hours": today}
    )


def times(resource: str, day: date) -> list[dict[str, Any]]:
    """The invented periods of a day."""
    if day in holidays.country_holidays("FI", years=day.year):
        return [_period(None, None, "closed")]
    # Opening between 7 and 10, closing between 16 and 21, from the digest of the id: no clock and no chance.
    digest = hashlib.sha256(resource.encode()).digest()
    opens, closes = 7 + digest[0] % 4, 16 + digest[1] % 6
    if day.weekday() == 6 and digest[2] % 2:
        return [_period(None, None, "closed")]
    if day.weekday() >= 5:
        return [_period(max(opens, 10), min(closes, 17), "open")]
    if digest[3] % 3 == 0:
        return [_period(opens, closes, "open"), _period(closes, closes + 2, "self_service")]
    return [_period(opens, closes, "open")]


def _period(start: int | None, end: int | None, state: str) -> dict[str, Any]:
    return {
        "name": _DEMONSTRATION,
        "description": "",
        "start_time": None if start is None else time(start).isoformat(),
        "end_time": None if end is None else time(end).isoformat(),
        "end_time_on_next_day": False,
        "resource_state": state,
        "full_day": start is None,
        "periods": [1],
    }


def _holds(period: dict[str, Any], now: time) -> bool:
    start, end = period["start_time"], period["end_time"]
    return start is not None and time.fromisoformat(start) <= now < time.fromisoformat(end)


def _resource(request: web.Request) -> str:
    resource = request.match_info["id"]
    if not resource.startswith("tprek:") or not resource.removeprefix("tprek:").isdecimal():
        raise web.HTTPNotFound(text='{"detail": "Not found."}', content_type="application/json")
    return resource
