"""What the city writes first and by which rules, read as all its content is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath

from bot.channels import CHANNELS
from channels.sms.render import bodies
from dialogs import DIALOGS
from dialogs.words import Words
from knowledge.desk import Desk
from knowledge.faults import ContentFaults, Fault
from knowledge.shape import shape
from knowledge.source import Document, read_yaml
from mydata.purposes import Purposes
from proactive.around import Around
from proactive.lint import findings
from proactive.reminder_file import ReminderFile
from proactive.reminder_file import findings as reminder_findings
from proactive.reminders import Reminders
from proactive.rules import Rules
from proactive.template import Templates
from proactive.template_file import TemplateFile

FOLDER = "nudges"
RULES = "proactive.yaml"
REMINDERS = "reminders.yaml"


def load_templates(folder: Path, languages: Sequence[str], purposes: Purposes, desk: Desk, words: Words) -> Templates:
    """Read ``nudges/*.yaml`` of a city's folder; a city without them writes nothing. Raises ``ContentFaults``."""
    faults = list[Fault]()
    files = [*_files(folder, faults)]
    templates = Templates(template for _, file in files for template in file.templates())
    around = _around(languages, purposes, desk, words)
    for document, file in files:
        faults += _numbers(document, file)
        faults += _linted(document, file, templates, around)
    if faults:
        raise ContentFaults(dict.fromkeys(faults))
    return templates


def _files(folder: Path, faults: list[Fault]) -> Iterator[tuple[Document, TemplateFile]]:
    for path in sorted((folder / FOLDER).glob("*.yaml")):
        document = read_yaml(path, f"{folder.name}/{FOLDER}/{path.name}", faults)
        file = shape(TemplateFile, document, faults) if document is not None else None
        if document is not None and file is not None:
            yield document, file


def _around(languages: Sequence[str], purposes: Purposes, desk: Desk, words: Words) -> Around:
    def command(word: str, channel: str) -> str | None:
        found = words.command(word, channel)
        return None if found is None else found.name

    return Around(
        languages=languages,
        channels=[kind.name for kind in CHANNELS],
        purposes=purposes.purposes,
        dialogs=DIALOGS.keys(),
        skills=desk.skills.keys(),
        bodies=bodies,
        command=command,
    )


def _numbers(document: Document, file: TemplateFile) -> Iterator[Fault]:
    """The id is the file's name, and older versions have lower numbers, each its own."""
    stem = PurePath(document.file).stem
    if file.id != stem:
        yield document.fault(("id",), f"the id “{file.id}” is not the file's name", f"Write “{stem}”")
    taken = {file.version}
    for place, body in enumerate(file.versions):
        if body.version in taken or body.version > file.version:
            where, message = ("versions", place, "version"), f"{body.version} is no older version"
            yield document.fault(where, message, "Number the newest one highest, and each version once")
        taken.add(body.version)


def _linted(document: Document, file: TemplateFile, templates: Templates, around: Around) -> Iterator[Fault]:
    newest = {template.id: template for template in templates}
    for place, template in enumerate(file.templates()):
        prefix = ("versions", place - 1) if place else ()
        for where, message, remedy in findings(template, newest, around):
            path = (*prefix, *where)
            name = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
            yield document.fault(path, f"{name}: {message}", remedy)


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


def load_reminders(folder: Path, languages: Sequence[str], templates: Templates) -> Reminders:
    """Read ``reminders.yaml`` of a city's folder; without it nothing can be ordered. Raises ``ContentFaults``."""
    path, faults = folder / REMINDERS, list[Fault]()
    if not path.exists():
        return Reminders()
    document = read_yaml(path, f"{folder.name}/{REMINDERS}", faults)
    file = shape(ReminderFile, document, faults) if document is not None else None
    kinds = Reminders() if file is None else file.reminders()
    if document is not None:
        for where, message, remedy in reminder_findings(kinds, templates, languages):
            name = ".".join(map(str, where))
            faults.append(document.fault(where, f"{name}: {message}", remedy))
    if faults:
        raise ContentFaults(dict.fromkeys(faults))
    return kinds
