"""``neuvo bench nudges``: from due to handed over, against empty jobs of PgQueuer and of Procrastinate, in one run.

Everything runs over one durable database: the worker with the whole delivery (consent, gate, rendering, sealing, the
outbox) into a channel in memory that takes every message at once. Then a great many nudges are scheduled for later, and
the time of one that is due is measured before and after.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from aiohttp import web
from pgqueuer import PgQueuer
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.models import Job
from tqdm import tqdm

from bot.app import App
from bot.bench import machine
from bot.city import City
from bot.database import Database
from bot.keys import LENGTH, KeyStore
from bot.messages import Address, Reply
from bot.services import Addresses
from channels.base import Limits, Receive
from mydata.ledger import Wish
from proactive.placeholder import Placeholder
from proactive.rules import Held, Rules
from proactive.template import Template, Templates
from proactive.wanted import ToPerson, Wanted

CHANNEL, PURPOSE = "sms", "waste_reminders"
NAME = "bench"
LATENCIES = 60
"""Single nudges that are timed."""
PATIENCE = 600.0
"""Seconds after which something is broken."""
AT_ONCE = 10
"""Procrastinate's jobs side by side."""

_TEMPLATE = Template(
    id=NAME,
    version=1,
    purpose=PURPOSE,
    urgency="urgent",
    values={"day": Placeholder(kind="date", example="2027-08-03"), "what": Placeholder(kind="text", example="lasi")},
    text={
        "fi": "Jätteet noudetaan {day}: {what}.",
        "sv": "Avfallet hämtas {day}: {what}.",
        "en": "Collection {day}: {what}.",
    },
    title={"fi": "Jätteet", "sv": "Avfall", "en": "Waste"},
    expires_after=timedelta(days=2),
)
VALUES = {"day": "2027-08-03", "what": "lasi"}

UNSENT = "SELECT EXISTS (SELECT FROM nudges WHERE status <> 'sent')"
SCHEDULE = """
WITH sent AS (SELECT *, row_number() OVER () - 1 AS place, count(*) OVER () AS size FROM nudges WHERE status = 'sent')
INSERT INTO nudges (
    id, person_id, template, version, purpose, urgency, "values", scheduled_at, due_at, expires_at
)
SELECT gen_random_uuid(), person_id, template, version, purpose, urgency, "values",
    later.at, later.at, later.at + interval '2 days'
FROM generate_series($1::bigint, $2::bigint) AS number
JOIN sent ON sent.place = number % sent.size,
    LATERAL (SELECT now() + interval '1 hour' + number * interval '1 second' AS at) AS later
"""


class Loopback:
    """A channel that takes every message at once."""

    name = CHANNEL
    limits = Limits()

    def __init__(self) -> None:
        self.taken = 0

    def routes(self, _receive: Receive) -> Iterator[web.AbstractRouteDef]:
        """None: nobody calls."""
        return iter(())

    async def send(self, _address: Address, _reply: Reply, *, key: str) -> str | None:
        """Count it."""
        self.taken += 1
        return key

    async def start(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""


async def measure(url: str, folder: Path, nudges: int, scheduled: int) -> dict[str, Any]:
    """All rates a second, the ratios, and the milliseconds of a nudge that is due beside a great many that are not."""
    queue = await _pgqueuer(url, nudges)
    other = await _procrastinate(url, nudges)
    async with _process(url, folder) as (app, channel):
        people = await _citizens(app, nudges)
        began = time.perf_counter()
        await _create(app, people)
        stored = nudges / (time.perf_counter() - began)
        began = time.perf_counter()
        app.work()
        await _until(channel, nudges)
        rate = nudges / (time.perf_counter() - began)
        await _settled(app)
        alone = await _latencies(app, channel, people)
        await _schedule(app, scheduled)
        beside = await _latencies(app, channel, people)
    return {
        "nudges": nudges,
        "nudges_per_s": round(rate, 1),
        "stored_per_s": round(stored, 1),
        "pgqueuer_empty_jobs_per_s": round(queue, 1),
        "procrastinate_empty_jobs_per_s": round(other, 1),
        "ratio_to_pgqueuer": round(rate / queue, 3),
        "ratio_to_procrastinate": round(rate / other, 3),
        "scheduled": scheduled,
        "due_ms": round(alone, 2),
        "due_ms_beside_scheduled": round(beside, 2),
        "slower": round(beside / alone - 1, 3),
        **machine(),
    }


@asynccontextmanager
async def _process(url: str, folder: Path) -> AsyncIterator[tuple[App, Loopback]]:
    rules = Rules(caps={}, urgency={"urgent": Held(quiet_hours=False, public_holidays=False)})
    city = replace(City.read(folder), nudges=Templates([_TEMPLATE]), proactive=rules)
    channel = Loopback()
    keys = KeyStore(url, b"m" * LENGTH, b"i" * LENGTH)
    async with App(city, Database(url), [channel], Addresses(), keys) as app:
        yield app, channel


async def _citizens(app: App, count: int) -> Sequence[UUID]:
    """People who have agreed, each at a number of their own."""
    own = app.personal
    numbers = [f"+35840{number:07}" for number in range(count)]
    found = [person for _, person in (await own.people.at(CHANNEL, numbers, "fi")).values()]
    wish = Wish(purpose=PURPOSE, channel=CHANNEL, language="fi", through=CHANNEL)
    limit = asyncio.Semaphore(8)

    async def agree(person: UUID) -> None:
        async with limit:
            await own.ledger.give(await own.pseudonym(person), wish)

    for task in tqdm(asyncio.as_completed(map(agree, found)), total=count, unit="citizen", disable=None):
        await task
    return found


async def _create(app: App, people: Sequence[UUID]) -> None:
    """One for each, due now."""
    for start in range(0, len(people), 10_000):
        wanted = [
            Wanted(template=NAME, to=ToPerson(person), values=VALUES) for person in people[start : start + 10_000]
        ]
        created = await app.nudging.store.create(wanted, maker=b"bench")
        if any(one.id is None for one in created):
            raise RuntimeError("not all were taken")


async def _until(channel: Loopback, count: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while channel.taken < count:  # noqa: ASYNC110  the worker does it
            await asyncio.sleep(0.002)


async def _settled(app: App) -> None:
    async with asyncio.timeout(PATIENCE):
        while await app.database.pool.fetchval(UNSENT):  # noqa: ASYNC110  the worker does it
            await asyncio.sleep(0.05)


async def _latencies(app: App, channel: Loopback, people: Sequence[UUID]) -> float:
    """The median milliseconds from storing one that is due to its handing over."""
    took = []
    for number in range(LATENCIES):
        before, began = channel.taken, time.perf_counter()
        await _create(app, [people[number % len(people)]])
        await _until(channel, before + 1)
        took.append(time.perf_counter() - began)
        await asyncio.sleep(0.02)
    return statistics.median(took) * 1000


async def _schedule(app: App, count: int) -> None:
    with tqdm(total=count, unit="nudge", disable=None) as bar:
        for start in range(0, count, 50_000):
            some = min(50_000, count - start)
            async with app.database.pool.acquire() as connection, connection.transaction():
                await connection.execute("SET LOCAL enable_hashjoin = on")
                await connection.execute(SCHEDULE, start, start + some - 1, timeout=PATIENCE)
            bar.update(some)
    await app.database.pool.execute("ANALYZE nudges", timeout=PATIENCE)


async def _pgqueuer(url: str, count: int) -> float:
    """Empty jobs a second, with the worker's own settings or with larger batches, whichever is faster."""
    return max([await _drained(url, count, batch) for batch in (10, 100)])


async def _drained(url: str, count: int, batch: int) -> float:
    async with asyncpg.create_pool(url, min_size=1, max_size=4) as pool:
        async with pool.acquire() as connection:
            queries = Queries(AsyncpgDriver(connection))  # type: ignore[arg-type]  # a pool's proxy does as well
            await queries.enqueue(["empty"] * count, [b"0"] * count, [0] * count)
        queuer, left = PgQueuer.from_asyncpg_pool(pool), count

        async def empty(_job: Job) -> None:
            nonlocal left
            left -= 1
            if not left:
                queuer.shutdown.set()

        queuer.entrypoint("empty")(empty)
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            await queuer.run(dequeue_timeout=timedelta(seconds=2), batch_size=batch, max_concurrent_tasks=2 * batch)
        return count / (time.perf_counter() - began)


async def _procrastinate(url: str, count: int) -> float:
    """Its empty jobs a second, ten side by side."""
    import procrastinate  # noqa: PLC0415  only who measures has it

    queue = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url))
    left, done = count, asyncio.Event()

    @queue.task(name="empty")
    async def empty() -> None:
        nonlocal left
        left -= 1
        if not left:
            done.set()

    async with queue.open_async():
        await queue.schema_manager.apply_schema_async()
        await empty.batch_defer_async(*({} for _ in range(count)))
        began = time.perf_counter()
        worker = asyncio.create_task(
            queue.run_worker_async(concurrency=AT_ONCE, install_signal_handlers=False, delete_jobs="always")
        )
        async with asyncio.timeout(PATIENCE):
            await done.wait()
        took = time.perf_counter() - began
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)
    return count / took
