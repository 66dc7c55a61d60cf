"""What became of each resource of an import: counts, and every fault with its file and line."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from health.fhir_files import Found

MOST = 100_000
"""Faults that are listed one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. ``file`` is the number of the file, ``digest`` is that of the resource's id (8 bytes)."""

    file: int
    line: int
    resource: str
    digest: bytes
    code: str
    path: str = ""


@dataclass(slots=True)
class Report:
    """``counts``: resources by what became of them. ``codes``: faults by their codes."""

    counts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)
    import_id: int = 0

    def fault(self, found: Found, code: str, path: str = "") -> None:
        """Note a fault of a resource, or of a line that holds none."""
        self.codes[code] += 1
        if len(self.faults) < MOST:
            resource: Any = found.resource or {}
            kind, name = resource.get("resourceType"), resource.get("id")
            known = kind if isinstance(kind, str) and kind.isascii() and kind.isalpha() and len(kind) < 40 else ""
            digest = hashlib.blake2b(str(name).encode(errors="replace"), digest_size=8).digest()
            self.faults.append(Fault(found.file, found.line, known, digest if name is not None else b"", code, path))

    def lines(self, files: Sequence[str], *, faults: bool = True) -> list[str]:
        """For people: counts, and each fault with its file and line."""
        said = [f"{name}: {count}" for name, count in sorted(self.counts.items())]
        said += [f"fault {code}: {count}" for code, count in self.codes.most_common()]
        for one in sorted(self.faults if faults else (), key=lambda fault: (fault.file, fault.line)):
            where = " ".join(part for part in (one.resource, one.path) if part)
            said.append(f"{files[one.file]}:{one.line}: {one.code}" + (f" ({where})" if where else ""))
        return said
