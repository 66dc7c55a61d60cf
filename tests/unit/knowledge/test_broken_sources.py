"""Each source of the city against each kind of trouble, over real HTTP: it answers what can be read, or is away.

No trouble becomes another error than the sources' own, none lasts, and no redirect leads to another address. What each
source makes of its own rows is with that source's tests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from knowledge.appointments import FhirAppointments
from knowledge.feed import Limits
from knowledge.feedback import Open311Desk
from knowledge.hours import Hours
from knowledge.http import SourceUnavailable
from knowledge.imports import ImportRefused
from knowledge.load import Content
from knowledge.pages import Manners, Site
from knowledge.units_import import UnitsImport
from tests.unit.knowledge.stand import Stand, standing, unit
from tests.unit.knowledge.test_appointments import BUNDLE, NOW, NURSE, SLOT
from tests.unit.knowledge.test_events import event, finder, names

DAY = "2026-11-26"
QUICK = 1.0
"""Seconds that a source is waited for here."""
LONGEST = 6.0
"""Seconds after which anything has hung."""

Ask = Callable[[Content, Stand, str], Awaitable[int]]
"""How many items are read from a stand; the last is the address of the test's database."""


async def units(content: Content, stand: Stand, database_url: str) -> int:
    limits = Limits(seconds=QUICK, silence=QUICK, attempts=1)
    connection = await asyncpg.connect(database_url)
    try:
        report = await UnitsImport(content=content, address=f"{stand.url}/unit/", limits=limits).run(connection)
    finally:
        await connection.close()
    return report.kept


async def hours(content: Content, stand: Stand, _: str) -> int:
    client = Hours(content.city, f"{stand.url}/hauki", timeout=QUICK, attempts=1)
    try:
        found = await client.on("8215", DAY)
        if not found["known"]:
            raise SourceUnavailable("nothing is claimed of that day")
        return len(found["periods"])
    finally:
        await client.close()


async def events(content: Content, stand: Stand, _: str) -> int:
    found = finder(content, f"{stand.url}/v1", timeout=QUICK)
    try:
        return len(await names(found))
    finally:
        await found.close()


async def kinds(content: Content, stand: Stand, _: str) -> int:
    desk = Open311Desk(content.city, f"{stand.url}/georeport", timeout=QUICK, attempts=1)
    try:
        return len(await desk.kinds("sv"))
    finally:
        await desk.close()


async def appointments(content: Content, stand: Stand, _: str) -> int:
    client = FhirAppointments(content.city, f"{stand.url}/r4", attempts=1, timeout=QUICK, now=lambda: NOW)
    try:
        return len(await client.free(NURSE, NOW.isoformat()))
    finally:
        await client.close()


async def pages(_: Content, stand: Stand, __: str) -> int:
    async with Site(f"{stand.url}/page", Manners(pause=0, timeout=QUICK)) as site:
        return sum([page is not None async for _, page in site.pages()])


def fhir(*resources: Any) -> Any:
    return BUNDLE | {"entry": [{"resource": resource} for resource in resources]}


@dataclass(frozen=True, kw_only=True)
class Source:
    """A source: how it is asked, where, and its answers: one good item, in one language, of wrong types, none."""

    ask: Ask
    path: str
    good: Any
    one_language: Any
    wrong: Any
    empty: Any = ()

    @staticmethod
    def raw(answer: Any) -> bytes:
        return answer.encode() if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False).encode()


KIND = {"service_code": 171, "service_name": "Kuopät", "description": "", "group": "Kadut"}
PERIOD = {"start_time": "08:00:00", "end_time": "20:00:00", "resource_state": "open", "full_day": False}
SCHEDULE = {"resourceType": "Schedule", "id": "9", "actor": [{"reference": "Location/3", "display": "Ä"}]}
PAGE = '<html lang="fi"><body><main><h1>Säuna</h1><p>Auki.</p></main></body></html>'
SOURCES = {
    "units": Source(
        ask=units,
        path="/unit/",
        good=[unit(1, name_fi="Säuna")],
        one_language=[unit(1, name_fi=None, name_en=None, street_address_fi=None, www_fi=None)],
        wrong=[unit(1, name_fi=["x"], phone=5, latitude="north", ontologyword_ids="473"), unit(2)],
        empty=[],
    ),
    "hours": Source(
        ask=hours,
        path="/hauki/v1/resource/tprek:8215/opening_hours/",
        good=[{"date": DAY, "times": [PERIOD | {"name": "Ä"}]}],
        one_language=[{"date": DAY, "times": [PERIOD | {"name": {"sv": "Ä"}, "description": None}]}],
        wrong=[{"date": 5, "times": [PERIOD | {"start_time": 8}]}, {"date": DAY, "times": [PERIOD]}],
        empty=[],
    ),
    "events": Source(
        ask=events,
        path="/v1/event/",
        good={"data": [event(1, name={"fi": "Säuna"})]},
        one_language={"data": [event(1, name={"sv": "Bastu"}, short_description=None, description=None)]},
        wrong={"data": [event(1, name="Sauna", start_time=5, offers="free", location=[]), event(2, keywords=7)]},
        empty={"data": []},
    ),
    "feedback": Source(
        ask=kinds,
        path="/georeport/services.json",
        good=[KIND],
        one_language=[KIND | {"description": None, "group": None}],
        wrong=[KIND | {"service_name": 5, "service_code": ["x"]}, KIND],
        empty=[],
    ),
    "appointments": Source(
        ask=appointments,
        path="/r4/Slot",
        good=fhir(SLOT, SCHEDULE),
        one_language=fhir(SLOT),
        wrong=fhir(SLOT | {"id": 5.5, "start": 3}, SLOT),
        empty=fhir(),
    ),
    "pages": Source(
        ask=pages,
        path="/page",
        good=PAGE,
        one_language=PAGE.replace(' lang="fi"', ""),
        wrong=PAGE.replace('lang="fi"', 'lang="7"').replace("<h1>", "<h1 lang=[7]>"),
        empty="",
    ),
}
EACH = pytest.mark.parametrize("name", SOURCES)


async def asked(name: str, content: Content, stand: Stand, url: str) -> int | None:
    """How many items were read; ``None`` where the source was taken to be away. Anything else fails the test."""
    async with asyncio.timeout(LONGEST):
        try:
            return await SOURCES[name].ask(content, stand, url)
        except (SourceUnavailable, ImportRefused):
            return None


@EACH
async def test_a_good_answer_is_read(name: str, helsinki: Content, database_url: str) -> None:
    source = SOURCES[name]
    async with standing() as stand:
        stand.body(source.path, source.raw(source.good), headers={"Content-Type": "text/html"})
        assert await asked(name, helsinki, stand, database_url) == 1


@EACH
async def test_one_broken_byte_does_not_spoil_the_answer_or_is_the_sources_fault(
    name: str, helsinki: Content, database_url: str
) -> None:
    source = SOURCES[name]
    raw = source.raw(source.good)
    assert "ä".encode() in raw.lower() or "Ä".encode() in raw
    for good in ("ä", "Ä"):
        raw = raw.replace(good.encode(), b"\xe4")
    async with standing() as stand:
        stand.body(source.path, raw, headers={"Content-Type": "text/html; charset=utf-8"})
        assert await asked(name, helsinki, stand, database_url) in {1, None}


@EACH
async def test_languages_that_are_not_there_leave_the_item(name: str, helsinki: Content, database_url: str) -> None:
    source = SOURCES[name]
    async with standing() as stand:
        stand.body(source.path, source.raw(source.one_language), headers={"Content-Type": "text/html"})
        assert await asked(name, helsinki, stand, database_url) == 1


@EACH
async def test_wrong_types_leave_the_other_items(name: str, helsinki: Content, database_url: str) -> None:
    source = SOURCES[name]
    async with standing() as stand:
        stand.body(source.path, source.raw(source.wrong), headers={"Content-Type": "text/html"})
        assert await asked(name, helsinki, stand, database_url) in {1, 2}


@EACH
async def test_an_empty_answer_is_nothing_or_the_sources_fault(name: str, helsinki: Content, database_url: str) -> None:
    source = SOURCES[name]
    async with standing() as stand:
        for raw in (source.raw(source.empty), b"", b"[]", b"null", b"{}"):
            stand.body(source.path, raw, headers={"Content-Type": "text/html"})
            assert await asked(name, helsinki, stand, database_url) in ({0, 1, None} if name == "pages" else {0, None})


@EACH
async def test_ten_megabytes_without_an_end_are_left(name: str, helsinki: Content, database_url: str) -> None:
    async with standing() as stand:
        for begin in (b'{"data": "', b'[{"id": "', b"<html><main>"):
            stand.body(SOURCES[name].path, begin + b"a" * 10_000_000, headers={"Content-Type": "text/html"})
            assert await asked(name, helsinki, stand, database_url) is None


@EACH
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_leads_nowhere_else(name: str, status: int, helsinki: Content, database_url: str) -> None:
    source = SOURCES[name]
    async with standing() as stand, standing() as other:
        other.body("/stolen", source.raw(source.good), headers={"Content-Type": "text/html"})
        other.body(source.path, source.raw(source.good), headers={"Content-Type": "text/html"})
        stand.body(source.path, b"", status=status, headers={"Location": f"{other.url}/stolen"})
        assert await asked(name, helsinki, stand, database_url) is None
        assert other.asked == []


@EACH
@pytest.mark.parametrize("drip", [None, 0.05])
async def test_a_hanging_server_is_left(name: str, drip: float | None, helsinki: Content, database_url: str) -> None:
    source = SOURCES[name]
    async with standing() as stand:
        stand.hang(source.path, source.raw(source.good)[:-3], drip=drip)
        assert await asked(name, helsinki, stand, database_url) is None


@EACH
async def test_an_answer_that_breaks_off_is_the_sources_fault(name: str, helsinki: Content, database_url: str) -> None:
    source = SOURCES[name]
    async with standing() as stand:
        stand.cut(source.path, source.raw(source.good)[:-3])
        assert await asked(name, helsinki, stand, database_url) is None
