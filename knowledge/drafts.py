"""Drafts of topics, from pages or from a table, for an editor to accept.

A draft is a topic's file under ``drafts/`` with ``draft: true``, which nothing reads. The editor checks the answer,
writes what citizens say, names the owner, takes ``draft`` out and moves the file to ``topics/``; ``neuvo check`` tells
what is still missing.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import yaml

from bot.gsm import downgrade, foreign, units
from knowledge.html_text import Page
from knowledge.http import text
from knowledge.model import SHORT_LIMIT
from knowledge.reading import words

_LONG = 2500
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
COLUMNS = ("question", "answer", "language", "source", "title", "id")
"""Of a table. ``question`` and ``answer`` are needed; rows of one ``id`` are one topic in several languages."""


class NoTable(Exception):
    """A file that is no table with the columns that are needed; the words say which."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """A topic to be. All but the intent are by language."""

    intent: str
    source: str
    titles: dict[str, str] = field(default_factory=dict)
    questions: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def written(self, today: date) -> str:
        """The file."""
        topic: dict[str, Any] = {
            "draft": True,
            "intent": self.intent,
            "title": self.titles,
            "owner": "",
            "source": self.source,
            "reviewed": today.isoformat(),
            "phrases": self.questions,
            "held_out": {},
            "answer": {language: self._answer(language) for language in self.answers},
        }
        return yaml.safe_dump(topic, allow_unicode=True, sort_keys=False, width=120)

    def _answer(self, language: str) -> dict[str, Any]:
        answer = self.answers[language]
        link = self.links.get(language, "")
        shown = [{"label": self.titles[language], "url": link}] if link.startswith("https://") else []
        return {"short": shortened(answer), "long": _cut(answer), "links": shown}


def from_pages(pages: Iterable[tuple[str, Page]], languages: Iterable[str]) -> list[Draft]:
    """One draft for each page, and for the same page in other languages. Pages that say nothing make none."""
    spoken = tuple(languages)
    found: dict[str, Draft] = {}
    names: set[str] = set()
    for address, page in pages:
        language = page.language if page.language in spoken else spoken[0]
        title = words(page.title, 80)
        answer = [line for line in page.paragraphs if line != page.title]
        if not title or not answer:
            continue
        main = page.others.get(spoken[0])
        key = urljoin(address, main) if main else address
        draft = found.get(key)
        if draft is None:
            draft = found[key] = Draft(intent=_slug(_last(key) or title, names), source=address)
        if language not in draft.answers:
            _say(draft, language, title, "\n\n".join(answer), address)
    return list(found.values())


def from_table(raw: bytes, languages: Iterable[str]) -> list[Draft]:
    """One draft for each row, or each ``id``. Raises ``NoTable``."""
    spoken = tuple(languages)
    found: dict[str, Draft] = {}
    names: set[str] = set()
    for place, row in enumerate(_table(text(raw))):
        question, answer = words(row.get("question"), 200), (row.get("answer") or "").strip()
        if not question or not answer:
            continue
        language = (row.get("language") or "").strip().lower()[:2]
        language = language if language in spoken else spoken[0]
        key = (row.get("id") or "").strip() or str(place)
        draft = found.get(key)
        if draft is None:
            draft = found[key] = Draft(intent=_slug(row.get("id") or question, names), source=row.get("source") or "")
        if language not in draft.answers:
            _say(draft, language, words(row.get("title"), 80) or question, answer, row.get("source") or "")
        if question not in draft.questions.setdefault(language, []):
            draft.questions[language].append(question)
    return list(found.values())


def asked(question: str, language: str, languages: Iterable[str]) -> Draft:
    """A draft that begins with what a citizen asked; the answers are for the editor to write."""
    draft = Draft(intent=_slug(question, set()), source="https://")
    for spoken in languages:
        draft.titles[spoken] = (words(question, 80) or "") if spoken == language else ""
        draft.questions[spoken] = [question] if spoken == language else []
        draft.answers[spoken] = ""
    return draft


def write(drafts: Iterable[Draft], folder: Path, today: date, *, force: bool = False) -> tuple[int, int]:
    """Write each draft that has no file yet; how many were written and how many were there already."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = [0, 0]
    for draft in drafts:
        path = folder / f"{draft.intent}.yaml"
        there = path.exists() and not force
        counts[there] += 1
        if not there:
            path.write_text(draft.written(today), encoding="utf-8")
    return counts[0], counts[1]


def shortened(answer: str) -> str:
    """The beginning of an answer as a text message takes it: whole sentences where one fits, plain characters."""
    plain = downgrade(unicodedata.normalize("NFC", answer))
    odd = set(foreign(plain))
    plain = " ".join("".join(" " if c in odd else c for c in plain).split())
    short = ""
    for sentence in _SENTENCE.split(plain):
        longer = f"{short} {sentence}".strip()
        if units(longer) > SHORT_LIMIT:
            break
        short = longer
    while not short and plain:
        plain = plain.rpartition(" ")[0] or plain[:-1]
        if units(f"{plain}...") <= SHORT_LIMIT:
            short = f"{plain}..."
    return short


def _cut(answer: str) -> str:
    kept = ""
    for paragraph in answer.split("\n\n"):
        longer = f"{kept}\n\n{paragraph}".strip()
        if kept and len(longer) > _LONG:
            break
        kept = longer
    return kept[:_LONG]


def _say(draft: Draft, language: str, title: str, answer: str, address: str) -> None:
    draft.titles[language], draft.answers[language], draft.links[language] = title, answer, address
    draft.questions.setdefault(language, [title])


def _table(content: str) -> list[Mapping[str, str]]:
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(content[:4096], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    reader = csv.DictReader(io.StringIO(content), dialect=dialect)
    try:
        names = {name: name.strip().lower() for name in reader.fieldnames or ()}
        missing = {"question", "answer"} - set(names.values())
        if missing:
            raise NoTable(f"the table has no column {' and '.join(sorted(missing))}; it may have {', '.join(COLUMNS)}")
        return [{names[key]: value or "" for key, value in row.items() if key in names} for row in reader]
    except csv.Error as error:
        raise NoTable(f"the file is no table ({error})") from None


def _last(address: str) -> str:
    return urlsplit(address).path.rstrip("/").rpartition("/")[2].partition(".")[0]


def _slug(wanted: str, taken: set[str]) -> str:
    """A name for an intent that no other draft has."""
    plain = unicodedata.normalize("NFD", wanted.casefold()).encode("ascii", "ignore").decode()
    base = "_".join(re.findall(r"[a-z0-9]+", plain))[:40].strip("_") or "page"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    return name
