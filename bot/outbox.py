"""The only caller of ``Channel.send`` (but for the safety bypass): order, retries, refusals, doubts.

A message is ``sending``, and that is committed, before the call. Messages of a conversation go out in the order of
their ids: while one waits for a retry, the later ones wait behind it. A sender that dies leaves its lease to run out;
then any process takes over: it sends a reply again under the same key, and marks a nudge in doubt. A nudge is tried
once: whether it is sent again is decided where it came from (``proactive/delivery.py``).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import asyncpg
import structlog

from bot import metrics
from bot import outbox_sql as sql
from bot.codec import Sealer
from bot.database import DOWN, Database
from bot.messages import Address, Reply
from bot.settling import Settled, Settler
from channels.base import Channel, OptedOut, Refused, RetryAfter, SendError, UnknownOutcome, Unreachable

logger = structlog.stdlib.get_logger("outbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPolicy:
    """Times in seconds. The lease covers one send and what is around it; it is renewed between sends."""

    timeout: float = 20.0
    lease: float = 60.0
    first_delay: float = 1.0
    longest_delay: float = 300.0
    give_up_after: float = 6 * 3600.0
    unknown_attempts: int = 5
    at_once: int = 20
    """Conversations that a sweep delivers to side by side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One message that is marked ``sending`` for this process. ``age`` is in seconds."""

    id: int
    conversation_id: UUID
    address: Address
    reply: Reply
    kind: str = "reply"
    attempts: int = 1
    age: float = 0.0


class Outbox:
    """Sends what is committed."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        sealer: Sealer,
        *,
        policy: SendPolicy | None = None,
        told: Callable[[Sequence[int]], Awaitable[None]] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """``channels`` by name; messages of other channels are left to other processes.

        ``told`` is told the ids of nudges that are settled. ``chance`` spreads retries.
        """
        self._database = database
        self._channels = channels
        self._sealer = sealer
        self._policy = policy or SendPolicy()
        self._chance = chance
        self._lease = timedelta(seconds=self._policy.lease)
        self._tasks: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(self._policy.at_once)
        self._settler = Settler(database, self._follow, told or _nobody)
        self._stopping = False

    @property
    def lease(self) -> timedelta:
        """How long the sender of a message has."""
        return self._lease

    async def deliver(self, rows: Sequence[Sending]) -> None:
        """Send messages of one conversation, in their order, that are marked ``sending`` for us; settle each."""
        renewed = time.monotonic()
        settled: list[Settled] = []
        for place, row in enumerate(rows):
            try:
                if time.monotonic() - renewed > self._policy.lease - self._policy.timeout - 5:
                    if not await self._renew(rows[place:]):
                        break
                    renewed = time.monotonic()
                outcome = await self._send(row)
            except asyncio.CancelledError:
                await self._settler.write([*settled, *self._given_back(rows[place:])])
                raise
            settled.append(outcome)
            if outcome.status == "waiting":
                # Those behind have not been tried; they wait with it, to keep the order.
                settled += [_settled(later, "waiting", after=outcome.after) for later in rows[place + 1 :]]
                break
        await self._settler.settle(settled)

    async def resume(self, conversation_id: UUID) -> None:
        """Send the conversation's oldest message, if it is due and nobody else does. Raises one of ``DOWN``."""
        row = await self._database.pool.fetchrow(sql.CLAIM, conversation_id, self._lease, list(self._channels))
        if row is not None:
            await self.deliver([await self._opened(row)])

    async def sweep(self, limit: int = 100) -> int:
        """Take up what is due or whose sender was lost; how many conversations that were. Raises one of ``DOWN``."""
        await self._database.pool.execute(sql.DOUBTFUL)
        due = await self._database.pool.fetch(sql.DUE, list(self._channels), limit)
        self._follow([row["conversation_id"] for row in due])
        return len(due)

    async def measure(self) -> None:
        """Set the gauges. Raises one of ``DOWN``."""
        found = {row["status"]: row["messages"] for row in await self._database.pool.fetch(sql.DEPTH)}
        for status in ("waiting", "sending"):
            metrics.outbox.labels(status).set(found.get(status, 0))

    async def idle(self) -> None:
        """Wait until nothing is being sent that was taken up later than its commit."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def stop(self) -> None:
        """Take up nothing more; what is given back is for other processes."""
        self._stopping = True

    async def close(self, within: float) -> None:
        """Let what is being sent end within some seconds, then give the rest back."""
        self.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._settler.close()

    async def _opened(self, row: asyncpg.Record) -> Sending:
        owner, author = await self._sealer.of(row["owner"]), await self._sealer.of(row["person_id"])
        return Sending(
            id=row["id"],
            conversation_id=row["conversation_id"],
            address=Address(row["channel"], owner.open_text(row["address"])),
            reply=author.open_reply(row["body"]),
            kind=row["kind"],
            attempts=row["attempts"],
            age=row["age"],
        )

    def _follow(self, conversations: Collection[UUID]) -> None:
        if self._stopping:
            return
        for conversation_id in conversations:
            task = asyncio.create_task(self._resume_quietly(conversation_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _resume_quietly(self, conversation_id: UUID) -> None:
        async with self._slots:
            try:
                await self.resume(conversation_id)
            except Exception as error:  # whatever it is, the row is due again after its lease
                down = isinstance(error, DOWN)
                logger.warning("resume_failed", conversation_id=str(conversation_id), exc_info=None if down else error)

    async def _renew(self, rows: Sequence[Sending]) -> bool:
        ids, attempts = [row.id for row in rows], [row.attempts for row in rows]
        try:
            kept = await self._database.pool.fetch(sql.RENEW, ids, attempts, self._lease)
        except DOWN as error:  # those that went out are settled all the same
            logger.warning("not_renewed", count=len(rows), reason=type(error).__name__)
            return False
        return len(kept) == len(rows)

    async def _send(self, row: Sending) -> Settled:
        channel = self._channels[row.address.channel]
        started = time.perf_counter()
        try:
            async with asyncio.timeout(self._policy.timeout):
                provider_id = await channel.send(row.address, row.reply, key=str(row.id))
        except Exception as error:  # the one catch-all of sending: the class of the error decides
            settled = self._failed(row, error)
        else:
            settled = _settled(row, "sent", provider_id=provider_id)
        metrics.send_seconds.labels(row.address.channel).observe(time.perf_counter() - started)
        metrics.sends.labels(row.address.channel, settled.status).inc()
        if settled.status != "sent":
            logger.warning("not_sent", outbox_id=row.id, status=settled.status, reason=settled.reason)
        return settled

    def _failed(self, row: Sending, error: Exception) -> Settled:
        reason = type(error).__name__
        match error:
            case OptedOut():
                return _settled(row, "opted_out", reason=reason)
            case Unreachable():
                return _settled(row, "unreachable", reason=reason)
            case Refused():
                return _settled(row, "refused", reason=reason)
            case SendError() if not isinstance(error, UnknownOutcome):
                return self._again(row, reason, error.seconds if isinstance(error, RetryAfter) else None)
        # No answer, or an error that the channel does not know: it may have gone out.
        if row.kind == "nudge" or row.attempts >= self._policy.unknown_attempts:
            return _settled(row, "in_doubt", reason=reason)
        return self._again(row, reason, None)

    def _again(self, row: Sending, reason: str, wanted: float | None) -> Settled:
        if row.kind == "nudge":  # its next sending is decided anew: consent, hours and expiry may have changed
            return _settled(row, "failed", reason=reason, after=wanted or 0.0)
        if row.age >= self._policy.give_up_after:
            return _settled(row, "failed", reason=reason)
        grown = min(self._policy.longest_delay, self._policy.first_delay * 2.0 ** min(row.attempts - 1, 30))
        # Spread, so that a provider that was away is not met by all at once; never sooner than it asked for.
        delay = grown * (0.5 + self._chance() / 2) if wanted is None else wanted * (1 + self._chance() / 10)
        return _settled(row, "waiting", reason=reason, after=min(delay, self._policy.give_up_after))

    def _given_back(self, rows: Sequence[Sending]) -> list[Settled]:
        """What a cancelled sender leaves: the first may have gone out, the others have not been tried."""
        first, *others = rows
        doubt = "in_doubt" if first.kind == "nudge" else "waiting"
        untried = [_settled(row, "failed" if row.kind == "nudge" else "waiting", reason="stopped") for row in others]
        return [_settled(first, doubt, reason="stopped"), *untried]


async def _nobody(_ids: Sequence[int]) -> None:
    """Listens to nothing."""


def _settled(
    row: Sending, status: str, *, reason: str | None = None, provider_id: str | None = None, after: float = 0.0
) -> Settled:
    return Settled(
        id=row.id,
        conversation_id=row.conversation_id,
        kind=row.kind,
        attempts=row.attempts,
        status=status,
        reason=reason,
        provider_id=provider_id,
        after=after,
    )
