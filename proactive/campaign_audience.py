"""Who is in a campaign: the lines of a table, whom a filter finds, or whom a programme names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, BinaryIO, Protocol, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from proactive import campaigns_sql as sql
from proactive.audience import Bad, Good, Table, Wishes
from proactive.campaign import Campaign, Content, Sealer, Who
from proactive.campaigns import PATIENT, Wake
from proactive.claimed import Connection
from proactive.template import Templates

Line: TypeAlias = Good | Bad
LEVELS = ("claimed", "confirmed", "strong")
"""How surely an address is a person's, the least sure first."""
AT_ONCE = 500
"""Lines that are read, sealed and stored at a time."""
COLUMNS = ("campaign_id", "line", "body", "address_lookup", "digest", "language", "abroad", "fault", "field")


class Programme(Protocol):
    """Finds whom something concerns, by rules of its own."""

    def title(self, language: str) -> str:
        """What it is called."""

    def persons(self) -> AsyncIterator[UUID]:
        """Whom it has found, each once."""


class NotDraft(Exception):
    """The campaign has been handed in: its audience stays as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Persons by their conversations. ``None`` is any; who allows the template's purpose is found by the dry run."""

    channels: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    level: str = LEVELS[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """How many came in: lines that can be used, and lines that cannot."""

    good: int
    bad: int = 0


class Audiences:
    """Fills the table ``campaign_rows``: all of an audience, or the one before stays.

    Methods raise ``NotDraft``, and what asyncpg raises when the database is away.
    """

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        templates: Templates,
        *,
        languages: Sequence[str],
        zone: ZoneInfo,
        abroad: bool,
        wake: Wake,
        programmes: Mapping[str, Programme] | None = None,
    ) -> None:
        """``abroad``: numbers of other countries may be written to."""
        self._pool = pool
        self._sealer = sealer
        self._templates = templates
        self._languages = languages
        self._zone = zone
        self._abroad = abroad
        self._wake = wake
        self.programmes = programmes or {}

    async def from_file(
        self,
        campaign: Campaign,
        file: BinaryIO,
        by: Who,
        *,
        progress: Callable[[int], object] = lambda _: None,
    ) -> Filled:
        """The lines of a table, each checked; ``progress`` hears of how many more. Raises ``FileRefused``."""
        template = self._templates.get(campaign.template, campaign.version)
        wishes = Wishes(
            template=template,
            common=campaign.values,
            languages=self._languages,
            zone=self._zone,
            abroad=self._abroad,
        )
        table = await asyncio.to_thread(Table, file, wishes, self._sealer.lookup)
        content, lines, counts = await self._sealer.of(campaign.id), table.lines(), [0, 0]
        async with self._pool().acquire() as connection, connection.transaction():
            await self._begin(connection, campaign.id)
            while records := await asyncio.to_thread(_records, lines, campaign.id, content, self._sealer.lookup):
                await connection.copy_records_to_table(
                    "campaign_rows", records=records, columns=COLUMNS, timeout=PATIENT
                )
                bad = sum(record[FAULT] is not None for record in records)
                counts = [counts[0] + len(records) - bad, counts[1] + bad]
                progress(len(records))
            await self._filled(
                connection, campaign.id, by, {"kind": "file", **asdict(table.form), "unused": table.unused}
            )
        return Filled(good=counts[0], bad=counts[1])

    async def from_filter(self, campaign: Campaign, wanted: Filter, by: Who) -> Filled:
        """Everybody whom a filter finds."""
        nothing = (await self._sealer.of(campaign.id)).json({"values": {}})
        levels = LEVELS[LEVELS.index(wanted.level) :]
        async with self._pool().acquire() as connection, connection.transaction():
            await self._begin(connection, campaign.id)
            arguments = (nothing, wanted.channels, wanted.languages, levels)
            found = await connection.execute(sql.PERSONS, campaign.id, *arguments, timeout=PATIENT)
            await self._filled(connection, campaign.id, by, {"kind": "filter", **asdict(wanted)})
        return Filled(good=int(found.rpartition(" ")[2]))

    async def from_programme(self, campaign: Campaign, name: str, by: Who) -> Filled:
        """Whom a programme names. Raises ``KeyError`` where there is none of that name."""
        programme = self.programmes[name]
        nothing, count = (await self._sealer.of(campaign.id)).json({"values": {}}), 0
        async with self._pool().acquire() as connection, connection.transaction():
            await self._begin(connection, campaign.id)
            async for persons in _batches(programme.persons()):
                await connection.execute(sql.NAMED, campaign.id, count, nothing, persons, timeout=PATIENT)
                count += len(persons)
            await self._filled(connection, campaign.id, by, {"kind": "programme", "name": name})
        return Filled(good=count)

    async def _begin(self, connection: Connection, campaign_id: UUID) -> None:
        if await connection.fetchval(sql.DRAFT, campaign_id) is None:
            raise NotDraft
        await connection.execute(sql.EMPTY, campaign_id, timeout=PATIENT)

    async def _filled(self, connection: Connection, campaign_id: UUID, by: Who, audience: Mapping[str, Any]) -> None:
        await connection.execute(sql.FILLED, campaign_id, by.agent, orjson.dumps(audience).decode())
        await connection.execute(sql.NOTIFY, campaign_id)
        await self._wake(connection)


FAULT = COLUMNS.index("fault")


def _records(
    lines: Iterator[Line], campaign_id: UUID, content: Content, lookup: Callable[[str], bytes]
) -> list[tuple[Any, ...]]:
    """The next lines, ready to be stored: in a thread, since a telephone number takes a while to be looked at."""
    return [_record(line, campaign_id, content, lookup) for line in islice(lines, AT_ONCE)]


def _record(line: Line, campaign_id: UUID, content: Content, lookup: Callable[[str], bytes]) -> tuple[Any, ...]:
    if isinstance(line, Bad):
        return (campaign_id, line.line, None, None, None, None, False, line.code, line.column)
    body = content.json({"to": line.number, "values": dict(line.values)})
    address = lookup(line.number)
    return (campaign_id, line.line, body, address, line.digest, line.language, line.abroad, None, None)


async def _batches(persons: AsyncIterator[UUID]) -> AsyncIterator[list[UUID]]:
    batch: list[UUID] = []
    async for person in persons:
        batch.append(person)
        if len(batch) == AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch
