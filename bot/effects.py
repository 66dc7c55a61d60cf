"""What a dialog wants done elsewhere: a row, run by a job under its own key, whose result returns as a turn.

The job holds the row's id alone. It claims the row with a fence that counts the attempt, renews its lease while the
service works, and ends the row together with the result's arrival in the inbox. A run that died is run again under the
same key: the service drops a double, or looks the first one up. The queue may lose a job; the sweep makes a new one.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import asyncpg
import structlog

from bot import effects_sql as sql
from bot import metrics
from bot.claims import Accepted, Conversation
from bot.codec import Content, Message, NewerContent, NotJSON
from bot.database import DOWN, Database
from bot.engine import Engine
from bot.messages import JSON, Address, EffectResult, Incoming
from bot.queue import EFFECT, Connection, enqueue

logger = structlog.stdlib.get_logger("effects")


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectPolicy:
    """Times in seconds. ``lease`` is how soon the effect of a dead worker is run again."""

    attempts: int = 5
    timeout: float = 30.0
    lease: float = 3.0
    first_delay: float = 1.0
    longest_delay: float = 60.0
    wake_again: float = 15.0
    """After this long without a run a due effect gets another job."""
    newer_wait: float = 30.0
    """Before an effect that only a later release can read is looked at again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One attempt at an effect. ``attempts`` counts this one and is its fence."""

    id: int
    conversation: Conversation
    content: Content = field(repr=False)
    effect_id: str
    name: str
    arguments: list[JSON]
    attempts: int


class Effects:
    """Runs effects against the services of this process."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        services: Mapping[str, object],
        *,
        policy: EffectPolicy | None = None,
        final: tuple[type[Exception], ...] = (),
        chance: Callable[[], float] = random.random,
    ) -> None:
        """``services`` by the name before the dot; ``final`` are errors that another attempt would not mend."""
        self._database = database
        self._engine = engine
        self._services = services
        self._policy = policy or EffectPolicy()
        self._final = (*final, NotJSON)
        self._chance = chance

    async def run(self, number: int) -> None:
        """Run the effect with this row id, if it is due and nobody else runs it. Raises one of ``DOWN``."""
        run = await self._claim(number)
        if run is None:
            return
        if run.attempts > self._policy.attempts:  # each of them took its worker along
            await self._end(run, EffectResult(effect_id=run.effect_id, error="WorkerLost"))
            return
        started = time.perf_counter()
        result, error = await self._call(run)
        metrics.job_seconds.labels(EFFECT).observe(time.perf_counter() - started)
        metrics.jobs.labels(EFFECT, "failed" if error else "done").inc()
        if error is None or run.attempts >= self._policy.attempts or isinstance(error, self._final):
            await self._end(run, result)
        else:
            await self._again(run, error)

    async def sweep(self, limit: int = 100) -> int:
        """Make jobs for effects that are due and whose job was lost; how many. Raises one of ``DOWN``."""
        async with self._database.pool.acquire() as connection, connection.transaction():
            rows = await connection.fetch(sql.WAKE, timedelta(seconds=self._policy.wake_again), limit)
            if rows:
                await enqueue(connection, EFFECT, [row["id"] for row in rows])
        return len(rows)

    async def measure(self) -> None:
        """Set the gauges. Raises one of ``DOWN``."""
        found = {row["status"]: row["effects"] for row in await self._database.pool.fetch(sql.DEPTH)}
        for status in ("waiting", "running"):
            metrics.effects.labels(status).set(found.get(status, 0))

    async def _claim(self, number: int) -> Run | None:
        lease = timedelta(seconds=self._policy.lease)
        row = await self._database.pool.fetchrow(sql.CLAIM, number, lease)
        if row is not None:
            try:
                return await self._opened(row)
            except NewerContent:
                wait = timedelta(seconds=self._policy.newer_wait)
                await self._database.pool.execute(sql.LEAVE, number, row["attempts"], wait)
                return None
        # Picked again while the last run's lease holds: its worker died, or is slow. Come back when it is over.
        async with self._database.pool.acquire() as connection, connection.transaction():
            remaining = await connection.fetchval(sql.REMAINING, number)
            if remaining is not None:
                await enqueue(connection, EFFECT, [number], after=max(remaining, timedelta(0)))
        return None

    async def _opened(self, row: asyncpg.Record) -> Run:
        sealer = self._engine.sealer
        owner, asked = await sealer.of(row["owner"]), await sealer.of(row["person_id"])
        address = Address(row["channel"], owner.open_text(row["address"]))
        return Run(
            id=row["id"],
            conversation=Conversation(id=row["conversation_id"], person_id=row["owner"], address=address),
            effect_id=row["effect_id"],
            name=row["name"],
            arguments=asked.open_json(row["arguments"]),
            content=owner,
            attempts=row["attempts"],
        )

    async def _call(self, run: Run) -> tuple[EffectResult, Exception | None]:
        renewing = asyncio.create_task(self._renew(run.id, run.attempts))
        try:
            service, _, method = run.name.partition(".")
            call: Any = getattr(self._services[service], method)
            async with asyncio.timeout(self._policy.timeout):
                value = await call(run.effect_id, *run.arguments)
            run.content.json(value)
        except Exception as error:  # the one catch-all of effects: a failure is a result too
            logger.warning("effect_failed", effect_id=str(run.id), attempts=run.attempts, exc_info=error)
            return EffectResult(effect_id=run.effect_id, error=type(error).__name__), error
        else:
            return EffectResult(effect_id=run.effect_id, value=value), None
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, number: int, attempts: int) -> None:
        lease = timedelta(seconds=self._policy.lease)
        while True:
            await asyncio.sleep(self._policy.lease / 3)
            try:
                await self._database.pool.execute(sql.RENEW, number, attempts, lease)
            except DOWN as error:  # the next one may get through before the lease is over
                logger.warning("not_renewed", effect_id=str(number), reason=type(error).__name__)

    async def _end(self, run: Run, result: EffectResult) -> None:
        async with self._database.pool.acquire() as connection, connection.transaction():
            accepted = await self._end_in(connection, run, result)
        if accepted is not None:
            self._engine.start(accepted)

    async def _end_in(self, connection: Connection, run: Run, result: EffectResult) -> Accepted | None:
        status = "done" if result.error is None else "failed"
        run = await self._owned(connection, run)
        if await connection.fetchval(sql.END, run.id, run.attempts, status, result.error) is None:
            return None  # the fence is lost: another run ends it
        incoming = Incoming(
            address=run.conversation.address,
            message_id=f"effect:{run.id}",
            received_at=self._engine.now(),
            result=result,
        )
        return await self._engine.inbox.accept_in(
            connection,
            run.conversation,
            run.content,
            Message(incoming=incoming),
            claim=self._engine.ready(run.conversation.id),
        )

    async def _owned(self, connection: Connection, run: Run) -> Run:
        """The same run, in the hands of whose the conversation is now: what was done may have made it another's."""
        owner = await connection.fetchval(sql.OWNER, run.conversation.id)
        if owner is None or owner == run.conversation.person_id:
            return run
        content = await self._engine.sealer.of(owner)
        return replace(run, conversation=replace(run.conversation, person_id=owner), content=content)

    async def _again(self, run: Run, error: Exception) -> None:
        grown = min(self._policy.longest_delay, self._policy.first_delay * 4.0 ** (run.attempts - 1))
        after = timedelta(seconds=grown * (0.5 + self._chance() / 2))
        async with self._database.pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(sql.AGAIN, run.id, run.attempts, after, type(error).__name__) is not None:
                await enqueue(connection, EFFECT, [run.id], after=after)
