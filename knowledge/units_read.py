"""One unit or connection of the city's register, from either of its two shapes.

TPREK v4 is flat (``name_fi``, ``latitude``, ``ontologyword_ids``, connections in a list of their own), servicemap v2
nests (``name: {fi}``, ``location``, ``services``, ``connections`` in the unit). A missing language is an absent key.
The register names people: a connection with a ``contact_person`` is left out with its phone, emails always are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.model import Area
from knowledge.reading import by_language, identity, number, point, rows, webs_by_language, words

SECTIONS = frozenset(
    (
        "PHONE_OR_EMAIL",
        "LINK",
        "TOPICAL",
        "OTHER_INFO",
        "OPENING_HOURS",
        "SOCIAL_MEDIA_LINK",
        "OTHER_ADDRESS",
        "HIGHLIGHT",
        "ESERVICE_LINK",
        "PRICE",
        "SUBGROUP",
        "OPENING_HOUR_OBJECT",
    )
)
_VIEWPOINTS = {
    "11": "wheelchair",
    "21": "reduced_mobility",
    "31": "rollator",
    "41": "stroller",
    "51": "visually_impaired",
    "61": "hearing_aid",
}
"""The register's viewpoints of who comes on their own; those by car or taxi (12, 13, …) are left out."""
_JUDGEMENTS = frozenset(("green", "red"))
_MOST_CONNECTIONS = 200


class Elsewhere(Exception):
    """A unit that is whole, but not in the city, or nowhere."""


class NoUnit(Exception):
    """A row that is no unit: without an id or a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRecord:
    """What a unit has besides itself: a phone, a link, a notice. ``section`` is the register's ``section_type``."""

    section: str
    names: dict[str, str]
    urls: dict[str, str]
    phone: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRecord:
    """One unit. ``accessibility`` says red or green by who comes; ``ontology`` are the register's ontology words."""

    id: str
    names: dict[str, str]
    addresses: dict[str, str]
    postal_code: str | None
    phone: str | None
    urls: dict[str, str]
    accessibility: dict[str, str]
    latitude: float
    longitude: float
    ontology: frozenset[int]
    connections: tuple[ConnectionRecord, ...]


def read_unit(row: Any, languages: Iterable[str], area: Area) -> UnitRecord:
    """A unit from either shape. Raises ``NoUnit`` or ``Elsewhere``."""
    if not isinstance(row, Mapping):
        raise NoUnit
    languages = tuple(languages)
    unit_id, names = identity(row.get("id")), by_language(row, "name", languages)
    if unit_id is None or not names:
        raise NoUnit
    latitude, longitude = _where(row, area)
    found = (read_connection(item, languages) for item in rows(row.get("connections"))[:_MOST_CONNECTIONS])
    return UnitRecord(
        id=unit_id,
        names=names,
        addresses=by_language(row, "street_address", languages),
        postal_code=_postal_code(row.get("address_zip")),
        phone=words(row.get("phone"), 100),
        urls=webs_by_language(row, "www", languages),
        accessibility=_accessibility(row.get("accessibility_viewpoints")),
        latitude=latitude,
        longitude=longitude,
        ontology=_ontology(row),
        connections=tuple(item for item in found if item is not None),
    )


def read_connection(row: Mapping[str, Any], languages: Iterable[str]) -> ConnectionRecord | None:
    """A connection from either shape; ``None`` for what is none, for a person's, and for one that says nothing."""
    section = row.get("section_type")
    if not isinstance(section, str) or section not in SECTIONS or row.get("contact_person"):
        return None
    languages = tuple(languages)
    names = by_language(row, "name", languages, 1000)
    urls, phone = webs_by_language(row, "www", languages), words(row.get("phone"), 100)
    return ConnectionRecord(section=section, names=names, urls=urls, phone=phone) if names or urls or phone else None


def _where(row: Mapping[str, Any], area: Area) -> tuple[float, float]:
    latitude, longitude = number(row.get("latitude")), number(row.get("longitude"))
    if latitude is None or longitude is None:
        latitude, longitude = point(row.get("location")) or (None, None)
    if latitude is None or longitude is None:
        raise Elsewhere
    if not (area.south <= latitude <= area.north and area.west <= longitude <= area.east):
        raise Elsewhere
    return latitude, longitude


def _postal_code(value: Any) -> str | None:
    code = f"{value:05}" if isinstance(value, int) and not isinstance(value, bool) else words(value, 20)
    return code if code and len(code) == 5 and code.isdecimal() else None


def _accessibility(value: Any) -> dict[str, str]:
    """Flat: ``00:unknown,11:red``; nested: the same as an object."""
    if isinstance(value, str):
        parts = (part.partition(":") for part in value[:2000].split(","))
        pairs: Mapping[str, Any] = {key.strip(): judged.strip() for key, _, judged in parts}
    else:
        pairs = value if isinstance(value, Mapping) else {}
    found = {who: pairs.get(viewpoint) for viewpoint, who in _VIEWPOINTS.items()}
    return {who: judged for who, judged in found.items() if isinstance(judged, str) and judged in _JUDGEMENTS}


def _ontology(row: Mapping[str, Any]) -> frozenset[int]:
    value = row.get("ontologyword_ids", row.get("services"))
    listed = value if isinstance(value, list) else ()
    ids = (item.get("id") if isinstance(item, Mapping) else item for item in listed)
    return frozenset(item for item in ids if isinstance(item, int) and not isinstance(item, bool))
