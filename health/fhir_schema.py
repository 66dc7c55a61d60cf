"""Whether a resource is FHIR R4: HL7's own JSON schema of the seven types that we read, and what its prose adds.

The schema of HL7 (https://hl7.org/fhir/R4/fhir.schema.json, CC0) lets pass a string where an object belongs, what is
empty, what lacks a primitive that it needs, and two forms of one element. `docs/health.md` has the figures of it and of
``fhir.resources``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import combinations
from typing import Any

import jsonschema_rs
import orjson

NEEDED: Mapping[str, tuple[str, ...]] = {
    "AllergyIntolerance": (),
    "Condition": (),
    "Consent": ("status",),
    "MedicationDispense": ("status",),
    "MedicationRequest": ("status", "intent"),
    "Observation": ("status",),
    "Patient": (),
}
"""The types that we read, and the primitives that each must have (HL7's schema cannot tell: there may be an extension
in their place)."""
MEDICATIONS = ("MedicationDispense", "MedicationRequest")
_FORMS = ("deceased", "effective", "medication", "multipleBirth", "onset", "abatement", "reported", "source", "value")
"""Elements of which a resource may have one form alone, such as onsetDateTime or onsetAge."""


def fault_of(resource: Mapping[str, Any]) -> str | None:
    """Where the first fault of a resource of a known type is, such as ``birthDate``; never a value.

    The empty text stands for the whole resource, ``None`` for one that has no fault.
    """
    validator = _validator(resource["resourceType"])
    if validator.is_valid(resource):
        return None
    error = next(iter(validator.iter_errors(resource)))
    return ".".join(part for part in error.instance_path if isinstance(part, str) and part in _names())


@cache
def _validator(kind: str) -> Any:
    definitions = _definitions()
    rules: list[dict[str, Any]] = [{"$ref": f"#/definitions/{kind}"}]
    rules += [{"anyOf": [{"required": [name]}, {"required": [f"_{name}"]}]} for name in NEEDED[kind]]
    properties = definitions[kind]["properties"]
    for form in _FORMS:
        names = [name for name in properties if name.startswith(form) and name[len(form) : len(form) + 1].isupper()]
        rules += [{"not": {"required": list(pair)}} for pair in combinations(names, 2)]
        if form == "medication" and kind in MEDICATIONS:
            rules.append({"anyOf": [{"required": [name]} for name in names]})
    return jsonschema_rs.Draft6Validator({"allOf": rules, "definitions": definitions})


@cache
def _definitions() -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(files(__package__).joinpath("fhir-r4.schema.json").read_bytes())["definitions"]
    for definition in found.values():
        if "properties" in definition:
            definition |= {"type": "object", "minProperties": 1}
            for rule in definition["properties"].values():
                if rule.get("type") == "array":
                    rule["minItems"] = 1
    found["Extension"]["required"] = ["url"]
    return found


@cache
def _names() -> frozenset[str]:
    """The names of HL7's elements: another one, which stands in a resource by mistake, may be anything."""
    return frozenset(name for definition in _definitions().values() for name in definition.get("properties", ()))
