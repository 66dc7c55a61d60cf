"""Records of patients in files, and who of them is known to the city."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from health.fhir_days import Calendar
from health.import_people import Match, Matcher
from health.import_report import Report
from health.importing import Import
from health.needs import Needs
from tests.unit.health.programmes import content

ISSUER = "https://login.example"
ZONE = ZoneInfo("Europe/Helsinki")
TODAY = date(2026, 11, 27)
PURPOSE = "health_outreach"
Resource = dict[str, Any]


class Known:
    """Persons by what the issuer calls them: it keeps what it is told, as the city's own people would."""

    def __init__(self, grounds: Mapping[str, Collection[str]] | None = None) -> None:
        """Grounds by subject; who is not among them is not known. Without, everybody is, and allows the purpose."""
        self.grounds = grounds
        self.remembered: dict[bytes, UUID] = {}
        self.gone: set[bytes] = set()

    async def match(self, subjects: Sequence[str], purposes: Collection[str]) -> Mapping[str, Match]:
        """As `health.import_people.Matcher`."""
        known = self.grounds if self.grounds is not None else dict.fromkeys(subjects, (PURPOSE,))
        return {
            one: Match(person=uuid5(UUID(int=0), one), pseudonym=pseudonym(one), grounds=frozenset(known[one]))
            for one in subjects
            if one in known
        }

    async def remember(self, matches: Collection[Match]) -> None:
        """Keep the ways back."""
        self.remembered |= {one.pseudonym: one.person for one in matches}

    async def erased(self, pseudonyms: Collection[bytes]) -> Collection[bytes]:
        """Those who were erased meanwhile."""
        return [one for one in pseudonyms if one in self.gone]

    async def allowed(self, pseudonyms: Collection[bytes], _purpose: str) -> Collection[bytes]:
        """All that are remembered."""
        return [one for one in pseudonyms if one in self.remembered]


def pseudonym(subject: str) -> bytes:
    """A person's."""
    return hashlib.sha256(subject.encode()).digest()


def files(folder: Path) -> list[Path]:
    """The records in a folder."""
    return sorted(path for path in folder.iterdir() if path.name != "truth.ndjson")


def written(folder: Path, name: str, resources: Sequence[object]) -> Path:
    """A file of resources, one a line."""
    path = folder / name
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in resources))
    return path


async def imported(
    connection: asyncpg.Connection[Any],
    paths: Sequence[Path],
    known: Known | None = None,
    today: date = TODAY,
    issuer: str = ISSUER,
) -> Report:
    """Import files."""
    return await importing(known or Known(), today, issuer).run(connection, paths, "test")


def importing(matcher: Matcher, today: date = TODAY, issuer: str = ISSUER) -> Import:
    """An import for the city's programmes."""
    return Import(
        matcher=matcher,
        needs=Needs(content().programmes.values(), content().sets),
        issuer=issuer,
        cities=("Helsinki",),
        calendar=Calendar(ZONE, today),
        progress=abs,
    )


def patient(name: str = "a", /, **more: Any) -> Resource:
    """A patient who is known by the subject of the same name."""
    identifier = [{"system": ISSUER, "value": name}]
    return {"resourceType": "Patient", "id": name, "identifier": identifier, "birthDate": "1950-06-15", **more}


def concept(system: str, code: str) -> Resource:
    """A coded concept."""
    return {"coding": [{"system": system, "code": code}]}


def diabetes(name: str, whose: str = "a", **more: Any) -> Resource:
    """A condition that programmes ask for."""
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": f"Patient/{whose}"},
        "code": concept("http://hl7.org/fhir/sid/icd-10", "E11.9"),
        "onsetDateTime": "2015-03-01",
    } | more


def dispense(name: str, whose: str = "a", **more: Any) -> Resource:
    """Metformin for ninety days."""
    return {
        "resourceType": "MedicationDispense",
        "id": name,
        "status": "completed",
        "subject": {"reference": f"Patient/{whose}"},
        "medicationCodeableConcept": concept("http://www.whocc.no/atc", "A10BA02"),
        "whenHandedOver": "2026-03-01",
        "daysSupply": {"value": 90, "unit": "d", "system": "http://unitsofmeasure.org", "code": "d"},
    } | more
