"""One turn, the same for every channel: keep, claim the oldest, respond, commit, deliver, next."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

import structlog

from bot import metrics
from bot.claims import Accepted, Claim
from bot.codec import Codec, KeyDestroyed, Message, NewerContent, Plain, Sealer, clean
from bot.database import DOWN, Database
from bot.inbox import Inbox
from bot.messages import Delivery, Event, Incoming, Reach, Reply
from bot.outbox import Outbox, Sending, SendPolicy
from bot.photos import Photos
from bot.reach import Reachability
from bot.turns import Heard, Held, Masked, Respond, Timing, Turns
from channels.base import Channel, Unavailable, safety_key

Guard = Callable[[Incoming], Reply | None]

logger = structlog.stdlib.get_logger("engine")


def _utc() -> datetime:
    return datetime.now(UTC)


class Engine:
    """Takes messages of all channels and holds their conversations. Make it where the event loop runs."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        respond: Respond,
        guard: Guard,
        codec: Codec | None = None,
        *,
        apologies: Mapping[str, Reply],
        late: Mapping[str, Reply] | None = None,
        always: Callable[[Incoming], bool] | None = None,
        newer: tuple[type[Exception], ...] = (),
        now: Callable[[], datetime] = _utc,
        timing: Timing | None = None,
        sending: SendPolicy | None = None,
        heard: Heard | None = None,
        nudged: Callable[[Sequence[int]], Awaitable[None]] | None = None,
        reported: Callable[[Delivery], Awaitable[None]] | None = None,
        masked: Masked | None = None,
    ) -> None:
        """Take what a turn needs.

        ``respond`` decides a turn, holding nothing of the database; ``guard`` gives the safety answer to a message, at
        once, or ``None``. ``apologies`` by language, the first for a language not among them, are said when a message
        is parked; ``late`` when messages are too old to answer, once for all in a row, but for those that ``always``
        picks (a wish to opt out). ``newer`` are errors that leave a message for a later release. ``now`` is the turns'
        clock; leases and retries go by the database's. ``heard`` is told of turns that were committed.
        ``nudged`` is told the ids of nudges whose sending has ended, ``reported`` what providers tell of messages.
        ``masked`` takes out of a text what is not kept of it.
        """
        self.now = now
        self.sealer = Sealer(codec or Plain())
        self._timing = timing or Timing()
        self._channels = channels
        self._guard = guard
        self.outbox = Outbox(database, channels, self.sealer, policy=sending, told=nudged)
        lease = timedelta(seconds=self._timing.lease)
        self.photos = Photos(database, self.sealer, channels)
        self._reach = Reachability(database, self.sealer)
        self._reported = reported
        self.inbox = Inbox(database, self.sealer, self.photos, lease=lease, sending_lease=self.outbox.lease)
        self._turns = Turns(
            self.inbox,
            self.photos,
            respond,
            apologies=apologies,
            late=late,
            always=always,
            newer=(*newer, NewerContent),
            now=now,
            timing=self._timing,
            heard=heard,
            masked=masked,
        )
        self._locks: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()
        self._later: set[asyncio.Task[None]] = set()
        self._stopping = False

    async def handle(self, event: Event) -> None:
        """Return when the event is kept; a message's turn goes on in the background. A redelivery changes nothing.

        Raises ``Unavailable`` when it could not be kept (and no safety answer was given): the sender should try again.
        """
        match event:
            case Incoming():
                await self._message(event)
            case Delivery():
                await self._note(self._delivered(event))
            case Reach():
                await self._note(self._reach.reached(event))

    async def _delivered(self, delivery: Delivery) -> None:
        await self._reach.delivered(delivery)
        if self._reported is not None:
            await self._reported(delivery)

    async def _note(self, noting: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(self._timing.accept):
                await noting
        except DOWN as error:
            raise Unavailable from error

    async def _message(self, incoming: Incoming) -> None:
        """Keep a message. A safety answer goes out first, whatever the database does."""
        message = await self._safety(clean(incoming))
        try:
            await self._accept(message)
        except Unavailable:
            metrics.received.labels(incoming.address.channel, "refused").inc()
            if message.safety is None:
                raise
            self._later.add(task := asyncio.create_task(self._keep_later(message)))
            task.add_done_callback(self._later.discard)

    def start(self, accepted: Accepted) -> None:
        """Hold the turn of a message that is kept, in the background."""
        self._spawn(self._work(accepted.conversation.id, accepted.claim))

    def ready(self, conversation_id: UUID | None) -> bool:
        """Whether this process would hold a turn of the conversation at once."""
        if self._stopping:
            return False
        lock = self._locks.get(conversation_id) if conversation_id is not None else None
        return lock is None or not lock.locked()

    async def sweep(self, limit: int = 50) -> int:
        """Take up conversations that nobody works on; how many those were. Raises one of ``DOWN``."""
        if self._stopping:
            return 0
        due = await self.inbox.due(limit)
        for conversation_id in due:
            self._spawn(self._work(conversation_id, None))
        return len(due) + await self.outbox.sweep()

    async def measure(self) -> None:
        """Set the gauges. Raises one of ``DOWN``."""
        count, oldest = await self.inbox.depth()
        metrics.inbox_depth.labels("waiting").set(count)
        metrics.inbox_oldest_seconds.set(oldest)
        await self.outbox.measure()

    async def idle(self) -> None:
        """Wait until no turn is held in this process (effects that turns asked for go on)."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self.outbox.idle()

    async def stop(self, within: float = 10.0) -> None:
        """Accept nothing more, end the turns in flight within some seconds, give back what has not ended."""
        self._stopping = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        self.outbox.stop()
        unfinished = [*self._tasks, *self._later]
        for task in unfinished:
            task.cancel()
        await asyncio.gather(*unfinished, return_exceptions=True)
        await self.outbox.close(within=1.0)

    async def _safety(self, incoming: Incoming) -> Message:
        try:
            reply = self._guard(incoming)
        except Exception as error:  # a broken guard must not keep the message out
            logger.exception("guard_failed", exc_info=error)
            reply = None
        if reply is None:
            return Message(incoming=incoming)
        address = incoming.address
        try:
            async with asyncio.timeout(self._timing.safety):
                channel = self._channels[address.channel]
                sent = await channel.send(address, reply, key=safety_key(incoming.message_id))
        except Exception as error:  # the turn answers instead
            logger.exception("safety_not_sent", channel=address.channel, exc_info=error)
            metrics.safety.labels(address.channel, "not sent").inc()
            return Message(incoming=incoming)
        metrics.safety.labels(address.channel, "sent").inc()
        return Message(incoming=incoming, safety=reply, safety_id=sent)

    async def _accept(self, message: Message) -> None:
        if self._stopping:
            raise Unavailable
        channel = message.incoming.address.channel
        for last in (False, True):
            try:
                async with asyncio.timeout(self._timing.accept):
                    accepted = await self.inbox.accept(message, ready=self.ready)
            except KeyDestroyed as error:
                raise Unavailable from error
            except DOWN as error:
                # Once more, since a restarted database leaves connections that look alive; the message id allows it.
                if last or isinstance(error, TimeoutError):
                    raise Unavailable from error
            else:
                break
        metrics.received.labels(channel, "duplicate" if accepted is None else "new").inc()
        if accepted is not None:
            self.start(accepted)

    async def _keep_later(self, message: Message) -> None:
        """Its safety answer is out; the record of it waits for the database."""
        for wait in self._timing.keep_later:
            await asyncio.sleep(wait)
            with contextlib.suppress(Unavailable):
                return await self._accept(message)
        logger.error("safety_not_recorded", channel=message.incoming.address.channel)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _work(self, conversation_id: UUID, claim: Claim | None) -> None:
        """Hold turns of a conversation until none is due or another process holds one."""
        lock = self._locks.get(conversation_id)
        if lock is None:
            lock = self._locks[conversation_id] = asyncio.Lock()
        try:
            async with lock:
                while claim is not None or not self._stopping:
                    claim = claim or await self.inbox.claim(conversation_id)
                    if claim is None:
                        return
                    held = await self._turn(claim)
                    if not held.again:
                        return
                    claim = None
                    await asyncio.sleep(held.wait)
        except asyncio.CancelledError:
            if claim is not None:  # nothing is written of one that has been committed
                with contextlib.suppress(*DOWN):
                    await self.inbox.release(claim)
            raise
        except Exception as error:  # the one catch-all of the turn: the lease runs out, and the sweep takes it up
            down = isinstance(error, DOWN)
            logger.exception("turn_broken_off", conversation_id=str(conversation_id), exc_info=None if down else error)

    async def _turn(self, claim: Claim) -> Held:
        """Hold one turn and send its replies."""
        started = time.perf_counter()
        held = await self._turns.hold(claim)
        address = claim.conversation.address
        metrics.turns.labels(address.channel, held.intent or "", held.outcome).inc()
        metrics.turn_seconds.labels(address.channel).observe(time.perf_counter() - started)
        if held.committed is not None and held.committed.waiting:
            # Older replies were on their way when this turn committed; by now they may have arrived.
            await self.outbox.resume(claim.conversation.id)
        elif held.committed is not None:
            replies = zip(held.committed.sending, held.replies, strict=True)
            rows = [Sending(id=i, conversation_id=claim.conversation.id, address=address, reply=r) for i, r in replies]
            await self.outbox.deliver(rows)
        return held
