"""What runs besides the turns: the sweep of every process, and PgQueuer's worker with effects and schedules."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
import structlog
from pgqueuer import PgQueuer
from pgqueuer.models import Job, Schedule

from bot import metrics
from bot.database import DOWN, Database
from bot.effects import Effects
from bot.engine import Engine
from bot.handoff import Handoffs
from bot.nudges import Nudging
from bot.queue import CALLBACKS, CAMPAIGNS, EFFECT, NUDGES
from bot.tally import Tally

logger = structlog.stdlib.get_logger("jobs")

SOON = timedelta(seconds=2)
"""How often an idle worker looks for jobs by itself, and how soon a silent worker's jobs are taken over."""
PRUNE = (
    "DELETE FROM pgqueuer_log WHERE created < now() - interval '1 day'",
    "DELETE FROM pgqueuer_statistics WHERE created < now() - interval '30 days'",
)
RESTART = 1.0
"""Seconds before a worker that ended is started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """What is done again and again, by one worker at a time. ``cron`` is in UTC.

    ``run`` may be broken off and begun anew. With ``first`` it is also done when a worker starts.
    """

    name: str
    cron: str
    run: Callable[[], Awaitable[object]]
    first: bool = False


class Sweep:
    """Takes up what a lost process, a lost wake-up or a temporary error has left, every few seconds."""

    def __init__(
        self,
        engine: Engine,
        effects: Effects,
        *,
        handoffs: Handoffs | None = None,
        nudging: Nudging | None = None,
        tally: Tally | None = None,
        every: float = 2.0,
    ) -> None:
        """Every process has one; ``every`` is in seconds."""
        self._tally = tally
        self._handoffs = handoffs
        self._nudging = nudging
        self._engine = engine
        self._effects = effects
        self._every = every

    async def once(self) -> int:
        """Look once; how much was found. Raises one of ``DOWN``."""
        forgotten = await self._handoffs.sweep() if self._handoffs is not None else 0
        forgotten += await self._engine.sweep()  # before what follows on the sendings that it finds lost
        forgotten += await self._nudging.sweep() if self._nudging is not None else 0
        return forgotten + await self._effects.sweep()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            try:
                await self.once()
                if self._tally is not None:
                    await self._tally.write()
                await self._engine.measure()
                await self._effects.measure()
                if self._nudging is not None:
                    await self._nudging.measure()
                metrics.database_up.set(1)
            except DOWN as error:
                metrics.database_up.set(0)
                logger.warning("sweep_failed", reason=type(error).__name__)
            except Exception as error:  # a sweep that ended for good would be found out much later
                logger.exception("sweep_failed", exc_info=error)
            await asyncio.sleep(self._every)


class Worker:
    """PgQueuer on connections of its own, started again whenever it ends."""

    def __init__(
        self,
        database: Database,
        effects: Effects,
        sweep: Sweep,
        *,
        nudging: Nudging | None = None,
        campaigns: Callable[[], Awaitable[object]] | None = None,
        chores: Sequence[Chore] = (),
        tally: Tally | None = None,
        at_once: int = 40,
    ) -> None:
        """``campaigns`` does what is to be done for them; ``at_once``: the most jobs side by side here."""
        self._chores = tuple(chores)
        self._nudging = nudging
        self._campaigns = campaigns
        self._tally = tally
        self._database = database
        self._effects = effects
        self._sweep = sweep
        self._at_once = at_once
        self._stopping = asyncio.Event()
        self._queuer: PgQueuer | None = None

    async def run(self) -> None:
        """Work until ``stop``."""
        for chore in self._chores:
            if chore.first:
                await _done(chore)
        while not self._stopping.is_set():
            try:
                await self._work()
            except Exception as error:
                down = isinstance(error, DOWN)
                logger.warning("worker_ended", reason=type(error).__name__, exc_info=None if down else error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), RESTART)

    def stop(self) -> None:
        """Take no more jobs; ``run`` returns when those in flight have ended. Cancel it to leave them to others."""
        self._stopping.set()
        if self._queuer is not None:
            self._queuer.shutdown.set()

    async def _work(self) -> None:
        async with asyncpg.create_pool(self._database.url, min_size=1, max_size=4, timeout=5.0) as pool:
            self._queuer = queuer = PgQueuer.from_asyncpg_pool(pool)
            queuer.entrypoint(EFFECT, on_failure="hold")(self._effect)
            queuer.entrypoint(NUDGES, on_failure="hold")(self._nudges)
            queuer.entrypoint(CALLBACKS, on_failure="hold")(self._callbacks)
            queuer.entrypoint(CAMPAIGNS, on_failure="hold")(self._campaigned)
            queuer.schedule("sweep", "* * * * *")(self._swept)
            queuer.schedule("campaigns", "* * * * *")(self._campaigned)
            queuer.schedule("prune", "17 * * * *")(self._pruned)
            for chore in self._chores:
                queuer.schedule(chore.name, chore.cron)(_scheduled(chore))
            if self._stopping.is_set():
                return
            # PgQueuer asks whether it hears before it listens, and a question that nobody heard ends it ten seconds
            # later: it listens already, so that its own listener joins without a round trip.
            await queuer.connection.add_listener(queuer.channel, _heard)
            await queuer.run(
                dequeue_timeout=SOON,
                heartbeat_timeout=SOON,
                batch_size=10,
                max_concurrent_tasks=self._at_once,
                shutdown_on_listener_failure=True,
            )

    async def _effect(self, job: Job) -> None:
        try:
            await self._effects.run(int(job.payload or b"0"))
        except Exception as error:  # the queue would keep its words; the row is still due, and the sweep comes
            down = isinstance(error, DOWN)
            logger.warning("job_failed", entrypoint=EFFECT, job_id=job.id, exc_info=None if down else error)

    async def _nudges(self, job: Job) -> None:
        if self._nudging is None:
            return
        try:
            await self._nudging.delivery.run()
        except Exception as error:  # what is due is still due, and the sweep makes another job
            down = isinstance(error, DOWN)
            logger.warning("job_failed", entrypoint=NUDGES, job_id=job.id, exc_info=None if down else error)

    async def _campaigned(self, _woken: Job | Schedule) -> None:
        """Whoever woke it: what a lost process has left is taken up within a minute."""
        if self._campaigns is None:
            return
        try:
            await self._campaigns()
        except Exception as error:  # what is to be done still is
            down = isinstance(error, DOWN)
            logger.warning("job_failed", entrypoint=CAMPAIGNS, exc_info=None if down else error)

    async def _callbacks(self, job: Job) -> None:
        if self._nudging is None:
            return
        try:
            await self._nudging.callbacks.run()
        except Exception as error:  # what is to be told still is, and the sweep makes another job
            down = isinstance(error, DOWN)
            logger.warning("job_failed", entrypoint=CALLBACKS, job_id=job.id, exc_info=None if down else error)

    async def _swept(self, _schedule: Schedule) -> None:
        with contextlib.suppress(*DOWN):
            await self._sweep.once()

    async def _pruned(self, _schedule: Schedule) -> None:
        with contextlib.suppress(*DOWN):
            for statement in PRUNE:
                await self._database.pool.execute(statement)
            if self._tally is not None:
                await self._tally.prune()


def _heard(_payload: object) -> None:
    """Listens for nobody."""


def _scheduled(chore: Chore) -> Callable[[Schedule], Awaitable[None]]:
    async def run(_schedule: Schedule) -> None:
        await _done(chore)

    return run


async def _done(chore: Chore) -> None:
    """Do it; an error's words stay out of the queue, and the next time comes all the same."""
    try:
        await chore.run()
    except Exception as error:
        down = isinstance(error, DOWN)
        logger.exception("chore_failed", kind=chore.name, reason=type(error).__name__, exc_info=None if down else error)
