"""``python -m tests.faults.nudges --nudges 100000 --kills 60``: workers and connections killed while nudges go out.

Two workers (``tests/faults/postman.py``) over one embedded PostgreSQL that keeps its data safe, sending by Twilio's
channel to a stand-in that is busy for a fifth of all calls, slow for a tenth, and for a hundredth takes the message and
hangs up. SIGKILL takes one worker, then the other; between, some of their database connections are cut. When all is
done every nudge must have ended, with a reason where it was not sent, and the stand-in must have taken none twice.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from aiohttp import web
from tqdm import tqdm

from bot.app import App
from bot.http import listen
from mydata.ledger import Wish
from proactive.wanted import ToPerson, Wanted
from tests.contract.twilio_stand import TwilioStand, refusal
from tests.faults.kills import ROOT, Findings, command
from tests.faults.postman import PURPOSE, TEMPLATE, process

EACH = 5
"""Nudges of one person."""
BUSY, SLOW, VANISHES = 0.20, 0.10, 0.01
LONGEST_RUN = 1.5
"""Seconds that a worker works at most before connections are cut, and then before it is killed."""
QUIET = 120.0
"""Seconds without any change after which something is stuck."""
UNFINISHED = "SELECT count(*) FROM nudges WHERE status IN ('created', 'held', 'sending')"
FATES = """
SELECT status, reason, count(*) AS nudges FROM nudges GROUP BY status, reason ORDER BY 1, 2
"""
CONNECTED = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'judge'
"""
CONNECTIONS = 8
"""Of two workers that are at work, at least: pools, the keys' pool, the queue's."""
UNTOLD = """
SELECT count(*) FROM nudges n
WHERE NOT EXISTS (SELECT FROM nudge_events e WHERE e.nudge_id = n.id AND e.status = n.status)
"""
CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name <> 'judge'
ORDER BY random() LIMIT 3
"""


@dataclass
class Moody(TwilioStand):
    """Twilio on a bad day."""

    taken: Counter[str] = field(default_factory=Counter)
    vanished: set[str] = field(default_factory=set)
    busy: int = 0

    async def _create(self, request: web.Request) -> web.Response:
        mood = random.random()
        if mood < BUSY:
            self.busy += 1
            return refusal(429, 20429)
        if mood < BUSY + SLOW:
            await asyncio.sleep(random.uniform(0.1, 1.0))
        body = str((await request.post())["Body"])
        self.taken[body] += 1
        if mood > 1 - VANISHES and request.transport is not None:
            self.vanished.add(body)
            request.transport.abort()
        return await super()._create(request)


@dataclass
class Postman:
    """One worker and its successors."""

    environment: dict[str, str]
    child: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.faults.postman", cwd=ROOT, env=self.environment, stdin=asyncio.subprocess.PIPE
        )

    async def kill(self) -> None:
        """SIGKILL."""
        if self.child is not None and self.child.returncode is None:
            self.child.kill()
            await self.child.wait()

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.child is not None
        with contextlib.suppress(ProcessLookupError):
            self.child.terminate()
        return await self.child.wait()


async def run(url: str, nudges: int, kills: int) -> Findings:
    """Hold the whole run over a migrated database."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # it complains of calls that the stand-in drops
    began = time.monotonic()
    stand, findings = Moody(), Findings()
    async with AsyncExitStack() as stack:
        site = web.Application()
        site.add_routes(stand.routes())
        port, close = await listen(site, "127.0.0.1", 0, wait=0.1)
        stack.push_async_callback(close)
        stand.url = f"http://127.0.0.1:{port}"
        async with process(url, stand.url) as app:
            await _stored(app, nudges)
        judge = await asyncpg.connect(url, server_settings={"application_name": "judge"})
        stack.push_async_callback(judge.close)
        environment = {**os.environ, "DATABASE_URL": url, "TWILIO_URL": stand.url}
        workers = [Postman(environment) for _ in range(2)]
        for worker in workers:
            stack.push_async_callback(worker.kill)
            await worker.start()
        sending = time.monotonic()
        cut = await _trouble(judge, workers, kills)
        await _ended(judge, findings)
        took = time.monotonic() - sending
        await _working(judge)  # one that still starts would not know how to end
        findings.equal("exit codes after SIGTERM", [await worker.stop() for worker in workers], [0, 0])
        await _judge(judge, stand, nudges, findings)
    findings.figures |= {
        "nudges": nudges,
        "kills": kills,
        "connections_cut": cut,
        "busy_answers": stand.busy,
        "taken": sum(stand.taken.values()),
        "vanished": len(stand.vanished),
        "sending_s": round(took, 1),
        "seconds": round(time.monotonic() - began, 1),
    }
    return findings


async def _stored(app: App, count: int) -> None:
    """People who have agreed, and their nudges."""
    own = app.personal
    numbers = [f"+35840{number:07}" for number in range(-(-count // EACH))]
    people = [person for _, person in (await own.people.at("sms", numbers, "fi")).values()]
    wish = Wish(purpose=PURPOSE, channel="sms", language="fi", through="sms")
    limit = asyncio.Semaphore(8)

    async def agree(person: UUID) -> None:
        async with limit:
            await own.ledger.give(await own.pseudonym(person), wish)

    for done in tqdm(asyncio.as_completed(map(agree, people)), total=len(people), unit="person", disable=None):
        await done
    for start in range(0, count, 5000):
        await _create(app, people, range(start, min(start + 5000, count)))


async def _create(app: App, people: Sequence[UUID], numbers: range) -> None:
    wanted = [
        Wanted(template=TEMPLATE.id, to=ToPerson(people[n // EACH]), values={"number": f"N{n}"}, dedupe=f"N{n}")
        for n in numbers
    ]
    for _ in range(2):  # a caller that got no answer asks again
        created = await app.nudging.store.create(wanted, maker=b"faults")
        assert all(one.id is not None for one in created)


async def _trouble(judge: asyncpg.Connection[Any], workers: Sequence[Postman], kills: int) -> int:
    """Kill workers one after the other, and cut connections between; how many were cut."""
    cut = 0
    for number in tqdm(range(kills), unit="kill", disable=None):
        worker = workers[number % len(workers)]
        await _working(judge)
        await asyncio.sleep(random.uniform(0, LONGEST_RUN))
        cut += len(await judge.fetch(CUT))
        await asyncio.sleep(random.uniform(0, LONGEST_RUN))
        await worker.kill()
        await worker.start()
    return cut


async def _working(judge: asyncpg.Connection[Any]) -> None:
    """Wait until both workers are at work: one that is killed while it starts is no trouble to anybody."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(30):
            while await judge.fetchval(CONNECTED) < CONNECTIONS:  # noqa: ASYNC110  other processes do it
                await asyncio.sleep(0.1)


async def _ended(judge: asyncpg.Connection[Any], findings: Findings) -> None:
    """Wait until every nudge has ended."""
    left, since = await judge.fetchval(UNFINISHED), time.monotonic()
    with tqdm(total=left, unit="nudge", disable=None) as bar:
        while left:
            await asyncio.sleep(1)
            now = await judge.fetchval(UNFINISHED)
            bar.update(left - now)
            if now < left:
                since = time.monotonic()
            elif time.monotonic() - since > QUIET:
                findings.faults.append(f"{now} nudges did not end")
                return
            left = now


async def _judge(judge: asyncpg.Connection[Any], stand: Moody, nudges: int, findings: Findings) -> None:
    twice = [body for body, times in stand.taken.items() if times > 1]
    findings.equal("taken twice by the provider", twice[:5], [])
    fates = [(row["status"], row["reason"], row["nudges"]) for row in await judge.fetch(FATES)]
    sent = sum(count for status, _, count in fates if status == "sent")
    doubt = sum(count for _, reason, count in fates if reason == "in_doubt")
    findings.equal("nudges", sum(count for _, _, count in fates), nudges)
    unexplained = [fate for fate in fates if fate[0] != "sent" and fate[1] is None]
    findings.equal("ended without a reason", unexplained, [])
    findings.equal("statuses without an event", await judge.fetchval(UNTOLD), 0)
    # What was taken was sent, or its process died or the line broke before we heard of it: then it is in doubt.
    taken = len(stand.taken)
    if not sent <= taken <= sent + doubt:
        findings.faults.append(f"{taken} were taken; {sent} are marked sent and {doubt} in doubt")
    findings.figures["fates"] = {f"{status} {reason or ''}".strip(): count for status, reason, count in fates}


if __name__ == "__main__":
    sys.exit(command("nudges", __doc__, run, nudges=100_000, kills=60))
