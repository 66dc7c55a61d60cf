"""Sources brought anew by the clock: once over all processes, and each in its own time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from bot.refresh import Refresh
from bot.services import Addresses
from knowledge.load import Content
from tests.unit.knowledge.stand import Stand, standing, unit


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as found:
        found.json("/unit/", [unit(n) for n in range(1, 6)])
        found.json("/connection/", [])
        found.body("/hauki/v1/opening_hours/", b"", status=400)
        found.json("/events/event/", {"meta": {}, "data": []})
        yield found


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    found = await asyncpg.connect(database_url)
    yield found
    await found.close()


def refresh(content: Content, stand: Stand, url: str, **more: Any) -> Refresh:
    addresses = Addresses(
        units=f"{stand.url}/unit/",
        unit_connections=f"{stand.url}/connection/",
        hauki=f"{stand.url}/hauki",
        linked_events=f"{stand.url}/events",
        **more,
    )
    return Refresh(content, addresses, url)


async def test_every_source_has_its_turn_though_one_fails(
    helsinki: Content, stand: Stand, database_url: str, connection: Any
) -> None:
    await refresh(helsinki, stand, database_url).due()
    rows = await connection.fetch("SELECT name, rows, error FROM city_sources ORDER BY name")
    assert [tuple(row) for row in rows] == [("events", 0, None), ("hours", 0, "SourceRefused"), ("units", 5, None)]


async def test_nothing_is_asked_before_it_is_due(
    helsinki: Content, stand: Stand, database_url: str, connection: Any
) -> None:
    again = refresh(helsinki, stand, database_url)
    await again.due()
    asked = len(stand.asked)
    await again.due()
    assert len(stand.asked) == asked
    await connection.execute("UPDATE city_sources SET fetched_at = now() - interval '20 minutes'")
    await again.due()
    assert [path.split("?")[0] for path in stand.asked[asked:]] == ["/hauki/v1/opening_hours/"]  # the one that failed
    await connection.execute("UPDATE city_sources SET fetched_at = now() - interval '2 hours', error = NULL")
    asked = len(stand.asked)
    await again.due()
    assert [path.split("?")[0] for path in stand.asked[asked:]] == ["/events/event/"]


async def test_two_processes_at_once_import_once(
    helsinki: Content, stand: Stand, database_url: str, connection: Any
) -> None:
    await asyncio.gather(*(refresh(helsinki, stand, database_url).due() for _ in range(4)))
    assert await connection.fetchval("SELECT version FROM city_sources WHERE name = 'units'") == 1
    assert sum(path.startswith("/unit/") for path in stand.asked) == 1


async def test_the_sandbox_is_not_kept(helsinki: Content, stand: Stand, database_url: str) -> None:
    await Refresh(helsinki, Addresses(), database_url).due()
    assert stand.asked == []
    await refresh(helsinki, stand, database_url, demonstration=True).due()
    assert {path.split("?")[0] for path in stand.asked} == {"/unit/", "/connection/"}
