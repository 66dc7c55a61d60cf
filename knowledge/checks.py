"""What one file cannot show by itself: translations, phrases that two topics share, review dates.

The checks read the plain values, not the models, so that a fault in one field does not hide the faults of another.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePath
from typing import Any

from knowledge.faults import Fault
from knowledge.source import Document, Where

ENOUGH_PHRASES = 15
ENOUGH_HELD_OUT = 4
REVIEW_AFTER = timedelta(days=365)
UNTITLED = "OUT_OF_SCOPE"
_PLAIN_HTTP = re.compile(r"\]\(\s*<?(http://[^)\s>]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One phrase where it stands. ``key`` is the phrase as it counts: composed, case-folded, without punctuation."""

    document: Document
    where: Where
    language: str
    text: str
    trained: bool

    @property
    def key(self) -> tuple[str, str]:
        """The language, and the phrase as it counts."""
        folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", self.text).casefold())
        bare = "".join(c for c in folded if not unicodedata.category(c).startswith("P"))
        return self.language, " ".join(bare.split()) or folded


def names(document: Document) -> Iterator[Fault]:
    """The intent is the file's name, so that an intent is found by looking."""
    stem = PurePath(document.file).stem
    intent = _field(document, "intent")
    if isinstance(intent, str) and intent != stem and not (intent == UNTITLED and stem == UNTITLED.lower()):
        yield document.fault(("intent",), f"the intent “{intent}” is not the file's name", f"Write “{stem}”")


def translations(document: Document, languages: Iterable[str], fields: Iterable[str]) -> Iterator[Fault]:
    """Every field that is written by language is there in each of the city's languages, and in no other."""
    wanted = tuple(languages)
    for name in fields if wanted else ():  # without them city.yaml has a fault of its own
        value = _field(document, name)
        if not isinstance(value, dict):
            continue
        for language in wanted:
            if language not in value:
                yield document.fault((name,), f"{name} has no “{language}”", f"Write it in “{language}” too")
        for language in value:
            if language not in wanted:
                remedy = f"Mend the code, or add the language to city.yaml ({', '.join(wanted)})"
                yield document.fault(
                    (name, language), f"{name} has “{language}”, which the city does not speak", remedy
                )


def doubles(documents: Iterable[Document]) -> Iterator[Fault]:
    """A phrase stands once in a language, over all files, trained and held out together."""
    first: dict[tuple[str, str], Said] = {}
    every = [said for document in documents for said in _said(document)]
    for said in sorted(every, key=lambda said: not said.trained):
        known = first.setdefault(said.key, said)
        if known is not said:
            yield _double(said, known)


def alike(documents: Iterable[Document]) -> Iterator[Fault]:
    """Phrases of two intents that have the same words, in whatever order and with or without diacritics: a warning."""
    first: dict[tuple[str, tuple[str, ...]], Said] = {}
    for said in (each for document in documents for each in _said(document) if each.trained):
        language, phrase = said.key
        bare = "".join(c for c in unicodedata.normalize("NFD", phrase) if not unicodedata.combining(c))
        known = first.setdefault((language, tuple(sorted(bare.split()))), said)
        if known.document is not said.document and known.key != said.key:
            there = f"“{known.text}” of {known.document.file}:{known.document.line(known.where)}"
            remedy = "Citizens who say so can mean either: change one of the two"
            yield said.document.fault(said.where, f"the phrase “{said.text}” has the same words as {there}", remedy)


def counts(document: Document) -> Iterator[Fault]:
    """Few phrases make a weak intent: a warning."""
    for name, enough in (("phrases", ENOUGH_PHRASES), ("held_out", ENOUGH_HELD_OUT)):
        value = _field(document, name)
        for language, phrases in value.items() if isinstance(value, dict) else ():
            if isinstance(phrases, tuple) and 0 < len(phrases) < enough:
                message = f"{name}.{language} has {len(phrases)} phrases"
                yield document.fault((name, language), message, f"Write {enough} or more")


def review(document: Document, reviewed: date, today: date) -> Iterator[Fault]:
    """An answer that nobody has looked at for a year, or that claims to come from the future: a warning."""
    if today - reviewed > REVIEW_AFTER:
        message = f"was reviewed on {reviewed}, more than a year ago"
        yield document.fault(("reviewed",), message, "Read its source again and set the date")
    if reviewed > today + timedelta(days=1):
        yield document.fault(("reviewed",), f"was reviewed on {reviewed}, which is to come", "Mend the date")


def markdown_links(document: Document) -> Iterator[Fault]:
    """The links inside the long answers are https too."""
    answers = _field(document, "answer")
    for language, answer in answers.items() if isinstance(answers, dict) else ():
        text = answer.get("long") if isinstance(answer, dict) else None
        for url in _PLAIN_HTTP.findall(text) if isinstance(text, str) else ():
            where = ("answer", language, "long")
            yield document.fault(where, f"the link “{url}” is not https", "Give the address that begins with https://")


def sentences(texts: Mapping[str, Document], languages: Iterable[str]) -> Iterator[Fault]:
    """A sentence that one language has is there in every language."""
    keys = {language: flatten(document.data) for language, document in texts.items()}
    every = dict.fromkeys(key for found in keys.values() for key in found)
    for language in languages:
        document = texts.get(language)
        for key in every if document else ():
            if document and key not in keys[language]:
                where = tuple(key.split("."))
                yield document.fault(where, f"the sentence “{key}” is missing", f"Write it in “{language}” too")


def flatten(data: Any, prefix: str = "") -> dict[str, str]:
    """The texts of a nested mapping under dotted keys; the items of a list are numbered."""
    if isinstance(data, str):
        return {prefix: data}
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, tuple) else ()
    dot = f"{prefix}." if prefix else ""
    return {key: text for name, value in items for key, text in flatten(value, f"{dot}{name}").items()}


def _field(document: Document, name: str) -> Any:
    return document.data.get(name) if isinstance(document.data, dict) else None


def _said(document: Document) -> Iterator[Said]:
    for name in ("phrases", "held_out"):
        value = _field(document, name)
        for language, phrases in value.items() if isinstance(value, dict) else ():
            for place, text in enumerate(phrases if isinstance(phrases, tuple) else ()):
                if isinstance(text, str):
                    where = (name, language, place)
                    trained = name == "phrases"
                    yield Said(document=document, where=where, language=language, text=text, trained=trained)


def _double(said: Said, known: Said) -> Fault:
    there = f"{known.document.file}:{known.document.line(known.where)}"
    if said.trained or not known.trained:
        return said.document.fault(
            said.where, f"the phrase “{said.text}” is there already ({there})", "Keep one of the two"
        )
    message = f"the held-out phrase “{said.text}” is trained on ({there})"
    return said.document.fault(said.where, message, "Hold out another phrase")
