"""``data/`` read and checked: rows with ids that are theirs alone, sources that are named, services that exist."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from knowledge import checks
from knowledge.faults import Fault
from knowledge.model import Model
from knowledge.places import Aliases, PlaceRow, Places, Service, Source, UnitRow
from knowledge.shape import shape, shape_each
from knowledge.source import Document, read_rows, read_yaml

_Row = TypeVar("_Row", PlaceRow, UnitRow)
_Part = TypeVar("_Part", bound=Model)


def load_places(folder: Path, file: str, languages: Iterable[str], faults: list[Fault]) -> Places:
    """Read ``data/``; what is not there is empty. Faults are added with file and line."""
    return _Reader(folder, file, tuple(languages), faults).read()


class _Reader:
    def __init__(self, folder: Path, file: str, languages: tuple[str, ...], faults: list[Fault]) -> None:
        self._folder, self._file, self._languages, self._faults = folder, file, languages, faults
        self._sources: Mapping[str, Source] = {}
        self._services: Mapping[str, Service] = {}

    def read(self) -> Places:
        self._sources, _ = self._parts("sources.yaml", Source)
        self._services, document = self._parts("services.yaml", Service)
        if document is not None:
            self._translated(document)
        places = Places(
            units=self._rows("units.jsonl", UnitRow),
            districts=self._rows("districts.jsonl", PlaceRow),
            streets=self._rows("streets.jsonl", PlaceRow),
            postal_codes=self._rows("postal_codes.jsonl", PlaceRow),
            services=MappingProxyType(dict(self._services)),
            aliases=Aliases(),
            sources=MappingProxyType(dict(self._sources)),
        )
        return self._with_aliases(places)

    def _parts(self, name: str, model: type[_Part]) -> tuple[dict[str, _Part], Document | None]:
        document = self._yaml(name)
        if document is None:
            return {}, None
        return {str(key): part for key, part in shape_each(model, document, self._faults).items()}, document

    def _yaml(self, name: str) -> Document | None:
        path = self._folder / name
        return read_yaml(path, f"{self._file}/{name}", self._faults) if path.exists() else None

    def _rows(self, name: str, model: type[_Row]) -> tuple[_Row, ...]:
        document = read_rows(self._folder / name, f"{self._file}/{name}", self._faults)
        found: dict[str | int, _Row] = shape_each(model, document, self._faults)
        seen: dict[str, int] = {}
        for place, row in found.items():
            line = document.line((place,))
            if seen.setdefault(row.id, line) != line:
                self._add(document, place, f"the id “{row.id}” is there already", f"See line {seen[row.id]}")
            if row.source not in self._sources:
                self._add(document, place, f"there is no source “{row.source}”", "Name it in sources.yaml")
            if isinstance(row, UnitRow) and row.service not in self._services:
                self._add(document, place, f"there is no service “{row.service}”", "Name it in services.yaml")
        return tuple(found.values())

    def _translated(self, document: Document) -> None:
        for name in document.data if isinstance(document.data, dict) else ():
            part = Document(file=document.file, data=document.data[name], lines=document.lines)
            for fault in checks.translations(part, self._languages, ("name", "words")):
                message = f"{name}: {fault.message}"
                self._add(document, name, message, fault.remedy)
        for name, service in self._services.items():
            for other in service.includes:
                if other not in self._services:
                    self._add(document, name, f"{name} includes “{other}”, which is no service", "Mend its name")

    def _with_aliases(self, places: Places) -> Places:
        document = self._yaml("aliases.yaml")
        aliases = shape(Aliases, document, self._faults) if document else None
        if document is None or aliases is None:
            return places
        rows: Mapping[str, tuple[PlaceRow | UnitRow, ...]] = {
            "district": places.districts,
            "street": places.streets,
            "unit": places.units,
        }
        for kind, known in rows.items():
            ids = {row.id for row in known}
            for place in getattr(aliases, kind):
                if place not in ids:
                    fault = document.fault((kind, place), f"there is no {kind} “{place}”", f"Mend its id ({kind})")
                    self._faults.append(fault)
        return replace(places, aliases=aliases)

    def _add(self, document: Document, place: str | int, message: str, remedy: str) -> None:
        self._faults.append(document.fault((place,), message, remedy))
