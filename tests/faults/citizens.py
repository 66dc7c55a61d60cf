"""Citizens of the kill test: each writes in one web chat through whatever server answers, and listens on a socket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import time
from collections.abc import Sequence
from typing import Any

import aiohttp

GONE = (aiohttp.ClientError, TimeoutError, OSError)
"""What a request raises whose server has been killed."""


class Citizen:
    """One conversation. A post without a 200 is sent again, under the same id, until there is one."""

    def __init__(self, http: aiohttp.ClientSession, servers: Sequence[str], secret: str, name: str) -> None:
        self._http = http
        self._servers = [f"{server}/v3/directline" for server in servers]
        self._secret = secret
        self._name = name
        self._token: dict[str, str] = {}
        self._watermark = ""
        self.id = ""
        self.accepted: list[str] = []
        """Texts that a server has answered with 200, in the order of the answers."""
        self.resent = 0
        self.heard: list[dict[str, Any]] = []
        """Activities that came over sockets, in their order."""
        self.waits: list[float] = []
        """Seconds from a message's 200 to its answer over the socket."""
        self._asked: dict[str, float] = {}

    async def write(self, pause: float, stop: asyncio.Event) -> None:
        """Write numbered messages until told to stop; the last one is answered too."""
        await self.come()
        try:
            for number in itertools.count(1):
                await self.say(f"{self._name}-{number}")
                await asyncio.sleep(random.uniform(0, pause))
                if stop.is_set():
                    break
        except BaseException:
            await self.leave()
            raise

    async def come(self) -> None:
        """Begin a conversation and listen."""
        await self._begin()
        self._listening = asyncio.create_task(self._listen())

    async def leave(self) -> None:
        """Close the socket."""
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    async def history(self) -> list[dict[str, Any]]:
        """All activities, as the page shows them after a reload."""
        found: list[dict[str, Any]] = []
        mark = ""
        while True:
            page = await self._ask("GET", f"/conversations/{self.id}/activities", params={"watermark": mark})
            if not page["activities"]:
                return found
            found += page["activities"]
            mark = page["watermark"]

    async def _begin(self) -> None:
        self._token = {"Authorization": f"Bearer {self._secret}"}
        given = await self._ask("POST", "/tokens/generate", json={})
        self.id = given["conversationId"]
        self._token = {"Authorization": f"Bearer {given['token']}"}

    async def say(self, text: str) -> None:
        """Say something once; until a server has it."""
        activity = {"type": "message", "text": text, "locale": "en", "channelData": {"clientActivityID": text}}
        await self._ask("POST", f"/conversations/{self.id}/activities", json=activity)
        self.accepted.append(text)
        self._asked[text] = time.monotonic()

    async def _ask(self, method: str, path: str, **options: Any) -> Any:
        while True:
            url = random.choice(self._servers) + path
            try:
                async with self._http.request(method, url, headers=self._token, **options) as response:
                    if response.status < 300:
                        return await response.json()
                    if response.status < 500:
                        raise AssertionError(f"{method} was refused with {response.status}")
            except GONE:
                pass
            self.resent += 1
            await asyncio.sleep(random.uniform(0.05, 0.2))

    async def _listen(self) -> None:
        """Over one socket after another, each from where the last one ended."""
        while True:
            with contextlib.suppress(*GONE):
                again = f"/conversations/{self.id}?watermark={self._watermark}"
                url = (await self._ask("GET", again))["streamUrl"]
                async with self._http.ws_connect(url, heartbeat=5) as socket:
                    async for frame in socket:
                        if frame.type is aiohttp.WSMsgType.TEXT and frame.data:
                            self._take(frame.json())
            await asyncio.sleep(0.02)

    def _take(self, activities: dict[str, Any]) -> None:
        self._watermark = activities["watermark"]
        for activity in activities["activities"]:
            self.heard.append(activity)
            asked = self._asked.pop(activity["text"].split(" ")[0], None) if activity["from"]["role"] == "bot" else None
            if asked is not None:
                self.waits.append(time.monotonic() - asked)
