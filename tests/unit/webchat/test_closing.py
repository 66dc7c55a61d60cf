"""Sockets that come back, that read nothing, and that must not keep the server from ending."""

from __future__ import annotations

import asyncio

from aiohttp import WSCloseCode, WSMsgType

from tests.unit.webchat.server import Server, next_texts

LONG = "ä" * 100_000
ROUNDS = 60


async def test_a_socket_that_comes_back_goes_on_from_its_watermark(server: Server) -> None:
    citizen = await server.begin()
    first = await citizen.socket()
    await citizen.say("yksi")
    await next_texts(first, 2)
    await first.close()
    await citizen.say("kaksi")
    await server.neighbour.settled()
    async with server.http.get(citizen.url, headers=citizen.headers, params={"watermark": "2"}) as response:
        assert response.status == 200
        citizen.opened = await response.json()
    second = await citizen.socket()
    assert [one["text"] for one in await next_texts(second, 2)] == ["kaksi", "Kuulin: kaksi"]
    await second.close()


async def test_a_tab_that_reads_nothing_delays_no_other_and_misses_nothing(server: Server) -> None:
    citizen = await server.begin()
    slow, fast = await citizen.socket(), await citizen.socket()
    heard = asyncio.create_task(next_texts(fast, 2 * ROUNDS))
    for _ in range(ROUNDS):
        await citizen.say(LONG)
    seen = await heard
    assert [one["id"] for one in await next_texts(slow, 2 * ROUNDS)] == [one["id"] for one in seen]
    await slow.close()
    await fast.close()


async def test_when_we_go_each_tab_is_told_even_beside_one_that_reads_nothing(server: Server) -> None:
    citizen = await server.begin()
    stuck, tab = await citizen.socket(), await (await server.begin()).socket()
    for _ in range(ROUNDS):
        await citizen.say(LONG)
    await server.neighbour.settled()
    told = asyncio.create_task(tab.receive())
    async with asyncio.timeout(20):
        await server.chat.hang_up()
        message = await told
    assert (message.type, message.data) == (WSMsgType.CLOSE, WSCloseCode.GOING_AWAY)
    await stuck.close()
