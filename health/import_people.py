"""The first reading of an import: whose the records are, and who gave a ground to use them. Others are passed over."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from uuid import UUID

from health import importing_sql as sql
from health.facts import Patient
from health.fhir import patient_of
from health.fhir_days import Calendar, Faulty
from health.fhir_files import Found
from health.fhir_people import Said, read_consent, read_patient, subject_of
from health.fhir_schema import fault_of
from health.import_report import Report
from health.needs import Needs

if TYPE_CHECKING:
    import asyncpg

BATCH = 2_000
Connection: TypeAlias = "asyncpg.Connection[Any]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A person of ours. ``grounds`` are the purposes for which the person's data may be used by now."""

    person: UUID
    pseudonym: bytes
    grounds: frozenset[str]


class Matcher(Protocol):
    """Who knows persons. A method may raise what a database raises."""

    async def match(self, subjects: Sequence[str], purposes: Collection[str]) -> Mapping[str, Match]:
        """The persons whom the login's issuer calls so; who is not here is left out."""

    async def remember(self, matches: Collection[Match]) -> None:
        """Keep the way back from a pseudonym, beside the keys."""

    async def erased(self, pseudonyms: Collection[bytes]) -> Collection[bytes]:
        """Those whose way back is gone: their persons were erased meanwhile."""


@dataclass(frozen=True, slots=True)
class Mine:
    """Under which pseudonym a patient's facts are kept, and on which grounds (`health.needs.Needs`)."""

    pseudonym: bytes
    grounds: int


@dataclass(frozen=True, slots=True)
class _Entry:
    found: Found
    subject: str
    patient: Patient


class People:
    """The patients of an import by their ids there."""

    def __init__(self, report: Report, needs: Needs, issuer: str, cities: Collection[str], calendar: Calendar) -> None:
        self._report = report
        self._needs = needs
        self._issuer = issuer
        self._cities = frozenset(name.casefold() for name in cities)
        self._calendar = calendar
        self._entries: dict[str, _Entry] = {}
        self._said: dict[str, list[Said]] = {}
        self.refused: set[str] = set()
        """Ids of patients whose own record is at fault."""
        self.known: set[str] = set()
        """Ids of all patients."""

    def read(self, resources: Iterable[Found]) -> None:
        """Take patients and consents; the faults of other resources are found by the second reading."""
        for found in resources:
            kind = None if found.resource is None else found.resource.get("resourceType")
            if found.resource is not None and kind in ("Patient", "Consent"):
                self._report.counts["read"] += 1
                try:
                    self._take(found, found.resource)
                except Faulty as fault:
                    self._report.fault(found, fault.code)

    def _take(self, found: Found, resource: Mapping[str, Any]) -> None:
        name, patient = resource.get("id"), resource["resourceType"] == "Patient"
        if patient and isinstance(name, str):
            self.known.add(name)
        path = fault_of(resource)
        if path is not None:
            self._refuse(name, patient)
            self._report.fault(found, "schema", path)
        elif name is None:
            raise Faulty("no_id")
        elif patient:
            self._patient(found, resource, name)
        else:
            whose = patient_of(resource)
            self._said.setdefault(whose, []).extend(read_consent(resource, whose, self._calendar))

    def _patient(self, found: Found, resource: Mapping[str, Any], name: str) -> None:
        try:
            subject = subject_of(resource, self._issuer)
            patient = read_patient(resource, self._cities, self._calendar)
        except Faulty:
            self.refused.add(name)
            raise
        known = self._entries.get(name)
        if known is not None:
            if known.patient != patient or known.subject != (subject or ""):
                self.refused.add(name)
                self._report.fault(known.found, "conflicting")
                raise Faulty("conflicting")
            raise Faulty("duplicate")
        self._entries[name] = _Entry(_place_of(found), subject or "", patient)

    def _refuse(self, name: Any, patient: bool) -> None:
        if patient and isinstance(name, str):
            self.refused.add(name)

    def _same_person(self) -> None:
        """Two records of one person: which of them holds, nobody can tell."""
        first: dict[str, str] = {}
        for name, entry in self._entries.items():
            other = first.setdefault(entry.subject, name) if entry.subject else name
            if other != name:
                for one in {other, name} - self.refused:
                    self._report.fault(self._entries[one].found, "same_person")
                self.refused |= {other, name}

    async def store(self, connection: Connection, matcher: Matcher) -> dict[str, Mine]:
        """Stage and merge the patients whom there is a ground to know; they by their ids of the import."""
        self._same_person()
        mine: dict[str, Mine] = {}
        names = [name for name, entry in self._entries.items() if entry.subject and name not in self.refused]
        await connection.execute(sql.STAGE_PEOPLE)
        for start in range(0, len(names), BATCH):
            mine |= await self._batch(connection, matcher, names[start : start + BATCH])
        await connection.execute(sql.MERGE_PEOPLE)
        self._report.counts["patients_kept"] = len(mine)
        self._report.counts["patients_passed_over"] = len(self._entries.keys() - self.refused) - len(mine)
        return mine

    async def _batch(self, connection: Connection, matcher: Matcher, names: Sequence[str]) -> dict[str, Mine]:
        today = self._calendar.today
        subjects = [self._entries[name].subject for name in names]
        matches = await matcher.match(subjects, self._needs.grounds)
        found = {name: matches[self._entries[name].subject] for name in names if self._entries[name].subject in matches}
        said = {name: _newest(self._said.get(name, ())) for name in found}
        await self._grounds(connection, found, said)
        pseudonyms = [match.pseudonym for match in found.values()]
        recorded: dict[bytes, set[str]] = {}
        for row in await connection.fetch(sql.GROUNDS, pseudonyms, today):
            recorded.setdefault(row["pseudonym"], set()).add(row["purpose"])
        mine: dict[str, Mine] = {}
        for name, match in found.items():
            bits = self._needs.bits(match.grounds | recorded.get(match.pseudonym, set()))
            if bits:
                mine[name] = Mine(match.pseudonym, bits)
        await matcher.remember([found[name] for name in mine])
        rows = [self._row(self._entries[name].patient, one.pseudonym, said[name]) for name, one in mine.items()]
        await connection.copy_records_to_table("stage_people", records=rows, columns=sql.PEOPLE)
        return mine

    async def _grounds(
        self, connection: Connection, found: Mapping[str, Match], said: Mapping[str, Mapping[str, Said]]
    ) -> None:
        """Consents of the source that name a purpose of ours are grounds, until they end."""
        given, ended = [], []
        for name, match in found.items():
            for one in said[name].values():
                if one.allowed:
                    given.append((match.pseudonym, one.purpose, one.at, one.until))
                else:
                    ended.append((match.pseudonym, one.purpose))
        if ended:
            await connection.execute(sql.END_GROUNDS, *map(list, zip(*ended, strict=True)))
        if given:
            await connection.execute(sql.KEEP_GROUNDS, *map(list, zip(*given, strict=True)))

    def _row(self, patient: Patient, pseudonym: bytes, said: Mapping[str, Said]) -> tuple[Any, ...]:
        refused = [one.at for one in said.values() if not one.allowed and one.purpose in ("", *self._needs.grounds)]
        told = replace(patient, opted_out_on=max(refused, default=None))
        return (pseudonym, *(getattr(told, name) for name in sql.PEOPLE[1:]))


def _place_of(found: Found) -> Found:
    """The place alone, with what names the resource: a record is not kept longer than it is read."""
    resource = found.resource or {}
    return replace(found, resource={"resourceType": resource["resourceType"], "id": resource["id"]})


def _newest(said: Iterable[Said]) -> Mapping[str, Said]:
    """By purpose what was said last of it; of one day the refusal."""
    return {one.purpose: one for one in sorted(said, key=lambda one: (one.at, not one.allowed))}
