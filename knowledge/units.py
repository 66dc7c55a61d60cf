"""The city's units: the nearest to a place, one by its id, and what places are called and where they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from math import inf
from typing import TypedDict

from orjson import loads

from knowledge.geometry import metres, point
from knowledge.load import Content
from knowledge.places import PlaceRow, Places, names
from knowledge.topics import pick
from knowledge.unit_copy import AWAY, Pool, UnitCopy
from knowledge.unit_index import UnitEntry

__all__ = ["Directory", "Place", "Unit", "UnitConnection", "metres", "point"]

_CONNECTIONS = "SELECT section, names, urls, phone FROM city_connections WHERE unit_id = $1 ORDER BY place"
_NEAR_M = 3000
"""A point this far from the middle of every district is in none of them."""


class Place(TypedDict):
    """A place that a citizen named; coordinates are ``None`` where nobody has placed it."""

    kind: str
    id: str
    text: str
    latitude: float | None
    longitude: float | None


class Unit(TypedDict):
    """A place of service. ``names``, ``addresses`` and ``urls`` are by language, absent where the city has none.

    ``accessibility`` says ``red`` (shortcomings) or ``green`` (none known) by who comes, for those whom the register
    judges: wheelchair, reduced_mobility, rollator, stroller, visually_impaired, hearing_aid. ``as_of`` is the ISO date
    on which the register was last read, ``None`` where it is not known to the day.
    """

    id: str
    service: str
    services: list[str]
    names: dict[str, str]
    addresses: dict[str, str]
    postal_code: str | None
    urls: dict[str, str]
    phone: str | None
    accessibility: dict[str, str]
    latitude: float
    longitude: float
    distance_m: int | None
    as_of: str | None


class UnitConnection(TypedDict):
    """What a unit has besides itself. ``section`` is the register's ``section_type``; texts are by language."""

    section: str
    names: dict[str, str]
    urls: dict[str, str]
    phone: str | None


class Directory:
    """The units and places of the content, and the units of the database over ``pool`` once it has any."""

    def __init__(self, content: Content, pool: Callable[[], Pool] | None = None, *, every: float = 30.0) -> None:
        places = content.places
        self._pool = pool
        self._copy = UnitCopy(content, pool, every=every)
        self._languages = content.city.languages
        self._unit_page = content.city.unit_page
        self._services = places.services
        self._rows: Mapping[str, Mapping[str, PlaceRow]] = {
            "district": _by_id(places.districts),
            "street": _by_id(places.streets),
            "postal_code": _by_id(places.postal_codes),
        }
        self._named = [self._points(kind, places) for kind in ("postal_code", "district", "street")]

    async def nearest(self, service: str, place: Place | None, limit: int) -> list[Unit]:
        """Units of a service, nearest to the place first.

        Without a place, or with one that has no coordinates, in the order of their names and without distances.
        """
        index, kinds, here = await self._copy.fresh(), self._kinds(service), _point(place)
        if here is None:
            listed = sorted(index.of(kinds), key=self._sorted_by)[: max(limit, 0)]
            return [self._shown(entry, None, kinds) for entry in listed]
        return [
            self._shown(entry, round(metres(here, (entry.latitude, entry.longitude))), kinds)
            for entry in index.nearest(kinds, here, limit)
        ]

    async def unit(self, unit_id: str) -> Unit | None:
        """One unit."""
        entry = (await self._copy.fresh()).get(unit_id)
        return self._shown(entry, None, ()) if entry else None

    async def connections(self, unit_id: str) -> list[UnitConnection]:
        """What the register has of a unit besides itself, in its order; nothing while the database is away."""
        if self._pool is None:
            return []
        try:
            rows = await self._pool().fetch(_CONNECTIONS, unit_id)
        except AWAY:
            return []
        return [
            UnitConnection(
                section=row["section"], names=loads(row["names"]), urls=loads(row["urls"]), phone=row["phone"]
            )
            for row in rows
        ]

    async def close(self) -> None:
        """Stop looking for newer units."""
        await self._copy.close()

    def place(self, kind: str, place_id: str, text: str) -> Place:
        """The place behind an entity, with its coordinates where they are known.

        For words that are no place of ours (``free``), the coordinates are those of a place that is named in them.
        """
        if kind == "point":
            here = point(place_id)
            return Place(kind=kind, id=place_id, text=text, latitude=here[0], longitude=here[1])
        row = self._row(kind, place_id)
        latitude, longitude = (row.latitude, row.longitude) if row else (None, None)
        if kind == "street" and row is not None:
            house = self._copy.now.addresses.point(row.names.values(), text)
            latitude, longitude = house or (latitude, longitude)
        if latitude is None or longitude is None:
            latitude, longitude = self._within(text) or (None, None)
        return Place(kind=kind, id=place_id, text=text, latitude=latitude, longitude=longitude)

    def services(self) -> tuple[str, ...]:
        """The ids of the services that units offer, such as ``library``."""
        return tuple(self._services)

    def covers(self, service: str) -> bool:
        """Whether every unit of the service is known here; if not, an answer must not claim that there is no other."""
        known = self._services.get(service)
        return known is not None and known.coverage == "full"

    def name(self, kind: str, item_id: str, language: str) -> str:
        """The name of a district, street, unit or service in a language, or in the next best one; else the id."""
        if kind == "postal_code":
            return item_id
        if kind == "point":
            return self._near(point(item_id), language)
        if kind == "service":
            service = self._services.get(item_id)
            return pick(service.name, language, self._languages)[1] if service else item_id
        row = self._row(kind, item_id)
        return pick(row.names, language, self._languages)[1] if row else item_id

    def _row(self, kind: str, item_id: str) -> PlaceRow | UnitEntry | None:
        return self._copy.now.get(item_id) if kind == "unit" else self._rows.get(kind, {}).get(item_id)

    def _near(self, here: tuple[float, float], language: str) -> str:
        """A point's coordinates, after the name of the district that it is in or near."""
        written = f"{here[0]:.4f}, {here[1]:.4f}"
        districts = [(metres(here, at), row) for row in self._rows["district"].values() if (at := _centre(row))]
        distance, nearest = min(districts, key=lambda pair: pair[0], default=(inf, None))
        if nearest is None or distance > _NEAR_M:
            return written
        return f"{pick(nearest.names, language, self._languages)[1]} ({written})"

    def _points(self, kind: str, places: Places) -> dict[str, tuple[float, float]]:
        found: dict[str, tuple[float, float]] = {}
        for name in names(places):
            row = self._rows[kind].get(name.id) if name.kind == kind else None
            if row is not None and row.latitude is not None and row.longitude is not None:
                found.setdefault(" ".join(_words(name.text)), (row.latitude, row.longitude))
        return found

    def _within(self, text: str) -> tuple[float, float] | None:
        words = _words(text)
        spans = [" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(i + 5, len(words) + 1))]
        # A postal code or a district says more of where than a street, which can be kilometres long.
        for named in self._named:
            for span in sorted(spans, key=len, reverse=True):
                if span in named:
                    return named[span]
        return None

    def _kinds(self, service: str) -> frozenset[str]:
        known = self._services.get(service)
        return frozenset((service, *known.includes)) if known else frozenset()

    def _sorted_by(self, unit: UnitEntry) -> tuple[str, str]:
        return pick(unit.names, self._languages[0], self._languages)[1].casefold(), unit.id

    def _shown(self, unit: UnitEntry, distance_m: int | None, kinds: Collection[str]) -> Unit:
        pages = {language: page.format(id=unit.id) for language, page in self._unit_page.items()}
        wanted = [service for service in unit.services if service in kinds]
        return Unit(
            id=unit.id,
            service=next(iter((*wanted, *unit.services)), ""),
            services=list(unit.services),
            names=dict(unit.names),
            addresses=dict(unit.addresses),
            postal_code=unit.postal_code,
            urls=pages | dict(unit.urls),
            phone=unit.phone,
            accessibility=dict(unit.accessibility),
            latitude=unit.latitude,
            longitude=unit.longitude,
            distance_m=distance_m,
            as_of=unit.as_of,
        )


def _centre(row: PlaceRow) -> tuple[float, float] | None:
    if row.latitude is None or row.longitude is None:
        return None
    return row.latitude, row.longitude


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())[:50]


def _point(place: Place | None) -> tuple[float, float] | None:
    if place is None or place["latitude"] is None or place["longitude"] is None:
        return None
    return place["latitude"], place["longitude"]


def _by_id(rows: Iterable[PlaceRow]) -> dict[str, PlaceRow]:
    return {row.id: row for row in rows}
