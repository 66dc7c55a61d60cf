"""``python -m tests.faults.handoffs --rounds 200 --kills 40``: citizens ask, a person answers, servers are killed.

Two server processes (``tests/faults/desk.py``). A citizen writes to either; the person's page hears of it from either,
is read, and its form is sent. A form without an answer is sent again under its key, to whatever server there is. First
rounds are timed, then servers are killed while more are held. In the end each question and each answer stands in the
transcript once, in order, and the citizen has heard each answer once.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import sys
import time
from uuid import uuid4

import aiohttp

from tests.faults.citizens import GONE, Citizen
from tests.faults.kills import Findings, command, servers_over


class Agent:
    """A person at the pages of two servers, logged in at one for both."""

    def __init__(self, servers: list[str]) -> None:
        self._servers = servers
        self._http = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True), timeout=aiohttp.ClientTimeout(total=10)
        )
        self._changed = asyncio.Event()
        self._page = ""
        self._token = ""
        self._listening: asyncio.Task[None] | None = None

    async def come(self) -> None:
        """Log in, and take the conversation that waits."""
        await self._send("/console/login", {"name": "Anna", "language": "en"})
        while not (found := re.findall(r"/console/[0-9a-f-]{36}", await self._get("/console/inbox"))):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self._page = found[0]
        self._token = re.findall(r'name="token" value="(\w+)"', await self._get(self._page))[0]
        await self._send(f"{self._page}/claim", {"token": self._token})
        self._listening = asyncio.create_task(self._listen())

    async def answer(self, question: str) -> None:
        """Wait until a question can be read, and answer it."""
        self._changed.clear()  # before the look: what changes during it is looked at again
        while f">{question}</p>" not in await self._get(self._page):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), 1)
            self._changed.clear()
        form = {"token": self._token, "key": str(uuid4()), "text": f"answer to {question}"}
        await self._send(f"{self._page}/say", form)

    async def leave(self) -> None:
        """Close the pages."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)
        await self._http.close()

    async def _get(self, path: str) -> str:
        while True:
            with contextlib.suppress(*GONE):
                async with self._http.get(random.choice(self._servers) + path) as response:
                    if response.status == 200:
                        return await response.text()
            await asyncio.sleep(0.05)

    async def _send(self, path: str, form: dict[str, str]) -> None:
        while True:
            with contextlib.suppress(*GONE):
                url = random.choice(self._servers) + path
                async with self._http.post(url, data=form, allow_redirects=False) as response:
                    if response.status == 303:
                        return
            await asyncio.sleep(0.05)

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(*GONE):
                url = f"{random.choice(self._servers)}/console/events"
                async with self._http.get(url, timeout=aiohttp.ClientTimeout(total=None)) as stream:
                    async for _ in stream.content:
                        self._changed.set()
            await asyncio.sleep(0.02)


async def hold(citizen: Citizen, agent: Agent, question: str) -> float:
    """One question and its answer; the seconds between them."""
    began = time.monotonic()
    await citizen.say(question)
    await agent.answer(question)
    wanted = f"answer to {question}"
    while all(activity["text"] != wanted for activity in citizen.heard):  # noqa: ASYNC110  another process sends it
        await asyncio.sleep(0.002)
    return time.monotonic() - began


async def run(url: str, rounds: int, kills: int) -> Findings:
    """Hold the whole run over a migrated database."""
    findings = Findings()
    async with servers_over(url, "tests.faults.desk") as (servers, http, secret):
        addresses = [server.url for server in servers]
        citizen, agent = Citizen(http, addresses, secret, "c"), Agent(addresses)
        await citizen.come()
        await citizen.say("help")
        await agent.come()
        waits = [await hold(citizen, agent, f"q{number}") for number in range(rounds)]
        stop = asyncio.Event()

        async def more() -> list[str]:
            held: list[str] = []
            while not stop.is_set():
                held.append(f"k{len(held)}")
                await hold(citizen, agent, held[-1])
            return held

        holding = asyncio.create_task(more())
        for number in range(kills):
            await asyncio.sleep(random.uniform(0, 0.5))
            await servers[number % 2].kill()
            await servers[number % 2].start(http)
        stop.set()
        asked = [f"q{number}" for number in range(rounds)] + await holding
        history = [(each["from"]["role"], each["text"]) for each in await citizen.history()]
        heard = [each["text"] for each in citizen.heard if each["text"].startswith("answer")]
        await agent.leave()
        await citizen.leave()
    findings.equal("questions shown", [text for role, text in history if role == "user"], ["help", *asked])
    answers = [f"answer to {question}" for question in asked]
    findings.equal("answers shown", [text for role, text in history if text.startswith("answer")], answers)
    findings.equal("answers heard", heard, answers)
    waits.sort()
    findings.figures = {
        "rounds": rounds,
        "kills": kills,
        "rounds_while_killing": len(asked) - rounds,
        "round_trip_median_s": round(waits[len(waits) // 2], 4),
        "round_trip_p99_s": round(waits[int(len(waits) * 0.99)], 4),
    }
    return findings


if __name__ == "__main__":
    sys.exit(command("handoffs", __doc__, run, rounds=200, kills=40))
