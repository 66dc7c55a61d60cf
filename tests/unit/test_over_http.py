"""Bodies that are read no further than a limit, and how long a server wants to be left alone."""

from __future__ import annotations

import asyncio
import email.utils
import time

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.over_http import TooLong, read_body, seconds_of

PIECES = (b"a" * 70_000, b"b" * 70_000)


async def _pieces(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for piece in PIECES:
        await response.write(piece)
        await asyncio.sleep(0.02)
    return response


async def test_a_body_that_comes_in_pieces_is_whole_or_too_long() -> None:
    app = web.Application()
    app.router.add_get("/", _pieces)
    async with TestClient(TestServer(app)) as client:
        async with client.get("/") as response:
            assert await read_body(response.content.iter_any(), 140_000) == b"".join(PIECES)
        async with client.get("/") as response:
            with pytest.raises(TooLong):
                await read_body(response.content.iter_any(), 139_999)


@pytest.mark.parametrize(("header", "seconds"), [("0", 0.0), ("17", 17.0), (" 1.5 ", 1.5), ("9" * 30, 3600.0)])
def test_a_number_is_seconds_and_no_more_than_the_longest(header: str, seconds: float) -> None:
    assert seconds_of(header) == seconds


@pytest.mark.parametrize(("ahead", "least", "most"), [(60, 50, 61), (-60, 0, 0), (10_000, 3600, 3600)])
def test_a_date_is_how_far_away_it_is(ahead: int, least: float, most: float) -> None:
    found = seconds_of(email.utils.formatdate(time.time() + ahead, usegmt=True))
    assert found is not None
    assert least <= found <= most


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "٣", "nan", "inf", "1.2.3", ".", "Thu, 99 Nov 2026"])
def test_nonsense_says_nothing(header: str | None) -> None:
    assert seconds_of(header) is None
