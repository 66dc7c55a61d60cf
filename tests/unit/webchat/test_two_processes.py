"""Two server processes over one database, with tabs of one citizen on both (field cases OR-01, OR-02, OR-07)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import asyncpg
import pytest
from aiohttp.test_utils import unused_port

from tests.faults.counting import EVERY
from tests.faults.kills import Server

SECRET = "s" * 40
PATIENCE = 30


class Tab:
    """A tab of the citizen: a socket to one of the processes, with what it has heard and how far."""

    def __init__(self, http: aiohttp.ClientSession, conversation: str, token: str) -> None:
        self._http = http
        self._path = f"/v3/directline/conversations/{conversation}"
        self._headers = {"Authorization": f"Bearer {token}"}
        self.heard: list[dict[str, Any]] = []
        self.watermark = ""

    async def open(self, server: Server) -> None:
        """Go to a process, from where this tab has read to."""
        self.server = server
        url = f"{server.url}{self._path}?watermark={self.watermark}"
        async with self._http.get(url, headers=self._headers) as response:
            assert response.status == 200
            self._socket = await self._http.ws_connect((await response.json())["streamUrl"])

    async def say(self, text: str) -> None:
        activity = {"type": "message", "text": text, "channelData": {"clientActivityID": text}}
        url = f"{self.server.url}{self._path}/activities"
        async with self._http.post(url, headers=self._headers, json=activity) as response:
            assert response.status == 200, await response.text()

    async def hear(self, count: int) -> list[str]:
        """All that was heard, when it is so much."""
        async with asyncio.timeout(PATIENCE):
            while len(self.heard) < count:
                message = await self._socket.receive()
                assert message.type is aiohttp.WSMsgType.TEXT, message
                if message.data:
                    page = message.json()
                    self.heard += page["activities"]
                    self.watermark = page["watermark"]
        return [each["text"] for each in self.heard]

    async def lost(self) -> None:
        """Wait until the process is gone."""
        async with asyncio.timeout(PATIENCE):
            while (await self._socket.receive()).type not in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE):
                pass

    async def close(self) -> None:
        await self._socket.close()


@pytest.fixture
async def servers(database_url: str) -> AsyncIterator[tuple[Server, Server]]:
    connection: asyncpg.Connection[Any] = await asyncpg.connect(database_url)
    await connection.execute("CREATE TABLE faults_calls (key text NOT NULL)")
    await connection.close()
    environment = {**os.environ, "DATABASE_URL": database_url, "SECRET": SECRET}
    one, other = (Server(unused_port(), environment) for _ in range(2))
    async with aiohttp.ClientSession() as http:
        await asyncio.gather(one.start(http), other.start(http))
    try:
        yield one, other
    finally:
        for server in (one, other):
            await server.kill()


@pytest.fixture
async def tabs(servers: tuple[Server, Server]) -> AsyncIterator[tuple[Tab, Tab]]:
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {SECRET}"}
        async with http.post(f"{servers[0].url}/v3/directline/tokens/generate", headers=headers) as response:
            given = await response.json()
        both = [Tab(http, given["conversationId"], given["token"]) for _ in servers]
        for tab, server in zip(both, servers, strict=True):
            await tab.open(server)
        yield both[0], both[1]
        for tab in both:
            await tab.close()


async def test_both_tabs_hear_both_in_one_order(tabs: tuple[Tab, Tab]) -> None:
    one, other = tabs
    for number in range(5):
        await one.say(f"a{number}")
        await other.say(f"b{number}")
    # Each message, two replies to it, and a note to every few of them.
    heard = await asyncio.gather(*(tab.hear(30 + 10 // EVERY) for tab in tabs))
    assert heard[0] == heard[1]
    assert [each["id"] for each in one.heard] == [each["id"] for each in other.heard]
    assert [each["id"] for each in one.heard] == sorted(each["id"] for each in one.heard)
    said = [text for text in heard[0] if " " not in text]
    assert said == [f"{who}{number}" for number in range(5) for who in "ab"]


async def test_two_messages_at_once_through_two_processes_are_both_answered_once(tabs: tuple[Tab, Tab]) -> None:
    one, other = tabs
    await asyncio.gather(one.say("haluan"), other.say("olen"))
    heard = await asyncio.gather(*(tab.hear(6) for tab in tabs))
    assert heard[0] == heard[1]
    answers = [text for text in heard[0] if " " in text]
    first, second = answers[0].split(" ")[0], answers[2].split(" ")[0]
    assert {first, second} == {"haluan", "olen"}
    assert answers == [f"{first} 1 first", f"{first} 1 second", f"{second} 2 first", f"{second} 2 second"]


async def test_the_same_message_to_both_processes_at_once_is_one(tabs: tuple[Tab, Tab]) -> None:
    await asyncio.gather(*(tab.say("kerran") for tab in tabs for _ in range(5)))
    await tabs[0].say("sitten")
    heard = await asyncio.gather(*(tab.hear(6) for tab in tabs))
    assert sorted(heard[0]) == sorted(
        ["kerran", "kerran 1 first", "kerran 1 second", "sitten", "sitten 2 first", "sitten 2 second"]
    )
    assert heard[0] == heard[1]


async def test_a_tab_goes_on_with_its_watermark_at_the_other_process(
    servers: tuple[Server, Server], tabs: tuple[Tab, Tab]
) -> None:
    one, other = tabs
    await one.say("ennen")
    await asyncio.gather(*(tab.hear(3) for tab in tabs))
    await one.close()
    await other.say("sillä")
    await other.hear(6)
    await one.open(servers[1])
    await one.say("jälkeen")
    heard = await asyncio.gather(*(tab.hear(9) for tab in tabs))
    assert heard[0] == heard[1]
    assert [text for text in heard[0] if " " not in text] == ["ennen", "sillä", "jälkeen"]


async def test_a_process_that_is_killed_takes_nothing_along(
    servers: tuple[Server, Server], tabs: tuple[Tab, Tab]
) -> None:
    one, other = tabs
    await one.say("ennen")
    await one.hear(1)  # its turn may not have ended yet
    await servers[0].kill()
    await one.lost()
    await one.open(servers[1])
    await one.say("jälkeen")
    heard = await asyncio.gather(*(tab.hear(6) for tab in tabs))
    assert heard[0] == heard[1]
    assert [each["id"] for each in one.heard] == sorted(each["id"] for each in one.heard)
    assert sorted(heard[0]) == sorted(
        ["ennen", "ennen 1 first", "ennen 1 second", "jälkeen", "jälkeen 2 first", "jälkeen 2 second"]
    )
    async with aiohttp.ClientSession() as http:
        await servers[0].start(http)
    await other.close()
    await other.open(servers[0])
    await one.say("lopuksi")
    heard = await asyncio.gather(*(tab.hear(9) for tab in tabs))
    assert heard[0] == heard[1]
