"""Sockets behind which nobody is any more (field case WB-09)."""

from __future__ import annotations

import asyncio
import time

from aiohttp import WSMsgType

from channels.webchat.parts import HEARTBEAT, Manner
from tests.unit.webchat.server import HURRIED, next_texts, serving


async def test_a_socket_that_answers_no_ping_is_closed_and_its_tab_goes_on_elsewhere(database_url: str) -> None:
    assert HEARTBEAT * 1.5 < 60
    async with serving(database_url, manner=Manner(paces=HURRIED, heartbeat=0.4)) as server:
        citizen = await server.begin()
        dead = await server.http.ws_connect(citizen.opened["streamUrl"], autoping=False)
        living = await citizen.socket()
        heard = asyncio.create_task(next_texts(living, 2))
        began = time.monotonic()
        async with asyncio.timeout(10):
            while (await dead.receive()).type is WSMsgType.PING:
                pass
        assert time.monotonic() - began < 3
        await citizen.say("vielä")
        assert [each["text"] for each in await heard] == ["vielä", "Kuulin: vielä"]
        assert len(server.chat._parts.rooms.streams) == 1
        await living.close()
        await dead.close()
