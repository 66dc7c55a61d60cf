"""``neuvo bench handoff``: from a citizen's message by way of a person's page to the answer on the citizen's socket.

Two whole server processes over one database: citizens write to one, the person's pages are those of the other. A round
is a message posted, heard of by the page (server-sent events), read, answered by its form, and come to the citizen.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import statistics
import time
from uuid import uuid4

import aiohttp
from tqdm import tqdm

from bot.bench import EACH, WebVisitor, free_port, machine, process, surroundings

WARM = 5
"""Rounds before those that are timed."""
PATIENCE = 60.0
"""Seconds after which a round is given up: something is broken then."""


class Citizen(WebVisitor):
    """One citizen on the web, who waits for what is said."""

    def __init__(self, http: aiohttp.ClientSession, base: str, secret: str) -> None:
        super().__init__(http, base, secret, [])
        self._heard: asyncio.Queue[str] = asyncio.Queue()

    async def ask(self, text: str, answer: str) -> None:
        """Say something and wait until a message with ``answer`` in it has come."""
        activity = {"type": "message", "text": text, "from": {"id": "bench"}, "locale": "en"}
        async with self._http.post(self._activities, headers=self._headers, json=activity) as response:
            response.raise_for_status()
        async with asyncio.timeout(PATIENCE):
            while answer not in await self._heard.get():
                pass

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(socket.close)
            async for frame in socket:
                if frame.type is aiohttp.WSMsgType.TEXT and frame.data:
                    for activity in frame.json()["activities"]:
                        self._heard.put_nowait(activity.get("text", ""))


class Person:
    """A member of staff at the pages of one server."""

    def __init__(self, http: aiohttp.ClientSession, base: str) -> None:
        self._http, self._base = http, f"{base}/console"
        self._changed = asyncio.Event()
        self._page = self._token = ""
        self._listening: asyncio.Task[None] | None = None

    async def come(self) -> None:
        """Log in, and listen."""
        await self._send("/login", {"name": "Anna", "language": "en"})
        self._listening = asyncio.create_task(self._listen())

    async def claim(self) -> None:
        """Take the conversation that waits, as soon as one does."""
        page = await self._until("/inbox", r'href="/console(/[0-9a-f-]{36})"')
        self._page = page[1]
        found = await self._until(self._page, r'name="token" value="(\w+)"')
        self._token = found[1]
        await self._send(f"{self._page}/claim", {"token": self._token})

    async def answer(self, question: str, answer: str) -> None:
        """Wait until a question can be read, and answer it."""
        await self._until(self._page, f">{re.escape(question)}</p>")
        await self._send(f"{self._page}/say", {"token": self._token, "key": str(uuid4()), "text": answer})

    async def give_back(self) -> None:
        """End the conversation that was taken."""
        await self._send(f"{self._page}/close", {"token": self._token, "reason": "solved"})

    async def leave(self) -> None:
        """Close the pages."""
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _until(self, path: str, pattern: str) -> re.Match[str]:
        """What is found in a page, as soon as it is there."""
        async with asyncio.timeout(PATIENCE):
            while True:
                self._changed.clear()  # before the look: what changes during it is looked at again
                async with self._http.get(self._base + path) as response:
                    response.raise_for_status()
                    found = re.search(pattern, await response.text())
                if found is not None:
                    return found
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._changed.wait(), 1)

    async def _send(self, path: str, form: dict[str, str]) -> None:
        async with self._http.post(self._base + path, data=form, allow_redirects=False) as response:
            if response.status != 303:
                raise RuntimeError(f"a form was answered with {response.status}")

    async def _listen(self) -> None:
        async with self._http.get(f"{self._base}/events", timeout=aiohttp.ClientTimeout(total=None)) as stream:
            async for _ in stream.content:
                self._changed.set()


async def measure(database_url: str, rounds: int) -> dict[str, object]:
    """Hold the rounds over a migrated database; times in milliseconds."""
    secret, ports = secrets.token_urlsafe(48), (free_port(), free_port())
    environment = surroundings(database_url, secret)
    bases = [f"http://127.0.0.1:{port}" for port in ports]
    async with contextlib.AsyncExitStack() as stack:
        for port, base in zip(ports, bases, strict=True):
            server = ("-m", "bot.cli", "dev", "--port", str(port))  # its login needs no provider
            await stack.enter_async_context(process(*server, ready=f"{base}/readyz", environment=environment))
        jar = aiohttp.CookieJar(unsafe=True)
        http = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=jar))
        person = Person(http, bases[1])
        await person.come()
        stack.push_async_callback(person.leave)
        await _rounds(http, bases[0], secret, person, WARM)
        times = await _rounds(http, bases[0], secret, person, rounds)
    cuts = statistics.quantiles(times, n=100)
    return {
        "p50_ms": round(cuts[49] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "rounds": len(times),
        "processes": len(ports),
        **machine(),
    }


async def _rounds(http: aiohttp.ClientSession, base: str, secret: str, person: Person, rounds: int) -> list[float]:
    """Hold them in conversations one after the other; the seconds of each."""
    times: list[float] = []
    with tqdm(total=rounds, unit="round", disable=None) as bar:
        while len(times) < rounds:
            citizen = Citizen(http, base, secret)
            await citizen.open()
            claimed = asyncio.create_task(person.claim())
            await citizen.ask("human", "Anna")
            await claimed
            for _ in range(min(EACH, rounds - len(times))):
                question, answer = f"question {len(times)}", f"answer {len(times)}"
                begin = time.perf_counter()
                await asyncio.gather(citizen.ask(question, answer), person.answer(question, answer))
                times.append(time.perf_counter() - begin)
                bar.update()
            await person.give_back()
            await citizen.close()
    return times
