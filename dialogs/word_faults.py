"""What is wrong with the words that command: two meanings for one word, or a word that a provider takes for itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from dialogs.word_tables import bare, folded, said

Fault = tuple[str, int, str, str]
"""A file, a line from 1, what is wrong, and what to do about it."""

PARTS = (
    "commands", "channels", "answers", "ordinals", "beside_ordinals", "languages", "negations", "near", "acknowledged",
)  # fmt: skip
_APART = frozenset(("answers", "ordinals"))


def faults(
    path: Path, languages: Iterable[str], more: Mapping[str, Mapping[str, list[str]]] | None = None
) -> list[Fault]:
    """Every fault of a file of words, in the order of its lines; ``more`` are commands that stand elsewhere."""
    file = str(path)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        return [(file, mark.line + 1 if mark else 1, "cannot be read as YAML", "Mend the line, in UTF-8")]
    missing = [part for part in PARTS if not isinstance(data, dict) or not data.get(part)]
    if missing:
        return [(file, 1, f"has no “{part}”", "Write it, as the file's first release had it") for part in missing]
    lines = path.read_text(encoding="utf-8").split("\n")
    data = {**data, "commands": {**data["commands"], **(more or {})}}
    found = [*_types(data), *_untranslated(data, tuple(languages)), *_collisions(data), *_providers(data)]
    return sorted((file, _line(lines, word), message, remedy) for word, message, remedy in found)


def _types(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for part in ("commands", "answers"):
        for name, by_language in data[part].items():
            for words in by_language.values() if isinstance(by_language, dict) else ():
                for word in words:
                    if not isinstance(word, str):
                        yield str(word), f"“{word}” of {name} is no text", "Put the word in quotes"


def _untranslated(data: Mapping[str, Any], languages: tuple[str, ...]) -> Iterator[tuple[str, str, str]]:
    for part in ("commands", "answers"):
        for name, by_language in data[part].items():
            for language in languages:
                if not by_language.get(language):
                    yield str(name), f"{name} has no word in “{language}”", f"Write one or more in “{language}”"


def _collisions(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """One word, two meanings: among commands, and between commands and answers, in any two languages."""
    meaning: dict[str, str] = {}
    for part in ("commands", "answers"):
        for name, _, word in said(data[part]):
            for key in dict.fromkeys((bare(word), folded(bare(word)))):
                other = meaning.setdefault(key, str(name))
                if other != name:
                    yield word, f"“{word}” means {name} and also {other}", "Take it out of one of the two"


def _providers(data: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """On a provider's channel each command must be left with a word that the provider does not act on."""
    for channel, meanings in data["channels"].items():
        taken = {bare(word): name for name, words in meanings.items() for word in words}
        for part in ("commands", "answers"):
            for name, by_language in data[part].items():
                for language, words in by_language.items():
                    free = [word for word in words if taken.get(bare(str(word)), name) == name]
                    if not free:
                        yield (
                            str(words[0]),
                            f"on {channel} the provider acts on every word of {name} in “{language}”",
                            "Add a word of your own",
                        )
        for name in meanings:
            if name not in data["commands"]:
                yield str(name), f"{channel} names the command “{name}”, which there is none of", "Mend the name"


def _line(lines: list[str], word: str) -> int:
    """The last line that holds the word as an item, else within one: where it was added, as a rule."""
    item = re.compile(rf"(?:^|[\[,:-])\s*[\"']?{re.escape(word)}[\"']?\s*(?:[,\]:]|$)")
    numbers = range(len(lines), 0, -1)
    alone = next((n for n in numbers if item.search(lines[n - 1])), None)
    return alone or next((n for n in numbers if word in lines[n - 1]), 1)
