"""What helps the people who answer: which of them answers what, and sentences that are said often (``desk.yaml``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from pydantic import Field

from knowledge.faults import ContentFaults, Fault
from knowledge.model import ByLanguage, Model, Text
from knowledge.shape import shape
from knowledge.source import Document, read_yaml

FILE = "desk.yaml"


class Skill(Model):
    """A group of people: its name for staff, and the intents that are theirs."""

    title: ByLanguage[Text]
    intents: tuple[Text, ...] = ()


class Canned(Model):
    """A sentence that is said often, and its name for staff."""

    title: ByLanguage[Text]
    text: ByLanguage[Text]


class Desk(Model):
    """All of it, by names of the editors' own."""

    skills: ByLanguage[Skill] = Field(default_factory=lambda: MappingProxyType({}))
    canned: ByLanguage[Canned] = Field(default_factory=lambda: MappingProxyType({}))

    def skill_of(self, intent: str) -> str | None:
        """Whose an intent is, if anybody's in particular."""
        return next((name for name, skill in self.skills.items() if intent in skill.intents), None)


def load_desk(folder: Path, languages: Sequence[str], intents: frozenset[str]) -> Desk:
    """Read ``desk.yaml`` of a city's folder; a city without it has neither. Raises ``ContentFaults``."""
    path, faults = folder / FILE, list[Fault]()
    if not path.exists():
        return Desk()
    document = read_yaml(path, f"{folder.name}/{FILE}", faults)
    desk = shape(Desk, document, faults) if document is not None else None
    if document is not None and desk is not None:
        faults += _missing(document, desk, languages)
        faults += _unknown(document, desk, intents)
    if faults or desk is None:
        raise ContentFaults(dict.fromkeys(faults))
    return desk


def _missing(document: Document, desk: Desk, languages: Sequence[str]) -> Iterator[Fault]:
    written: list[tuple[tuple[str, str, str], Mapping[str, str]]] = []
    written += [(("skills", name, "title"), skill.title) for name, skill in desk.skills.items()]
    written += [(("canned", name, "title"), canned.title) for name, canned in desk.canned.items()]
    written += [(("canned", name, "text"), canned.text) for name, canned in desk.canned.items()]
    for where, values in written:
        for language in languages:
            if language not in values:
                yield document.fault(where, f"{'.'.join(where)}: has no “{language}”", f"Write it in “{language}”")


def _unknown(document: Document, desk: Desk, intents: frozenset[str]) -> Iterator[Fault]:
    for name, skill in desk.skills.items():
        for intent in skill.intents:
            if intent not in intents:
                remedy = "Take the name of a file in topics/ or phrases/"
                yield document.fault(("skills", name, "intents"), f"there is no intent “{intent}”", remedy)
