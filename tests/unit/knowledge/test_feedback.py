from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from knowledge.feedback import Contact, Open311Desk
from knowledge.feedback_status import read_status
from knowledge.http import InDoubt, SourceRefused, SourceUnavailable
from knowledge.load import Content
from knowledge.units import Place
from tests.unit.knowledge.stand import standing

PLACE = Place(kind="street", id="hameentie", text="Hämeentie 12", latitude=60.2, longitude=24.97)
WORDS = "Iso kuoppa, soittakaa Maijalle 040 1234567"


class Desk:
    """A GeoReport server that keeps reports, and fails as it is told."""

    def __init__(self) -> None:
        self.reports: list[dict[str, str]] = []
        self.queries: list[dict[str, str]] = []
        self.drop_after_post = False
        self.shows_reports = True
        self.post_answer: web.Response | None = None
        self.services: Any = [{"service_code": 171, "service_name": "Kuopat", "description": "", "group": "Kadut"}]
        self.list_status = 200

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/v1/services.json", self._services)
        app.router.add_post("/v1/requests.json", self._post)
        app.router.add_get("/v1/requests.json", self._list)
        return app

    async def _services(self, request: web.Request) -> web.Response:
        self.queries.append(dict(request.query))
        return web.json_response(self.services)

    async def _post(self, request: web.Request) -> web.Response:
        if self.post_answer is not None:
            return self.post_answer
        form = await request.post()
        self.reports.append({name: str(value) for name, value in form.items()})
        if self.drop_after_post:
            assert request.transport is not None
            request.transport.abort()  # the report is kept, and its sender never hears of it
        return web.json_response([{"service_request_id": f"id-{len(self.reports)}", "service_notice": ""}], status=201)

    async def _list(self, request: web.Request) -> web.Response:
        self.queries.append(dict(request.query))
        shown = enumerate(self.reports, start=1) if self.shows_reports else ()
        found = [
            {"service_request_id": f"id-{n}", "service_code": r["service_code"], "description": r["description"]}
            for n, r in shown
        ]
        return web.json_response(found, status=self.list_status)


@pytest.fixture
def server() -> Desk:
    return Desk()


@pytest.fixture
async def desk(server: Desk, helsinki: Content) -> AsyncIterator[Open311Desk]:
    http = TestServer(server.application())
    await http.start_server()
    found = Open311Desk(helsinki.city, str(http.make_url("/v1")), api_key="secret-key", attempts=1)
    yield found
    await found.close()
    await http.close()


async def test_kinds_in_a_language(desk: Open311Desk, server: Desk) -> None:
    (kind,) = await desk.kinds("fi")
    assert (kind["code"], kind["name"], kind["group"]) == ("171", "Kuopat", "Kadut")
    assert server.queries == [{"locale": "fi_FI"}]
    (await desk.kinds("fi")).clear()
    assert len(await desk.kinds("fi")) == 1
    assert len(server.queries) == 1  # kept


async def test_kinds_that_cannot_be_read_are_left_out(desk: Open311Desk, server: Desk) -> None:
    server.services = [None, {}, {"service_code": "1"}, {"service_code": True, "service_name": "x"}]
    server.services.append({"service_code": "2", "service_name": " Töhryt "})
    assert [(kind["code"], kind["name"], kind["group"]) for kind in await desk.kinds("sv")] == [("2", "Töhryt", "")]


async def test_a_kind_is_known_by_the_words_of_citizens_and_the_servers_own(desk: Open311Desk, server: Desk) -> None:
    server.services = [
        {"service_code": "1", "service_name": "Gatubelysning", "keywords": "stolpe, armatur"},
        {"service_code": "2", "service_name": "Annat", "keywords": ["x"]},
    ]
    lamps, other = await desk.kinds("sv")
    assert {"gatubelysning", "stolpe", "armatur", "gatlampan", "katulamppu"} <= set(lamps["words"])
    assert other["words"] == ["annat"]


@pytest.mark.parametrize("services", [[], {}, None, "x", [{}]])
async def test_no_kinds_is_unavailable(desk: Open311Desk, server: Desk, services: object) -> None:
    server.services = services
    with pytest.raises(SourceUnavailable):
        await desk.kinds("fi")


async def test_report_in_georeports_words(desk: Open311Desk, server: Desk) -> None:
    ticket = await desk.submit("effect-1", "171", PLACE, f"  {WORDS}  ")
    assert ticket == {"number": "id-1", "demonstration": False}
    (report,) = server.reports
    assert report.pop("description").startswith(f"{WORDS}\n\n(NV-")
    assert report == {
        "api_key": "secret-key",
        "service_code": "171",
        "address_string": "Hämeentie 12",
        "lat": "60.200000",
        "long": "24.970000",
    }


async def test_unit_is_named_by_its_id_and_unplaced_words_by_words(desk: Open311Desk, server: Desk) -> None:
    await desk.submit("a", "171", Place(kind="unit", id="8215", text="kirjasto", latitude=60.1, longitude=24.9), WORDS)
    await desk.submit("b", "171", Place(kind="free", id="", text="kulmalla", latitude=None, longitude=None), WORDS)
    assert server.reports[0]["service_object_id"] == "8215"
    assert "lat" not in server.reports[1]


async def test_pictures_go_as_addresses_the_first_in_its_field_the_others_in_the_words(
    desk: Open311Desk, server: Desk
) -> None:
    await desk.submit(
        "k1", "171", PLACE, WORDS, pictures=["https://neuvo.example/photos/a", "https://neuvo.example/photos/b"]
    )
    await desk.submit("k2", "171", PLACE, WORDS)
    one, other = server.reports
    assert one["media_url"] == "https://neuvo.example/photos/a"
    assert "https://neuvo.example/photos/b" in one["description"]
    assert "photos/a" not in one["description"]
    assert "media_url" not in other


async def test_long_report_keeps_its_reference(desk: Open311Desk, server: Desk) -> None:
    await desk.submit("a", "171", PLACE, "ä" * 9000)
    await desk.submit("a", "171", PLACE, "ä" * 9000)
    (report,) = server.reports
    assert len(report["description"]) == 5000


async def test_accepted_and_dropped_is_found_at_once(desk: Open311Desk, server: Desk) -> None:
    server.drop_after_post = True
    assert (await desk.submit("effect-1", "171", PLACE, WORDS))["number"] == "id-1"
    assert len(server.reports) == 1


async def test_accepted_and_dropped_is_looked_up_before_a_second_try(
    desk: Open311Desk, server: Desk, helsinki: Content
) -> None:
    server.drop_after_post, server.list_status = True, 200
    server.shows_reports = False
    with pytest.raises(InDoubt):
        await desk.submit("effect-1", "171", PLACE, WORDS)
    server.shows_reports = True
    assert (await desk.submit("effect-1", "171", PLACE, WORDS))["number"] == "id-1"
    assert len(server.reports) == 1


async def test_second_process_finds_the_report_of_the_first(desk: Open311Desk, helsinki: Content) -> None:
    first = await desk.submit("effect-1", "171", PLACE, WORDS)
    assert desk._server is not None
    other = Open311Desk(helsinki.city, desk._server._base, api_key="secret-key")
    assert await other.submit("effect-1", "171", PLACE, WORDS) == first
    await other.close()


async def test_same_words_under_another_key_are_another_report(desk: Open311Desk, server: Desk) -> None:
    await desk.submit("effect-1", "171", PLACE, WORDS)
    await desk.submit("effect-2", "171", PLACE, WORDS)
    assert len(server.reports) == 2


async def test_desk_that_moderates_first_gets_the_same_reference_twice(desk: Open311Desk, server: Desk) -> None:
    server.shows_reports = False
    await desk.submit("effect-1", "171", PLACE, WORDS)
    await desk.submit("effect-1", "171", PLACE, WORDS)
    assert server.reports[0]["description"] == server.reports[1]["description"]


async def test_look_up_is_narrow(desk: Open311Desk, server: Desk) -> None:
    await desk.submit("effect-1", "171", PLACE, WORDS)
    (query,) = server.queries
    assert query["service_code"] == "171"
    assert query["start_date"].endswith("Z")


async def test_nothing_is_sent_while_nothing_can_be_looked_up(desk: Open311Desk, server: Desk) -> None:
    server.list_status = 503
    with pytest.raises(SourceUnavailable):
        await desk.submit("effect-1", "171", PLACE, WORDS)
    assert server.reports == []


async def test_desk_that_lists_nothing_to_us_still_gets_the_report(desk: Open311Desk, server: Desk) -> None:
    server.list_status = 403
    assert (await desk.submit("effect-1", "171", PLACE, WORDS))["number"] == "id-1"


@pytest.mark.parametrize("status", [302, 400, 403, 404])
async def test_refused_for_good(desk: Open311Desk, server: Desk, status: int) -> None:
    server.post_answer = web.json_response([{"code": status, "description": WORDS}], status=status)
    with pytest.raises(SourceRefused):
        await desk.submit("effect-1", "171", PLACE, WORDS)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"[{}]", b"3", b'[{"service_request_id": null}]'])
async def test_answer_without_a_number_is_in_doubt(desk: Open311Desk, server: Desk, body: bytes) -> None:
    server.post_answer = web.Response(body=body)
    with pytest.raises(InDoubt):
        await desk.submit("effect-1", "171", PLACE, WORDS)


async def test_errors_and_logs_tell_nothing_of_the_person(
    desk: Open311Desk, server: Desk, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server.post_answer = web.Response(status=500)
    with pytest.raises(SourceUnavailable) as caught:
        await desk.submit("effect-1", "171", PLACE, WORDS)
    captured = capsys.readouterr()
    told = f"{caught.value!r} {caught.value.__cause__!r} {caplog.text} {captured.out} {captured.err}"
    for secret in ("Maija", "040", "Hämeentie", "secret-key"):
        assert secret not in told


async def test_without_an_address_nothing_can_be_reported(helsinki: Content) -> None:
    desk = Open311Desk(helsinki.city, None)
    with pytest.raises(SourceUnavailable):
        await desk.kinds("fi")
    with pytest.raises(SourceUnavailable):
        await desk.submit("a", "171", PLACE, WORDS)
    await desk.close()


async def test_a_contact_goes_along_only_where_it_was_given(desk: Open311Desk, server: Desk) -> None:
    await desk.submit("a", "171", PLACE, WORDS, contact=Contact(email="maija@example.fi", phone=None))
    await desk.submit("b", "171", PLACE, WORDS)
    assert server.reports[0]["email"] == "maija@example.fi"
    assert "phone" not in server.reports[0]
    assert not {"email", "phone"} & server.reports[1].keys()


STATUS = {
    "service_request_id": "8fmht6g1470b3qk8pthg",
    "service_name": "Kuopat",
    "requested_datetime": "2013-05-02T11:02:07+03:00",
    "updated_datetime": "2013-05-15T08:55:09+03:00",
    "status": "closed",
    "status_notes": "Kuoppa on\npaikattu.",
    "extended_attributes": {"title": "", "detailed_status": "PROCESSED"},
}


async def test_what_has_become_of_a_report(helsinki: Content) -> None:
    async with standing() as stand:
        stand.json("/requests/8fmht6g1470b3qk8pthg.json", [STATUS])
        desk = Open311Desk(helsinki.city, stand.url, attempts=1)
        assert await desk.status(" 8fmht6g1470b 3qk8pthg ") == {
            "number": "8fmht6g1470b3qk8pthg",
            "known": True,
            "stage": "done",
            "kind": "Kuopat",
            "notes": "Kuoppa on paikattu.",
            "reported": "2013-05-02T11:02:07+03:00",
            "updated": "2013-05-15T08:55:09+03:00",
            "demonstration": False,
        }
        assert stand.asked == ["/requests/8fmht6g1470b3qk8pthg.json?extensions=true"]
        for other in ("1", "../requests", "", "x" * 500, "1?api_key=2"):
            assert not (await desk.status(other))["known"]
        assert stand.asked[1:] == ["/requests/1.json?extensions=true"]
        await desk.close()


@pytest.mark.parametrize(
    ("more", "stage"),
    [
        ({"extended_attributes": {"detailed_status": "REJECTED"}}, "rejected"),
        ({"extended_attributes": {"detailed_status": "PUBLIC_WORKS_NEW"}}, "received"),
        ({"extended_attributes": {"detailed_status": "PUBLIC_WORKS_SCHEDULED"}}, "in_progress"),
        ({"extended_attributes": {"detailed_status": "LATER"}}, "done"),
        ({"extended_attributes": None}, "done"),
        ({"extended_attributes": None, "status": "open"}, "in_progress"),
        ({"extended_attributes": [], "status": 3}, "unknown"),
    ],
)
def test_stages(more: dict[str, Any], stage: str) -> None:
    assert read_status(STATUS["service_request_id"], [STATUS | more], demonstration=False)["stage"] == stage  # type: ignore[arg-type]


@pytest.mark.parametrize("listed", [None, {}, "x", [None], [{"service_request_id": "other"}]])
def test_another_answer_is_no_report_of_that_number(listed: object) -> None:
    assert not read_status("8fm", listed, demonstration=False)["known"]


async def test_a_server_that_is_away_is_not_a_report_that_is_not_there(helsinki: Content) -> None:
    async with standing() as stand:
        stand.body("/requests/1.json", b"", status=503)
        desk = Open311Desk(helsinki.city, stand.url, attempts=1)
        with pytest.raises(SourceUnavailable):
            await desk.status("1")
        await desk.close()
