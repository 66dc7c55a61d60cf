"""Feeds of dates: ours and calendars, lenient about what is in them, and honest about what is not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web

from bot.http import listen
from knowledge import sandbox
from knowledge.dates import DateFeed
from knowledge.http import SourceUnavailable

ZONE = ZoneInfo("Europe/Helsinki")
FIRST, LAST = date(2027, 3, 22), date(2027, 4, 4)
HOME = {"kind": "street", "id": "1", "text": "Kaivokatu 1", "latitude": 60.17, "longitude": 24.94}
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:weekly
DTSTART;TZID=Europe/Helsinki:20270301T093000
RRULE:FREQ=WEEKLY;BYDAY=MO
EXDATE;TZID=Europe/Helsinki:20270322T093000
SUMMARY:Katu  pestään\\, osa 1
URL:https://www.hel.fi/kadut
END:VEVENT
BEGIN:VEVENT
UID:day
DTSTART;VALUE=DATE:20270401
SUMMARY:Haku päättyy
END:VEVENT
BEGIN:VEVENT
UID:gone
DTSTART;VALUE=DATE:20270402
STATUS:CANCELLED
SUMMARY:Peruttu
END:VEVENT
BEGIN:VEVENT
UID:floating
DTSTART:20270403T080000
SUMMARY:Kelluva
END:VEVENT
END:VCALENDAR
"""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def served(handler: Handler, **more: Any) -> AsyncIterator[DateFeed]:
    app = web.Application()
    app.router.add_route("*", "/feed", handler)
    port, close = await listen(app, "127.0.0.1", 0, wait=0.1)
    feed = DateFeed("waste", f"http://127.0.0.1:{port}/feed", ZONE, attempts=1, **more)
    try:
        yield feed
    finally:
        await feed.close()
        await close()


def answering(text: str, content_type: str = "application/json", status: int = 200) -> Handler:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type=content_type, status=status)

    return handler


async def test_a_place_is_asked_for_once_for_all_who_live_there() -> None:
    asked: list[dict[str, str]] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(dict(request.query))
        return web.json_response({"items": [{"id": 7, "at": "2027-03-30", "values": {"kind": {"fi": "bio"}}}]})

    async with served(handler) as feed:
        for _ in range(3):
            found = await feed.at_place(HOME, FIRST, LAST)
        assert found == [{"id": "7", "at": "2027-03-30", "values": {"kind": {"fi": "bio"}}}]
    assert asked == [{"from": "2027-03-22", "to": "2027-04-04", "lat": "60.17", "lon": "24.94", "place": "Kaivokatu 1"}]


async def test_a_number_is_in_no_address_and_nothing_of_it_is_kept() -> None:
    seen: list[Any] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, request.query_string, await request.json()))
        return web.json_response({"items": []})

    async with served(handler) as feed:
        assert await feed.of_number("+358401234567", FIRST, LAST) == []
        assert await feed.of_number("+358401234567", FIRST, LAST) == []
    assert seen == [("POST", "", {"from": "2027-03-22", "to": "2027-04-04", "number": "+358401234567"})] * 2


async def test_a_calendar_is_read_with_its_rules_and_by_the_clock_of_the_city() -> None:
    async with served(answering(CALENDAR.replace("\n", "\r\n"), "text/calendar")) as feed:
        found = await feed.at_place(None, FIRST, LAST)
    assert found is not None
    assert [(one["id"], one["at"]) for one in found] == [
        ("weekly", "2027-03-29T06:30:00+00:00"),  # half past nine, the day after the clocks changed
        ("day", "2027-04-01"),
        ("floating", "2027-04-03T05:00:00+00:00"),
    ]
    assert found[0]["values"] == {"summary": "Katu pestään, osa 1", "url": "https://www.hel.fi/kadut"}


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ('{"items": []}', 0),
        ('{"items": [1, null, {"id": "a"}, {"id": "a", "at": "soon"}, {"id": "b", "at": "2027-03-30"}]}', 1),
        ('{"items": [{"id": "a", "at": "2027-03-30T08:00:00"}, {"id": "a", "at": "2027-03-30T08:00:00+03:00"}]}', 1),
        ('\ufeff{"items": [{"id": "b", "at": "2027-03-30", "values": {"kind": "sekajäte"}}]}', 1),
    ],
)
async def test_one_broken_thing_does_not_spoil_the_others(body: str, count: int) -> None:
    async with served(answering(body)) as feed:
        found = await feed.at_place(None, FIRST, LAST)
        assert found is not None
        assert len(found) == count


@pytest.mark.parametrize("body", ["", "<html>", "[]", '{"items": {}}', "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nx", "null"])
async def test_what_is_no_answer_is_none(body: str) -> None:
    async with served(answering(body)) as feed:
        try:
            found = await feed.at_place(None, FIRST, LAST)
        except SourceUnavailable:
            found = []
        assert not found


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
async def test_a_server_that_does_not_answer_is_told_apart_from_a_place_that_is_not_known(status: int) -> None:
    async with served(answering("{}", status=404)) as feed:
        assert await feed.at_place(HOME, FIRST, LAST) is None
        assert await feed.of_number("+358401234567", FIRST, LAST) is None
    async with served(answering("{}", status=status)) as feed:
        with pytest.raises(SourceUnavailable):
            await feed.at_place(HOME, FIRST, LAST)
        with pytest.raises(SourceUnavailable):
            await feed.of_number("+358401234567", FIRST, LAST)


@pytest.mark.parametrize("name", sandbox.FEEDS)
async def test_the_sandbox_speaks_it_and_says_that_it_invents(name: str) -> None:
    port, close = await listen(sandbox.application(), "127.0.0.1", 0, wait=0.1)
    feed = DateFeed(name, f"http://127.0.0.1:{port}/dates/{name}", ZONE)
    try:
        if name == "loans":
            assert await feed.of_number("+358401234560", FIRST, LAST) is None
            found = await feed.of_number("+358401234567", FIRST, LAST)
        else:
            found = await feed.at_place(HOME, date(2027, 4, 1), date(2027, 4, 30))
            assert "DEMO" in str(found)
        assert found
    finally:
        await feed.close()
        await close()
