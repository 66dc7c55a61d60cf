"""From what is due to what is sent: nudges are claimed, decided, written and handed over in one transaction.

All that the gate decides by is read in that transaction, after the persons and their conversations are locked: a
consent that was withdrawn before the claim is seen, and two processes never decide about one person at a time. After
the commit the messages are ``sending``; a process that dies then leaves them in doubt, and they are not sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from bot.messages import Address, Reply
from proactive import delivery_sql as sql
from proactive.changes import Change, Told, write
from proactive.claimed import Connection, Nudge, Reads
from proactive.composing import Composer, Message
from proactive.deciding import Decider, later
from proactive.grouping import Passed, grouped
from proactive.pacing import Pacing

BATCH = 100
"""Nudges of one transaction, at most."""

logger = structlog.stdlib.get_logger("delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message that is ``sending`` in the outbox, and that nobody but us sends."""

    id: int
    conversation_id: UUID
    address: Address
    reply: Reply


Send = Callable[[Outgoing], Coroutine[Any, Any, None]]


class Delivery:
    """Sends what is due. ``run`` may be called by many jobs: one at a time works in a process."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        *,
        reads: Reads,
        decider: Decider,
        composer: Composer,
        send: Send,
        told: Told,
        now: Callable[[], datetime],
        lease: timedelta,
        at_once: int = 100,
    ) -> None:
        """``send`` hands one message to its channel and settles it; ``lease`` is how long it has.

        ``told`` hears of changes; ``at_once`` messages are sent side by side.
        """
        self._pool = pool
        self._reads = reads
        self._decider = decider
        self._composer = composer
        self._pacing = Pacing(decider.rules.pace)
        self._send = send
        self._told = told
        self._now = now
        self._lease = lease
        self._at_once = at_once
        self._sending: set[asyncio.Task[None]] = set()
        self._running = False
        self._again = False
        self._stopping = False

    async def run(self) -> None:
        """Send until nothing is due. Raises what asyncpg raises when the database is away."""
        self._again = True
        if self._running:
            return
        self._running = True
        try:
            while self._again and not self._stopping:
                self._again = False
                await self._trials()
                while not self._stopping and await self._batch():
                    pass
        finally:
            self._running = False

    async def idle(self) -> None:
        """Wait until nothing is being sent."""
        while self._sending:
            await asyncio.wait(self._sending)

    async def close(self, within: float) -> None:
        """Claim nothing more, and let what is being sent end within some seconds."""
        self._stopping = True
        if self._sending:
            await asyncio.wait(self._sending, timeout=within)
        for task in self._sending:
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def _batch(self) -> bool:
        """One transaction, and its messages on their way; false where nothing was due."""
        # A message that is claimed is sent at once: one that waited here could outlive its lease.
        while (free := self._at_once - len(self._sending)) < min(BATCH, self._at_once) // 4:
            await asyncio.wait(self._sending, return_when=asyncio.FIRST_COMPLETED)
        found, outgoing = await self._claim(min(BATCH, free))
        for message in outgoing:
            task = asyncio.create_task(self._send(message))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)
        return found

    async def _claim(self, limit: int) -> tuple[bool, Sequence[Outgoing]]:
        async with self._pool().acquire() as connection, connection.transaction():
            now = self._now()
            nudges = [Nudge.of(row) for row in await connection.fetch(sql.CLAIM, now, limit)]
            if not nudges:
                return False, ()
            facts = await self._reads.read(connection, nudges, now)
            decided = self._decider.decide(nudges, facts, now)
            messages, waiting = grouped(decided.passed)
            changes = [*decided.changes, *(self._in_turn(one, now) for one in waiting)]
            ready, early = await self._paced(connection, messages, now)
            composed, failed = self._composer.compose(ready, facts, now)
            outgoing, sent = await self._speak(connection, composed)
            await write(connection, now, [*changes, *early, *failed, *sent], self._told)
        return True, outgoing

    def _in_turn(self, one: Passed, now: datetime) -> Change:
        """Another message goes to the same conversation first."""
        return later(one.nudge, now + self._decider.rules.busy.turn, "busy")

    async def _paced(
        self, connection: Connection, messages: Sequence[Sequence[Passed]], now: datetime
    ) -> tuple[list[Sequence[Passed]], list[Change]]:
        """Those whose turn it is, and the others held until theirs."""
        ready = [message for message in messages if message[0].nudge.paced]
        early: list[Change] = []
        lanes: dict[tuple[str, bool], list[Sequence[Passed]]] = {}
        for message in messages:
            first = message[0]
            if not first.nudge.paced:
                key = (first.place.address.channel, first.nudge.urgency == "urgent")
                lanes.setdefault(key, []).append(message)
        for (channel, _), mine in sorted(lanes.items()):  # in one order in every process: each locks its row
            turns = await self._pacing.take(connection, channel, mine[0][0].nudge.urgency, len(mine), now)
            for message, turn in zip(mine, turns, strict=True):
                if turn == now:
                    ready.append(message)
                else:
                    early += [later(one.nudge, turn, "paced", paced=True) for one in message]
        return ready, early

    async def _speak(
        self, connection: Connection, messages: Sequence[Message]
    ) -> tuple[Sequence[Outgoing], Sequence[Change]]:
        """Into the transcript and the outbox, and into what the conversation's next turn is told."""
        if not messages:
            return (), ()
        rows = await connection.fetch(
            sql.SPEAK,
            [message.place.id for message in messages],
            [message.place.person_id for message in messages],
            [message.place.content.reply(message.reply) for message in messages],
            [message.place.content.json(list(message.beside)) for message in messages],
            self._lease,
        )
        ids: Mapping[UUID, int] = {row["conversation_id"]: row["id"] for row in rows}
        outgoing = [
            Outgoing(
                id=ids[message.place.id],
                conversation_id=message.place.id,
                address=message.place.address,
                reply=message.reply,
            )
            for message in messages
        ]
        sent = [replace(change, outbox_id=ids[message.place.id]) for message in messages for change in message.changes]
        return outgoing, sent

    async def _trials(self) -> None:
        """What test keys have made ends as they asked, and never reaches a provider."""
        while not self._stopping:
            async with self._pool().acquire() as connection, connection.transaction():
                now = self._now()
                rows = await connection.fetch(sql.TRIALS, now, BATCH)
                changes = [
                    Change(id=row["id"], status=row["ends_as"] or "delivered", reason="test_key") for row in rows
                ]
                await write(connection, now, changes, self._told)
            if not rows:
                return
