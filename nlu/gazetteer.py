"""Places and services in a text: every name, in every form, without diacritics, and with one slip of the finger.

Names are a tree of their words. A word goes down a branch when it is a stem of the branch's word and an ending. Exact
spelling outranks spelling without diacritics, which outranks a slip; longer names outrank shorter ones.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from rapidfuzz.distance import OSA

from bot.messages import Entity
from nlu.data import Name
from nlu.inflection import FINNISH_ENDINGS, LONGEST_ENDING, OTHER_ENDINGS, finnish_stems, other_stems
from nlu.text import folded
from nlu.tokens import Token, tokenise

_Word = tuple[str, bool]
"""A folded word of a name, and whether it is inflected as a Finnish one."""
Known = Callable[[str], bool]
"""Whether a folded word is a word of the language, so that it is not taken for a name spelt wrong."""

_KINDS = ("unit", "street", "district", "service", "postal_code")
_SLIP, _SLIP_ANY, _SHORT = 6, 8, 4
_NUMERALS = ("toista", "kymmenta", "sataa", "tuhatta")
"""The endings of numbers in words: ``kuusitoista`` is not Kuusitie."""
_SHORT_ENDINGS = frozenset({"", "s"})
"""The endings of first words shorter than that: none, and the Swedish genitive's (``Odes``)."""


@dataclass(slots=True)
class _Node:
    """``next`` is by word; ``names`` end here."""

    next: dict[_Word, _Node] = field(default_factory=dict)
    names: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Hit:
    name: int
    first: int
    last: int
    exact: bool
    slips: int


class Gazetteer:
    """All names of the city, ready to be found."""

    def __init__(self, names: Iterable[Name], known: Known = lambda _: False) -> None:
        self._known = known
        self._names = sorted(set(names))
        self._spelt = [" ".join(word.exact for word in tokenise(name.text)) for name in self._names]
        self._tree = _Node()
        # Tuples: nearly all of them hold one word or stem, and a set would take five times the memory.
        self._words: dict[str, tuple[_Word, ...]] = {}
        self._near: dict[str, tuple[str, ...]] = {}
        for number, name in enumerate(self._names):
            self._plant(number, name)
        for stem in sorted({stem for word in self._tree.next for stem in _stems(word) if len(stem) >= _SLIP}):
            for key in _shorter(stem):
                self._near[key] = (*self._near.get(key, ()), stem)

    def _plant(self, number: int, name: Name) -> None:
        node = self._tree
        for token in tokenise(name.text):
            word = (token.folded, name.language == "fi")
            for stem in _stems(word):
                known = self._words.get(stem, ())
                self._words[stem] = known if word in known else (*known, word)
            node = node.next.setdefault(word, _Node())
        if node is not self._tree:
            node.names = (*node.names, number)

    def find(self, text: str) -> list[Entity]:
        """The places and services of a text in NFC, in their order, none over another."""
        words = tokenise(text)
        hits = [hit for start in range(len(words)) for hit in self._from(words, start)]
        hits.sort(key=lambda hit: self._rank(hit, words))
        taken: set[int] = set()
        chosen = []
        for hit in hits:
            span = range(hit.first, hit.last + 1)
            if taken.isdisjoint(span):
                taken.update(span)
                chosen.append(hit)
        return [self._entity(hit, words, text) for hit in sorted(chosen, key=lambda hit: hit.first)]

    def languages(self, entity: Entity) -> frozenset[str]:
        """The languages in which a place or service has the name that was found."""
        found = folded(entity.text)[:4]
        # The names are in order, so those of one place stand together.
        first = bisect_left(self._names, Name(kind=entity.kind, id=entity.value, language="", text=""))
        own = takewhile(
            lambda at: _place(self._names[at]) == (entity.kind, entity.value), range(first, len(self._names))
        )
        return frozenset(self._names[at].language for at in own if folded(self._spelt[at])[:4] == found)

    def _from(self, words: Sequence[Token], start: int) -> Iterator[_Hit]:
        paths: list[tuple[_Node, int]] = [(self._tree, 0)]
        for at in range(start, len(words)):
            paths = [step for node, slips in paths for step in self._down(node, words[at], slips, at == start)]
            if not paths:
                return
            for node, slips in paths:
                for number in node.names:
                    spelling = self._spelling(number, words, start, at)
                    if spelling or (spelling is False and not slips and len(self._spelt[number]) >= _SHORT):
                        yield _Hit(number, start, at, spelling, slips)

    def _down(self, node: _Node, word: Token, slips: int, first: bool) -> Iterator[tuple[_Node, int]]:
        found = False
        for stem, ending in _splits(word.folded):
            children = self._children(node, stem)
            if children and (ending in FINNISH_ENDINGS or ending in OTHER_ENDINGS):
                if first and len(stem) < _SHORT and ending not in _SHORT_ENDINGS:
                    continue
                found = True
                yield from ((child, slips) for child in children)
        if not found and not slips and len(word.folded) >= _SLIP - 1 and self._may_be_a_slip(word.folded):
            for stem in self._slipped(word, node, first):
                yield from ((child, 1) for child in self._children(node, stem))

    def _children(self, node: _Node, stem: str) -> list[_Node]:
        """Where the words of a stem lead to."""
        return [child for word in self._words.get(stem, ()) if (child := node.next.get(word)) is not None]

    def _may_be_a_slip(self, word: str) -> bool:
        return not self._known(word) and not word.endswith(_NUMERALS)

    def _slipped(self, word: Token, node: _Node, first: bool) -> set[str]:
        """Stems one slip away from a beginning of the word whose rest is an ending."""
        stems: set[str] = set()
        for start, ending in _splits(word.folded):
            if len(start) >= _SLIP - 1 and (ending in FINNISH_ENDINGS or ending in OTHER_ENDINGS):
                near = (
                    {stem for key in _shorter(start) for stem in self._near.get(key, ())}
                    if first
                    else {stem for child in node.next for stem in _stems(child)}
                )
                stems |= {stem for stem in near if _one_slip(stem, start, named=word.named)}
        return stems

    def _spelling(self, number: int, words: Sequence[Token], first: int, last: int) -> bool | None:
        """Whether diacritics agree with the name's, or are only left out (false); ``None`` where others are added."""
        written = " ".join(word.exact for word in words[first : last + 1])
        same = True
        for expected, letter in zip(self._spelt[number], written, strict=False):
            if expected != letter and folded(expected) == folded(letter):
                if letter != folded(expected):
                    return None
                same = False
        return same

    def _rank(self, hit: _Hit, words: Sequence[Token]) -> tuple[object, ...]:
        name = self._names[hit.name]
        length = words[hit.last].end - words[hit.first].start
        whole = folded(name.text) == " ".join(word.folded for word in words[hit.first : hit.last + 1])
        closeness = abs(len(name.text) - length)
        return (hit.slips, -(hit.last - hit.first), not hit.exact, not whole, _KINDS.index(name.kind), closeness, name)

    def _entity(self, hit: _Hit, words: Sequence[Token], text: str) -> Entity:
        name = self._names[hit.name]
        start, end = words[hit.first].start, words[hit.last].end
        if name.kind == "street" and hit.last + 1 < len(words) and _is_number(words[hit.last + 1]):
            end = words[hit.last + 1].end
        return Entity(kind=name.kind, value=name.id, text=text[start:end], start=start, end=end)


def _place(name: Name) -> tuple[str, str]:
    return name.kind, name.id


def _one_slip(stem: str, start: str, *, named: bool) -> bool:
    """One slip apart, never in the first letter.

    In names of six or seven letters a slip makes an ordinary word too easily (``viikko`` is not Viikki): where the word
    does not look like a name, only letters that changed places or were struck twice or once too seldom.
    """
    if len(stem) < _SLIP or stem[0] != start[0] or OSA.distance(stem, start, score_cutoff=1) > 1:
        return False
    if named or len(stem) >= _SLIP_ANY:
        return True
    return sorted(stem) == sorted(start) if len(stem) == len(start) else _single(stem) == _single(start)


def _single(word: str) -> str:
    return "".join(letter for place, letter in enumerate(word) if not place or word[place - 1] != letter)


def _is_number(word: Token) -> bool:
    """A house number: digits, and perhaps a letter."""
    digits = word.folded.rstrip("abcdefgh") if word.folded[:1].isdigit() else ""
    return digits.isdigit() and len(digits) <= 3 and len(word.folded) - len(digits) <= 1


def _stems(word: _Word) -> frozenset[str]:
    spelt, finnish = word
    if spelt.isdigit():
        return frozenset({spelt})
    return finnish_stems(spelt) if finnish else other_stems(spelt)


def _splits(word: str) -> Iterator[tuple[str, str]]:
    """The word as stem and ending, the longest stem first."""
    for length in range(len(word), max(len(word) - LONGEST_ENDING, 1) - 1, -1):
        yield word[:length], word[length:]


def _shorter(word: str) -> Iterator[str]:
    yield word
    for place in range(1, len(word)):
        yield word[:place] + word[place + 1 :]
