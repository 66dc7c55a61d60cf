"""The directory over the database's copy of the register: newer than the bundled one, and never in the way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from knowledge.addresses import Addresses
from knowledge.load import Content
from knowledge.unit_index import UnitEntry, UnitIndex
from knowledge.units import Directory, metres
from knowledge.units_import import UnitsImport
from tests.unit.knowledge.stand import Stand, nested, standing, unit

NOTICE = {"section_type": "HIGHLIGHT", "name": {"fi": "Remontti keväällä"}, "www": {"fi": "https://x.example/r"}}


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as found:
        yield found


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(database_url, min_size=0, max_size=3) as found:
        yield found


async def bring(content: Content, pool: Any, stand: Stand, units: list[dict[str, Any]]) -> None:
    stand.json("/unit/", {"results": units})
    async with pool.acquire() as connection:
        await UnitsImport(content=content, address=f"{stand.url}/unit/", force=True).run(connection)


async def test_the_first_answer_is_of_the_databases_copy(helsinki: Content, pool: Any, stand: Stand) -> None:
    await bring(helsinki, pool, stand, [nested(n) for n in range(1, 4)])
    directory = Directory(helsinki, lambda: pool)
    found = await directory.nearest("library", directory.place("point", "60.10200,24.85000", ""), 2)
    assert [unit["id"] for unit in found] == ["2", "1"]
    assert found[0]["accessibility"] == {"wheelchair": "red", "reduced_mobility": "green", "hearing_aid": "red"}
    assert found[0]["postal_code"] == "00530"
    assert found[0]["as_of"] == await pool.fetchval(
        "SELECT (ok_at AT TIME ZONE 'Europe/Helsinki')::date::text FROM city_sources"
    )
    assert await directory.unit("8215") is None  # a library that the register no longer has
    await directory.close()


async def test_kinds_that_the_register_cannot_tell_stay_as_bundled(helsinki: Content, pool: Any, stand: Stand) -> None:
    await bring(helsinki, pool, stand, [nested(1)])
    directory = Directory(helsinki, lambda: pool)
    assert await directory.nearest("dental_clinic", None, 3)
    assert [unit["id"] for unit in await directory.nearest("library", None, 100)] == ["1"]
    await directory.close()


async def test_a_newer_copy_is_found_behind_the_answer(helsinki: Content, pool: Any, stand: Stand) -> None:
    await bring(helsinki, pool, stand, [nested(1)])
    directory = Directory(helsinki, lambda: pool, every=0.0)
    assert len(await directory.nearest("library", None, 10)) == 1
    await bring(helsinki, pool, stand, [nested(1), nested(2)])
    async with asyncio.timeout(5):
        while len(await directory.nearest("library", None, 10)) == 1:  # noqa: ASYNC110  what a citizen sees
            await asyncio.sleep(0.01)
    await directory.close()


async def test_without_units_or_a_database_the_bundled_ones_answer(helsinki: Content, pool: Any) -> None:
    for source in (None, lambda: pool):
        directory = Directory(helsinki, source)
        (found,) = await directory.nearest("library", directory.place("district", "kallio", ""), 1)
        assert found["id"] == "8215"
        assert await directory.connections("8215") == []
        await directory.close()


async def test_a_hanging_database_holds_an_answer_up_for_a_second_at_most(helsinki: Content) -> None:
    class Hanging:
        async def fetchrow(self, *_: object) -> None:
            await asyncio.Event().wait()

    directory = Directory(helsinki, Hanging)  # type: ignore[arg-type]
    async with asyncio.timeout(1.5):
        assert await directory.nearest("library", None, 1)
    await directory.close()


async def test_connections_of_a_unit(helsinki: Content, pool: Any, stand: Stand) -> None:
    await bring(helsinki, pool, stand, [nested(1, connections=[NOTICE])])
    directory = Directory(helsinki, lambda: pool)
    assert await directory.connections("1") == [
        {"section": "HIGHLIGHT", "names": NOTICE["name"], "urls": NOTICE["www"], "phone": None}
    ]


async def test_a_house_number_is_nearer_than_the_street(helsinki: Content, pool: Any, stand: Stand) -> None:
    house = nested(1, street_address={"fi": "Hämeentie 155"}, location={"coordinates": [24.9801, 60.2071]})
    await bring(helsinki, pool, stand, [house])
    directory = Directory(helsinki, lambda: pool)
    await directory.unit("1")
    found = directory.place("street", "hameentie", "Hämeentiellä 155 B")
    assert (found["latitude"], found["longitude"]) == (60.2071, 24.9801)
    assert directory.place("street", "hameentie", "Tavastvägen 153")["latitude"] == 60.2071
    assert directory.place("street", "hameentie", "Hämeentie")["latitude"] != 60.2071
    assert directory.place("street", "hameentie", "Hämeentie 3")["latitude"] != 60.2071
    await directory.close()


def test_the_neighbour_on_the_same_side_comes_first() -> None:
    known = Addresses([("Katu 4", (1.0, 1.0)), ("Katu 5", (2.0, 2.0)), ("Katu 9 A", (3.0, 3.0)), ("PL 1", (9.0, 9.0))])
    assert known.point(["katu"], "Katu 7") == (2.0, 2.0)
    assert known.point(["katu"], "Katu 5") == (2.0, 2.0)
    assert known.point(["katu"], "Katu 2") == (1.0, 1.0)
    assert known.point(["katu"], "Katu 200") is None
    assert known.point(["katu"], "Katu 00530") is None
    assert known.point(["other"], "Other 7") is None


def test_nearest_by_the_sphere_is_nearest_by_metres(helsinki: Content) -> None:
    entries = [
        UnitEntry(
            id=str(n),
            services=("a",) if n % 2 else ("a", "b"),
            names={},
            addresses={},
            postal_code=None,
            phone=None,
            urls={},
            accessibility={},
            latitude=60.0 + (n * 37 % 100) / 500,
            longitude=24.8 + (n * 61 % 100) / 300,
            as_of=None,
        )
        for n in range(300)
    ]
    index = UnitIndex(entries)
    here = (60.11, 24.93)
    for kinds in (("a",), ("b",), ("a", "b"), ("none",)):
        offered = [entry for entry in entries if set(kinds) & set(entry.services)]
        wanted = sorted(offered, key=lambda e: (round(metres(here, (e.latitude, e.longitude)), 1), e.id))[:20]
        assert [entry.id for entry in index.nearest(kinds, here, 20)] == [entry.id for entry in wanted]
    assert index.nearest(("a",), here, -1) == []


async def test_flat_and_nested_are_one_to_a_citizen(helsinki: Content, pool: Any, stand: Stand) -> None:
    await bring(helsinki, pool, stand, [nested(7)])
    one = await Directory(helsinki, lambda: pool).unit("7")
    stand.json("/unit/", [unit(7)])
    async with pool.acquire() as connection:
        await UnitsImport(content=helsinki, address=f"{stand.url}/unit/", force=True).run(connection)
    assert one is not None
    assert await Directory(helsinki, lambda: pool).unit("7") == one
