"""What the city writes first and by which rules, read as all its content is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from knowledge.faults import ContentFaults, Fault
from knowledge.shape import shape
from knowledge.source import read_yaml
from mydata.purposes import Purposes
from proactive.rules import Rules
from proactive.template import Template, Templates
from proactive.template_file import TemplateFile

FOLDER = "nudges"
RULES = "proactive.yaml"


def load_templates(folder: Path, languages: Sequence[str], purposes: Purposes) -> Templates:  # noqa: ARG001
    """Read ``nudges/*.yaml`` of a city's folder; a city without them writes nothing. Raises ``ContentFaults``."""
    faults, found = list[Fault](), list[Template]()
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        document = read_yaml(path, f"{folder.name}/{FOLDER}/{path.name}", faults)
        file = shape(TemplateFile, document, faults) if document is not None else None
        found += file.templates() if file is not None else ()
    if faults:
        raise ContentFaults(dict.fromkeys(faults))
    return Templates(found)


def load_rules(folder: Path, purposes: Purposes) -> Rules:
    """Read ``proactive.yaml`` of a city's folder, or the program's own rules. Raises ``ContentFaults``."""
    path, faults = folder / RULES, list[Fault]()
    if not path.exists():
        return Rules()
    document = read_yaml(path, f"{folder.name}/{RULES}", faults)
    rules = shape(Rules, document, faults) if document is not None else None
    if document is not None and rules is not None:
        for name in rules.caps.keys() - purposes.purposes.keys() - {"default"}:
            message = f"caps.{name}: there is no purpose of this name"
            faults.append(document.fault(("caps", name), message, f"Take one of {', '.join(purposes.purposes)}"))
    if faults or rules is None:
        raise ContentFaults(dict.fromkeys(faults))
    return rules
