from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from knowledge.hours import STATES, Hours, OpenPeriod
from knowledge.http import SourceUnavailable
from knowledge.load import Content

DAY = "2026-11-26"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Source:
    """A Hauki that answers as it is told, and keeps what it was asked."""

    def __init__(self, content: Content) -> None:
        self.asked: list[str] = []
        self.handler: Handler = self.nothing
        self._content = content
        self._open: list[Any] = []

    async def nothing(self, request: web.Request) -> web.StreamResponse:
        return web.json_response([])

    def body(self, raw: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> None:
        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(body=raw, status=status, headers=headers)

        self.handler = handler

    def times(self, *times: object, date: str = DAY) -> None:
        self.body(json.dumps([{"date": date, "times": times}]).encode())

    async def client(self, **options: Any) -> Hours:
        async def answer(request: web.Request) -> web.StreamResponse:
            self.asked.append(request.path_qs)
            return await self.handler(request)

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        server = TestServer(app)
        await server.start_server()
        hours = Hours(self._content.city, str(server.make_url("/hauki/")), attempts=1, **options)
        self._open += [server, hours]
        return hours

    async def close(self) -> None:
        for opened in reversed(self._open):
            await opened.close()


@pytest.fixture
async def source(helsinki: Content) -> AsyncIterator[Source]:
    found = Source(helsinki)
    yield found
    await found.close()


def times(start: str | None, end: str | None, **more: object) -> dict[str, object]:
    return {"start_time": start, "end_time": end, "resource_state": "open", "full_day": False} | more


async def periods(source: Source, **options: Any) -> list[OpenPeriod]:
    hours = await (await source.client(**options)).on("8215", DAY)
    assert hours["known"]
    return hours["periods"]


async def test_asks_for_one_day_of_one_unit(source: Source) -> None:
    source.times(times("08:00:00", "20:00:00"))
    hours = await (await source.client()).on("8215", DAY)
    assert source.asked == [f"/hauki/v1/resource/tprek:8215/opening_hours/?start_date={DAY}&end_date={DAY}"]
    assert hours == {
        "date": DAY,
        "known": True,
        "periods": [{"start": "08:00", "end": "20:00", "ends_next_day": False, "state": "open"}],
        "demonstration": False,
        "as_of": None,
    }


async def test_the_real_shape(source: Source) -> None:
    source.times(
        times("20:00:00", "22:00:00", resource_state="self_service", name="", description="", periods=[1]),
        times("08:00:00", "20:00:00", end_time_on_next_day=False, name={"fi": None}, periods=[1]),
    )
    assert [period["state"] for period in await periods(source)] == ["open", "self_service"]


async def test_over_midnight(source: Source) -> None:
    source.times(times("18:00:00", "02:00:00", end_time_on_next_day=True))
    assert await periods(source) == [OpenPeriod(start="18:00", end="02:00", ends_next_day=True, state="open")]


async def test_over_midnight_that_the_source_forgot_to_mark(source: Source) -> None:
    source.times(times("18:00:00", "02:00:00"))
    assert (await periods(source))[0]["ends_next_day"]


async def test_whole_day(source: Source) -> None:
    source.times(times(None, None, full_day=True))
    assert await periods(source) == [OpenPeriod(start="00:00", end="00:00", ends_next_day=True, state="open")]


async def test_open_ended(source: Source) -> None:
    source.times(times("08:00:00", None), times(None, "06:00", resource_state="closed"))
    assert await periods(source) == [
        OpenPeriod(start=None, end="06:00", ends_next_day=False, state="closed"),
        OpenPeriod(start="08:00", end=None, ends_next_day=False, state="open"),
    ]


@pytest.mark.parametrize("state", sorted(STATES - {"undefined"}))
async def test_every_state_comes_through(source: Source, state: str) -> None:
    source.times(times("08:00:00", "16:00:00", resource_state=state))
    assert (await periods(source))[0]["state"] == state


async def test_state_of_a_newer_hauki_is_undefined(source: Source) -> None:
    source.times(times("08:00:00", "16:00:00", resource_state="levitating"), times("16:00:00", "17:00:00"))
    assert [period["state"] for period in await periods(source)] == ["undefined", "open"]


@pytest.mark.parametrize(
    "raw",
    [
        b"[]",
        b"{}",
        b"null",
        b'"closed"',
        b"[null, 1, []]",
        b'[{"date": "2026-11-27", "times": [{"start_time": "08:00:00", "end_time": "20:00:00"}]}]',
        b'[{"date": "2026-11-26", "times": null}]',
        b'[{"date": "2026-11-26", "times": []}]',
        b'[{"date": "2026-11-26", "times": [3]}]',
        b'[{"date": "2026-11-26", "times": [{"start_time": "8 am", "resource_state": "open"}]}]',
        b'[{"date": "2026-11-26", "times": [{"start_time": 8, "end_time": 20, "resource_state": "open"}]}]',
        b'[{"date": "2026-11-26", "times": [{"start_time": "08:00:00", "resource_state": "undefined"}]}]',
        b'[{"date": "2026-11-26", "times": [{}]}]',
    ],
)
async def test_what_is_not_understood_is_not_known(source: Source, raw: bytes) -> None:
    source.body(raw)
    assert not (await (await source.client()).on("8215", DAY))["known"]


async def test_one_unreadable_period_makes_the_day_unknown(source: Source) -> None:
    source.times(times("08:00:00", "12:00:00"), times("noon", "20:00:00"))
    assert not (await (await source.client()).on("8215", DAY))["known"]


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_unit_that_the_source_does_not_have_is_not_known(source: Source, status: int) -> None:
    source.body(b'["Invalid start_date"]', status=status)
    assert not (await (await source.client()).on("8215", DAY))["known"]


@pytest.mark.parametrize(("unit_id", "date"), [("8215/../9", DAY), ("", DAY), ("8215", "tomorrow"), ("8215", "")])
async def test_nonsense_is_not_asked(source: Source, unit_id: str, date: str) -> None:
    assert not (await (await source.client()).on(unit_id, date))["known"]
    assert source.asked == []


@pytest.mark.parametrize("raw", [b"", b"<html>", b'[{"date":', b"[" * 100_000, b"[" + b" " * 10_000_000 + b"]"])
async def test_broken_answers_are_the_sources_fault(source: Source, raw: bytes) -> None:
    source.body(raw)
    with pytest.raises(SourceUnavailable):
        await (await source.client()).on("8215", DAY)


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_sick_source_is_unavailable(source: Source, status: int) -> None:
    source.body(b"", status=status)
    with pytest.raises(SourceUnavailable, match=f"^hauki: status {status}$"):
        await (await source.client()).on("8215", DAY)


async def test_redirect_is_not_followed(source: Source) -> None:
    source.body(b"", status=302, headers={"Location": "http://169.254.169.254/"})
    assert not (await (await source.client()).on("8215", DAY))["known"]
    assert len(source.asked) == 1


async def test_hanging_source_is_unavailable(source: Source) -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    source.handler = hang
    with pytest.raises(SourceUnavailable, match="TimeoutError"):
        await (await source.client(timeout=0.05)).on("8215", DAY)


async def test_nobody_listens(helsinki: Content, unused_tcp_port: int) -> None:
    hours = Hours(helsinki.city, f"http://127.0.0.1:{unused_tcp_port}", attempts=1)
    with pytest.raises(SourceUnavailable, match="ClientConnectorError"):
        await hours.on("8215", DAY)
    await hours.close()


@pytest.mark.parametrize("encode", [lambda text: text.encode("utf-8-sig"), lambda text: text.encode("latin-1")])
async def test_other_encodings(source: Source, encode: Callable[[str], bytes]) -> None:
    source.body(encode(json.dumps([{"date": DAY, "times": [times("08:00", "9:00", name="Ö")]}], ensure_ascii=False)))
    assert not (await (await source.client()).on("8215", DAY))["known"]  # “9:00” is no time
    source.body(encode(json.dumps([{"date": DAY, "times": [times("08:00", "09:00", name="Ö")]}], ensure_ascii=False)))
    assert await periods(source)


async def test_passing_failure_is_tried_again(source: Source, helsinki: Content) -> None:
    async def once(request: web.Request) -> web.StreamResponse:
        if len(source.asked) == 1:
            return web.Response(status=503)
        return web.json_response([{"date": DAY, "times": [times("08:00", "09:00")]}])

    source.handler = once
    first = await source.client()
    first._source._attempts = 2  # type: ignore[union-attr]
    assert (await first.on("8215", DAY))["known"]
    assert len(source.asked) == 2


async def test_answer_is_kept_and_failure_is_not(source: Source) -> None:
    hours = await source.client()
    source.body(b"", status=500)
    with pytest.raises(SourceUnavailable):
        await hours.on("8215", DAY)
    source.times(times("08:00", "09:00"))
    first = await hours.on("8215", DAY)
    first["periods"][0]["state"] = "changed by a caller"
    second = await hours.on("8215", DAY)
    assert second["periods"][0]["state"] == "open"
    assert len(source.asked) == 2


async def test_without_an_address_no_hours_are_known(helsinki: Content) -> None:
    hours = Hours(helsinki.city, None, demonstration=True)
    assert await hours.on("8215", DAY) == {
        "date": DAY,
        "known": False,
        "periods": [],
        "demonstration": True,
        "as_of": None,
    }
    await hours.close()


@pytest.mark.parametrize(
    ("date", "language", "name"),
    [
        ("2026-12-06", "fi", "Itsenäisyyspäivä"),
        ("2026-12-06", "sv", "Självständighetsdagen"),
        ("2026-12-06", "en", "Independence Day"),
        ("2027-06-25", "sv", "Midsommarafton"),
        ("2026-11-26", "fi", None),
    ],
)
def test_holidays_in_the_citys_languages(helsinki: Content, date: str, language: str, name: str | None) -> None:
    assert Hours(helsinki.city, None).holiday(date, language) == name
