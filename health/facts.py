"""What is known of a patient: dated facts in codes, and nothing that says who the patient is. All dates are days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a fact is of: the FHIR resources that are read."""

    CONDITION = "condition"
    OBSERVATION = "observation"
    REQUEST = "request"
    DISPENSE = "dispense"
    ALLERGY = "allergy"


ICD10, ATC, SNOMED, LOINC, FINDRISC = "icd-10", "atc", "snomed", "loinc", "findrisc"
FINDRISC_URI = "urn:neuvo:findrisc"
"""Our own code system: the items of the diabetes risk test, as `health.findrisc.ITEMS` names them."""
SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "http://hl7.org/fhir/sid/icd-10": ICD10,
        "urn:oid:1.2.246.537.6.1": ICD10,
        "urn:oid:1.2.246.537.6.1.1999": ICD10,
        "http://www.whocc.no/atc": ATC,
        "urn:oid:1.2.246.537.6.32": ATC,
        "urn:oid:1.2.246.537.6.32.2007": ATC,
        "http://snomed.info/sct": SNOMED,
        "http://loinc.org": LOINC,
        FINDRISC_URI: FINDRISC,
    }
)
"""Code systems by their address in FHIR; those by OID are the Finnish code server's editions. Others are unknown."""
HIERARCHICAL = frozenset((ICD10, ATC))
"""Systems in which a code stands for every code that begins with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One dated, coded fact.

    ``at`` is the onset of a condition, the day of a measurement, the day that a medicine was prescribed or handed out.
    A condition or an allergy is over from ``until`` on. ``value`` is in the UCUM ``unit``. ``days`` is how long what
    was handed out lasts; ``None`` where that is not known.
    """

    kind: Kind
    system: str
    code: str
    at: date
    until: date | None = None
    value: Decimal | None = None
    unit: str | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """A patient without a name. ``sex`` is as FHIR has it (female, male, other, unknown), ``language`` ISO 639-1.

    ``moved_on`` is when the patient left the city or the country, ``opted_out_on`` when the patient refused outreach,
    and ``contacted_on`` the last day that any programme wrote to the patient.
    """

    birth_date: date
    sex: str
    language: str
    district: str = ""
    deceased_on: date | None = None
    moved_on: date | None = None
    opted_out_on: date | None = None
    contacted_on: date | None = None
    facts: tuple[Fact, ...] = ()


def age_on(birth_date: date, day: date) -> int:
    """Whole years lived on a day; who was born on 29 February is a year older on 1 March, as PostgreSQL's age()."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))
