"""The composition root: the one place that knows every room and hands each what it needs."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import UUID

from bot.campaigns import campaigning
from bot.chores import chores
from bot.city import City
from bot.codec import Codec, Sealer
from bot.database import DOWN, Database
from bot.effects import Effects
from bot.engine import Engine
from bot.handoff import Handoffs
from bot.health_contact import contacting, contacts
from bot.hearing import heard, masked, uncoded
from bot.jobs import Sweep, Worker
from bot.keys import CHECKPOINTS, KeyStore
from bot.misses import Misses
from bot.nudges import Nudging, following
from bot.outbox import SendPolicy
from bot.personal import personal
from bot.refresh import Refresh
from bot.replies import Replies
from bot.responder import conversation, opting_out
from bot.service_mydata import services as personal_services
from bot.services import Addresses, Services
from bot.tally import Tally
from channels.base import Channel
from dialogs.errors import NewerState
from health.programme import Programme
from knowledge.http import SourceRefused
from knowledge.service_desk import ServiceDesk
from nlu.mask import mask


def _utc() -> datetime:
    return datetime.now(UTC)


class App:
    """One process: the engine over its channels, with the city's services, effects and the sweep."""

    def __init__(
        self,
        city: City,
        database: Database,
        channels: Sequence[Channel],
        addresses: Addresses,
        keys: KeyStore,
        *,
        codec: Codec | None = None,
        public_url: str | None = None,
        login_url: str | None = None,
        programmes: Mapping[str, Programme] | None = None,
        checkpoints: Path | None = None,
        staffed: bool = True,
        misses_days: int = 30,
        sms_number: str = "",
        development: bool = False,
        now: Callable[[], datetime] = _utc,
        sweep_every: float = 2.0,
        sending: SendPolicy | None = None,
    ) -> None:
        """Make it where the event loop runs.

        ``channels`` are those that are on; ``keys`` seal what is a person's (``codec`` instead of them, for measuring
        what they cost); ``public_url`` is where pictures that are passed on can be fetched, if anywhere; ``login_url``
        where citizens log in, if they can; ``programmes`` of health outreach, in which that is where messages are read;
        ``checkpoints`` a folder for those of the ledger; ``staffed`` tells that
        people can answer in the console; ``misses_days`` is how long texts that were not understood are kept, masked;
        ``sms_number`` is what citizens send text messages to, as they know it; ``now`` is the clock of the turns;
        ``sending`` has the outbox's times.
        """
        self._public_url = public_url
        self.database = database
        self.keys = keys
        self.channels: Mapping[str, Channel] = {channel.name: channel for channel in channels}
        self.services = Services(city, addresses, self._picture_url, lambda: database.pool, now)
        self.personal = personal(city, database, keys, codec or keys, self._resume)
        known = dict(self.services.by_name)
        known |= personal_services(
            lambda: database.pool, Sealer(codec or keys), self.personal, home=login_url, texting="sms" in self.channels
        )
        self.misses = Misses(database, lambda text: mask(uncoded(text)), keep=timedelta(days=misses_days))
        self.tally = Tally(database, self.misses)
        after = following(city, database, now)
        self.engine = Engine(
            database,
            self.channels,
            conversation(city, known).respond,
            city.guard(now),
            codec or keys,
            apologies=city.said("turn.apology"),
            late=city.said("turn.late"),
            always=opting_out(city),
            newer=(NewerState,),
            now=now,
            heard=heard(self.tally, now, city.zone),
            masked=masked,
            sending=sending,
            nudged=after.settled,
            reported=after.reported,
        )
        self.nudging = Nudging(
            city,
            database,
            keys,
            codec or keys,
            self.personal,
            engine=self.engine,
            following=after,
            channels=list(self.channels),
            now=now,
            development=development,
        )
        self.campaigning = campaigning(
            city,
            database,
            keys,
            codec or keys,
            self.personal,
            resume=self._resume,
            nudges=self.nudging.store,
            now=now,
        )
        # In every process: a channel may have something to tell after a send as well.
        self.routes = [route for channel in channels for route in channel.routes(self.engine.handle)]
        desk = ServiceDesk(city.content.city)
        self.handoffs = Handoffs(database, self.engine, city.texts, desk, skill_of=city.skill_of)
        if staffed and desk.staffed:  # else who wishes for a person is told where people are
            known["handoff"] = self.handoffs
        self.replies = Replies(
            city,
            database,
            codec or keys,
            self.personal,
            store=self.nudging.store,
            handoffs=self.handoffs,
            feeds=self.services.feeds,
            number=sms_number,
            now=now,
        )
        known.update(self.replies.by_name)
        self.known: Mapping[str, object] = known
        effects = Effects(database, self.engine, known, final=(SourceRefused,))
        self.sweep = Sweep(
            self.engine, effects, handoffs=self.handoffs, nudging=self.nudging, tally=self.tally, every=sweep_every
        )
        refresh = Refresh(city.content, addresses, database.url).due
        done = chores(self.personal, self.replies, refresh, keys.secret(CHECKPOINTS), checkpoints)
        if programmes and login_url is not None:
            store, today = self.nudging.store, lambda: now().astimezone(city.zone).date()
            written = contacts(database, keys, self.personal, store, programmes, home=login_url, today=today)
            done = (*done, contacting(written))
        self.worker = Worker(
            database,
            effects,
            self.sweep,
            nudging=self.nudging,
            campaigns=self.campaigning.work.run,
            chores=done,
            tally=self.tally,
        )
        self._running: list[asyncio.Task[None]] = []

    async def _resume(self, conversation_id: UUID) -> None:
        await self.engine.outbox.resume(conversation_id)

    async def _picture_url(self, photo_id: str) -> str | None:
        token = await self.engine.photos.share(photo_id) if self._public_url is not None else None
        return None if token is None else f"{self._public_url}/photos/{token}"

    async def __aenter__(self) -> Self:
        """Open the database, the channels and the sweep."""
        await self.database.open()
        await self.keys.open()
        for channel in self.channels.values():
            await channel.start()
        self._running.append(asyncio.create_task(self.sweep.run()))
        return self

    def work(self) -> None:
        """Run the jobs in this process as well."""
        self._running.append(asyncio.create_task(self.worker.run()))

    async def __aexit__(self, *_: object) -> None:
        """End the turns in flight, give back the rest, close everything."""
        self.worker.stop()
        await self.nudging.delivery.close(within=5)
        await self.engine.stop()
        if len(self._running) > 1:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._running[1]), 5)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        with contextlib.suppress(*DOWN):
            await self.tally.write()
        for channel in self.channels.values():
            await channel.close()
        await self.services.close()
        await self.keys.close()
        await self.database.close()
