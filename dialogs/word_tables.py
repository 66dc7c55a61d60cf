"""How the words that command are compared, and the tables that they are read into."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

WORD = re.compile(r"\w+", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Command:
    """A command, and the language of its word (``None`` where languages share it)."""

    name: str
    language: str | None


def bare(text: str) -> str:
    """A message as it is compared: composed, case-folded, its words with single spaces, no ``/`` or ``@botname``."""
    text = unicodedata.normalize("NFC", text).strip()
    if text.startswith("/"):
        text = text[1:].split("@", 1)[0]
    return " ".join(WORD.findall(text.casefold()))


def folded(text: str) -> str:
    """Without diacritics: the second view, asked only when the exact one knows nothing."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def mark_table(group: Mapping[str, Mapping[str, list[str]]]) -> dict[str, tuple[str, ...]]:
    """Beginnings of words by what they say, as they are compared."""
    return {
        name: tuple(
            folded(bare(word)) + ("." if word.endswith(".") else "") for words in by_language.values() for word in words
        )
        for name, by_language in group.items()
    }


def start_table(by_language: Mapping[str, list[str]]) -> list[list[str]]:
    """Beginnings of messages in words, the longest first."""
    starts = [bare(str(words)).split() for found in by_language.values() for words in found]
    return sorted(starts, key=len, reverse=True)


def start_length(text: str, starts: list[list[str]]) -> int:
    """How many words of a text are the longest of some beginnings."""
    words = bare(text).split()
    return next((len(start) for start in starts if words[: len(start)] == start), 0)


def command_table(meanings: Mapping[str, Mapping[str, list[str]]]) -> dict[str, Command]:
    """Words to commands, exact and (under a NUL) folded; a word that languages share has none."""
    table: dict[str, Command] = {}
    for name, language, word in said(meanings):
        for key in (bare(word), f"\0{folded(bare(word))}"):
            known = table.get(key)
            shared = known is not None and known.name == name and known.language != language
            table[key] = Command(name, None if shared else language)
    return table


def said(meanings: Mapping[str, Mapping[str, list[str]]]) -> Iterator[tuple[str, str, str]]:
    """Each word with its meaning and language."""
    for name, by_language in meanings.items():
        for language, words in by_language.items():
            for word in words:
                yield name, language, str(word)
