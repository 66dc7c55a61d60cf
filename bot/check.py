"""``neuvo check``: every fault of the settings and of the content, each with its place and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bot import texts
from bot.settings import Settings, SettingsFaults, load_settings
from dialogs import check as dialog_check
from dialogs import word_faults
from knowledge.faults import ContentFaults
from knowledge.load import Content, load_content
from nlu.safety import SafetyRules
from nlu.safety_reply import SafetyLines


def faults() -> list[str]:
    """All faults, a line each."""
    try:
        settings = load_settings()
    except SettingsFaults as error:
        return [str(fault) for fault in error.faults]
    return list(city_faults(settings))


def city_faults(settings: Settings) -> Iterator[str]:
    """The faults of one city's folder."""
    try:
        content = load_content(settings.city)
    except ContentFaults as error:
        yield from map(str, error.faults)
        return
    yield from map(str, content.warnings)
    yield from _sentences(settings.city, content)
    yield from _safety(settings.city / "safety")


def _sentences(folder: Path, content: Content) -> Iterator[str]:
    languages = content.city.languages
    for fault in (
        *texts.faults(folder / "texts", languages),
        *word_faults.faults(folder / "commands.yaml", languages),
        *dialog_check.faults(Path(dialog_check.__file__).parent, content.texts[languages[0]].keys()),
    ):
        yield "{}:{}: {}. {}".format(*fault)


def _safety(folder: Path) -> Iterator[str]:
    for load in (SafetyRules.load, SafetyLines.load):
        try:
            load(folder)
        except (OSError, ValueError) as error:
            yield f"{folder}: {error}"
