"""Rows of any source: in pieces, in pages, in odd encodings, and from servers that do not behave."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from knowledge.feed import Feed, Limits, Seen
from knowledge.http import SourceRefused, SourceUnavailable
from knowledge.items import Items, NotJSON
from tests.unit.knowledge.stand import Stand, standing

QUICK = Limits(seconds=5, silence=0.2, attempts=1, size=20_000_000)
ROWS = [{"id": 1, "name": "Ä"}, {"id": 2, "name": "a]b}\\"}, {"id": 3, "nested": [{"x": [1, 2]}]}]


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    async with standing() as found:
        yield found


async def read(address: str, limits: Limits = QUICK, **options: Any) -> list[Any]:
    async with Feed("units", address, limits=limits, **options) as feed:
        return [row async for row in feed.rows()]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_items_come_whole_however_the_bytes_are_cut(size: int) -> None:
    raw = json.dumps(ROWS, ensure_ascii=False, indent=1).encode()
    items = Items()
    found = [item for place in range(0, len(raw), size) for item in items.feed(raw[place : place + size])]
    assert [*found, *items.end()] == ROWS


@pytest.mark.parametrize(
    "raw", [b"", b"  ", b"<html>", b"[1, 2", b'[{"a": 1}', b'{"results": [', b"[" * 100_000, b"[] x"]
)
def test_what_is_cut_off_or_no_list_is_not_read_to_its_end(raw: bytes) -> None:
    items = Items()
    with pytest.raises(NotJSON):
        list(items.feed(raw)) + list(items.end())


def test_an_item_without_an_end_is_not_waited_for() -> None:
    items = Items(largest_item=100)
    with pytest.raises(NotJSON):
        list(items.feed(b'[{"a": "' + b"x" * 200))


async def test_array_page_and_file_give_the_same_rows(stand: Stand, tmp_path: Path) -> None:
    stand.json("/flat", ROWS)
    stand.json("/page", {"count": 3, "next": None, "previous": None, "results": ROWS})
    file = tmp_path / "units.json"
    file.write_text(json.dumps(ROWS), encoding="utf-8")
    for address in (f"{stand.url}/flat", f"{stand.url}/page", str(file)):
        assert await read(address) == ROWS


async def test_pages_are_followed_with_the_parameters_that_they_name(stand: Stand) -> None:
    async def page(request: Any) -> Any:
        from aiohttp import web  # noqa: PLC0415

        number = int(request.query.get("page", "1"))
        # As behind a proxy: another scheme and port than those that were asked.
        following = f"https://127.0.0.1/units?page={number + 1}" if number < 3 else None
        return web.json_response({"meta": {"count": 3, "next": following}, "data": [{"id": number}]})

    stand.on("/units", page)
    async with Feed("events", f"{stand.url}/units", {"start": "today"}, limits=QUICK) as feed:
        assert [row["id"] async for row in feed.rows()] == [1, 2, 3]
        assert feed.expected == 3
    assert stand.asked == ["/units?start=today", "/units?page=2", "/units?page=3"]


async def test_a_next_page_at_another_host_is_not_asked_for(stand: Stand) -> None:
    stand.json("/units", {"next": "http://169.254.169.254/latest", "results": [{"id": 1}]})
    with pytest.raises(SourceRefused, match="another host"):
        await read(f"{stand.url}/units")


async def test_pages_that_go_round_end(stand: Stand) -> None:
    stand.json("/units", {"next": "/units", "results": [{"id": 1}]})
    with pytest.raises(SourceUnavailable, match="without an end"):
        await read(f"{stand.url}/units")


async def test_a_byte_order_mark_latin_1_and_one_broken_byte(stand: Stand) -> None:
    text = json.dumps([{"name": "Berghälls bibliotek — Ö"}], ensure_ascii=False)
    stand.body("/bom", text.encode("utf-8-sig"))
    stand.body("/latin", text.replace("—", "-").encode("latin-1"))
    stand.body("/broken", text.encode().replace(b"bibliotek", b"bibliotek\xe4"))
    assert (await read(f"{stand.url}/bom"))[0]["name"] == "Berghälls bibliotek — Ö"
    assert (await read(f"{stand.url}/latin"))[0]["name"] == "Berghälls bibliotek - Ö"
    assert (await read(f"{stand.url}/broken"))[0]["name"] == "Berghälls bibliotekä — Ö"


@pytest.mark.parametrize("raw", [b"", b"<html>", b'[{"id": 1}, {"id"', b"null", b'"x"', b"[" * 50_000])
async def test_broken_answers_are_the_sources_fault(stand: Stand, raw: bytes) -> None:
    stand.body("/units", raw)
    with pytest.raises(SourceUnavailable):
        await read(f"{stand.url}/units")


async def test_an_answer_that_breaks_off(stand: Stand) -> None:
    stand.cut("/units", b'[{"id": 1}, {"id": 2}')
    with pytest.raises(SourceUnavailable, match=r"Client\w+Error|cut off"):
        await read(f"{stand.url}/units")


async def test_more_bytes_than_an_import_has(stand: Stand) -> None:
    stand.body("/units", b"[" + b'{"id": 1},' * 100_000 + b"{}]")
    with pytest.raises(SourceUnavailable, match="over 0 MB"):
        await read(f"{stand.url}/units", Limits(size=500_000, attempts=1))


async def test_ten_megabytes_of_rows_are_read(stand: Stand) -> None:
    row = json.dumps({"id": 1, "desc": "x" * 1000}).encode()
    stand.body("/units", b"[" + b",".join([row] * 10_000) + b"]")
    assert len(await read(f"{stand.url}/units")) == 10_000


@pytest.mark.parametrize(("drip", "seconds"), [(None, 5.0), (0.05, 0.5)])
async def test_hanging_and_slow_servers_are_left(stand: Stand, drip: float | None, seconds: float) -> None:
    stand.hang("/units", b'[{"id": 1}, ', drip=drip)
    began = time.monotonic()
    with pytest.raises(SourceUnavailable, match="Timeout"):
        await read(f"{stand.url}/units", Limits(seconds=seconds, silence=0.2, attempts=1))
    assert time.monotonic() - began < 3


async def test_redirects_are_not_followed(stand: Stand) -> None:
    stand.body("/units", b"", status=302, headers={"Location": f"{stand.url}/other"})
    stand.json("/other", ROWS)
    with pytest.raises(SourceRefused, match="status 302"):
        await read(f"{stand.url}/units")
    assert stand.asked == ["/units"]


async def test_a_passing_failure_is_tried_again_after_as_long_as_the_server_says(stand: Stand) -> None:
    async def busy(request: Any) -> Any:
        from aiohttp import web  # noqa: PLC0415

        if len(stand.asked) == 1:
            return web.Response(status=429, headers={"Retry-After": "1"})
        return web.json_response(ROWS)

    stand.on("/units", busy)
    began = time.monotonic()
    assert await read(f"{stand.url}/units", Limits(attempts=2)) == ROWS
    assert time.monotonic() - began >= 0.9


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_sick_servers_are_tried_a_bounded_number_of_times(stand: Stand, status: int) -> None:
    stand.body("/units", b"", status=status)
    with pytest.raises(SourceUnavailable, match=f"status {status}"):
        await read(f"{stand.url}/units", Limits(attempts=2))
    assert len(stand.asked) == 2


async def test_nobody_listens(unused_tcp_port: int) -> None:
    with pytest.raises(SourceUnavailable, match="ClientConnectorError"):
        await read(f"http://127.0.0.1:{unused_tcp_port}/units")


async def test_what_has_not_changed_is_not_read_again(stand: Stand) -> None:
    stand.body("/units", b"", status=304)
    async with Feed("units", f"{stand.url}/units", since=Seen('"abc"', "Thu, 26 Nov 2026"), limits=QUICK) as feed:
        assert [row async for row in feed.rows()] == []
        assert feed.unchanged
    assert stand.headers[0]["If-None-Match"] == '"abc"'
    assert stand.headers[0]["If-Modified-Since"] == "Thu, 26 Nov 2026"
