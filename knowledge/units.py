"""The city's units: the nearest to a place, one by its id, and what places are called and where they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from math import asin, cos, inf, radians, sin, sqrt
from typing import TypedDict

from knowledge.load import Content
from knowledge.places import PlaceRow, Places, UnitRow, names
from knowledge.topics import pick

_EARTH_M = 6_371_008.8
"""The mean radius of the Earth (IUGG)."""


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
    """A place of service. ``names`` and ``addresses`` are by language, absent where the city has none."""

    id: str
    service: str
    names: dict[str, str]
    addresses: dict[str, str]
    urls: dict[str, str]
    phone: str | None
    latitude: float
    longitude: float
    distance_m: int | None


class Directory:
    """The units and places of the content that is given."""

    def __init__(self, content: Content) -> None:
        places = content.places
        self._languages = content.city.languages
        self._unit_page = content.city.unit_page
        self._services = places.services
        self._units = {unit.id: unit for unit in places.units}
        self._rows: Mapping[str, Mapping[str, PlaceRow | UnitRow]] = {
            "district": _by_id(places.districts),
            "street": _by_id(places.streets),
            "postal_code": _by_id(places.postal_codes),
            "unit": self._units,
        }
        self._named = [self._points(kind, places) for kind in ("postal_code", "district", "street")]

    async def nearest(self, service: str, place: Place | None, limit: int) -> list[Unit]:
        """Units of a service, nearest to the place first.

        Without a place, or with one that has no coordinates, in the order of their names and without distances.
        """
        offered = [unit for unit in self._units.values() if unit.service in self._kinds(service)]
        here = _point(place)
        if here is None:
            found = [self._shown(unit, None) for unit in sorted(offered, key=self._sorted_by)]
        else:
            measured = [(metres(here, (unit.latitude, unit.longitude)), unit) for unit in offered]
            measured.sort(key=lambda pair: (pair[0], pair[1].id))
            found = [self._shown(unit, round(distance)) for distance, unit in measured]
        return found[: max(limit, 0)]

    async def unit(self, unit_id: str) -> Unit | None:
        """One unit."""
        row = self._units.get(unit_id)
        return self._shown(row, None) if row else None

    def place(self, kind: str, place_id: str, text: str) -> Place:
        """The place behind an entity, with its coordinates where they are known.

        For words that are no place of ours (``free``), the coordinates are those of a place that is named in them.
        """
        if kind == "point":
            here = point(place_id)
            return Place(kind=kind, id=place_id, text=text, latitude=here[0], longitude=here[1])
        row = self._rows.get(kind, {}).get(place_id)
        latitude, longitude = (row.latitude, row.longitude) if row else (None, None)
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
        row = self._rows.get(kind, {}).get(item_id)
        return pick(row.names, language, self._languages)[1] if row else item_id

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

    def _sorted_by(self, unit: UnitRow) -> tuple[str, str]:
        return pick(unit.names, self._languages[0], self._languages)[1].casefold(), unit.id

    def _shown(self, unit: UnitRow, distance_m: int | None) -> Unit:
        pages = {language: page.format(id=unit.id) for language, page in self._unit_page.items()}
        return Unit(
            id=unit.id,
            service=unit.service,
            names=dict(unit.names),
            addresses=dict(unit.addresses),
            urls=pages | dict(unit.urls),
            phone=unit.phone,
            latitude=unit.latitude,
            longitude=unit.longitude,
            distance_m=distance_m,
        )


def point(value: str) -> tuple[float, float]:
    """Latitude and longitude, in degrees, of a shared point as understanding writes it: ``60.18410,24.95120``."""
    latitude, _, longitude = value.partition(",")
    return float(latitude), float(longitude)


def _centre(row: PlaceRow | UnitRow) -> tuple[float, float] | None:
    if row.latitude is None or row.longitude is None:
        return None
    return row.latitude, row.longitude


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance between two points (latitude, longitude in degrees) along a great circle."""
    north_1, north_2 = radians(one[0]), radians(other[0])
    north, east = north_2 - north_1, radians(other[1] - one[1])
    chord = sin(north / 2) ** 2 + cos(north_1) * cos(north_2) * sin(east / 2) ** 2
    return 2 * _EARTH_M * asin(min(1.0, sqrt(chord)))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())[:50]


def _point(place: Place | None) -> tuple[float, float] | None:
    if place is None or place["latitude"] is None or place["longitude"] is None:
        return None
    return place["latitude"], place["longitude"]


def _by_id(rows: Iterable[PlaceRow]) -> dict[str, PlaceRow]:
    return {row.id: row for row in rows}
