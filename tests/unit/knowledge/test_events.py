"""Events of Linked Events: what is read, what is found, and what answers while the server is away."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from knowledge.events import EventFinder
from knowledge.events_import import EventsImport
from knowledge.events_read import EventRecord, NoEvent, NotShown, read_event
from knowledge.feed import Limits
from knowledge.http import SourceUnavailable
from knowledge.imports import ImportRefused
from knowledge.load import Content
from knowledge.units import Directory, Place
from tests.unit.knowledge.stand import Stand, standing

NOW = datetime.now(UTC).replace(hour=8, minute=0, second=0, microsecond=0) + timedelta(days=1)
SATURDAY = NOW.date()
SUNDAY = SATURDAY + timedelta(days=1)
BASE = "https://linkedevents.example/v1"


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"helsinki:{number}",
        "event_status": "EventScheduled",
        "deleted": False,
        "super_event_type": None,
        "name": {"fi": f"Konsertti {number}", "sv": f"Konsert {number}"},
        "short_description": {"fi": "Iltakonsertti &amp; keskustelu"},
        "description": {"fi": "<p>Pitkä <b>teksti</b></p>", "en": "<p>Long&nbsp;text</p><script>x()</script>"},
        "start_time": f"{SATURDAY}T14:00:00Z",
        "end_time": f"{SATURDAY}T16:00:00Z",
        "location": {"@id": f"{BASE}/place/tprek:8215/"},
        "keywords": [],
        "audience": [],
        "in_language": [{"@id": f"{BASE}/language/fi/"}],
        "offers": [{"is_free": True, "price": None}],
        "info_url": {"fi": "https://konsertti.example"},
    } | more


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as found:
        yield found


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(database_url, min_size=0, max_size=3) as found:
        yield found


async def bring(content: Content, pool: Any, stand: Stand, events: list[Any], **options: Any) -> Any:
    stand.json("/v1/event/", {"meta": {"count": len(events), "next": None}, "data": events})
    limits = Limits(seconds=5, attempts=1)
    importer = EventsImport(content=content, address=f"{stand.url}/v1", limits=limits, now=lambda: NOW, **options)
    async with pool.acquire() as connection:
        return await importer.run(connection)


def finder(content: Content, url: str | None, pool: Any = None, **options: Any) -> EventFinder:
    return EventFinder(
        content.city,
        url,
        unit=Directory(content).unit,
        pool=(lambda: pool) if pool else None,
        attempts=1,
        now=lambda: NOW,
        **options,
    )


async def names(found: EventFinder, what: str = "", days: int = 1, **options: Any) -> list[str]:
    last = (SATURDAY + timedelta(days=days)).isoformat()
    return [item["id"] for item in await found.search(what, SATURDAY.isoformat(), last, "fi", **options)]


def read(content: Content, **more: Any) -> EventRecord:
    return read_event(event(1, **more), content.city)


def test_an_event_as_the_server_writes_it(helsinki: Content) -> None:
    found = read(helsinki)
    assert found.summaries == {"fi": "Iltakonsertti & keskustelu", "en": "Long text"}
    assert (found.unit_id, found.languages, found.free, found.children) == ("8215", ("fi",), True, False)
    assert (found.has_time, found.status) == (True, "scheduled")


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"id": None}, NoEvent),
        ({"name": {}}, NoEvent),
        ({"name": {"fi": None, "de": "Konzert"}}, NoEvent),
        ({"start_time": "soon"}, NoEvent),
        ({"start_time": 5}, NoEvent),
        ({"start_time": None, "event_status": "EventPostponed"}, NotShown),
        ({"deleted": True}, NotShown),
        ({"publication_status": "draft"}, NotShown),
        ({"super_event_type": "recurring"}, NotShown),
    ],
)
def test_what_is_no_event_or_not_to_be_shown(helsinki: Content, more: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        read(helsinki, **more)


def test_days_alone_include_the_last_one(helsinki: Content) -> None:
    found = read(helsinki, start_time="2026-11-28", end_time="2026-11-29")
    assert (found.starts_at.isoformat(), found.ends_at.isoformat()) == (
        "2026-11-27T22:00:00+00:00",
        "2026-11-29T22:00:00+00:00",
    )
    assert not found.has_time
    assert not read(helsinki, has_start_time=False).has_time


@pytest.mark.parametrize("end", [None, "nonsense", "2020-01-01T00:00:00Z", 3])
def test_an_event_without_an_end_ends_with_its_day(helsinki: Content, end: object) -> None:
    found = read(helsinki, start_time="2026-11-28T14:00:00Z", end_time=end)
    assert found.ends_at.isoformat() == "2026-11-28T22:00:00+00:00"


def test_prices_are_the_sources_own_words(helsinki: Content) -> None:
    offers: list[Any] = [
        {"is_free": False, "price": {"fi": "12 €", "sv": "12&nbsp;€", "en": None}},
        {"is_free": False, "price": {"fi": "<b>6 €</b> opiskelijat", "sv": ["6"]}},
        {"is_free": False, "price": {"fi": "12 €"}},
        {"is_free": True, "price": {"fi": "vapaa"}},
        {"is_free": None, "price": 5},
        {"price": {"fi": "1 €"}}, {"price": {"fi": "2 €"}}, {"price": None}, None, "x",
    ]  # fmt: skip
    assert read(helsinki, offers=offers).prices == {"fi": "12 €; 6 € opiskelijat; 1 €", "sv": "12 €"}
    for nothing in (None, [], "free", [{"is_free": False, "price": None}]):
        assert read(helsinki, offers=nothing).prices == {}


@pytest.mark.parametrize("stored", [True, False])
async def test_the_price_is_told_from_the_copy_and_from_the_server(
    helsinki: Content, stand: Stand, pool: Any, stored: bool
) -> None:
    paid = event(1, offers=[{"is_free": False, "price": {"fi": "12 €", "sv": "12 euro"}}])
    if stored:
        await bring(helsinki, pool, stand, [paid])
        await pool.execute("UPDATE city_sources SET ok_at = $1", NOW - timedelta(hours=1))
    stand.json("/v1/event/", {"meta": {"next": None}, "data": [paid]})
    found = finder(helsinki, f"{stand.url}/v1", pool)
    [shown] = await found.search("", SATURDAY.isoformat(), SATURDAY.isoformat(), "fi")
    assert (shown["free"], shown["prices"]) == (False, {"fi": "12 €", "sv": "12 euro"})
    await found.close()


@pytest.mark.parametrize(
    ("offers", "free"),
    [
        ([], None),
        (None, None),
        ([{"is_free": None}], None),
        ([{"is_free": True}], True),
        ([{"is_free": True}, {"is_free": False}], False),
        ("free", None),
    ],
)
def test_free_is_what_every_offer_says(helsinki: Content, offers: object, free: bool | None) -> None:
    assert read(helsinki, offers=offers).free is free


def test_children_by_keyword_audience_or_age(helsinki: Content) -> None:
    child = [{"@id": f"{BASE}/keyword/yso:p4354/"}]
    assert read(helsinki, keywords=child).children
    assert read(helsinki, audience=child).children
    assert read(helsinki, audience_max_age=12).children
    assert not read(helsinki, audience_max_age=99, keywords="yso:p4354", audience=[None]).children


def test_a_place_that_comes_with_the_event(helsinki: Content) -> None:
    place = {"@id": f"{BASE}/place/x:1/", "name": {"fi": "Talo"}, "position": {"coordinates": [24.9, 60.2]}}
    found = read(helsinki, location=place)
    assert (found.unit_id, found.place_names, found.latitude) == (None, {"fi": "Talo"}, 60.2)
    assert read(helsinki, location="x").unit_id is None


EVENTS = [
    event(1),
    event(2, in_language=[{"@id": f"{BASE}/language/sv/"}], offers=[{"is_free": False}]),
    event(3, audience_max_age=6, name={"fi": "Satutunti"}),
    event(4, event_status="EventCancelled"),
    event(
        5,
        start_time=f"{SUNDAY}T10:00:00Z",
        end_time=f"{SUNDAY}T12:00:00Z",
        location={"@id": f"{BASE}/place/tprek:8192/"},
    ),
    event(6, start_time=(NOW - timedelta(days=40)).isoformat(), end_time=(NOW + timedelta(days=40)).isoformat()),
    event(
        7, start_time=(NOW + timedelta(days=20)).isoformat(), end_time=(NOW + timedelta(days=20, hours=1)).isoformat()
    ),
    event(8, start_time=(NOW - timedelta(hours=3)).isoformat(), end_time=(NOW - timedelta(hours=1)).isoformat()),
    event(9, event_status="EventPostponed"),
]
HERE = Place(kind="point", id="", text="", latitude=60.1837, longitude=24.9536)


@pytest.mark.parametrize("stored", [True, False])
async def test_the_copy_and_the_server_find_the_same(helsinki: Content, stand: Stand, pool: Any, stored: bool) -> None:
    if stored:
        report = await bring(helsinki, pool, stand, [*EVENTS, None])
        assert (report.kept, report.broken) == (9, 1)
        await pool.execute("UPDATE city_sources SET ok_at = $1", NOW - timedelta(hours=1))
    stand.json("/v1/event/", {"meta": {"next": None}, "data": EVENTS})
    found = finder(helsinki, f"{stand.url}/v1", pool)
    asked = len(stand.asked)
    e = "helsinki:"
    assert await names(found, limit=9) == [f"{e}1", f"{e}2", f"{e}3", f"{e}5", f"{e}6"]
    assert await names(found, days=0, limit=9) == [f"{e}1", f"{e}2", f"{e}3", f"{e}6"]
    assert await names(found, held_in="sv") == [f"{e}2"]
    assert await names(found, free=True, limit=2) == [f"{e}1", f"{e}3"]
    assert await names(found, children=True) == [f"{e}3"]
    assert await names(found, near=HERE, limit=2) == [f"{e}1", f"{e}2"]
    assert f"{e}5" not in await names(found, near=HERE, limit=9)
    assert await names(found, limit=0) == []
    assert len(stand.asked) - asked == (0 if stored else 2)  # one for each span of days
    await found.close()


async def test_words_are_found_in_their_other_forms(helsinki: Content, stand: Stand, pool: Any) -> None:
    await bring(helsinki, pool, stand, EVENTS)
    found = finder(helsinki, None, pool)
    assert await names(found, "konsertit", limit=1) == ["helsinki:1"]
    assert await names(found, "Satutunteja") == ["helsinki:3"]
    assert await names(found, "jalkapallo") == []


async def test_an_event_as_it_is_shown(helsinki: Content, stand: Stand, pool: Any) -> None:
    await bring(helsinki, pool, stand, EVENTS[:1])
    (found,) = await finder(helsinki, None, pool).search(
        "", SATURDAY.isoformat(), SATURDAY.isoformat(), "fi", near=HERE
    )
    assert found["place_names"]["fi"] == "Kallion kirjasto"
    assert found["distance_m"] is not None
    assert found["distance_m"] < 50
    assert found["starts"].startswith(f"{SATURDAY}T1")
    assert found["as_of"] == datetime.now(helsinki_zone(helsinki)).date().isoformat()
    json.dumps(found)


def helsinki_zone(content: Content) -> Any:
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    return ZoneInfo(content.city.time_zone)


async def test_an_old_copy_answers_only_while_the_server_is_away(helsinki: Content, stand: Stand, pool: Any) -> None:
    await bring(helsinki, pool, stand, EVENTS[:1])
    await pool.execute("UPDATE city_sources SET ok_at = $1", NOW - timedelta(days=3))
    found = finder(helsinki, f"{stand.url}/v1", pool)
    stand.json("/v1/event/", {"data": EVENTS[:2]})
    assert await names(found) == ["helsinki:1", "helsinki:2"]
    stand.body("/v1/event/", b"", status=500)
    (old,) = await found.search("", SATURDAY.isoformat(), SATURDAY.isoformat(), "fi")
    assert old["as_of"] == (NOW - timedelta(days=3)).astimezone(helsinki_zone(helsinki)).date().isoformat()
    await found.close()


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"data": {}}', b"<html>", b'{"data": [', b"[" * 100_000])
async def test_broken_answers_are_the_sources_fault(helsinki: Content, stand: Stand, raw: bytes) -> None:
    stand.body("/v1/event/", raw)
    found = finder(helsinki, f"{stand.url}/v1")
    with pytest.raises(SourceUnavailable):
        await names(found)
    await found.close()


@pytest.mark.parametrize("status", [301, 400, 403, 404, 429, 500])
async def test_refusals_too(helsinki: Content, stand: Stand, status: int) -> None:
    stand.body("/v1/event/", b"{}", status=status, headers={"Location": "http://169.254.169.254/"})
    found = finder(helsinki, f"{stand.url}/v1")
    with pytest.raises(SourceUnavailable):
        await names(found)
    await found.close()


async def test_a_hanging_server_is_left(helsinki: Content, stand: Stand) -> None:
    stand.hang("/v1/event/", b'{"data": [', drip=0.02)
    found = finder(helsinki, f"{stand.url}/v1", timeout=0.3)
    with pytest.raises(SourceUnavailable, match="TimeoutError"):
        await names(found)
    await found.close()


async def test_rows_that_are_none_do_not_spoil_the_rest(helsinki: Content, stand: Stand) -> None:
    stand.json("/v1/event/", {"data": [None, 3, {"id": 1}, event(1)]})
    found = finder(helsinki, f"{stand.url}/v1")
    assert await names(found) == ["helsinki:1"]
    await found.close()


async def test_without_source_and_copy_nothing_is_claimed(helsinki: Content, pool: Any) -> None:
    with pytest.raises(SourceUnavailable):
        await names(finder(helsinki, None, pool))


async def test_a_failing_import_leaves_the_copy(helsinki: Content, stand: Stand, pool: Any) -> None:
    await bring(helsinki, pool, stand, EVENTS)
    for events in ([], EVENTS[:2], [None] * 9):
        with pytest.raises(ImportRefused):
            await bring(helsinki, pool, stand, events)
    assert await pool.fetchval("SELECT count(*) FROM city_events") == 9
    assert await pool.fetchval("SELECT error FROM city_sources WHERE name = 'events'") == "ImportRefused"
