"""Resources out of files, one by one: NDJSON of a bulk export, plain or packed (.gz), and bundles (.json)."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import orjson

from health.fhir_days import Resource

LONGEST = 4 << 20
"""Bytes of the longest line that is read."""
LARGEST = 256 << 20
"""Bytes of the largest bundle."""
_NUL = b"\\u0000"
"""No text of FHIR has it, and no text of PostgreSQL can."""
Progress = Callable[[int], object]
"""Told how many bytes more have been read."""


@dataclass(frozen=True, slots=True)
class Found:
    """A resource in a file, with its line (of a bundle: its place, from 1), or why there is none.

    ``patients`` are the ids of the bundle's patients, which its other resources may be of; none in NDJSON.
    """

    file: int
    line: int
    resource: Resource | None
    fault: str = ""
    patients: frozenset[str] = field(default=frozenset())


def read(paths: Iterable[Path], progress: Progress, *, mark: tuple[bytes, ...] = ()) -> Iterator[Found]:
    """Every resource of the files. With ``mark``, lines that hold none of these bytes are passed over unread.

    Raises ``OSError`` where a file cannot be read at all.
    """
    for number, path in enumerate(paths):
        with path.open("rb") as raw:
            plain = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
            ndjson = ".ndjson" in path.suffixes
            yield from _lines(number, plain, raw, progress, mark) if ndjson else _bundle(number, plain)
            if not ndjson:
                progress(path.stat().st_size)


def _lines(file: int, plain: BinaryIO, raw: BinaryIO, progress: Progress, mark: tuple[bytes, ...]) -> Iterator[Found]:
    number = told = 0
    try:
        while line := plain.readline(LONGEST):
            number += 1
            if not number % 1000:
                progress(raw.tell() - told)
                told = raw.tell()
            if len(line) == LONGEST and not line.endswith(b"\n"):
                while line and not line.endswith(b"\n"):
                    line = plain.readline(LONGEST)
                yield Found(file, number, None, "too_long")
            elif line.strip() and (not mark or any(sign in line for sign in mark)):
                yield _found(file, number, line)
    except (EOFError, gzip.BadGzipFile):
        yield Found(file, number + 1, None, "truncated")
    progress(raw.tell() - told)


def _found(file: int, number: int, line: bytes) -> Found:
    if _NUL in line:
        return Found(file, number, None, "json")
    try:
        resource = orjson.loads(line)
    except orjson.JSONDecodeError:
        # The last line of a whole file ends with a newline: what does not was cut off.
        return Found(file, number, None, "json" if line.endswith(b"\n") else "truncated")
    if not isinstance(resource, dict):
        return Found(file, number, None, "json")
    return Found(file, number, resource)


def _bundle(file: int, plain: BinaryIO) -> Iterator[Found]:
    data = plain.read(LARGEST + 1)
    if len(data) > LARGEST:
        yield Found(file, 1, None, "too_long")
        return
    try:
        bundle = orjson.loads(data)
    except orjson.JSONDecodeError:
        yield Found(file, 1, None, "truncated")
        return
    bundle = None if _NUL in data else bundle
    entries = bundle.get("entry") if isinstance(bundle, dict) and bundle.get("resourceType") == "Bundle" else None
    if not isinstance(entries, list):
        yield Found(file, 1, None, "json")
        return
    resources = [entry.get("resource") if isinstance(entry, dict) else None for entry in entries]
    named = (one for one in resources if isinstance(one, dict) and one.get("resourceType") == "Patient")
    patients = frozenset(str(one.get("id")) for one in named)
    for number, resource in enumerate(resources, start=1):
        if isinstance(resource, dict):
            yield Found(file, number, resource, patients=patients)
        else:
            yield Found(file, number, None, "json")
