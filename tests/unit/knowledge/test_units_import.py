"""The register into our tables: both shapes, broken rows, and the last good copy that nothing takes away."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, TypeAlias

import asyncpg
import pytest

from knowledge.feed import Limits
from knowledge.http import SourceUnavailable
from knowledge.imports import LOCK, ImportRefused, Report
from knowledge.load import Content
from knowledge.units_import import UnitsImport
from knowledge.units_read import Elsewhere, NoUnit, read_connection, read_unit
from tests.unit.knowledge.stand import Stand, nested, standing, unit

QUICK = Limits(seconds=5, silence=0.3, attempts=1)
PERSON = {
    "section_type": "PHONE_OR_EMAIL",
    "name_fi": "Kirjastonjohtaja",
    "contact_person": "Kalle Kallio",
    "phone": "+358 40 123 4567",
    "email": "johtaja@kallio.fi",
}
NOTICE = {"section_type": "HIGHLIGHT", "name_fi": "Remontti keväällä", "www_fi": "https://x.example/r"}


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as found:
        yield found


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    found = await asyncpg.connect(database_url)
    yield found
    await found.close()


Database: TypeAlias = "asyncpg.Connection[Any]"


def importing(content: Content, stand: Stand, path: str = "/unit/", **options: Any) -> UnitsImport:
    return UnitsImport(content=content, address=f"{stand.url}{path}", limits=QUICK, **options)


async def rows(connection: Database, table: str = "city_units") -> list[dict[str, Any]]:
    found = [dict(row) for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY 1, 2")]
    return [{k: json.loads(v) if isinstance(v, str) and v[:1] == "{" else v for k, v in row.items()} for row in found]


async def test_both_shapes_give_the_same_units(helsinki: Content, stand: Stand, connection: Database) -> None:
    stand.json("/unit/", [unit(n) for n in range(1, 6)])
    report = await importing(helsinki, stand).run(connection)
    assert report == Report(source="units", kept=5, added=5)
    flat = await rows(connection)
    stand.json("/v2/", {"count": 5, "next": None, "results": [nested(n) for n in range(1, 6)]})
    report = await importing(helsinki, stand, "/v2/").run(connection)
    assert (report.added, report.changed, report.removed) == (0, 0, 0)
    assert await rows(connection) == flat
    assert flat[0] == {
        "id": "1",
        "services": ["library"],
        "names": {"fi": "Kirjasto 1", "sv": "Bibliotek 1", "en": "Library 1"},
        "addresses": {"fi": "Katu 1", "sv": "Gatan 1"},
        "postal_code": "00530",
        "phone": "+358 9 310 85053",
        "urls": {"fi": "https://kirjasto.example/1"},
        "accessibility": {"wheelchair": "red", "reduced_mobility": "green", "hearing_aid": "red"},
        "latitude": 60.101,
        "longitude": 24.85,
    }


async def test_connections_of_either_shape_without_those_of_people(
    helsinki: Content, stand: Stand, connection: Database
) -> None:
    stand.json("/unit/", [unit(1)])
    stand.json("/connection/", [{**NOTICE, "unit_id": 1}, {**PERSON, "unit_id": 1}, {**NOTICE, "unit_id": 99}, "x"])
    await importing(helsinki, stand, connections=f"{stand.url}/connection/").run(connection)
    flat = await rows(connection, "city_connections")
    assert flat == [
        {
            "unit_id": "1",
            "place": 0,
            "section": "HIGHLIGHT",
            "names": {"fi": "Remontti keväällä"},
            "urls": {"fi": "https://x.example/r"},
            "phone": None,
        }
    ]
    notice = {"section_type": "HIGHLIGHT", "name": {"fi": NOTICE["name_fi"]}, "www": {"fi": NOTICE["www_fi"]}}
    stand.json("/v2/", {"results": [nested(1, connections=[notice, PERSON])]})
    await importing(helsinki, stand, "/v2/").run(connection)
    assert await rows(connection, "city_connections") == flat
    everything = await connection.fetchval("SELECT string_agg(t::text, ' ') FROM city_connections t")
    assert "Kalle" not in everything
    assert "johtaja@" not in everything


async def test_rows_that_are_none_are_counted_and_left_out(
    helsinki: Content, stand: Stand, connection: Database
) -> None:
    good = [unit(n) for n in range(1, 8)]
    odd = [None, {"id": True, "name_fi": "x"}, {"id": 9}]
    away = [unit(20, latitude=65.0), unit(21, latitude=None, longitude=None), unit(22, latitude=float("inf"))]
    stand.json("/unit/", [*good, good[0], *odd, *away])
    report = await importing(helsinki, stand).run(connection)
    assert (report.kept, report.broken, report.elsewhere) == (7, 3, 3)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'[{"id": 1, "name_fi": "x"',
        b'[{"id":1}, {"id":2}]',
        json.dumps([unit(1)]).encode(),
    ],
)
async def test_the_last_good_copy_stays(helsinki: Content, stand: Stand, connection: Database, answer: bytes) -> None:
    stand.json("/unit/", [unit(n) for n in range(1, 10)])
    await importing(helsinki, stand).run(connection)
    before = await rows(connection)
    ok_at = await connection.fetchval("SELECT ok_at FROM city_sources")
    stand.body("/unit/", answer)
    with pytest.raises((SourceUnavailable, ImportRefused)) as raised:
        await importing(helsinki, stand).run(connection)
    assert await rows(connection) == before
    source = await connection.fetchrow("SELECT * FROM city_sources")
    assert source is not None
    assert (source["error"], source["ok_at"], source["version"]) == (type(raised.value).__name__, ok_at, 1)
    assert source["fetched_at"] > ok_at


async def test_a_loss_is_taken_when_it_is_meant(helsinki: Content, stand: Stand, connection: Database) -> None:
    stand.json("/unit/", [unit(n) for n in range(1, 10)])
    await importing(helsinki, stand).run(connection)
    stand.json("/unit/", [unit(n) for n in range(1, 6)])
    with pytest.raises(ImportRefused, match="5 rows where there were 9"):
        await importing(helsinki, stand).run(connection)
    report = await importing(helsinki, stand, force=True).run(connection)
    assert (report.kept, report.removed) == (5, 4)


async def test_a_changed_unit_alone_is_written(helsinki: Content, stand: Stand, connection: Database) -> None:
    stand.json("/unit/", [unit(n) for n in range(1, 10)])
    await importing(helsinki, stand).run(connection)
    stand.json("/unit/", [unit(n, **({"phone": "1"} if n == 3 else {})) for n in range(1, 11)])
    report = await importing(helsinki, stand).run(connection)
    assert (report.added, report.changed, report.removed) == (1, 1, 0)
    assert await connection.fetchval("SELECT version FROM city_sources") == 2


async def test_what_is_not_newer_is_not_read(helsinki: Content, stand: Stand, connection: Database) -> None:
    stand.json("/unit/", [unit(1)], headers={"ETag": '"1"'})
    await importing(helsinki, stand).run(connection)
    stand.body("/unit/", b"", status=304)
    assert (await importing(helsinki, stand).run(connection)).outcome == "unchanged"
    assert stand.headers[1]["If-None-Match"] == '"1"'
    assert [row["id"] for row in await rows(connection)] == ["1"]


async def test_one_process_imports_at_a_time(
    helsinki: Content, stand: Stand, connection: Database, database_url: str
) -> None:
    stand.json("/unit/", [unit(1)])
    other = await asyncpg.connect(database_url)
    await other.fetchval("SELECT pg_advisory_lock($1, hashtext('units'))", LOCK)
    assert (await importing(helsinki, stand).run(connection)).outcome == "busy"
    assert stand.asked == []
    await other.close()  # a killed process lets go of it
    await asyncio.sleep(0.1)
    assert (await importing(helsinki, stand).run(connection)).outcome == "done"


async def test_a_unit_of_the_bundled_register_keeps_its_kind(
    helsinki: Content, stand: Stand, connection: Database
) -> None:
    stand.json(
        "/unit/", [unit(8215, ontologyword_ids=[1]), unit(2, ontologyword_ids=[1]), unit(3, ontologyword_ids=[603])]
    )
    await importing(helsinki, stand).run(connection)
    assert [row["services"] for row in await rows(connection)] == [[], ["daycare"], ["library"]]


@pytest.mark.parametrize(
    "more",
    [
        {"name_fi": 3, "name_sv": None, "name_en": []},
        {"id": None},
        {"id": "../../etc"},
        {"id": 1.5},
        {"name_fi": "\u0000 \ud800", "name_sv": " ", "name_en": ""},
    ],
)
def test_no_unit(helsinki: Content, more: dict[str, Any]) -> None:
    with pytest.raises(NoUnit):
        read_unit(unit(1, **more), ("fi", "sv", "en"), helsinki.city.area)


def test_wrong_types_and_missing_languages_are_as_if_they_were_not_there(helsinki: Content) -> None:
    odd: dict[str, Any] = {
        "name_sv": None,
        "name_en": 3,
        "name_fi": "A\u0000ula\u2028 \ud800x" + "y" * 1000,
        "street_address_fi": {},
        "address_zip": 530,
        "phone": ["1"],
        "www_fi": "javascript:alert(1)",
        "www_sv": "https://user@x.example",
        "accessibility_viewpoints": "11:purple,,:,21:green,41:",
        "ontologyword_ids": [True, "813", None, {"id": 468}],
        "connections": [None, 3, {"section_type": ["HIGHLIGHT"], "name_fi": "x"}],
    }
    found = read_unit(unit(1, **odd), ("fi", "sv", "en"), helsinki.city.area)
    assert found.names.keys() == {"fi"}
    assert found.names["fi"].startswith("A ula xyyy")
    assert len(found.names["fi"]) == 300
    assert (found.postal_code, found.phone, found.urls) == ("00530", None, {})
    assert (found.accessibility, found.ontology) == ({"reduced_mobility": "green"}, frozenset({468}))
    assert found.connections == ()
    assert found.addresses == {"sv": "Gatan 1"}


def test_units_of_other_towns(helsinki: Content) -> None:
    for more in ({"latitude": 60.9}, {"longitude": "x"}, {"latitude": float("nan")}):
        with pytest.raises(Elsewhere):
            read_unit(unit(1, **more), ("fi",), helsinki.city.area)


def test_a_connection_that_says_nothing_is_none() -> None:
    assert read_connection({"section_type": "LINK", "email": "a@b.fi"}, ("fi",)) is None
    assert read_connection({"section_type": "NEWER", "name_fi": "x"}, ("fi",)) is None
