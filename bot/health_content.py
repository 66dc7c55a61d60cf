"""The programmes of health outreach and their value sets, read as all content of a city is."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import reduce
from operator import getitem
from pathlib import Path, PurePath
from typing import TypeVar

from health.programme import Programme, ValueSets
from health.programme_file import ProgrammeFile, ValueSetFile
from knowledge.checks import translations
from knowledge.faults import ContentFaults, Fault
from knowledge.shape import shape
from knowledge.source import Document, read_yaml

PROGRAMMES = "programmes"
VALUE_SETS = "value_sets"
_F = TypeVar("_F", ValueSetFile, ProgrammeFile)
_SAID = ("title", "description", "offer", "self_referral")


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthContent:
    """Programmes by id, and every value set; ``warnings`` are of evidence that is due to be looked at again."""

    programmes: Mapping[str, Programme]
    sets: ValueSets
    warnings: tuple[Fault, ...] = ()


def load_health(
    folder: Path,
    languages: Sequence[str],
    grounds: Container[str],
    templates: Container[str],
    *,
    today: date | None = None,
) -> HealthContent:
    """Read ``programmes/`` and ``value_sets/`` of a city's folder; a city without them has no health outreach.

    ``grounds`` are the ids of purposes, ``templates`` those of nudges; ``today`` is what review dates are measured
    against. Raises ``ContentFaults``.
    """
    faults, warnings = list[Fault](), list[Fault]()
    sets = {file.id: file.value() for _, file in _files(ValueSetFile, folder, VALUE_SETS, languages, faults)}
    programmes = dict[str, Programme]()
    for document, file in _files(ProgrammeFile, folder, PROGRAMMES, languages, faults):
        programmes[file.id] = file.value()
        faults += _known(document, programmes[file.id], sets, grounds, templates)
        warnings += _due(document, file.review_by, today or datetime.now(UTC).date())
    if faults:
        raise ContentFaults(dict.fromkeys(faults))
    return HealthContent(programmes=programmes, sets=sets, warnings=tuple(warnings))


def _files(
    model: type[_F], folder: Path, part: str, languages: Sequence[str], faults: list[Fault]
) -> Iterator[tuple[Document, _F]]:
    for path in sorted((folder / part).glob("*.yaml")):
        document = read_yaml(path, f"{folder.name}/{part}/{path.name}", faults)
        file = shape(model, document, faults) if document is not None else None
        if document is not None and file is not None:
            faults += _own(document, file.id, languages)
            yield document, file


def _own(document: Document, name: str, languages: Sequence[str]) -> Iterator[Fault]:
    stem = PurePath(document.file).stem
    if name != stem:
        yield document.fault(("id",), f"the id “{name}” is not the file's name", f"Write “{stem}”")
    yield from translations(document, languages, _SAID)
    for code, texts in document.data.get("names", {}).items():
        for language in languages:
            if language not in texts:
                yield document.fault(
                    ("names", code), f"names.{code} has no “{language}”", f"Write it in “{language}” too"
                )


def _known(
    document: Document, programme: Programme, sets: ValueSets, grounds: Container[str], templates: Container[str]
) -> Iterator[Fault]:
    for name in sorted(programme.value_sets() - sets.keys()):
        where = next(where for where in document.lines if reduce(getitem, where, document.data) == name)
        yield document.fault(where, f"there is no value set “{name}”", f"Write {VALUE_SETS}/{name}.yaml")
    if programme.ground not in grounds:
        yield document.fault(("ground",), f"there is no purpose “{programme.ground}”", "Take one of purposes.yaml")
    if programme.template not in templates:
        yield document.fault(("template",), f"there is no nudge “{programme.template}”", "Take one of nudges/")


def _due(document: Document, review_by: date, today: date) -> Iterator[Fault]:
    if review_by < today:
        message = f"the evidence was to be reviewed by {review_by}"
        yield document.fault(("review_by",), message, "Read its sources again, and set the next date")
