"""The city's units and their connections, from the register into our tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass

from knowledge import documents
from knowledge.feed import Feed, Limits, Seen
from knowledge.imports import Connection, Progress, Report, Staging, merge, packed, refuse_loss, rows_of, run, seen
from knowledge.imports import no_progress as silent
from knowledge.load import Content
from knowledge.reading import identity
from knowledge.units_read import ConnectionRecord, Elsewhere, NoUnit, UnitRecord, read_connection, read_unit

SOURCE = "units"
UNITS, CONNECTIONS = "city_units", "city_connections"
_UNIT_COLUMNS = (
    "id",
    "services",
    "names",
    "addresses",
    "postal_code",
    "phone",
    "urls",
    "accessibility",
    "latitude",
    "longitude",
)
_CONNECTION_COLUMNS = ("unit_id", "place", "section", "names", "urls", "phone")
_MOST = 200
"""Connections of one unit; a real one has a few dozen at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitsImport:
    """Where the register is: ``address`` of the units in either shape, ``connections`` of the flat shape's other list.

    An address is a URL or a path. ``force`` takes what would be refused, and reads what has not changed.
    """

    content: Content
    address: str
    connections: str | None = None
    force: bool = False
    limits: Limits | None = None
    progress: Progress = silent

    async def run(self, connection: Connection) -> Report:
        """Bring the tables up to the source. Raises ``SourceUnavailable`` or ``ImportRefused``, and changes nothing."""
        return await run(connection, SOURCE, self._work)

    async def _work(self, connection: Connection) -> tuple[Report, Seen]:
        # With a second list, the first one's being unchanged says nothing of both.
        since = Seen() if self.connections else await seen(connection, SOURCE, force=self.force)
        filling = _Filling(connection, self.content)
        await filling.make()
        async with Feed(SOURCE, self.address, since=since, limits=self.limits) as feed:
            async with aclosing(rows_of(feed, self.progress)) as rows:
                async for row in rows:
                    await filling.unit(row)
            if feed.unchanged:
                return Report(source=SOURCE, outcome="unchanged"), feed.seen
        if self.connections:
            await self._connections(filling, self.connections)
        report = filling.report()
        await refuse_loss(connection, UNITS, report, force=self.force)
        report = await filling.merge(report)
        await documents.index_units(connection, self.content)
        return report, feed.seen

    async def _connections(self, filling: _Filling, address: str) -> None:
        async with (
            Feed("connections", address, limits=self.limits) as feed,
            aclosing(rows_of(feed, self.progress)) as rows,
        ):
            async for row in rows:
                await filling.connection(row)
        filling.connected = True


class _Filling:
    """The units of one import on their way into the staging tables."""

    def __init__(self, connection: Connection, content: Content) -> None:
        self.connected = False
        self._connection = connection
        self._city = content.city
        self._known: Mapping[str, str] = {unit.id: unit.service for unit in content.places.units}
        self._units = Staging(connection, UNITS, _UNIT_COLUMNS)
        self._connections = Staging(connection, CONNECTIONS, _CONNECTION_COLUMNS)
        self._places: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()

    async def make(self) -> None:
        await self._units.make()
        await self._connections.make()

    async def unit(self, row: object) -> None:
        try:
            unit = read_unit(row, self._city.languages, self._city.area)
        except NoUnit:
            self._counts["broken"] += 1
            return
        except Elsewhere:
            self._counts["elsewhere"] += 1
            return
        if unit.id in self._places:  # twice in the list
            return
        self._places[unit.id] = 0
        await self._units.add(*self._columns(unit))
        for connection in unit.connections:
            self.connected = True
            await self._add(unit.id, connection)

    async def connection(self, row: object) -> None:
        if not isinstance(row, dict):
            return
        unit_id = identity(row.get("unit_id"))
        found = read_connection(row, self._city.languages) if unit_id in self._places else None
        if unit_id is not None and found is not None:
            await self._add(unit_id, found)

    def report(self) -> Report:
        counts = self._counts
        return Report(source=SOURCE, kept=len(self._places), broken=counts["broken"], elsewhere=counts["elsewhere"])

    async def merge(self, report: Report) -> Report:
        await self._units.index(("id",))
        merged = await merge(self._connection, UNITS, ("id",), report)
        if self.connected:
            key = ("unit_id", "place")
            await self._connections.index(key)
            await merge(self._connection, CONNECTIONS, key, report)
        return merged

    async def _add(self, unit_id: str, connection: ConnectionRecord) -> None:
        place = self._places[unit_id]
        if place >= _MOST:
            return
        self._places[unit_id] += 1
        names, urls = packed(connection.names), packed(connection.urls)
        await self._connections.add(unit_id, place, connection.section, names, urls, connection.phone)

    def _columns(self, unit: UnitRecord) -> tuple[object, ...]:
        return (
            unit.id,
            self._services(unit),
            packed(unit.names),
            packed(unit.addresses),
            unit.postal_code,
            unit.phone,
            packed(unit.urls),
            packed(unit.accessibility),
            unit.latitude,
            unit.longitude,
        )

    def _services(self, unit: UnitRecord) -> list[str]:
        """By the ontology words that city.yaml gives; a unit that we know from before keeps its service first."""
        found = [service for service, ids in self._city.ontology.items() if unit.ontology.intersection(ids)]
        known = self._known.get(unit.id)
        return list(dict.fromkeys([known, *sorted(found)] if known else sorted(found)))
