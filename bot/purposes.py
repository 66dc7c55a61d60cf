"""The city's purposes of using personal data, read as all its content is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bot.channels import CHANNELS
from knowledge.faults import ContentFaults, Fault
from knowledge.shape import shape
from knowledge.source import read_yaml
from mydata.purposes import Purposes
from mydata.purposes_checks import findings

FILE = "purposes.yaml"


def load_purposes(folder: Path, languages: Sequence[str]) -> Purposes:
    """Read ``purposes.yaml`` of a city's folder; a city without it asks for nothing. Raises ``ContentFaults``."""
    path, faults = folder / FILE, list[Fault]()
    if not path.exists():
        return Purposes()
    document = read_yaml(path, f"{folder.name}/{FILE}", faults)
    purposes = shape(Purposes, document, faults) if document is not None else None
    if document is not None and purposes is not None:
        channels = [kind.name for kind in CHANNELS]
        for where, message, remedy in findings(purposes, languages, channels):
            faults.append(document.fault(where, f"{'.'.join(where)}: {message}" if where else message, remedy))
    if faults or purposes is None:
        raise ContentFaults(dict.fromkeys(faults))
    return purposes
