"""What workers do for campaigns, in small steps that can be broken off anywhere and begun anew by anybody.

A step takes some rows, and writes what became of them in the same transaction. Between the making of nudges and that
writing a process may be lost: the rows are then taken again, and the store of nudges, to which each row has a name of
its own, gives the nudges that are there already. So nobody is written to twice, and nobody is left out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import structlog

from proactive import campaign_work_sql as sql
from proactive.campaign import Campaign, Content, Sealer
from proactive.campaigns import PATIENT, Campaigns
from proactive.campaigns_sql import NOTIFY
from proactive.claimed import Connection
from proactive.nudge import Created
from proactive.rehearsal import Looked, Rehearsal, Row
from proactive.template import Template, Templates, UnknownTemplate
from proactive.wanted import ToPerson, ToPhone, Wanted

logger = structlog.stdlib.get_logger("campaigns")

AT_ONCE = 200
"""Rows of a step: their transaction stays open while their nudges are made."""
ENDED_AT_ONCE = 5_000
"""Nudges whose status a step changes."""


class Making(Protocol):
    """The store of nudges."""

    async def create(self, wanted: Sequence[Wanted], *, maker: bytes) -> list[Created]:
        """Store them, once for each name that their maker gave them."""


WakeNudges = Callable[[Connection, datetime], Awaitable[object]]


def maker_of(campaign_id: UUID) -> bytes:
    """Whose names the lines of a campaign are."""
    return b"campaign " + campaign_id.bytes


class CampaignWork:
    """The steps. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        templates: Templates,
        *,
        campaigns: Campaigns,
        rehearsal: Rehearsal,
        nudges: Making,
        wake_nudges: WakeNudges,
        lost: tuple[type[Exception], ...],
        now: Callable[[], datetime],
        at_once: int = AT_ONCE,
    ) -> None:
        """``wake_nudges`` is told, in its transaction, that nudges are due from a moment on.

        ``lost`` is what opening raises where the campaign's key is gone.
        """
        self._pool = pool
        self._sealer = sealer
        self._templates = templates
        self._campaigns = campaigns
        self._rehearsal = rehearsal
        self._nudges = nudges
        self._wake_nudges = wake_nudges
        self._lost: tuple[type[Exception], ...] = (UnknownTemplate, *lost)
        self._now = now
        self._at_once = at_once
        self._alone = asyncio.Lock()  # a step holds a connection and needs another one

    async def run(self, progress: Callable[[int], object] = lambda _: None) -> int:
        """All that there is to do now; how much that was. ``progress`` hears of each step."""
        done = 0
        while count := await self.step():
            progress(count)
            done += count
        return done

    async def look(self, campaign_id: UUID, progress: Callable[[int], object] = lambda _: None) -> None:
        """The dry run of one campaign, to its end. Raises ``UnknownTemplate``, and what opening raises."""
        while count := await self._of(campaign_id, sql.TAKE_UNLOOKED, self._looked):
            progress(count)

    async def step(self) -> int:
        """One step, what is most urgent first; how many rows it was about, 0 where there is nothing to do."""
        async with self._alone:
            for work in (self._cancel, self._resume, self._look, self._make, self._end):
                if count := await work():
                    return count
        return 0

    async def _cancel(self) -> int:
        return len(await self._pool().fetch(sql.CANCEL, ENDED_AT_ONCE, timeout=PATIENT))

    async def _resume(self) -> int:
        async with self._pool().acquire() as connection, connection.transaction():
            count = len(await connection.fetch(sql.RESUME, ENDED_AT_ONCE, timeout=PATIENT))
            if count:
                await self._wake_nudges(connection, self._now())
        return count

    async def _end(self) -> int:
        rows = await self._pool().fetch(sql.END, timeout=PATIENT)
        for row in rows:
            await self._pool().execute(NOTIFY, row["id"])
        return len(rows)

    async def _look(self) -> int:
        return await self._some(sql.UNLOOKED, sql.TAKE_UNLOOKED, self._looked)

    async def _make(self) -> int:
        return await self._some(sql.UNMADE, sql.TAKE_UNMADE, self._made)

    async def _some(
        self,
        which: str,
        take: str,
        work: Callable[[Connection, Campaign, Template, Sequence[Row]], Awaitable[None]],
    ) -> int:
        campaign_id = await self._pool().fetchval(which)
        if campaign_id is None:
            return 0
        try:
            return await self._of(campaign_id, take, work)
        except self._lost as error:  # nobody can send it any more, and the other campaigns go on
            logger.warning("campaign_unreadable", campaign_id=str(campaign_id), reason=type(error).__name__)
            return len(await self._pool().fetch(sql.SPOIL, campaign_id, timeout=PATIENT))

    async def _of(
        self,
        campaign_id: UUID,
        take: str,
        work: Callable[[Connection, Campaign, Template, Sequence[Row]], Awaitable[None]],
    ) -> int:
        campaign = await self._campaigns.get(campaign_id)
        if campaign is None:
            return 0
        template = self._templates.get(campaign.template, campaign.version)
        content = await self._sealer.of(campaign.id)
        async with self._pool().acquire() as connection, connection.transaction():
            found = await connection.fetch(take, campaign.id, self._at_once)
            rows = [_row(row, campaign, content) for row in found]
            if rows:
                await work(connection, campaign, template, rows)
                await connection.execute(NOTIFY, campaign.id)
        return len(rows)

    async def _looked(
        self, connection: Connection, campaign: Campaign, template: Template, rows: Sequence[Row]
    ) -> None:
        found = await self._rehearsal.look(campaign, template, rows)
        columns = [[getattr(one, name) for one in found] for name in Looked.__slots__]
        await connection.execute(sql.LOOKED, campaign.id, *columns)

    async def _made(self, connection: Connection, campaign: Campaign, template: Template, rows: Sequence[Row]) -> None:
        wanted = [self._wanted(campaign, template, row) for row in rows]
        made = await self._nudges.create(wanted, maker=maker_of(campaign.id))
        lines, ids = [row.line for row in rows], [one.id for one in made]
        faults = [None if one.fault is None else one.fault.code for one in made]
        await connection.execute(sql.MADE, campaign.id, lines, ids, faults)

    def _wanted(self, campaign: Campaign, template: Template, row: Row) -> Wanted:
        later = campaign.send_at is not None and campaign.send_at > self._now()
        by_person = None if row.person_id is None else ToPerson(row.person_id)
        return Wanted(
            template=template.id,
            version=template.version,
            to=by_person or ToPhone(row.number or ""),
            values=row.values,
            language=row.language,
            channels=None if by_person is None else campaign.channels,
            due_at=campaign.send_at if later else None,
            dedupe=str(row.line),
            campaign_id=campaign.id,
        )


def _row(row: asyncpg.Record, campaign: Campaign, content: Content) -> Row:
    body = content.open_json(row["body"])
    return Row(
        line=row["line"],
        number=body.get("to"),
        address_lookup=row["address_lookup"],
        person_id=row["person_id"],
        language=row["language"],
        values={**campaign.values, **body["values"]},
    )
