"""The sentences of the server, by dotted key and language, from ``knowledge/texts/<language>.yaml``.

A sentence has named places only (``{place}``), the same ones in every language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import NamedTuple

import yaml


class Fault(NamedTuple):
    """What is wrong: the file, the line from 1, what it is, and what to do about it."""

    file: str
    line: int
    message: str
    remedy: str


class TextFaults(Exception):
    """The sentences cannot be used; ``faults`` has everything that is wrong with them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(f"{f.file}:{f.line}: {f.message}. {f.remedy}." for f in self.faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    text: str
    line: int
    places: frozenset[str]


_File = Mapping[str, _Sentence]


class Texts:
    """The sentences in the languages of the city; the first language stands in for one that is not spoken."""

    def __init__(self, sentences: Mapping[str, Mapping[str, str]], languages: Sequence[str]) -> None:
        self.first = languages[0]
        self._sentences = {language: dict(sentences[language]) for language in languages}

    @classmethod
    def load(cls, folder: Path, languages: Sequence[str]) -> Texts:
        """Read the files of the languages. Raises ``TextFaults``."""
        files, faults = _read(folder, languages)
        if faults:
            raise TextFaults(faults)
        return cls({language: {k: s.text for k, s in file.items()} for language, file in files.items()}, languages)

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence with its values filled in. Raises ``KeyError`` for an unknown key or a value left out."""
        sentence = self._sentences.get(language, self._sentences[self.first])[key]
        return sentence.format_map(values) if "{" in sentence or "}" in sentence else sentence

    def keys(self) -> frozenset[str]:
        """The keys that there are."""
        return frozenset(self._sentences[self.first])


def faults(folder: Path, languages: Sequence[str]) -> list[Fault]:
    """Everything that is wrong with the files: YAML, keys and places that differ between languages."""
    return sorted(_read(folder, languages)[1])


def _read(folder: Path, languages: Sequence[str]) -> tuple[dict[str, _File], list[Fault]]:
    found: list[Fault] = []
    files: dict[str, _File] = {}
    for language in languages:
        sentences: dict[str, _Sentence] = {}
        path = folder / f"{language}.yaml"
        try:
            root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
            _collect(str(path), root, "", sentences, found)
        except FileNotFoundError:
            found.append(Fault(str(path), 1, "is missing", f"Write the sentences in “{language}”"))
        except UnicodeDecodeError:
            found.append(Fault(str(path), 1, "is not UTF-8", "Save it as UTF-8"))
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            found.append(Fault(str(path), line, "is not YAML", "Put text with “:” or “#” in it in quotes"))
        files[language] = sentences
    found += _compared(folder, files)
    return files, found


def _collect(
    file: str, node: yaml.Node | None, prefix: str, sentences: dict[str, _Sentence], found: list[Fault]
) -> None:
    line = node.start_mark.line + 1 if node is not None else 1
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            key = f"{prefix}.{key_node.value}" if prefix else str(key_node.value)
            if key in sentences:
                found.append(Fault(file, key_node.start_mark.line + 1, f"has “{key}” twice", "Keep one of the two"))
            _collect(file, value_node, key, sentences, found)
    elif isinstance(node, yaml.ScalarNode) and node.tag.endswith(":str") and node.value.strip():
        sentences[prefix] = _sentence(file, prefix, node, found)
    else:
        found.append(Fault(file, line, f"“{prefix}” is no text", "Write a sentence, in quotes"))


def _sentence(file: str, key: str, node: yaml.ScalarNode, found: list[Fault]) -> _Sentence:
    line = node.start_mark.line + 1
    places: set[str] = set()
    try:
        for _, name, spec, conversion in Formatter().parse(node.value):
            if name is None:
                continue
            if not name.isidentifier() or spec or conversion:
                found.append(Fault(file, line, f"“{key}” has the place {{{name}}}", "Write a plain name: {place}"))
            places.add(name)
    except ValueError:
        found.append(Fault(file, line, f"“{key}” has a single brace", "Write {{ or }} for a brace"))
    return _Sentence(text=node.value.strip(), line=line, places=frozenset(places))


def _compared(folder: Path, files: Mapping[str, _File]) -> Iterator[Fault]:
    every = {key: sentence.places for file in reversed(list(files.values())) for key, sentence in file.items()}
    for language, file in files.items():
        path = str(folder / f"{language}.yaml")
        for key, places in every.items() if file else ():
            sentence = file.get(key)
            if sentence is None:
                yield Fault(path, 1, f"has no “{key}”", f"Write the sentence in “{language}”")
            elif sentence.places != places:
                named = ", ".join(sorted(places)) or "none"
                yield Fault(
                    path, sentence.line, f"“{key}” has other places than elsewhere ({named})", "Make them equal"
                )
