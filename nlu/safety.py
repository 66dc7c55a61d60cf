"""Emergency and crisis, found by rules alone: no model, no database, the same in every state of a conversation.

The rules and the examples that they are tested with are data (``knowledge/safety/*.yaml``). A *mask* names what only
sounds alarming ("bus 112", "työ tappaa"); its words are set aside before the rules look. A *soft* rule raises no alarm:
what it finds, despair or a figure of speech, earns one line before the answer.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import yaml

from bot.messages import Safety
from nlu.safety_lexicon import Elements, Lexicon
from nlu.safety_patterns import Pattern, compile_pattern, expand, match, needs
from nlu.safety_words import words_of

_TYPO_WORDS = 120
"""Slips are looked for in this many words, which is more than a text message holds."""
_ORDER = (Safety.EMERGENCY, Safety.CRISIS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyHit:
    """What was found, and the language of the rule that found it (``None`` where a number alone did).

    ``rule`` is the pattern, for editors and tests. ``soft`` is a doubt, not an alarm.
    """

    kind: Safety
    language: str | None
    rule: str = ""
    soft: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    hit: SafetyHit
    pattern: Pattern


class SafetyRules:
    """The rules of all languages; which language a text is in need not be known."""

    def __init__(self, rules: Sequence[_Rule], masks: Sequence[Pattern], lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._masks = masks
        self._rules = sorted(rules, key=lambda rule: (rule.hit.soft, _ORDER.index(rule.hit.kind)))
        uses = _uses(lexicon)
        self._masks_by = _Index(self._masks, uses)
        self._rules_by = _Index([rule.pattern for rule in self._rules], uses)

    @classmethod
    def load(cls, folder: Path) -> SafetyRules:
        """Read ``emergency.yaml``, ``crisis.yaml`` and ``ordinary.txt``, which may be missing.

        Raises ``ValueError`` that names the file and the pattern.
        """
        ordinary = folder / "ordinary.txt"
        lexicon = Lexicon(frozenset(ordinary.read_text("utf-8").split() if ordinary.exists() else ()))
        rules, masks = [], []
        for kind in _ORDER:
            path = folder / f"{kind}.yaml"
            data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
            for soft in (False, True):
                for language, line, pattern in _patterns(data, "soft" if soft else "patterns", lexicon, path):
                    found = SafetyHit(kind=kind, language=None if language == "any" else language, rule=line, soft=soft)
                    rules.append(_Rule(found, pattern))
            masks += [pattern for _, _, pattern in _patterns(data, "masks", lexicon, path)]
        return cls(rules, masks, lexicon)

    def check(self, text: str) -> SafetyHit | None:
        """The gravest alarm that the text raises, or ``None``. Takes any text; time is linear in its length."""
        hit = self.look(text)
        return None if hit is None or hit.soft else hit

    def look(self, text: str) -> SafetyHit | None:
        """The same, or else a soft finding."""
        words = words_of(text, self._lexicon.knows)
        found = _Places(self._fits(words))
        hidden = self._hidden(found, len(words))
        if hidden:
            found = found.without(hidden)
        for number in self._rules_by.candidates(found.all):
            rule = self._rules[number]
            if match(rule.pattern, found, len(words)) is not None:
                return rule.hit
        return None

    def excuses(self, text: str) -> bool:
        """Whether words of the text are set aside by a mask."""
        words = words_of(text, self._lexicon.knows)
        return bool(self._hidden(_Places(self._fits(words)), len(words)))

    def _hidden(self, found: _Places, length: int) -> set[int]:
        """The places of the words that masks set aside."""
        hidden: set[int] = set()
        for number in self._masks_by.candidates(found.all):
            hidden |= match(self._masks[number], found, length) or frozenset()
        return hidden

    def _fits(self, words: Sequence[str]) -> list[Elements]:
        """What each word fits; a word of a long text is looked up once, and its slips only near the start."""
        known: dict[str, Elements] = {}
        for place, word in enumerate(words):
            if word not in known:
                known[word] = self._lexicon.fits(word, typos=place < _TYPO_WORDS)
        return [known[word] for word in words]


class _Places:
    """The places of elements, found when they are asked for."""

    def __init__(self, fits: Sequence[Elements]) -> None:
        self._fits = fits
        self._known: dict[int, Sequence[int]] = {}
        self.all: Elements = reduce(or_, set(fits), 0)

    def get(self, element: int, default: Sequence[int], /) -> Sequence[int]:
        """The places of the words that an element fits, ascending."""
        if element not in self._known:
            bit = 1 << element
            here = {fit for fit in set(self._fits) if fit & bit} if self.all & bit else set()
            self._known[element] = [place for place, fit in enumerate(self._fits) if fit in here] if here else default
        return self._known[element]

    def without(self, places: Collection[int]) -> _Places:
        """The same with some words that fit nothing."""
        return _Places([0 if place in places else fit for place, fit in enumerate(self._fits)])


def _uses(lexicon: Lexicon) -> Mapping[int, int]:
    """Elements with the number of ordinary words that fit each."""
    uses: Counter[int] = Counter()
    for fits in lexicon.common():
        uses.update(element for element, bit in enumerate(reversed(f"{fits:b}")) if bit == "1")
    return uses


class _Index:
    """Patterns by the element that each needs which the fewest ordinary words fit (``uses``)."""

    def __init__(self, patterns: Sequence[Pattern], uses: Mapping[int, int]) -> None:
        self._by: dict[Elements, list[tuple[Elements, int]]] = defaultdict(list)
        for number, pattern in enumerate(patterns):
            wanted = needs(pattern)
            rarest = min(wanted, key=lambda element: (uses[element], element))
            self._by[1 << rarest].append((reduce(or_, (1 << element for element in wanted)), number))
        self._rarest = reduce(or_, self._by, 0)

    def candidates(self, there: Elements) -> list[int]:
        """The numbers of the patterns whose elements are all there, ascending."""
        found, left = [], there & self._rarest
        while left:
            bit = left & -left
            found += [number for wanted, number in self._by[bit] if wanted & there == wanted]
            left ^= bit
        return sorted(found)


def _patterns(data: Mapping[str, Any], part: str, lexicon: Lexicon, path: Path) -> Iterator[tuple[str, str, Pattern]]:
    groups = data.get("groups", {})
    for language, lines in data.get(part, {}).items():
        for line in lines:
            try:
                for written in expand(line, groups.get(language, {})):
                    yield language, line, compile_pattern(written, lexicon)
            except ValueError as error:
                raise ValueError(f"{path.name}: {language}: “{line}”: {error}") from error
