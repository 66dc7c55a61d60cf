"""How long the city keeps what, and why data may be held longer: ``retention.yaml`` of the city's folder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml

CATEGORIES = (
    "transcript",
    "attachments",
    "effects",
    "inbox",
    "handoffs",
    "state",
    "channels",
    "deliveries",
    "reach",
    "conversations",
    "accesses",
    "audit",
    "erasures",
    "nudges",
    "audiences",
    "campaigns",
    "sessions",
    "misses",
    "reports",
)
"""All that runs out, in the order in which it is removed."""
LEAST = {"audit": 366}
"""Days below which a category may not be."""
MOST = 36500


class Fault(NamedTuple):
    """What is wrong: the file, the line from 1, what it is, and what to do about it."""

    file: str
    line: int
    message: str
    remedy: str


class RetentionFaults(Exception):
    """The rules cannot be used; ``faults`` has everything that is wrong with them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(f"{f.file}:{f.line}: {f.message}. {f.remedy}." for f in self.faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How long each category is kept, and by language what is said of each reason to hold data."""

    keep: Mapping[str, timedelta]
    holds: Mapping[str, Mapping[str, str]]

    @classmethod
    def load(cls, folder: Path, languages: Sequence[str]) -> Rules:
        """Read ``retention.yaml`` of the folder. Raises ``RetentionFaults``."""
        path = folder / "retention.yaml"
        found: list[Fault] = []
        root = _read(path, found)
        days, holds = _section(path, root, "days", found), _section(path, root, "holds", found)
        keep = {name: timedelta(days=value) for name, value in _days(str(path), days, found)}
        said = dict(_holds(str(path), holds, languages, found))
        if found:
            raise RetentionFaults(found)
        return cls(keep=keep, holds=said)


def faults(folder: Path, languages: Sequence[str]) -> Sequence[Fault]:
    """Everything that is wrong with the rules."""
    try:
        Rules.load(folder, languages)
    except RetentionFaults as error:
        return error.faults
    return ()


def _read(path: Path, found: list[Fault]) -> yaml.Node | None:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except FileNotFoundError:
        found.append(Fault(str(path), 1, "is missing", "Write how many days each kind of data is kept"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        found.append(Fault(str(path), mark.line + 1 if mark else 1, "is not YAML in UTF-8", "Put it right"))
    else:
        if root is None:
            found.append(Fault(str(path), 1, "is empty", "Write how many days each kind of data is kept"))
        return root
    return None


def _pairs(node: yaml.Node | None) -> dict[str, yaml.Node]:
    return {str(key.value): value for key, value in node.value} if isinstance(node, yaml.MappingNode) else {}


def _section(path: Path, root: yaml.Node | None, name: str, found: list[Fault]) -> yaml.Node | None:
    section = _pairs(root).get(name)
    if root is not None and not isinstance(section, yaml.MappingNode):
        found.append(Fault(str(path), _line(section), f"has no “{name}”", "Write the section, a line for each name"))
        return None
    return section


def _line(node: yaml.Node | None) -> int:
    return 1 if node is None else node.start_mark.line + 1


def _days(file: str, section: yaml.Node | None, found: list[Fault]) -> Iterator[tuple[str, int]]:
    given = _pairs(section)
    for name, node in given.items():
        if name not in CATEGORIES:
            found.append(
                Fault(file, _line(node), f"“{name}” is nothing that is kept", f"Write one of {', '.join(CATEGORIES)}")
            )
    for name in CATEGORIES if section is not None else ():
        days = given.get(name)
        value = _whole(days)
        least = LEAST.get(name, 1)
        if days is None:
            found.append(Fault(file, _line(section), f"“{name}” is missing", "Write how many days it is kept"))
        elif value is None or not least <= value <= MOST:
            found.append(
                Fault(file, _line(days), f"“{name}” is no number of days", f"Write {least} to {MOST}, without a unit")
            )
        else:
            yield name, value


def _whole(node: yaml.Node | None) -> int | None:
    plain = isinstance(node, yaml.ScalarNode) and node.tag.endswith(":int") and str(node.value).isdecimal()
    return int(node.value) if node is not None and plain else None


def _holds(
    file: str, section: yaml.Node | None, languages: Sequence[str], found: list[Fault]
) -> Iterator[tuple[str, dict[str, str]]]:
    for name, node in _pairs(section).items():
        words: dict[str, Any] = {language: text.value for language, text in _pairs(node).items()}
        missing = [lang for lang in languages if not isinstance(words.get(lang), str) or not words[lang].strip()]
        if missing:
            found.append(
                Fault(
                    file,
                    _line(node),
                    f"“{name}” is not said in {', '.join(missing)}",
                    "Write why, and whom to ask, in each language",
                )
            )
        yield name, {language: str(text).strip() for language, text in words.items()}
