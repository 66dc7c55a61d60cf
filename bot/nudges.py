"""What the city writes first, bound together: the store, the delivery over the outbox, what follows on a sending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from bot import metrics
from bot.city import City
from bot.codec import UNREADABLE, Codec, Sealer
from bot.database import Database
from bot.engine import Engine
from bot.keys import KeyStore
from bot.nudge_facts import NudgeFacts
from bot.outbox import Sending
from bot.personal import Personal
from bot.queue import CALLBACKS, NUDGES, QUEUED, Connection, enqueue
from dialogs.buttons import nudge_payload
from proactive import delivery_sql as sql
from proactive.callbacks import Callbacks, changed
from proactive.changes import Change
from proactive.composing import Composer
from proactive.deciding import Decider
from proactive.delivery import Delivery, Outgoing
from proactive.following import Following
from proactive.nudges import Nudges
from proactive.template import Choice
from proactive.wanted import Limits

SOON = timedelta(seconds=5)
"""What is due within this gets a job at once; the sweep makes one for what is due later."""


class Nudging:
    """Nudges of one process. Every process stores and follows them; those that work send them."""

    def __init__(
        self,
        city: City,
        database: Database,
        keys: KeyStore,
        codec: Codec,
        personal: Personal,
        *,
        engine: Engine,
        following: Following,
        channels: Sequence[str],
        now: Callable[[], datetime],
        development: bool,
    ) -> None:
        """``channels`` are those that are on; ``codec`` seals what ``keys`` can destroy.

        In ``development`` systems on this machine are told of changes as well.
        """
        sealer = Sealer(codec)
        self._database = database
        self._engine = engine
        self._now = now
        self.store = nudge_store(city, database, codec, personal, channels=channels, now=now)
        self.callbacks = Callbacks(lambda: database.pool, sealer, lost=UNREADABLE, loopback=development)
        self.following = following
        self.delivery = Delivery(
            lambda: database.pool,
            reads=NudgeFacts(sealer, personal, keys.warm, codec.lost),
            decider=Decider(city.proactive, city.calendar, city.nudges),
            composer=Composer(
                zone=city.zone, languages=city.languages, texts=city.texts, payload=_payload, lost=codec.lost
            ),
            send=self._send,
            told=told,
            now=now,
            lease=engine.outbox.lease,
        )

    async def sweep(self) -> int:
        """Take over what was left, and make a job for what is due without one. Raises one of ``DOWN``."""
        found = await self.following.sweep()
        untold = await self.callbacks.due()
        async with self._database.pool.acquire() as connection, connection.transaction():
            if await connection.fetchval(sql.DUE, self._now(), NUDGES):
                await enqueue(connection, NUDGES, [0])
            if untold and not await connection.fetchval(QUEUED, CALLBACKS):
                await enqueue(connection, CALLBACKS, [0])
        return found

    async def measure(self) -> None:
        """Set the gauge. Raises one of ``DOWN``."""
        late = await self._database.pool.fetchval(sql.LATE, self._now())
        metrics.nudges_late_seconds.set(max(0.0, late or 0.0))

    async def _send(self, message: Outgoing) -> None:
        row = Sending(
            id=message.id,
            conversation_id=message.conversation_id,
            address=message.address,
            reply=message.reply,
            kind="nudge",
        )
        await self._engine.outbox.deliver([row])


def nudge_store(
    city: City,
    database: Database,
    codec: Codec,
    personal: Personal,
    *,
    channels: Sequence[str],
    now: Callable[[], datetime],
) -> Nudges:
    """The store alone, for who makes nudges and sends none."""
    return Nudges(
        lambda: database.pool,
        Sealer(codec),
        city.nudges,
        personal.people,
        Limits(channels=tuple(channels), languages=tuple(city.languages)),
        lost=codec.lost,
        wake=partial(wake, now),
        changed=note,
        now=now,
    )


def following(city: City, database: Database, now: Callable[[], datetime]) -> Following:
    """What follows on a sending, for the engine that sends."""
    return Following(lambda: database.pool, city.nudges, city.proactive.retry, told, partial(wake, now), now=now)


async def wake(now: Callable[[], datetime], connection: Connection, due_at: datetime) -> None:
    """A job for what is due soon."""
    wait = due_at - now()
    if wait <= SOON:
        await enqueue(connection, NUDGES, [0], after=max(wait, timedelta(0)))


async def told(connection: Connection, changes: Sequence[Change]) -> None:
    """Count changes, and have the systems told."""
    for change in changes:
        metrics.nudges.labels(change.status, change.reason or "").inc()
    await note(connection, [change.id for change in changes])


async def note(connection: Connection, ids: Sequence[UUID]) -> None:
    """Have the systems that made them told what they are now."""
    await changed(partial(enqueue, entrypoint=CALLBACKS, ids=[0]), connection, ids)


def _payload(nudge: UUID, choice: Choice) -> str:
    return nudge_payload(nudge.hex, choice.id)
