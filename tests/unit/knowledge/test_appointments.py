"""The FHIR client over HTTP: against a server that speaks R4, and against one that breaks in every way it can."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from knowledge.appointments import FhirAppointments
from knowledge.appointments_fhir import kind_of, number_of
from knowledge.http import InDoubt, SourceRefused, SourceUnavailable
from knowledge.load import Content
from knowledge.sandbox.fhir import CODES, FhirStand, application
from tests.unit.knowledge.stand import Stand, standing

NOW = datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
NURSE = f"{CODES}|nurse"


@dataclass
class Ward:
    """The FHIR server, its client, and how the server meets the next writes."""

    stand: FhirStand = field(default_factory=FhirStand)
    client: FhirAppointments = field(init=False)
    asked: list[web.Request] = field(default_factory=list)
    drop: int = 0
    statuses: list[tuple[int, str]] = field(default_factory=list)
    silent: bool = False
    blind: int = 0

    @web.middleware
    async def meet(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request)
        if request.method == "GET" and request.path == "/Appointment" and self.blind:
            self.blind -= 1
            return web.json_response({"resourceType": "Bundle", "type": "searchset", "total": 0})
        if request.method == "GET":
            return await _answered(handler, request)
        if self.statuses:
            status, code = self.statuses.pop(0)
            issue = {"severity": "error", "code": code}
            return web.json_response({"resourceType": "OperationOutcome", "issue": [issue]}, status=status)
        answer = await _answered(handler, request)
        if self.drop:
            self.drop -= 1
            assert request.transport is not None
            request.transport.abort()  # it is done, and who asked never hears of it
        return web.Response(status=answer.status) if self.silent else answer

    @property
    def booked(self) -> list[dict[str, Any]]:
        return [kept for kept in self.stand.appointments.values() if kept["status"] == "booked"]


async def _answered(handler: Any, request: web.Request) -> web.StreamResponse:
    found: web.StreamResponse = await handler(request)
    return found


@pytest.fixture
async def ward(helsinki: Content) -> AsyncIterator[Ward]:
    found = Ward()
    app = application(found.stand)
    app.middlewares.append(found.meet)
    server = TestServer(app)
    await server.start_server()
    base = str(server.make_url("")).rstrip("/")
    found.client = FhirAppointments(helsinki.city, base, token="secret", attempts=1, now=lambda: NOW)
    yield found
    await found.client.close()
    await server.close()


async def first(ward: Ward, **more: Any) -> str:
    """The id of the earliest free time."""
    return (await ward.client.free(NURSE, NOW.isoformat(), **more))[0]["id"]


async def test_kinds_have_names_and_what_to_bring_in_the_city_s_languages(ward: Ward) -> None:
    kinds = await ward.client.kinds()
    assert kinds[0] == {
        "id": NURSE,
        "names": {"fi": "Sairaanhoitajan vastaanotto", "sv": "Sjukskötarens mottagning", "en": "Nurse's appointment"},
        "bring": {
            "fi": "Kela-kortti ja lääkelista",
            "sv": "FPA-kort och medicinlista",
            "en": "Kela card and list of medicines",
        },
    }
    assert ward.asked[0].headers["Authorization"] == "Bearer secret"
    await ward.client.kinds()
    assert len(ward.asked) == 1  # kept


async def test_free_times_come_in_order_with_their_place_and_go_on_after_those_seen(ward: Ward) -> None:
    page = await ward.client.free(NURSE, NOW.isoformat())
    more = await ward.client.free(NURSE, page[-1]["starts"], [time["id"] for time in page])
    starts = [datetime.fromisoformat(time["starts"]) for time in (*page, *more)]
    assert len(starts) == 8
    assert starts == sorted(starts)
    assert starts[0] > NOW
    assert not {time["id"] for time in page} & {time["id"] for time in more}
    assert page[0]["place"] in {"Kallio DEMO", "Töölö DEMO"}
    assert page[0]["starts"].endswith("+02:00")


async def test_no_time_of_the_past_is_offered_whatever_is_asked_for(ward: Ward) -> None:
    (time,) = await ward.client.free(NURSE, "2020-01-01T08:00:00+02:00", limit=1)
    assert datetime.fromisoformat(time["starts"]) > NOW


async def test_times_over_several_pages_are_read(ward: Ward) -> None:
    found = await ward.client.free(NURSE, NOW.isoformat(), limit=45)
    assert len({time["id"] for time in found}) == 45


async def test_a_booking_is_fhir_and_carries_its_code(ward: Ward) -> None:
    slot = await first(ward)
    change = await ward.client.book("effect-1", NURSE, slot)
    number = number_of("effect-1")
    told = change["appointment"]
    assert change["outcome"] == "done"
    assert told is not None
    assert told["number"] == number
    assert told["bring"]["sv"] == "FPA-kort och medicinlista"
    (kept,) = ward.booked
    assert kept["identifier"] == [{"system": "urn:neuvo:appointment", "value": number}]
    assert kept["slot"] == [{"reference": f"Slot/{slot}"}]
    assert kept["serviceType"] == [{"coding": [{"system": CODES, "code": "nurse"}]}]
    assert {row["status"] for row in kept["participant"]} == {"accepted"}
    post = next(request for request in ward.asked if request.method == "POST")
    assert post.headers["If-None-Exist"] == f"identifier=urn:neuvo:appointment|{number}"
    assert post.headers["Content-Type"].startswith("application/fhir+json")
    assert (await ward.client.find(number))["starts"] == told["starts"]


async def test_the_same_key_books_once_whatever_slot_it_names(ward: Ward) -> None:
    one = await ward.client.book("effect-1", NURSE, await first(ward))
    other = await ward.client.book("effect-1", NURSE, await first(ward))
    assert one == other
    assert len(ward.booked) == 1


async def test_booked_and_cut_off_is_found_at_once(ward: Ward) -> None:
    ward.drop = 1
    assert (await ward.client.book("effect-1", NURSE, await first(ward)))["outcome"] == "done"
    assert len(ward.booked) == 1


async def test_cut_off_and_not_shown_at_once_is_in_doubt_and_the_next_try_finds_it(ward: Ward) -> None:
    slot = await first(ward)
    ward.drop, ward.blind = 1, 2
    with pytest.raises(InDoubt):
        await ward.client.book("effect-1", NURSE, slot)
    assert (await ward.client.book("effect-1", NURSE, slot))["outcome"] == "done"
    assert len(ward.booked) == 1


async def test_a_search_that_lags_behind_does_not_make_our_own_booking_somebody_else_s(ward: Ward) -> None:
    slot = await first(ward)
    await ward.client.book("effect-1", NURSE, slot)
    ward.blind = 1
    assert (await ward.client.book("effect-1", NURSE, slot))["outcome"] == "done"
    assert len(ward.booked) == 1


async def test_an_answer_without_the_appointment_is_looked_up(ward: Ward) -> None:
    ward.silent = True
    change = await ward.client.book("effect-1", NURSE, await first(ward))
    assert change["appointment"] is not None
    assert len(ward.booked) == 1


async def test_a_time_that_was_taken_meanwhile_is_said_and_nothing_is_booked(ward: Ward) -> None:
    slot = await first(ward)
    ward.stand.busy.add(slot)
    assert await ward.client.book("effect-1", NURSE, slot) == {"outcome": "taken", "appointment": None}
    assert ward.booked == []


@pytest.mark.parametrize(("status", "code"), [(409, "conflict"), (422, "business-rule"), (409, "")])
async def test_a_time_that_is_taken_between_look_and_booking(ward: Ward, status: int, code: str) -> None:
    ward.statuses = [(status, code)]
    assert (await ward.client.book("effect-1", NURSE, await first(ward)))["outcome"] == "taken"


@pytest.mark.parametrize(("status", "code"), [(400, "invalid"), (401, "login"), (403, "forbidden"), (422, "invalid")])
async def test_a_booking_that_will_never_be_taken(ward: Ward, status: int, code: str) -> None:
    slot = await first(ward)
    ward.statuses = [(status, code)]
    with pytest.raises(SourceRefused):
        await ward.client.book("effect-1", NURSE, slot)


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_server_in_trouble_may_have_booked(ward: Ward, status: int) -> None:
    slot = await first(ward)
    ward.statuses = [(status, "exception")]
    with pytest.raises(InDoubt):
        await ward.client.book("effect-1", NURSE, slot)
    assert (await ward.client.book("effect-1", NURSE, slot))["outcome"] == "done"


async def test_moving_keeps_the_code_and_what_is_not_ours(ward: Ward) -> None:
    slot = await first(ward)
    number = number_of("a")
    await ward.client.book("a", NURSE, slot)
    kept = next(iter(ward.stand.appointments.values()))
    kept |= {"comment": "kept", "participant": [*kept["participant"], {"actor": {"reference": "Patient/7"}}]}
    later = (await ward.client.free(NURSE, NOW.isoformat(), limit=12))[-1]
    change = await ward.client.move("b", number, later["id"])
    assert change["outcome"] == "done"
    assert change["appointment"] is not None
    assert change["appointment"]["starts"] == later["starts"]
    (moved,) = ward.booked
    assert moved["comment"] == "kept"
    assert {"actor": {"reference": "Patient/7"}} in moved["participant"]
    assert len([row for row in moved["participant"] if "Location/" in json.dumps(row)]) == 1
    assert slot in {time["id"] for time in await ward.client.free(NURSE, NOW.isoformat())}  # free again
    writes = len([request for request in ward.asked if request.method == "PUT"])
    assert (await ward.client.move("b", number, later["id"]))["outcome"] == "done"
    assert len([request for request in ward.asked if request.method == "PUT"]) == writes


async def test_moving_to_a_time_that_is_taken_keeps_the_old_one(ward: Ward) -> None:
    await ward.client.book("a", NURSE, await first(ward))
    wanted = await first(ward)
    ward.stand.busy.add(wanted)
    change = await ward.client.move("b", number_of("a"), wanted)
    assert change["outcome"] == "taken"
    assert change["appointment"] == await ward.client.find(number_of("a"))


async def test_a_change_that_came_between_is_written_over_anew(ward: Ward) -> None:
    await ward.client.book("a", NURSE, await first(ward))
    ward.statuses = [(412, "conflict")]
    assert (await ward.client.cancel("b", number_of("a")))["outcome"] == "done"
    assert ward.booked == []
    versions = [request.headers["If-Match"] for request in ward.asked if request.method == "PUT"]
    assert versions == ['W/"1"', 'W/"1"']


async def test_changes_without_an_end_give_up(ward: Ward) -> None:
    await ward.client.book("a", NURSE, await first(ward))
    ward.statuses = [(412, "conflict")] * 5
    with pytest.raises(SourceUnavailable):
        await ward.client.cancel("b", number_of("a"))


async def test_cancelling_twice_or_after_a_cut_is_done_once(ward: Ward) -> None:
    await ward.client.book("a", NURSE, await first(ward))
    ward.drop = 1
    assert (await ward.client.cancel("b", number_of("a")))["outcome"] == "done"
    change = await ward.client.cancel("b", number_of("a"))
    assert change["outcome"] == "done"
    assert change["appointment"] is not None
    assert change["appointment"]["state"] == "ended"
    (kept,) = ward.stand.appointments.values()
    assert kept["cancelationReason"]["coding"][0]["code"] == "pat"


async def test_a_rule_that_forbids_cancelling_is_told(ward: Ward) -> None:
    await ward.client.book("a", NURSE, await first(ward))
    ward.statuses = [(422, "business-rule")]
    assert (await ward.client.cancel("b", number_of("a")))["outcome"] == "late"
    assert len(ward.booked) == 1


async def test_what_is_not_there_cannot_be_changed(ward: Ward) -> None:
    assert (await ward.client.find("ABCD-ABCD-ABCD"))["known"] is False
    assert await ward.client.cancel("b", "ABCD-ABCD-ABCD") == {"outcome": "gone", "appointment": None}
    assert (await ward.client.move("b", "ABCD-ABCD-ABCD", await first(ward)))["outcome"] == "gone"


def test_codes_differ_and_tell_nothing_of_their_key() -> None:
    codes = {number_of(f"conversation:{n}") for n in range(1000)}
    assert len(codes) == 1000
    assert all(len(code) == 14 for code in codes)


# What servers say that should not be said


BUNDLE: dict[str, Any] = {"resourceType": "Bundle", "type": "searchset"}
SLOT: dict[str, Any] = {
    "resourceType": "Slot",
    "id": "s1",
    "status": "free",
    "schedule": {"reference": "https://fhir.example/r4/Schedule/9/_history/2"},
    "start": "2026-12-01T07:00:00Z",
    "end": "2026-12-01T07:20:00Z",
}


@pytest.fixture
async def stand(helsinki: Content) -> AsyncIterator[tuple[Stand, FhirAppointments]]:
    async with standing() as server:
        client = FhirAppointments(helsinki.city, f"{server.url}/r4", attempts=1, timeout=0.5, now=lambda: NOW)
        yield server, client
        await client.close()


Pair = tuple[Stand, FhirAppointments]


def entries(*resources: object) -> dict[str, Any]:
    return BUNDLE | {"entry": [{"resource": resource} for resource in resources]}


@pytest.mark.parametrize(
    "answer",
    [None, [], "x", 7, {}, BUNDLE, BUNDLE | {"entry": {}}, BUNDLE | {"entry": [None, 1, {}, {"resource": []}]},
     BUNDLE | {"link": [{"relation": "next", "url": 7}]}, {"resourceType": "OperationOutcome", "issue": "x"}],
)  # fmt: skip
async def test_an_answer_of_another_shape_has_no_times_and_no_appointments(stand: Pair, answer: object) -> None:
    server, client = stand
    for path in ("Slot", "Appointment", "HealthcareService"):
        server.json(f"/r4/{path}", answer)
    assert await client.free(NURSE, NOW.isoformat()) == []
    assert (await client.find("ABCD-ABCD-ABCD"))["known"] is False
    with pytest.raises(SourceUnavailable):
        await client.kinds()


async def test_a_slot_of_wrong_types_is_left_out_and_the_others_are_told(stand: Pair) -> None:
    server, client = stand
    broken = [
        SLOT | {"id": 5.5}, SLOT | {"start": "tomorrow"}, SLOT | {"start": "2026-12-01T07:00:00"}, SLOT | {"end": None},
        SLOT | {"status": "busy"}, SLOT | {"status": ["free"]}, SLOT | {"start": ["x"]}, SLOT | {"id": "a b"},
    ]  # fmt: skip
    schedule = {"resourceType": "Schedule", "id": "9", "actor": [{"reference": "Location/3", "display": "Kallio"}]}
    server.json("/r4/Slot", entries(*broken, SLOT, SLOT | {"id": "s2", "schedule": "Schedule/9"}, schedule))
    found = await client.free(NURSE, NOW.isoformat())
    assert [(time["id"], time["place"]) for time in found] == [("s1", "Kallio"), ("s2", "")]
    assert found[0]["starts"] == "2026-12-01T09:00:00+02:00"


async def test_pages_of_another_server_are_not_asked_for(stand: Pair) -> None:
    server, client = stand
    async with standing() as other:
        links = [{"relation": "next", "url": f"{other.url}/r4/Slot?page=2"}]
        server.json("/r4/Slot", entries(SLOT) | {"link": links})
        assert len(await client.free(NURSE, NOW.isoformat())) == 1
        assert other.asked == []


async def test_pages_without_an_end_come_to_one(stand: Pair) -> None:
    server, client = stand
    links = [{"relation": "next", "url": f"{server.url}/r4/Slot?page=2"}]
    server.json("/r4/Slot", entries(SLOT) | {"link": links})
    assert len(await client.free(NURSE, NOW.isoformat())) == 1
    assert len(server.asked) == 5


@pytest.mark.parametrize("status", [500, 503, 429, 302, 401])
async def test_a_status_that_is_no_success_is_unavailable(stand: Pair, status: int) -> None:
    server, client = stand
    server.body("/r4/Slot", b"{}", status=status, headers={"Location": "/elsewhere"})
    with pytest.raises(SourceUnavailable):
        await client.free(NURSE, NOW.isoformat())
    assert len(server.asked) == 1  # the redirect was not followed


async def test_ten_megabytes_a_hang_a_cut_and_no_json_are_unavailable_in_time(stand: Pair) -> None:
    server, client = stand
    server.body("/r4/Slot", b'{"x":"' + b"a" * 10_000_000 + b'"}')
    with pytest.raises(SourceUnavailable):
        await client.free(NURSE, NOW.isoformat())
    server.hang("/r4/Slot", b'{"resourceType":', drip=0.1)
    async with asyncio.timeout(3):
        with pytest.raises(SourceUnavailable):
            await client.free(NURSE, NOW.isoformat())
    server.cut("/r4/Slot", b"{")
    with pytest.raises(SourceUnavailable):
        await client.free(NURSE, NOW.isoformat())
    server.body("/r4/Slot", b"<html>")
    with pytest.raises(SourceUnavailable):
        await client.free(NURSE, NOW.isoformat())


async def test_another_s_appointment_is_not_told_where_a_server_overlooks_the_filter(stand: Pair) -> None:
    server, client = stand
    other = {"resourceType": "Appointment", "id": "1", "status": "booked", "identifier": [{"value": "OTHER"}, 3]}
    server.json("/r4/Appointment", entries(other))
    assert (await client.find("ABCD-ABCD-ABCD"))["known"] is False


@pytest.mark.parametrize(
    "service",
    [{}, {"type": []}, {"type": [{"coding": [{"code": 7}]}]}, {"type": [{"coding": [{"code": "a"}]}]},
     {"type": [{"coding": [{"code": "a", "display": "A"}]}], "active": False}],
)  # fmt: skip
def test_a_service_without_a_code_or_a_name_or_closed_is_none(service: dict[str, Any]) -> None:
    assert kind_of(service, ("fi", "sv")) is None


def test_a_service_s_own_name_stands_in_for_its_code_s() -> None:
    service = {
        "type": [{"coding": [{"code": "a"}]}],
        "name": "Vastaanotto",
        "language": "xx",
        "_name": {"extension": 3},
    }
    assert kind_of(service, ("fi", "sv")) == {"id": "|a", "names": {"fi": "Vastaanotto"}, "bring": {}}
