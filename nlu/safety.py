"""Emergency and crisis, found by rules alone: no model, no database, the same in every state of a conversation.

The rules and the examples that they are tested with are data (``knowledge/safety/*.yaml``). A *mask* names what only
sounds alarming ("bus 112", "työ tappaa"); its words are set aside before the rules look.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.messages import Safety
from nlu.safety_patterns import Found, Lexicon, Pattern, compile_pattern, match
from nlu.text import folded, understood

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans(dict.fromkeys("'’‘´`"))
_TYPO_WORDS = 120
"""Slips are looked for in this many words, which is more than a text message holds."""
_ORDER = (Safety.EMERGENCY, Safety.CRISIS)


@dataclass(frozen=True, slots=True)
class SafetyHit:
    """What was found, and the language of the rule that found it (``None`` where a number alone did).

    ``rule`` is the pattern, for editors and tests.
    """

    kind: Safety
    language: str | None
    rule: str = ""


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: Safety
    language: str | None
    pattern: Pattern
    needs: frozenset[int]
    source: str


class SafetyRules:
    """The rules of all languages; which language a text is in need not be known."""

    def __init__(self, rules: Sequence[_Rule], masks: Sequence[Pattern], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._masks = [(mask, _needs(mask)) for mask in masks]
        self._rules = sorted(rules, key=lambda rule: _ORDER.index(rule.kind))

    @classmethod
    def load(cls, folder: Path) -> SafetyRules:
        """Read ``emergency.yaml`` and ``crisis.yaml``. Raises ``ValueError`` that names the file and the pattern."""
        lexicon, rules, masks = Lexicon(), [], []
        for kind in _ORDER:
            path = folder / f"{kind}.yaml"
            data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
            for language, line, pattern in _patterns(data["patterns"], lexicon, path):
                rules.append(_Rule(kind, None if language == "any" else language, pattern, _needs(pattern), line))
            masks += [pattern for _, _, pattern in _patterns(data["masks"], lexicon, path)]
        return cls(rules, masks, lexicon)

    def check(self, text: str) -> SafetyHit | None:
        """The gravest thing that the text says, or ``None``. Takes any text; time is linear in its length."""
        words = _words(text)
        length = len(words)
        clear = self._unmasked(self._found(words), length)
        for rule in self._rules:
            if rule.needs <= clear.keys() and match(rule.pattern, clear, length) is not None:
                return SafetyHit(rule.kind, rule.language, rule.source)
        return None

    def _found(self, words: Sequence[str]) -> dict[int, list[int]]:
        """The places of every element; a word of a long text is looked up once, and its slips only near the start."""
        found: dict[int, list[int]] = defaultdict(list)
        known: dict[str, frozenset[int]] = {}
        for place, word in enumerate(words):
            elements = known.get(word)
            if elements is None:
                elements = known[word] = self._lexicon.fits(word, typos=place < _TYPO_WORDS)
            for element in elements:
                found[element].append(place)
        return found

    def _unmasked(self, found: Found, length: int) -> Found:
        hidden: set[int] = set()
        for mask, needs in self._masks:
            if needs <= found.keys():
                hidden |= match(mask, found, length) or frozenset()
        if not hidden:
            return found
        kept = {element: [place for place in places if place not in hidden] for element, places in found.items()}
        return {element: places for element, places in kept.items() if places}


def _words(text: str) -> list[str]:
    return _WORD.findall(folded(understood(text).translate(_APOSTROPHES)))


def _needs(pattern: Pattern) -> frozenset[int]:
    return frozenset(step.element for row in pattern for step in row.steps)


def _patterns(data: dict[str, list[str]], lexicon: Lexicon, path: Path) -> Iterator[tuple[str, str, Pattern]]:
    for language, lines in data.items():
        for line in lines:
            try:
                yield language, line, compile_pattern(line, lexicon)
            except ValueError as error:
                raise ValueError(f"{path.name}: {language}: “{line}”: {error}") from error
