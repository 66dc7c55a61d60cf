"""Facts of the FHIR R4 resources of a patient, as they stand there: what is not said is a fault, and never guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from health.facts import Fact, Kind
from health.fhir_days import Calendar, Faulty, Resource
from health.needs import Needs

UCUM = "http://unitsofmeasure.org"
_OVER = frozenset(("inactive", "remission", "resolved"))
_DOUBTED = frozenset(("unconfirmed", "provisional", "differential", "refuted", "entered-in-error"))


@dataclass(frozen=True, slots=True)
class Coded:
    """A fact, and the grounds that ask for it (`health.needs.Needs`)."""

    fact: Fact
    grounds: int


class Reader:
    """Reads the resources of the five types that are facts."""

    def __init__(self, needs: Needs, calendar: Calendar) -> None:
        self._needs = needs
        self._calendar = calendar
        self._kinds: Mapping[str, Callable[[Resource], Iterator[Coded]]] = {
            "Condition": self._condition,
            "Observation": self._observation,
            "MedicationRequest": self._request,
            "MedicationDispense": self._dispense,
            "AllergyIntolerance": self._allergy,
        }

    def facts(self, resource: Resource) -> list[Coded]:
        """The facts that some programme asks for; none of what is not in force, or was entered in error.

        Raises ``Faulty``: missing_date, inexact_date, unknown_code (of no code system that we know), no_code,
        medication_elsewhere, negative_supply, supply.
        """
        return list(self._kinds[resource["resourceType"]](resource))

    def _condition(self, resource: Resource) -> Iterator[Coded]:
        if _status(resource, "verificationStatus") in _DOUBTED:
            return
        codes = self._codes(resource.get("code"))
        if codes:
            at = self._calendar.first(resource, "onsetDateTime", "onsetPeriod", "recordedDate")
            until = None
            if "abatementDateTime" in resource or _status(resource, "clinicalStatus") in _OVER:
                until = self._calendar.first(resource, "abatementDateTime", "abatementPeriod")
            for system, code, grounds in codes:
                yield Coded(Fact(kind=Kind.CONDITION, system=system, code=code, at=at, until=until), grounds)

    def _observation(self, resource: Resource) -> Iterator[Coded]:
        if resource.get("status") not in {"final", "amended", "corrected"}:
            return
        parts = [part for part in (resource, *resource.get("component", ())) if "code" in part]
        found = [(coded, part) for part in parts for coded in self._codes(part["code"], needed=part is resource)]
        if found:
            at = self._calendar.first(resource, "effectiveDateTime", "effectiveInstant", "effectivePeriod")
            for (system, code, grounds), part in found:
                value, unit = _quantity(part)
                fact = Fact(kind=Kind.OBSERVATION, system=system, code=code, at=at, value=value, unit=unit)
                yield Coded(fact, grounds)

    def _request(self, resource: Resource) -> Iterator[Coded]:
        refused = resource.get("status") in {None, "cancelled", "draft", "entered-in-error", "unknown"}
        if refused or not resource.get("intent", "").endswith("order"):
            return
        codes = self._medication(resource)
        if codes:
            at = self._calendar.first(resource, "authoredOn")
            for system, code, grounds in codes:
                yield Coded(Fact(kind=Kind.REQUEST, system=system, code=code, at=at), grounds)

    def _dispense(self, resource: Resource) -> Iterator[Coded]:
        if resource.get("status") != "completed":
            return
        codes = self._medication(resource)
        days = _days(resource.get("daysSupply"))
        if codes:
            at = self._calendar.first(resource, "whenHandedOver")
            for system, code, grounds in codes:
                yield Coded(Fact(kind=Kind.DISPENSE, system=system, code=code, at=at, days=days), grounds)

    def _allergy(self, resource: Resource) -> Iterator[Coded]:
        if _status(resource, "verificationStatus") in _DOUBTED or _status(resource, "clinicalStatus") in _OVER:
            return
        codes = self._codes(resource.get("code"))
        if codes:
            at = self._calendar.first(resource, "onsetDateTime", "onsetPeriod", "recordedDate")
            for system, code, grounds in codes:
                yield Coded(Fact(kind=Kind.ALLERGY, system=system, code=code, at=at), grounds)

    def _medication(self, resource: Resource) -> list[tuple[str, str, int]]:
        concept: Any = resource.get("medicationCodeableConcept")
        if concept is None:
            said = resource.get("medicationReference", {}).get("reference", "")
            inside = (one for one in resource.get("contained", ()) if said == f"#{one.get('id')}")
            concept = next((one.get("code") for one in inside), None)
            if concept is None:
                raise Faulty("medication_elsewhere")
        return self._codes(concept)

    def _codes(self, concept: Any, *, needed: bool = True) -> list[tuple[str, str, int]]:
        """The codes that are asked for, by our names of their systems."""
        codings = concept.get("coding", ()) if isinstance(concept, Mapping) else ()
        if needed and not codings:
            raise Faulty("no_code")
        known = [(self._needs.of(one.get("system", ""), one["code"]), one["code"]) for one in codings if "code" in one]
        found = [(of[0], code, of[1]) for of, code in known if of is not None]
        if needed and not found:
            raise Faulty("unknown_code")
        return [one for one in found if one[2]]


def patient_of(resource: Resource) -> str:
    """The id of the patient that a resource is of. Raises ``Faulty``: patient_unknown."""
    said = (resource.get("subject") or resource.get("patient") or {}).get("reference", "")
    kind, _, name = said.partition("/")
    if kind.startswith("urn:uuid:"):
        return str(kind.removeprefix("urn:uuid:"))
    if kind != "Patient":
        kind, _, name = said.rpartition("/Patient/")
    name = name.partition("/")[0]
    if not name:
        raise Faulty("patient_unknown")
    return str(name)


def _status(resource: Resource, name: str) -> str:
    codings = resource.get(name, {}).get("coding", ())
    return next((str(one["code"]) for one in codings if "code" in one), "")


def _quantity(part: Resource) -> tuple[Decimal | None, str | None]:
    """A value and its UCUM unit; what is "less than" something is no value."""
    quantity = part.get("valueQuantity", {})
    if "value" not in quantity or "comparator" in quantity:
        return None, None
    unit = quantity.get("code") if quantity.get("system") == UCUM else None
    return Decimal(str(quantity["value"])), unit


def _days(quantity: Any) -> int | None:
    if not quantity or "value" not in quantity:
        return None
    if quantity["value"] <= 0:
        raise Faulty("negative_supply")
    days = int(quantity["value"])
    in_days = quantity.get("code", quantity.get("unit")) in {"d", "day", "days"}
    if days != quantity["value"] or not in_days or days > 3660 or "comparator" in quantity:
        raise Faulty("supply")
    return days
