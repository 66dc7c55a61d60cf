"""From a document to a model: pydantic's errors become faults with lines and remedies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from knowledge.faults import Fault
from knowledge.source import Document, Unquoted, Where

_M = TypeVar("_M", bound=BaseModel)
_KNOWN = {
    "missing": ("is missing", "Add it"),
    "extra_forbidden": ("is a field that nobody knows", "Mend its name, or take it out"),
    "too_short": ("is an empty list", "Write at least one"),
}


def shape(model: type[_M], document: Document, faults: list[Fault]) -> _M | None:
    """The document as a model, or ``None`` with its faults added."""
    if not isinstance(document.data, dict):
        faults.append(document.fault((), "is not a mapping of fields", "Begin each line with a field's name and “:”"))
        return None
    return _validate(model, document, document.data, (), faults)


def shape_each(model: type[_M], document: Document, faults: list[Fault]) -> dict[str | int, _M]:
    """Each part of a mapping or of a list of rows as a model; the parts with faults are left out."""
    data = document.data
    parts = data.items() if isinstance(data, dict) else enumerate(data if isinstance(data, tuple) else ())
    found = {place: _validate(model, document, part, (place,), faults) for place, part in parts}
    return {place: part for place, part in found.items() if part is not None}


def _validate(model: type[_M], document: Document, data: Any, where: Where, faults: list[Fault]) -> _M | None:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            faults.append(_fault(document, where, detail))
        return None


def _fault(document: Document, where: Where, detail: Mapping[str, Any]) -> Fault:
    path: Where = (*where, *(part for part in detail["loc"] if part != "[key]"))
    message, remedy = _words(detail)
    name = ".".join(str(part + 1) if isinstance(part, int) else part for part in path[len(where) :])
    return document.fault(path, f"{name}: {message}" if name else message, remedy)


def _words(detail: Mapping[str, Any]) -> tuple[str, str]:
    kind, given = detail["type"], detail.get("input")
    if kind == "content":
        return detail["ctx"]["message"], detail["ctx"]["remedy"]
    if kind in _KNOWN:
        return _KNOWN[kind]
    if isinstance(given, Unquoted):
        return f"“{given.text}” without quotes means {str(given.value).lower()}", f'Write "{given.text}" in quotes'
    if given is None:
        return "has nothing after it", "Write its value, or take the field out"
    if kind == "string_type" and isinstance(given, int | float):
        return f"{given} is a number where text was meant", f'Write "{given}" in quotes'
    return f"{detail['msg'][:1].lower()}{detail['msg'][1:]}", "Write it as docs/content.md shows"
