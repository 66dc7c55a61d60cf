"""The city's sources brought anew by the clock: each when it is due, by one process at a time.

Every few minutes the job engine lets one process look. A source is due when it was last asked longer ago than its
period, or, after a failure, than a quarter of an hour; the import itself is alone by a lock of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeAlias

import asyncpg

from bot.services import Addresses
from knowledge.events_import import EventsImport
from knowledge.hours_import import HoursImport
from knowledge.http import SourceUnavailable
from knowledge.imports import ImportRefused, Report
from knowledge.load import Content
from knowledge.units_import import UnitsImport

Connection: TypeAlias = "asyncpg.Connection[Any]"

AFTER_FAILURE = timedelta(minutes=15)
_DUE = """
SELECT NOT EXISTS (SELECT FROM city_sources WHERE name = $1
    AND fetched_at > now() - CASE WHEN error IS NULL THEN $2::interval ELSE least($2::interval, $3::interval) END)
"""


class Importer(Protocol):
    """An import that is set up."""

    async def run(self, connection: Connection) -> Report:
        """Do it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How often a source is read, and by what."""

    every: timedelta
    make: Callable[[], Importer]


class Refresh:
    """The sources that have an address. Invented hours and events are not kept: they are on this machine anyway."""

    def __init__(self, content: Content, addresses: Addresses, database_url: str) -> None:
        self._database_url = database_url
        self._plans = _plans(content, addresses)

    async def due(self) -> None:
        """Import what is due. A source that fails keeps its copy, and the others their turn.

        Raises one of ``DOWN`` when the database is away.
        """
        if not self._plans:
            return
        # A connection of its own: an import takes longer than a statement of the turn may.
        connection = await asyncpg.connect(self._database_url, timeout=10)
        try:
            for name, plan in self._plans.items():
                if await connection.fetchval(_DUE, name, plan.every, AFTER_FAILURE):
                    await _tried(plan.make(), connection)
        finally:
            await connection.close()


async def _tried(importer: Importer, connection: Connection) -> None:
    try:
        await importer.run(connection)
    except (SourceUnavailable, ImportRefused):
        return  # noted by the import, with its class


def _plans(content: Content, addresses: Addresses) -> Mapping[str, Plan]:
    plans: dict[str, Plan] = {}
    invented = addresses.demonstration
    units, hauki, events = addresses.units, addresses.hauki, addresses.linked_events
    if units is not None:
        make = UnitsImport(content=content, address=units, connections=addresses.unit_connections)
        plans["units"] = Plan(timedelta(hours=24), lambda: make)
    if hauki is not None and not invented:
        plans["hours"] = Plan(timedelta(hours=6), lambda: HoursImport(content=content, address=hauki))
    if events is not None and not invented:
        plans["events"] = Plan(timedelta(hours=1), lambda: EventsImport(content=content, address=events))
    return plans
