"""What staff see of a campaign: how many, at what cost, why not, how far it has come, and what came of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from bot.messages import JSON, Reply
from proactive import campaign_views_sql as sql
from proactive.campaign import Campaign, Sealer
from proactive.recipients import TEXTING
from proactive.rehearsal import Rehearsal
from proactive.rules import Price
from proactive.template import Template

Found = Mapping[str, Any]
OPEN = ("created", "held")
FAILED = ("permanent-failure", "temporary-failure", "technical-failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How far it has come: rows of the audience, and nudges by what became of them."""

    rows: int
    faults: int
    unlooked: int
    skipped: int
    usable: int
    made: int
    waiting: int
    sending: int
    sent: int
    delivered: int
    answered: int
    failed: int
    cancelled: int

    @property
    def ended(self) -> int:
        """How many of the usable rows have gone out or come to another end."""
        return self.made - self.waiting - self.sending


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A message as somebody will see it. ``bodies`` and ``parts`` are of a text message."""

    channel: str
    language: str
    reply: Reply
    bodies: Sequence[str] = ()
    parts: int = 0


class CampaignViews:
    """Reads. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self, pool: Callable[[], asyncpg.Pool[Any]], sealer: Sealer, rehearsal: Rehearsal, price: Price
    ) -> None:
        self._pool = pool
        self._sealer = sealer
        self._rehearsal = rehearsal
        self._price = price

    async def counts(self, campaign_id: UUID) -> Counts:
        """How far it has come."""
        rows = await self._pool().fetchrow(sql.ROWS, campaign_id)
        found = await self._pool().fetch(sql.STATUSES, campaign_id)

        def of(*statuses: str, column: str = "count") -> int:
            return sum(row[column] for row in found if not statuses or row["status"] in statuses)

        return Counts(
            **dict(rows or {}),
            waiting=of(*OPEN),
            sending=of("sending"),
            sent=of(column="sent"),
            delivered=of("delivered"),
            answered=of(column="answered"),
            failed=of(*FAILED),
            cancelled=of("cancelled", "expired"),
        )

    async def statuses(self, campaign_id: UUID) -> Sequence[Found]:
        """Nudges by ``status`` and ``reason``: ``count``, and how many of them were ``sent`` and ``answered``."""
        return await self._all(sql.STATUSES, campaign_id)

    async def groups(self, campaign_id: UUID) -> Sequence[Found]:
        """Who would be written to: ``rows`` and ``parts`` by ``channel``, ``spoken`` and ``abroad``, and the ``cost``.

        The cost is in the price's currency, ``None`` where nothing is to be paid.
        """
        return [{**row, "cost": self._cost(row)} for row in await self._all(sql.GROUPS, campaign_id)]

    async def skipped(self, campaign_id: UUID) -> Sequence[Found]:
        """Who would not, by ``reason``: ``rows``."""
        return await self._all(sql.SKIPPED, campaign_id)

    async def faults(self, campaign_id: UUID) -> Sequence[Found]:
        """Rows that cannot be used, by ``fault`` and ``field``: ``rows`` and the first ``lines``."""
        return await self._all(sql.FAULTS, campaign_id)

    async def fault_lines(self, campaign_id: UUID) -> AsyncIterator[Found]:
        """All of them, by line."""
        last = 0
        while rows := await self._all(sql.LINES, campaign_id, last):
            for row in rows:
                yield row
            last = rows[-1]["line"]

    async def hours(self, campaign_id: UUID, zone: str) -> Sequence[Found]:
        """What came of it: ``count`` by ``hour``, ``channel`` and ``what`` (sent, delivered, answered, opted_out)."""
        return await self._all(sql.HOURS, campaign_id, zone)

    async def samples(self, campaign: Campaign, template: Template, channels: Sequence[str]) -> Sequence[Shown]:
        """The message on each channel in each language: as the dearest row has it, else with the examples."""
        content = await self._sealer.of(campaign.id)
        own = {
            (row["channel"], row["spoken"]): content.open_json(row["body"])["values"]
            for row in await self._all(sql.SAMPLES, campaign.id)
        }
        return [
            self.shown(
                template,
                {**template.examples, **campaign.values, **own.get((channel, language), {})},
                channel,
                language,
            )
            for channel in channels
            for language in self._rehearsal.languages
        ]

    def shown(self, template: Template, values: Mapping[str, JSON], channel: str, language: str) -> Shown:
        """The message as it will be. Raises ``Unfit``."""
        reply = self._rehearsal.shown(template, values, channel=channel, language=language)
        if channel != TEXTING:
            return Shown(channel=channel, language=language, reply=reply)
        bodies, parts = self._rehearsal.texted(reply), self._rehearsal.parts(reply)
        return Shown(channel=channel, language=language, reply=reply, bodies=bodies, parts=parts)

    def _cost(self, row: Found) -> float | None:
        if row["channel"] != TEXTING:
            return None
        part = self._price.part_abroad if row["abroad"] else self._price.part
        return None if part is None else part * float(row["parts"])

    async def _all(self, statement: str, *values: object) -> list[Found]:
        return [dict(row) for row in await self._pool().fetch(statement, *values)]
