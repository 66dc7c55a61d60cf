"""``python -m tests.faults.kills --kills 200``: servers killed at random moments while citizens write.

Two server processes (``tests/faults/counting.py``) over one embedded PostgreSQL that keeps its data safe. Citizens post
over HTTP to either and listen on sockets. SIGKILL takes one server, then the other, again and again; each comes back.
When all is done and nothing is left to do, every message that was answered with 200 must have had one turn, in its
order, and the page and the sockets must have shown each reply once. Ends with one JSON object, and with 1 on a fault.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import secrets
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import asyncpg
from tqdm import tqdm

from bot.database import migrate
from bot.embedded import EmbeddedPostgres
from tests.faults.citizens import GONE, Citizen
from tests.faults.counting import EVERY
from tests.keys import lookup

ROOT = Path(__file__).resolve().parents[2]
LONGEST_RUN = 0.6
"""Seconds that a server lives at most between being ready and being killed."""
LEFT = """
SELECT (SELECT count(*) FROM inbox WHERE status = 'waiting')
    + (SELECT count(*) FROM outbox WHERE status IN ('waiting', 'sending'))
    + (SELECT count(*) FROM effects WHERE status IN ('waiting', 'running'))
"""
STATUSES = """
SELECT 'inbox ' || status AS what, count(*) AS rows FROM inbox GROUP BY 1
UNION ALL SELECT 'outbox ' || status, count(*) FROM outbox GROUP BY 1
UNION ALL SELECT 'effects ' || status, count(*) FROM effects GROUP BY 1
"""
TURNS = """
SELECT kind, count(*) AS rows FROM transcript t JOIN conversations c ON c.id = t.conversation_id
WHERE c.address_lookup = $1 GROUP BY kind
"""


@dataclass
class Server:
    """One server and its successors on the same port."""

    port: int
    environment: dict[str, str]
    module: str = "tests.faults.counting"
    child: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self, http: aiohttp.ClientSession) -> None:
        """Start it and wait until it answers."""
        command = (sys.executable, "-m", self.module, str(self.port))
        self.child = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=self.environment, stdin=asyncio.subprocess.PIPE
        )
        while self.child.returncode is None:
            try:
                async with http.get(self.url):
                    return
            except GONE:
                await asyncio.sleep(0.02)
        raise RuntimeError(f"a server ended by itself with {self.child.returncode}")

    async def kill(self) -> None:
        """SIGKILL."""
        if self.child is not None:
            self.child.kill()
            await self.child.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        if self.child is None:
            return 0
        if self.child.returncode is None:
            self.child.terminate()
        return await self.child.wait()


@dataclass
class Findings:
    """What the run did and what was wrong with it."""

    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def equal(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.faults.append(f"{what}: {_first_difference(found, wanted)}")


def _first_difference(found: object, wanted: object) -> str:
    if isinstance(found, list) and isinstance(wanted, list):
        for place, (one, other) in enumerate(zip(found, wanted, strict=False)):
            if one != other:
                return f"at {place} {found[place : place + 4]!r} and not {wanted[place : place + 4]!r}"
        return f"{len(found)} and not {len(wanted)}"
    return f"{found!r} and not {wanted!r}"


async def run(url: str, kills: int, citizens: int) -> Findings:
    """Hold the whole run over a migrated database."""
    began = time.monotonic()
    connection: asyncpg.Connection[Any] = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE faults_calls (key text NOT NULL)")
    findings = Findings()
    async with servers_over(url) as (servers, http, secret):
        written = [Citizen(http, [server.url for server in servers], secret, f"c{n}") for n in range(citizens)]
        stop = asyncio.Event()
        writing = [asyncio.create_task(citizen.write(0.5, stop)) for citizen in written]
        for number in tqdm(range(kills), unit="kill", disable=None):
            server = servers[number % len(servers)]
            await asyncio.sleep(random.uniform(0, LONGEST_RUN))
            await server.kill()
            await server.start(http)
        stop.set()
        await asyncio.gather(*writing)
        await _settled(connection, written, findings)
        for citizen in written:
            await citizen.leave()
            await _judge(citizen, connection, findings)
        await _judge_database(connection, findings)
        findings.equal("exit codes after SIGTERM", [await server.stop() for server in servers], [0] * len(servers))
    await connection.close()
    waits = sorted(wait for citizen in written for wait in citizen.waits)
    findings.figures = {
        "kills": kills,
        "seconds": round(time.monotonic() - began, 1),
        "conversations": citizens,
        "accepted": sum(len(citizen.accepted) for citizen in written),
        "requests_tried_again": sum(citizen.resent for citizen in written),
        "answer_median_s": round(waits[len(waits) // 2], 3),
        "answer_longest_s": round(waits[-1], 1),
        **findings.figures,
    }
    return findings


def _port() -> int:
    """A free port that no outgoing connection is given while its server is away: those are from 32768 on."""
    while True:
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            return int(probe.getsockname()[1])


@asynccontextmanager
async def servers_over(
    url: str, module: str = "tests.faults.counting"
) -> AsyncIterator[tuple[list[Server], aiohttp.ClientSession, str]]:
    """Two servers, a client and the secret of their web chat."""
    secret = secrets.token_hex(24)
    environment = {**os.environ, "DATABASE_URL": url, "SECRET": secret}
    servers = [Server(_port(), environment, module) for _ in range(2)]
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as http:
        try:
            for server in servers:
                await server.start(http)
            yield servers, http, secret
        finally:
            for server in servers:
                if server.child is not None and server.child.returncode is None:
                    await server.kill()


async def _settled(connection: asyncpg.Connection[Any], citizens: list[Citizen], findings: Findings) -> None:
    """Wait until nothing is left to do and everything has come over the sockets."""
    try:
        async with asyncio.timeout(90):
            while await connection.fetchval(LEFT):  # noqa: ASYNC110  other processes do it
                await asyncio.sleep(0.2)
            for citizen in citizens:
                shown = len(await citizen.history())
                while len(citizen.heard) < shown:  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
    except TimeoutError:
        findings.faults.append("something was left to do, or not shown, 90 s after the last message")


async def _judge(citizen: Citizen, connection: asyncpg.Connection[Any], findings: Findings) -> None:
    history = await citizen.history()
    echoes = [each["text"] for each in history if each["from"]["role"] == "user"]
    replies = [each["text"] for each in history if each["from"]["role"] == "bot"]
    heard = [each["text"] for each in citizen.heard if each["from"]["role"] == "bot"]
    numbered = list(enumerate(citizen.accepted, start=1))
    answers = [f"{text} {number} {part}" for number, text in numbered for part in ("first", "second")]
    noted = [f"noted {number}" for number, _ in numbered if number % EVERY == 0]
    findings.equal("messages shown", echoes, citizen.accepted)
    findings.equal("replies shown", [text for text in replies if not text.startswith("noted")], answers)
    shown = sorted((text for text in replies if text.startswith("noted")), key=lambda text: int(text.split()[1]))
    findings.equal("results of effects shown", shown, noted)
    findings.equal("replies over the sockets", heard, replies)
    rows = {row["kind"]: row["rows"] for row in await connection.fetch(TURNS, lookup(citizen.id))}
    wanted = {"message": len(numbered), "reply": len(answers) + len(noted)} | ({"result": len(noted)} if noted else {})
    findings.equal("turns in the transcript", rows, wanted)


async def _judge_database(connection: asyncpg.Connection[Any], findings: Findings) -> None:
    statuses = {row["what"]: row["rows"] for row in await connection.fetch(STATUSES)}
    findings.equal("statuses", sorted(statuses), ["effects done", "inbox done", "outbox sent"])
    calls = Counter(row["key"] for row in await connection.fetch("SELECT key FROM faults_calls"))
    effects = [row["effect_id"] for row in await connection.fetch("SELECT effect_id FROM effects ORDER BY 1")]
    findings.equal("effects called", sorted(calls), sorted(effects))
    findings.figures |= {
        "turns": statuses.get("inbox done", 0),
        "replies": statuses.get("outbox sent", 0),
        "effects": len(effects),
        "effects_called_again_after_a_kill": sum(calls.values()) - len(calls),
    }


def command(name: str, about: str | None, run: Callable[..., Coroutine[Any, Any, Findings]], **numbers: int) -> int:
    """A script of this folder: options for its numbers, a database of its own, and what was found as JSON."""
    parser = argparse.ArgumentParser(
        prog=f"python -m tests.faults.{name}", description=(about or "").partition("\n")[0]
    )
    for option, usual in numbers.items():
        parser.add_argument(f"--{option}", type=int, default=usual)
    chosen = parser.parse_args()
    with TemporaryDirectory(prefix=f"neuvo-{name}-") as folder, EmbeddedPostgres(Path(folder)) as postgres:
        migrate(postgres.url)
        findings = asyncio.run(run(postgres.url, *(getattr(chosen, option) for option in numbers)))
    sys.stdout.write(json.dumps({**findings.figures, "faults": findings.faults}, indent=2) + "\n")
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(command("kills", __doc__, run, kills=200, citizens=8))
