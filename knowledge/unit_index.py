"""All units in memory, quick to find the nearest of a kind: a product with the points on the sphere, and a sort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from knowledge.addresses import Addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitEntry:
    """A unit, from the bundled register or from the database. ``as_of`` is the ISO date of what is said of it."""

    id: str
    services: tuple[str, ...]
    names: Mapping[str, str]
    addresses: Mapping[str, str]
    postal_code: str | None
    phone: str | None
    urls: Mapping[str, str]
    accessibility: Mapping[str, str]
    latitude: float
    longitude: float
    as_of: str | None


class UnitIndex:
    """The units of one version of the copy; it never changes."""

    def __init__(self, entries: Iterable[UnitEntry]) -> None:
        # In the order of their ids, so that units at one distance come in that order.
        self.entries: Sequence[UnitEntry] = sorted(entries, key=lambda entry: entry.id)
        self._by_id = {entry.id: entry for entry in self.entries}
        places: dict[str, list[int]] = defaultdict(list)
        for place, entry in enumerate(self.entries):
            for service in entry.services:
                places[service].append(place)
        self._offered = {service: np.array(found, dtype=np.int32) for service, found in places.items()}
        self._points = _on_sphere(
            np.array([(entry.latitude, entry.longitude) for entry in self.entries], dtype=np.float64).reshape(-1, 2)
        )

    def get(self, unit_id: str) -> UnitEntry | None:
        """One unit."""
        return self._by_id.get(unit_id)

    def of(self, services: Iterable[str]) -> list[UnitEntry]:
        """The units of any of the services."""
        return [self.entries[place] for place in self._places(services)]

    def nearest(self, services: Iterable[str], here: tuple[float, float], limit: int) -> list[UnitEntry]:
        """The units of any of the services, nearest to the point (latitude, longitude in degrees) first."""
        places = self._places(services)
        # A sum rather than “@”: for so little, the threads of a matrix library cost more than they do.
        closeness = (self._points[places] * _on_sphere(np.array([here], dtype=np.float64))).sum(axis=1)
        order = np.argsort(-np.round(closeness, 12), kind="stable")[: max(limit, 0)]
        return [self.entries[place] for place in places[order]]

    @cached_property
    def addresses(self) -> Addresses:
        """Where houses are, by the units that are in them."""
        return Addresses(
            (address, (entry.latitude, entry.longitude))
            for entry in self.entries
            for address in entry.addresses.values()
        )

    def _places(self, services: Iterable[str]) -> NDArray[np.int32]:
        found = [self._offered[service] for service in dict.fromkeys(services) if service in self._offered]
        return np.unique(np.concatenate(found)) if found else np.array([], dtype=np.int32)


def _on_sphere(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Latitudes and longitudes as points on the unit sphere, where nearer means a larger product."""
    latitude, longitude = np.radians(degrees[:, 0]), np.radians(degrees[:, 1])
    flat = np.cos(latitude)
    return np.stack((flat * np.cos(longitude), flat * np.sin(longitude), np.sin(latitude)), axis=1)
