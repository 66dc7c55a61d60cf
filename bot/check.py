"""``neuvo check``: every fault of the settings and of the content, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot import texts
from bot.city import ending_words
from bot.health_content import load_health
from bot.nudges_content import FOLDER, load_reminders, load_rules, load_templates
from bot.purposes import load_purposes
from bot.settings import SettingsFaults, load_channels, load_settings
from dialogs import check as dialog_check
from dialogs import word_faults
from dialogs.words import Words
from knowledge.desk import Desk, load_desk
from knowledge.faults import ContentFaults
from knowledge.load import Content, intents_of, load_content
from mydata import retention_rules
from mydata.purposes import Purposes
from nlu.safety import SafetyRules
from nlu.safety_reply import SafetyLines


@dataclass(frozen=True, slots=True)
class Findings:
    """A line each. Faults keep the server from starting; warnings are for the editor's next quiet hour."""

    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def findings() -> Findings:
    """All that is wrong with the settings or, where they are right, with the city's folder."""
    try:
        settings = load_settings()
        load_channels(settings, development=True)
        folder = settings.city
    except SettingsFaults as error:
        return Findings(tuple(map(str, error.faults)))
    try:
        content = load_content(folder)
        desk = load_desk(folder, content.city.languages, intents_of(content))
        purposes = load_purposes(folder, content.city.languages)
    except ContentFaults as error:
        return Findings(tuple(map(str, error.faults)))
    health = _health(folder, content.city.languages, purposes)
    faults = (
        *_sentences(folder, content, purposes),
        *_safety(folder / "safety"),
        *_nudges(folder, content, purposes, desk),
        *health.faults,
    )
    return Findings(faults, (*map(str, content.warnings), *health.warnings))


def _sentences(folder: Path, content: Content, purposes: Purposes) -> Iterator[str]:
    languages = content.city.languages
    for fault in (
        *texts.faults(folder / "texts", languages),
        *word_faults.faults(folder / "commands.yaml", languages, ending_words(purposes)),
        *retention_rules.faults(folder, languages),
        *dialog_check.faults(Path(dialog_check.__file__).parent, content.texts[languages[0]].keys()),
    ):
        yield "{}:{}: {}. {}".format(*fault)


def _nudges(folder: Path, content: Content, purposes: Purposes, desk: Desk) -> Iterator[str]:
    try:
        load_rules(folder, purposes)
    except ContentFaults as error:
        yield from map(str, error.faults)
    languages, commands, ends = content.city.languages, folder / "commands.yaml", ending_words(purposes)
    if word_faults.faults(commands, languages, ends):  # what a choice's word means is not known without them
        return
    try:
        templates = load_templates(folder, languages, purposes, desk, Words.load(commands, ends))
        load_reminders(folder, languages, templates)
    except ContentFaults as error:
        yield from map(str, error.faults)


def _health(folder: Path, languages: Sequence[str], purposes: Purposes) -> Findings:
    nudges = {path.stem for path in (folder / FOLDER).glob("*.yaml")}
    try:
        found = load_health(folder, languages, purposes.purposes, nudges)
    except ContentFaults as error:
        return Findings(tuple(map(str, error.faults)))
    return Findings(warnings=tuple(map(str, found.warnings)))


def _safety(folder: Path) -> Iterator[str]:
    for load in (SafetyRules.load, SafetyLines.load):
        try:
            load(folder)
        except (OSError, ValueError) as error:
            yield f"{folder}: {error}"
