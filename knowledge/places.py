"""The city's places, and every name under which they are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from knowledge.model import ByLanguage, Model, Page, Text

Degrees = Annotated[float, BeforeValidator(lambda value: float(value) if isinstance(value, int) else value)]


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """One name of a place or service, as it may stand in a text.

    ``kind`` is ``district``, ``street``, ``unit``, ``postal_code`` or ``service``; ``id`` is unique within it.
    """

    kind: str
    id: str
    language: str
    text: str


class PlaceRow(Model):
    """A district, street or postal code. A street that nobody has placed has no coordinates (WGS 84 degrees)."""

    id: Text
    names: ByLanguage[Text]
    latitude: Degrees | None = None
    longitude: Degrees | None = None
    source: Text


class UnitRow(Model):
    """A place of service in the city's register (TPREK); languages that it does not have are absent."""

    id: Text
    service: Text
    names: ByLanguage[Text] = Field(min_length=1)
    addresses: ByLanguage[Text] = Field(default_factory=_empty)
    postal_code: Text | None = None
    phone: Text | None = None
    urls: ByLanguage[Page] = Field(default_factory=_empty)
    aliases: tuple[Text, ...] = ()
    latitude: Degrees
    longitude: Degrees
    source: Text


class Service(Model):
    """A kind of unit. ``coverage`` is ``part`` where the register that we have does not hold all of them."""

    name: ByLanguage[Text]
    words: ByLanguage[tuple[Text, ...]]
    coverage: Literal["full", "part"]
    includes: tuple[Text, ...] = ()


class Aliases(Model):
    """What people call places beside their official names: by kind, id and language."""

    district: ByLanguage[ByLanguage[tuple[Text, ...]]] = Field(default_factory=_empty)
    street: ByLanguage[ByLanguage[tuple[Text, ...]]] = Field(default_factory=_empty)
    unit: ByLanguage[ByLanguage[tuple[Text, ...]]] = Field(default_factory=_empty)


class Source(Model):
    """Where rows come from."""

    title: Text
    origin: Text
    date: Text
    licence: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """All places of the city."""

    units: tuple[UnitRow, ...]
    districts: tuple[PlaceRow, ...]
    streets: tuple[PlaceRow, ...]
    postal_codes: tuple[PlaceRow, ...]
    services: Mapping[str, Service]
    aliases: Aliases
    sources: Mapping[str, Source]


def names(places: Places) -> Iterator[Name]:
    """Every name of every place and service, each once."""
    seen: set[Name] = set()
    for name in _every(places):
        if name not in seen:
            seen.add(name)
            yield name


def _every(places: Places) -> Iterator[Name]:
    kinds = (("district", places.districts), ("street", places.streets), ("unit", places.units))
    for kind, rows in kinds:
        for row in rows:
            for language, text in row.names.items():
                yield Name(kind=kind, id=row.id, language=language, text=text)
    yield from _aliases(places)
    for code in places.postal_codes:
        yield Name(kind="postal_code", id=code.id, language=next(iter(code.names)), text=code.id)
    for service_id, service in places.services.items():
        for language, text in service.name.items():
            for word in (text, *service.words.get(language, ())):
                yield Name(kind="service", id=service_id, language=language, text=word)


def _aliases(places: Places) -> Iterator[Name]:
    for unit in places.units:
        for alias in unit.aliases:
            yield Name(kind="unit", id=unit.id, language=next(iter(unit.names)), text=alias)
    for kind in ("district", "street", "unit"):
        known: Mapping[str, Mapping[str, tuple[str, ...]]] = getattr(places.aliases, kind)
        for place, by_language in known.items():
            for language, texts in by_language.items():
                for text in texts:
                    yield Name(kind=kind, id=place, language=language, text=text)
