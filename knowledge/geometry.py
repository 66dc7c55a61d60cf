"""Points on the Earth: latitude and longitude in WGS 84 degrees."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

_EARTH_M = 6_371_008.8
"""The mean radius of the Earth (IUGG)."""


def point(value: str) -> tuple[float, float]:
    """Latitude and longitude, in degrees, of a shared point as understanding writes it: ``60.18410,24.95120``."""
    latitude, _, longitude = value.partition(",")
    return float(latitude), float(longitude)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The distance between two points (latitude, longitude in degrees) along a great circle."""
    north_1, north_2 = radians(one[0]), radians(other[0])
    north, east = north_2 - north_1, radians(other[1] - one[1])
    chord = sin(north / 2) ** 2 + cos(north_1) * cos(north_2) * sin(east / 2) ** 2
    return 2 * _EARTH_M * asin(min(1.0, sqrt(chord)))
