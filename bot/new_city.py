"""``neuvo new-city FOLDER``: a city's folder to begin with, made of the one that comes with the program.

Words of no city's own (commands, dialogs' phrases, safety rules, kinds of places) are taken as they are; in sentences
what is Helsinki's becomes "the city", its addresses the new city's; places and telephone numbers are left out.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

_COPIED = ("commands.yaml", "data/offdomain.jsonl", "safety")
_EMPTY = ("districts", "postal_codes", "streets", "units")
_LINES = ("emergency_number", "mieli_fi", "mieli_sv", "mieli_en", "poison", "medical_helpline")
"""Numbers that answer in the whole country."""
_OURS = re.compile(r"helsin|helmet|hel\.fi|\b310 \d", re.IGNORECASE)
_NAMES: tuple[tuple[str, str], ...] = (
    (r"Helmet-", ""),
    (r"Helmet library", "library"),
    (r"Helsingin kaupungin", "kaupungin"),
    (r"Helsingin", "kaupungin"),
    (r"Helsingissä", "kaupungissa"),
    (r"Helsinkiin", "kaupunkiin"),
    (r"Helsingfors stads", "stadens"),
    (r"i Helsingfors", "i staden"),
    (r"Helsingfors", "stadens"),
    (r"[Tt]he City of Helsinki", "the city"),
    (r"City of Helsinki Service Map", "the city's service map"),
    (r"City of Helsinki", "the city"),
    (r"Helsinki", "the city"),
)
_QUESTIONS = {
    "fi": ["kaupungin yhteystiedot", "mistä saan yhteyden kaupunkiin", "kaupungin puhelinnumero", "kaupungin vaihde"],
    "sv": ["stadens kontaktuppgifter", "hur når jag staden", "stadens telefonnummer", "stadens växel"],
    "en": ["contact details of the city", "how do I reach the city", "the city's phone number", "city switchboard"],
}
_TITLES = {"fi": "Kaupungin yhteystiedot", "sv": "Stadens kontaktuppgifter", "en": "How to reach the city"}
_ANSWERS = {
    "fi": "Kaupungin yhteystiedot ovat sen verkkosivuilla: {host}.",
    "sv": "Stadens kontaktuppgifter finns på dess webbplats: {host}.",
    "en": "The city's contact details are on its website: {host}.",
}
_ATTRIBUTION = {"fi": "Tiedot: {name}", "sv": "Uppgifter: {name}", "en": "Source: {name}"}
_SOURCE = {
    "fi": "Lähde: {source}, tarkistettu {date}",
    "sv": "Källa: {source}, granskad {date}",
    "en": "Source: {source}, reviewed {date}",
}
_LOCALES = {"fi": "fi_FI", "sv": "sv_FI", "en": "en_GB"}
_HOLIDAYS = {"fi": "fi", "sv": "sv_FI", "en": "en_US"}


class NotNew(Exception):
    """The folder has something in it already; nothing was written."""


def new_city(ours: Path, folder: Path, name: str, languages: Sequence[str], *, website: str, today: str) -> None:
    """Write the folder of a city called ``name`` that speaks ``languages``, after ``ours``. Raises ``NotNew``."""
    if folder.exists() and any(folder.iterdir()):
        raise NotNew(f"{folder} is not empty. Name a folder that is not there yet")
    host = website.removeprefix("https://").rstrip("/")
    folder.mkdir(parents=True, exist_ok=True)
    for part in ("topics", "phrases", "texts", "data"):
        (folder / part).mkdir()
    for part in _COPIED:
        source = ours / part
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / part)
    _write(folder / "city.yaml", _city(name, languages, website), "All that makes this server this city's: change it.")
    _write(
        folder / "safety" / "lines.yaml", _safety_lines(ours), "Add the city's own lines; read each at its own page."
    )
    for file in sorted((ours / "phrases").glob("*.yaml")):
        _write(folder / "phrases" / file.name, _spoken(_read(file), languages))
    for language in languages:
        written = _sentences(_read(ours / "texts" / f"{language}.yaml"), website, host)
        _write(folder / "texts" / f"{language}.yaml", written, "The bot's sentences. Read each: they are yours now.")
    _write(folder / "topics" / "city_contact.yaml", _topic(languages, website, host, today), "One topic a file.")
    keep = {"days": _read(ours / "retention.yaml")["days"], "holds": {}}
    _write(folder / "retention.yaml", keep, "How long what is kept, in days, and why it may have to be kept longer.")
    _data(ours / "data", folder / "data", languages)


def _data(ours: Path, folder: Path, languages: Sequence[str]) -> None:
    """The kinds of places, and no place: they are imported, or written by hand."""
    _write(folder / "services.yaml", _spoken(_read(ours / "services.yaml"), languages))
    _write(folder / "aliases.yaml", {})
    _write(folder / "sources.yaml", {}, "Where the rows of this folder come from: title, origin, date, licence.")
    for name in _EMPTY:
        (folder / f"{name}.jsonl").write_text("", encoding="utf-8")


def _city(name: str, languages: Sequence[str], website: str) -> dict[str, Any]:
    def each(value: str) -> dict[str, str]:
        return dict.fromkeys(languages, value)

    return {
        "name": each(name),
        "organisation": each(name),
        "languages": list(languages),
        "time_zone": "Europe/Helsinki",
        "country": "FI",
        "holiday_languages": {language: _HOLIDAYS[language] for language in languages},
        "website": each(website),
        "feedback_page": each(website),
        "feedback_locales": {language: _LOCALES[language] for language in languages},
        "unit_page": each(f"{website.rstrip('/')}/{{id}}"),
        "area": {"south": 59.5, "north": 70.2, "west": 19.0, "east": 31.6},
        "attribution": {language: _ATTRIBUTION[language].format(name=name) for language in languages},
        "source_line": {language: _SOURCE[language] for language in languages},
    }


def _topic(languages: Sequence[str], website: str, host: str, today: str) -> dict[str, Any]:
    return {
        "intent": "city_contact",
        "title": {language: _TITLES[language] for language in languages},
        "owner": "?",
        "source": website,
        "reviewed": today,
        "phrases": {language: _QUESTIONS[language][:-1] for language in languages},
        "held_out": {language: _QUESTIONS[language][-1:] for language in languages},
        "answer": {language: {"short": _ANSWERS[language].format(host=host)} for language in languages},
    }


def _safety_lines(ours: Path) -> dict[str, Any]:
    lines: dict[str, Any] = _read(ours / "safety" / "lines.yaml")
    return {**lines, "lines": [line for line in lines["lines"] if line["id"] in _LINES]}


def _sentences(value: Any, website: str, host: str) -> Any:
    """The same sentences, without what is Helsinki's."""
    if isinstance(value, dict):
        return {key: _sentences(item, website, host) for key, item in value.items()}
    if not isinstance(value, str) or not _OURS.search(value):
        return value
    # A line that gives a telephone number or an e-mail of Helsinki's is of no use elsewhere.
    text = "\n".join(line for line in value.split("\n") if not re.match(r"- .*\+358 9 310", line))
    text = re.sub(r"https?://[\w.-]*hel\.fi[\w/-]*", website, text)
    text = re.sub(r"\S+@hel\.fi", host, text)
    text = re.sub(r"\b[\w.]*hel\.fi[\w/-]*", host, text)
    text = re.sub(r"(?:\+358 9 |\b09 )310 \d+", host, text)
    for pattern, words in _NAMES:
        text = re.sub(pattern, words, text)
    return text[:1].upper() + text[1:]


def _spoken(value: Any, languages: Sequence[str]) -> Any:
    """The same without other languages than these."""
    if isinstance(value, dict):
        kept = {key: item for key, item in value.items() if key not in _LOCALES or key in languages}
        return {key: _spoken(item, languages) for key, item in kept.items()}
    return value


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _write(path: Path, value: Any, note: str = "") -> None:
    head = f"# {note}\n" if note else ""
    written = yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=120)
    path.write_text(head + written, encoding="utf-8")
