"""YAML and JSON lines read so that each value knows its line.

YAML is composed into nodes and turned into plain values here, because PyYAML's own loader takes the last of two equal
keys without a word and forgets the lines. Texts come out composed (NFC); sequences come out as tuples.
"""

from __future__ import annotations

import codecs
import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from knowledge.faults import Fault

_CORE = "tag:yaml.org,2002:"
_TRUE = frozenset(("yes", "true", "on"))
Where = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file: its plain value, and the line (from 1) of each part by its path of keys and positions."""

    file: str
    data: Any
    lines: Mapping[Where, int]

    def line(self, where: Where) -> int:
        """The line of a part, or of the nearest part around it."""
        while where and where not in self.lines:
            where = where[:-1]
        return self.lines.get(where, 1)

    def fault(self, where: Where, message: str, remedy: str) -> Fault:
        """A fault of this file at a part of it."""
        return Fault(file=self.file, line=self.line(where), message=message, remedy=remedy)


def read_text(path: Path, file: str, faults: list[Fault]) -> str | None:
    """The text of a file in UTF-8; what is wrong with its bytes goes to ``faults``."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        faults.append(
            Fault(file=file, line=1, message=f"cannot be read ({error.strerror})", remedy="Put the file there")
        )
        return None
    if raw.startswith(codecs.BOM_UTF8):
        faults.append(_whole(file, "begins with a byte order mark", "Save the file as UTF-8 without a byte order mark"))
        raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        return unicodedata.normalize("NFC", raw.decode())
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        remedy = "Save the file as UTF-8"
        faults.append(Fault(file=file, line=line, message="holds bytes that are not UTF-8", remedy=remedy))
        return None


def read_yaml(path: Path, file: str, faults: list[Fault]) -> Document | None:
    """One YAML document; ``None`` where it cannot be read at all."""
    text = read_text(path, file, faults)
    if text is None:
        return None
    try:
        root = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        faults.append(_syntax(file, text, error))
        return None
    except RecursionError:
        faults.append(_whole(file, "is nested too deeply", "Write it flatter"))
        return None
    if root is None:
        faults.append(_whole(file, "is empty", "Write its fields, or delete the file"))
        return None
    builder = _Builder(file=file, faults=faults)
    data = builder.build(root, ())
    return Document(file=file, data=data, lines=builder.lines)


def read_rows(path: Path, file: str, faults: list[Fault]) -> Document:
    """JSON lines: one row a line, as a tuple of what could be read. A file that is not there has no rows."""
    text = (read_text(path, file, faults) if path.exists() else None) or ""
    rows: list[Any] = []
    lines: dict[Where, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            remedy = "Write one JSON object a line"
            faults.append(Fault(file=file, line=number, message=f"is not JSON ({error})", remedy=remedy))
            continue
        lines[(len(rows),)] = number
        rows.append(_frozen(row))
    return Document(file=file, data=tuple(rows), lines=lines)


def _frozen(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value


def _whole(file: str, message: str, remedy: str) -> Fault:
    return Fault(file=file, line=1, message=message, remedy=remedy)


def _syntax(file: str, text: str, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "not YAML"
    line = mark.line + 1 if mark else text[: getattr(error, "position", 0)].count("\n") + 1
    remedy = "Mend the line; text with “:”, “#” or quotes in it goes in quotes"
    return Fault(file=file, line=line, message=f"is not YAML ({problem})", remedy=remedy)


@dataclass(slots=True, kw_only=True)
class _Builder:
    """Turns nodes into values, and remembers lines."""

    file: str
    faults: list[Fault]
    lines: dict[Where, int] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def build(self, node: yaml.Node, where: Where) -> Any:
        self.lines.setdefault(where, node.start_mark.line + 1)
        if id(node) in self._seen:
            # An alias can stand for itself, or for a billion others.
            self._fault(node, "repeats another part by an alias (*)", "Write the part out")
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.build(item, (*where, place)) for place, item in enumerate(node.value))
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(key_node, "has a list or a mapping for a key", "Use a word")
                continue
            key = key_node.value  # as written: a key “no” is the language, not a truth value
            if key in found:
                first = self.lines[(*where, key)]
                remedy = f"Keep one of the two (the first is on line {first})"
                self._fault(key_node, f"has the key “{key}” twice", remedy)
                continue
            self.lines[(*where, key)] = key_node.start_mark.line + 1
            found[key] = self.build(value_node, (*where, key))
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        text = str(node.value)
        kind = node.tag.removeprefix(_CORE)
        if kind == "str":
            return text
        if kind == "null":
            return None
        if kind == "bool":
            return Unquoted(text, text.casefold() in _TRUE)
        if kind in {"int", "float", "timestamp"}:
            return _plain(kind, text)
        self._fault(node, f"has the tag “{node.tag}”, which means nothing here", "Leave the tag out")
        return text

    def _fault(self, node: yaml.Node, message: str, remedy: str) -> None:
        self.faults.append(Fault(file=self.file, line=node.start_mark.line + 1, message=message, remedy=remedy))


@dataclass(frozen=True, slots=True)
class Unquoted:
    """A bare “no”, “yes”, “on” or the like, which YAML takes for a truth value."""

    text: str
    value: bool


def _plain(kind: str, text: str) -> Any:
    """A number or a date; the text itself where Python reads it otherwise than YAML."""
    readers: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "timestamp": date.fromisoformat}
    try:
        return readers[kind](text)
    except ValueError:
        return text
