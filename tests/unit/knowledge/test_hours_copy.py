"""The copy of all hours: what answers while Hauki is away, with its day."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from knowledge.feed import Limits
from knowledge.hours import Hours
from knowledge.hours_import import HoursImport
from knowledge.http import SourceUnavailable
from knowledge.imports import ImportRefused
from knowledge.load import Content
from tests.unit.knowledge.stand import Stand, standing

NOW = datetime(2026, 11, 26, 10, tzinfo=UTC)
BULK = "/hauki/v1/opening_hours/"
TIMES = [{"start_time": "08:00:00", "end_time": "20:00:00", "resource_state": "open", "full_day": False}]


def resource(unit_id: str, times: object = TIMES) -> dict[str, Any]:
    days = [{"date": f"2026-11-{day}", "times": times} for day in range(25, 31)]
    origins = [
        {"data_source": {"id": "kirkanta"}, "origin_id": "9"},
        {"data_source": {"id": "tprek"}, "origin_id": unit_id},
    ]
    return {"resource": {"id": 3, "origins": origins}, "opening_hours": days}


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as found:
        yield found


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(database_url, min_size=0, max_size=3) as found:
        yield found


async def bring(content: Content, pool: Any, stand: Stand, **options: Any) -> Any:
    importer = HoursImport(
        content=content, address=f"{stand.url}/hauki", limits=Limits(seconds=5, attempts=1), now=lambda: NOW, **options
    )
    async with pool.acquire() as connection:
        return await importer.run(connection)


async def test_hours_of_all_units_in_pages(helsinki: Content, stand: Stand, pool: Any) -> None:
    stand.json(
        BULK, {"count": 4, "next": None, "results": [resource("8215"), resource("51342"), {"resource": None}, 3]}
    )
    with pytest.raises(ImportRefused, match="2 of 4 rows cannot be read"):
        await bring(helsinki, pool, stand)
    report = await bring(helsinki, pool, stand, force=True)
    assert (report.kept, report.broken) == (2, 2)
    assert stand.asked[0] == f"{BULK}?data_source=tprek&start_date=2026-11-25&end_date=2026-12-09&page_size=100"


async def test_the_copy_answers_while_hauki_is_away(helsinki: Content, stand: Stand, pool: Any) -> None:
    stand.json(BULK, {"results": [resource("8215")]})
    await bring(helsinki, pool, stand)
    hours = Hours(helsinki.city, f"{stand.url}/hauki", attempts=1, pool=lambda: pool)
    path = "/hauki/v1/resource/tprek:8215/opening_hours/"
    stand.body(path, b"", status=503)
    day = await hours.on("8215", "2026-11-26")
    assert day["periods"] == [{"start": "08:00", "end": "20:00", "ends_next_day": False, "state": "open"}]
    assert day["as_of"] == datetime.now(UTC).date().isoformat()
    found = await hours.status("8215", NOW)
    assert (found["open"], found["until"], found["as_of"]) == (True, "2026-11-26T20:00:00+02:00", day["as_of"])
    stand.body("/hauki/v1/resource/tprek:1/opening_hours/", b"", status=503)
    with pytest.raises(SourceUnavailable):
        await hours.on("1", "2026-11-26")
    stand.json(path, [{"date": "2026-11-26", "times": [TIMES[0] | {"end_time": "12:00:00"}]}])
    fresh = await hours.on("8215", "2026-11-26")
    assert (fresh["periods"][0]["end"], fresh["as_of"]) == ("12:00", None)
    await hours.close()


async def test_an_import_alone_is_enough(helsinki: Content, stand: Stand, pool: Any) -> None:
    stand.json(BULK, {"results": [resource("8215")]})
    await bring(helsinki, pool, stand)
    hours = Hours(helsinki.city, None, pool=lambda: pool)
    assert (await hours.on("8215", "2026-11-26"))["known"]
    assert not (await hours.on("8215", "2027-11-26"))["known"]
    assert not (await hours.status("1", NOW))["known"]


async def test_a_failing_import_leaves_the_copy(helsinki: Content, stand: Stand, pool: Any) -> None:
    stand.json(BULK, {"results": [resource(str(n)) for n in range(1, 10)]})
    await bring(helsinki, pool, stand)
    for raw in (b'{"results": []}', b"<html>", json.dumps({"results": [resource("1")]}).encode()):
        stand.body(BULK, raw)
        with pytest.raises((SourceUnavailable, ImportRefused)):
            await bring(helsinki, pool, stand)
        assert await pool.fetchval("SELECT count(DISTINCT unit_id) FROM city_hours") == 9


async def test_a_sick_hauki_is_left_alone_after_a_while(helsinki: Content, stand: Stand) -> None:
    stand.body("/hauki/v1/resource/tprek:8215/opening_hours/", b"", status=500)
    hours = Hours(helsinki.city, f"{stand.url}/hauki", attempts=1)
    for number in range(8):
        with pytest.raises(SourceUnavailable):
            await hours.on("8215", (NOW + timedelta(days=number)).date().isoformat())
    assert len(stand.asked) == 5
    await hours.close()


async def test_a_server_that_wants_to_be_left_alone_is(helsinki: Content, stand: Stand) -> None:
    path = "/hauki/v1/resource/tprek:8215/opening_hours/"
    stand.body(path, b"", status=429, headers={"Retry-After": "120"})
    hours = Hours(helsinki.city, f"{stand.url}/hauki", attempts=3)
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            await hours.on("8215", "2026-11-26")
    assert len(stand.asked) == 1
    await hours.close()
