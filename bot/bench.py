"""``neuvo bench turns``: whole web-chat turns over HTTP against a bare aiohttp JSON echo, in one run.

Both servers are processes of their own and are driven by the same client, one after the other, so that their ratio
says what a turn costs beyond HTTP on this machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import platform
import secrets
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from bot.keys import new_key

DIRECT_LINE = "/v3/directline"
SAID = ("paljonko asukaspysäköinti maksaa", "missä on lähin kirjasto Kalliossa", "mihin vanhan sohvan voi viedä", "moi")
"""Topics, a dialog that looks units up, and a greeting: what citizens say in turn."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run did: exchanges a second, and the 50th and 99th percentile of one exchange in milliseconds."""

    per_second: float
    p50_ms: float
    p99_ms: float
    count: int


async def measure(exchanges: list[Callable[[], Awaitable[None]]], seconds: float) -> Load:
    """Run each exchange again and again, all side by side, for a number of seconds."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def repeat(exchange: Callable[[], Awaitable[None]]) -> None:
        while (begin := time.perf_counter()) < end:
            await exchange()
            times.append(time.perf_counter() - begin)

    began = time.perf_counter()
    await asyncio.gather(*map(repeat, exchanges))
    took = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=100)
    return Load(len(times) / took, cuts[49] * 1000, cuts[98] * 1000, len(times))


_ADDRESSES = itertools.count(1)
EACH = 25
"""Messages of one conversation: more in a row are slowed down, as nobody writes so fast."""


class WebVisitor:
    """Citizens on the web, one after the other: each posts messages and waits on the socket for the answers.

    Each has an address of their own, which a proxy tells: one address is not let ask as much as a whole bench does.
    """

    def __init__(self, http: aiohttp.ClientSession, base: str, secret: str, texts: list[str]) -> None:
        self._http = http
        self._base = base + DIRECT_LINE
        self._secret = secret
        self._texts = itertools.cycle(texts)
        self._answers: asyncio.Queue[str] = asyncio.Queue()
        self._headers: dict[str, str] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._said = 0

    async def open(self) -> None:
        """Take a token, begin a conversation and open its stream."""
        number = next(_ADDRESSES)
        origin = {"X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        bearer = {"Authorization": f"Bearer {self._secret}", **origin}
        async with self._http.post(f"{self._base}/tokens/generate", headers=bearer, json={}) as response:
            response.raise_for_status()
            token = (await response.json())["token"]
        self._headers = {"Authorization": f"Bearer {token}", **origin}
        async with self._http.post(f"{self._base}/conversations", headers=self._headers) as response:
            response.raise_for_status()
            conversation = await response.json()
        self._activities = f"{self._base}/conversations/{conversation['conversationId']}/activities"
        socket = await self._http.ws_connect(conversation["streamUrl"], headers=origin)
        self._tasks.append(asyncio.create_task(self._listen(socket)))

    async def _listen(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            if frame.type is not aiohttp.WSMsgType.TEXT or not frame.data:
                continue
            for activity in frame.json().get("activities", ()):
                if activity.get("replyToId"):
                    self._answers.put_nowait(activity["replyToId"])

    async def exchange(self) -> None:
        """Say the next text and wait for the answer to it, as somebody new where enough has been said."""
        if self._said == EACH:
            await self.close()
            await self.open()
            self._said = 0
        self._said += 1
        activity = {"type": "message", "text": next(self._texts), "from": {"id": "bench"}, "locale": "fi"}
        async with self._http.post(self._activities, headers=self._headers, json=activity) as response:
            response.raise_for_status()
            posted = (await response.json())["id"]
        while await asyncio.wait_for(self._answers.get(), 30) != posted:
            pass

    async def close(self) -> None:
        """Close the stream."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()


@contextlib.asynccontextmanager
async def process(*arguments: str, ready: str, environment: Mapping[str, str] | None = None) -> AsyncIterator[None]:
    """Run a Python process until the block ends; the block begins when ``ready`` answers 200."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, env={**os.environ, **(environment or {})}, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        await _until_ready(child, ready)
        yield
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


async def _until_ready(child: asyncio.subprocess.Process, url: str) -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(600):
            if child.returncode is not None:
                raise RuntimeError(f"the server ended with exit code {child.returncode} before it was ready")
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(url) as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)
    raise RuntimeError(f"no answer from {url} within 60 seconds")


async def bench_echo(url: str, clients: int, seconds: float) -> Load:
    """Drive the bare echo with small JSON bodies."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:

        async def exchange() -> None:
            async with http.post(url, json={"type": "message", "text": "moi"}) as response:
                await response.json()

        return await measure([exchange] * clients, seconds)


async def bench_turns(base: str, secret: str, texts: list[str], clients: int, seconds: float) -> Load:
    """Drive whole turns: every client is a conversation of its own."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        visitors = [WebVisitor(http, base, secret, texts) for _ in range(clients)]
        for visitor in visitors:
            await visitor.open()
        try:
            return await measure([visitor.exchange for visitor in visitors], seconds)
        finally:
            for visitor in visitors:
                await visitor.close()


async def compare(database_url: str, clients: int, seconds: float) -> dict[str, object]:
    """Drive the echo, then a real server over a migrated database; the figures and the ratio of their rates."""
    secret, port, echo_port = secrets.token_urlsafe(48), free_port(), free_port()
    base, bare = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{echo_port}/"
    async with process("-m", "bot.bench", str(echo_port), ready=bare):
        echoed = await bench_echo(bare, clients, seconds)
    environment = surroundings(database_url, secret)
    async with process("-m", "bot.cli", "serve", "--port", str(port), ready=f"{base}/readyz", environment=environment):
        await bench_turns(base, secret, list(SAID), clients, min(2.0, seconds))
        turned = await bench_turns(base, secret, list(SAID), clients, seconds)
    return {
        "turns_per_s": round(turned.per_second, 1),
        "p50_ms": round(turned.p50_ms, 1),
        "p99_ms": round(turned.p99_ms, 1),
        "turns": turned.count,
        "echo_per_s": round(echoed.per_second, 1),
        "ratio": round(turned.per_second / echoed.per_second, 4),
        "clients": clients,
        **machine(),
    }


def surroundings(database_url: str, secret: str) -> dict[str, str]:
    """The environment of a server over one database, with keys of its own. ``secret`` is the web chat's."""
    return {
        "DATABASE_URL": database_url,
        "NEUVO_KEYS_URL": database_url,
        "NEUVO_MASTER_KEY": new_key(),
        "NEUVO_INDEX_KEY": new_key(),
        "NEUVO_WEBCHAT_SECRET": secret,
        "NEUVO_TRUSTED_PROXIES": "127.0.0.0/8",
        "NEUVO_LOG_LEVEL": "warning",
    }


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    return {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()}


def echo(port: int) -> None:
    """Serve the bare echo: the yardstick."""

    async def answer(request: web.Request) -> web.Response:
        return web.json_response(await request.json())

    application = web.Application()
    application.add_routes([web.post("/", answer), web.get("/", lambda _: _ok())])
    web.run_app(application, host="127.0.0.1", port=port, print=None, access_log=None)


async def _ok() -> web.Response:
    return web.Response()


if __name__ == "__main__":
    echo(int(sys.argv[1]))
