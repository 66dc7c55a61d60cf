from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from aiohttp.test_utils import TestClient, TestServer

from knowledge.feedback import Open311Desk
from knowledge.hours import Hours
from knowledge.load import Content
from knowledge.sandbox import application
from knowledge.units import Place

PLACE = Place(kind="district", id="kallio", text="Kallio", latitude=60.18, longitude=24.95)


@pytest.fixture
async def sandbox() -> AsyncIterator[TestServer]:
    server = TestServer(application())
    async with server:
        yield server


async def test_hours_are_read_by_our_client_and_marked(sandbox: TestServer, helsinki: Content) -> None:
    hours = Hours(helsinki.city, str(sandbox.make_url("/hauki")), demonstration=True)
    found = await hours.on("8215", "2026-11-26")
    assert found["known"]
    assert found["demonstration"]
    assert found["periods"][0]["state"] == "open"
    await hours.close()


async def test_hours_are_the_same_every_week(sandbox: TestServer) -> None:
    async with TestClient(sandbox) as client:
        weeks = []
        for start in (date(2026, 11, 9), date(2026, 11, 16)):
            end = start + timedelta(days=6)
            query = {"start_date": start.isoformat(), "end_date": end.isoformat()}
            answer = await client.get("/hauki/v1/resource/tprek:8215/opening_hours/", params=query)
            weeks.append([day["times"] for day in await answer.json()])
        assert weeks[0] == weeks[1]
        assert len(weeks[0]) == 7


async def test_closed_on_a_holiday(sandbox: TestServer, helsinki: Content) -> None:
    hours = Hours(helsinki.city, str(sandbox.make_url("/hauki")))
    for unit in helsinki.places.units[:20]:
        assert [period["state"] for period in (await hours.on(unit.id, "2026-12-25"))["periods"]] == ["closed"]
    await hours.close()


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/hauki/v1/resource/tprek:8215/opening_hours/", 400),
        ("/hauki/v1/resource/tprek:8215/opening_hours/?start_date=2026-01-01&end_date=2029-01-01", 400),
        ("/hauki/v1/resource/nobody/opening_hours/?start_date=2026-01-01&end_date=2026-01-01", 404),
        ("/hauki/v1/resource/tprek:8215/is_open_now/", 200),
        ("/open311/requests/DEMO-1.json", 404),
        ("/linkedevents/v1/event/?start=yesterdayish", 400),
        ("/linkedevents/v1/event/demo:1/", 200),
        ("/linkedevents/v1/event/demo:99/", 404),
    ],
)
async def test_answers_as_the_real_ones_do(sandbox: TestServer, path: str, status: int) -> None:
    async with TestClient(sandbox) as client:
        assert (await client.get(path)).status == status


async def test_report_by_our_client(sandbox: TestServer, helsinki: Content) -> None:
    base = str(sandbox.make_url("/open311/v1"))
    desk = Open311Desk(helsinki.city, base, api_key="demo", demonstration=True)
    names = [(await desk.kinds(language))[0]["name"] for language in ("fi", "sv", "en")]
    assert len(set(names)) == 3
    kind = (await desk.kinds("fi"))[0]["code"]
    ticket = await desk.submit("effect-1", kind, PLACE, "Kuoppa")
    assert ticket == {"number": "DEMO-00001", "demonstration": True}
    assert await desk.submit("effect-1", kind, PLACE, "Kuoppa") == ticket
    assert await desk.submit("effect-2", kind, PLACE, "Kuoppa") != ticket
    await desk.close()
    async with TestClient(sandbox) as client:
        (report,) = await (await client.get("/open311/requests/DEMO-00001.json")).json()
        assert report["status"] == "open"


async def test_report_without_a_key_or_a_place_is_refused(sandbox: TestServer) -> None:
    form = {"service_code": "demo-1", "description": "Kuoppa kadulla"}
    async with TestClient(sandbox) as client:
        for more, status in (({}, 403), ({"api_key": "x"}, 400), ({"api_key": "x", "service_code": "9"}, 404)):
            answer = await client.post("/open311/requests.json", data=form | more)
            assert answer.status == status
            assert (await answer.json())[0]["code"] == status


async def test_events_in_the_real_shape(sandbox: TestServer) -> None:
    async with TestClient(sandbox) as client:
        query = {"start": "2026-11-28", "end": "2026-11-29", "text": "konsert"}
        listed = await (await client.get("/linkedevents/v1/event/", params=query)).json()
    assert listed["meta"]["count"] == 2
    assert all(event["name"]["fi"].startswith("DEMO") for event in listed["data"])
    assert listed["data"][0]["start_time"] == "2026-11-28T16:00:00Z"
