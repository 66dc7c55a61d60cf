"""FHIR R4 into the tables of health outreach: read twice, first whose it is, then the facts that programmes ask for.

All of it is one transaction: an import that fails has changed nothing. Files are read as they stream, and no more of
them is in memory than a line, or one bundle, and what each patient is called.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from health import importing_sql as sql
from health.fhir import Coded, Reader, patient_of
from health.fhir_days import Calendar, Faulty
from health.fhir_files import Found, Progress, read
from health.fhir_schema import NEEDED, fault_of
from health.import_people import Connection, Matcher, Mine, People
from health.import_report import Report
from health.needs import Needs

_MARKS = (b'"Patient"', b'"Consent"')
"""Without one of these a line is no Patient and no Consent; a reference to a patient goes on after the word."""
LONG = 3600.0
"""Seconds for a statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One import. ``issuer`` is the identifier system by which a Patient names a login's subject."""

    matcher: Matcher
    needs: Needs
    issuer: str
    cities: Collection[str]
    calendar: Calendar
    progress: Progress

    async def run(self, connection: Connection, paths: Sequence[Path], source: str) -> Report:
        """Import files. Raises ``OSError`` where one cannot be read, and the database's errors."""
        report = Report()
        async with connection.transaction():
            report.import_id = await connection.fetchval(sql.BEGUN, source)
            people = People(report, self.needs, self.issuer, self.cities, self.calendar)
            people.read(read(paths, self.progress, mark=_MARKS))
            mine = await people.store(connection, self.matcher)
            again = await connection.fetchval(sql.KEPT)
            facts = _Facts(self, people, mine, report, again=again)
            await connection.execute(sql.STAGE)
            rows = facts.rows(read(paths, self.progress))
            await connection.copy_records_to_table("stage", records=rows, columns=sql.COLUMNS, timeout=LONG)
            await self._merge(connection, report, again=again)
            await self._forget_erased(connection, [one.pseudonym for one in mine.values()])
            await self._note(connection, report, paths)
        await connection.execute("ANALYZE health.patients")
        await connection.execute("ANALYZE health.facts")
        return report

    async def _merge(self, connection: Connection, report: Report, *, again: bool) -> None:
        await connection.execute("ANALYZE stage", timeout=LONG)
        await connection.execute(sql.TWICE, timeout=LONG)
        taken = {tuple(row) for row in await connection.fetch(sql.TAKEN_OUT, timeout=LONG)}
        for file, line, same in sorted(taken):
            report.fault(Found(file, line, None), "duplicate" if same else "conflicting")
        if again:
            await connection.execute(sql.REPLACE, timeout=LONG)
        kept = await connection.execute(sql.MERGE, timeout=LONG)
        report.counts["facts_kept"] = int(kept.rpartition(" ")[2])

    async def _forget_erased(self, connection: Connection, pseudonyms: Sequence[bytes]) -> None:
        """Whoever was erased while this went on."""
        erased = list(await self.matcher.erased(pseudonyms))
        for statement in sql.FORGET if erased else ():
            await connection.execute(statement, erased, timeout=LONG)

    async def _note(self, connection: Connection, report: Report, paths: Sequence[Path]) -> None:
        columns = ("import_id", "number", "file", "line", "resource", "digest", "code", "path")
        rows = [
            (report.import_id, number, paths[one.file].name, one.line, one.resource, one.digest, one.code, one.path)
            for number, one in enumerate(report.faults)
        ]
        await connection.copy_records_to_table("import_faults", schema_name="health", records=rows, columns=columns)
        counts = orjson.dumps({**report.counts, "faults": dict(report.codes)}).decode()
        await connection.execute(sql.ENDED, report.import_id, counts)


class _Facts:
    """The second reading."""

    def __init__(self, by: Import, people: People, mine: Mapping[str, Mine], report: Report, *, again: bool) -> None:
        """With ``again`` there may be facts of an earlier import, which go where they are not stated any more."""
        self._reader = Reader(by.needs, by.calendar)
        self._people = people
        self._mine = mine
        self._report = report
        self._again = again

    def rows(self, resources: Iterator[Found]) -> Iterator[tuple[Any, ...]]:
        """A row of the stage for each fact."""
        for found in resources:
            if found.resource is None:
                self._report.fault(found, found.fault)
                continue
            kind = found.resource.get("resourceType")
            if not isinstance(kind, str) or kind not in NEEDED:
                self._report.counts["of_other_types"] += 1
            elif kind not in ("Patient", "Consent"):
                self._report.counts["read"] += 1
                try:
                    yield from self._of(found, found.resource)
                except Faulty as fault:
                    self._report.fault(found, fault.code)

    def _of(self, found: Found, resource: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
        path = fault_of(resource)
        if path is not None:
            self._report.fault(found, "schema", path)
            return
        if "id" not in resource:
            raise Faulty("no_id")
        whose = patient_of(resource)
        if found.patients and whose not in found.patients:
            raise Faulty("other_patient")
        if whose not in self._people.known:
            raise Faulty("patient_unknown")
        mine = self._mine.get(whose)
        if mine is None:
            self._report.counts["of_refused_patients" if whose in self._people.refused else "passed_over"] += 1
            return
        source = digest(resource, mine.pseudonym)
        facts = self._asked_for(found, resource, mine.grounds)
        if not facts and self._again:
            yield (mine.pseudonym, source, 0, *[None] * 8, found.file, found.line)
        for part, one in enumerate(facts):
            fact = one.fact
            yield (
                *(mine.pseudonym, source, part, fact.kind.value, fact.system, fact.code, fact.at, fact.until),
                *(fact.value, fact.unit, fact.days, found.file, found.line),
            )

    def _asked_for(self, found: Found, resource: Mapping[str, Any], grounds: int) -> list[Coded]:
        """The facts that are kept; a resource that is at fault has none any more."""
        try:
            facts = [one for one in self._reader.facts(resource) if one.grounds & grounds]
        except Faulty as fault:
            self._report.fault(found, fault.code)
            return []
        if not facts:
            self._report.counts["not_asked_for"] += 1
        return facts


def digest(resource: Mapping[str, Any], pseudonym: bytes) -> bytes:
    """16 bytes that stand for a resource of a patient, and for nobody who does not know the pseudonym."""
    name = f"{resource['resourceType']}/{resource['id']}".encode()
    return hashlib.blake2b(name, digest_size=16, key=pseudonym).digest()
