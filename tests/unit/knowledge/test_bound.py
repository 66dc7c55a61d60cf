"""The services as the dialogs get them, over the sandbox and a database: bound under their names, in their shapes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from aiohttp.test_utils import TestServer

from bot.services import Addresses, Services
from dialogs.services import EventWish, ServiceUnavailable
from knowledge.sandbox import application

if TYPE_CHECKING:
    from bot.city import City

TODAY = datetime.now(UTC).date().isoformat()
WISH = EventWish(
    what="",
    first="2027-03-06",
    last="2027-03-07",
    language="fi",
    held_in=None,
    free=True,
    children=True,
    near=None,
    limit=3,
)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    async with asyncpg.create_pool(database_url, min_size=0, max_size=3) as found:
        yield found


async def test_every_service_answers_in_json(city: City, pool: Any) -> None:
    async with TestServer(application()) as server:
        base = str(server.make_url("")).rstrip("/")
        addresses = Addresses(
            hauki=f"{base}/hauki",
            open311=f"{base}/open311/v1",
            open311_key="demo",
            linked_events=f"{base}/linkedevents/v1",
            demonstration=True,
        )
        services = Services(city, addresses, pool=lambda: pool)
        named: dict[str, Any] = dict(services.by_name)
        place = named["directory"].place("district", "kallio", "Kallio")
        (unit,) = await named["directory"].nearest("library", place, 1)
        status = await named["hours"].status(unit["id"], "2026-11-26T12:00:00+02:00")
        assert (status["known"], status["open"], status["demonstration"]) == (True, True, True)
        events = await named["events"].search(WISH)
        assert [event["names"]["fi"] for event in events] == ["DEMO: Satutunti"] * 2
        assert events[0]["place_names"]["fi"] == "Kallion kirjasto"
        (first, *_) = await named["search"].find("venepaikat", "fi", 3)
        assert first["id"] == "boat_places"
        ticket = await named["feedback"].submit(
            "k", "demo-1", place, "Kuoppa kadussa", (), {"email": "a@b.fi", "phone": None}
        )
        report = await named["feedback"].status(ticket["number"])
        assert (report["known"], report["stage"]) == (True, "received")
        json.dumps([unit, status, events, first, ticket, report])
        await services.close()


async def test_what_is_away_is_said_in_the_dialogs_words(city: City) -> None:
    async with asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/none", min_size=0) as pool:
        nobody = "http://127.0.0.1:1"
        addresses = Addresses(hauki=nobody, open311=nobody, linked_events=nobody)
        services = Services(city, addresses, pool=lambda: pool)
        named: dict[str, Any] = dict(services.by_name)
        for call in (
            named["hours"].status("8215", "2026-11-26T12:00:00+02:00"),
            named["hours"].on("8215", TODAY),
            named["events"].search(WISH),
            named["search"].find("kirjasto", "fi"),
            named["feedback"].status("1"),
            named["feedback"].kinds("fi"),
        ):
            with pytest.raises(ServiceUnavailable):
                await call
        assert await named["directory"].nearest("library", None, 1)
        await services.close()
    assert await dict(Services(city, Addresses()).by_name)["search"].find("kirjasto", "fi") == []  # type: ignore[attr-defined]
