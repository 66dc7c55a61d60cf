"""What an editor sees of a phrase: all that was understood of it, and why."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple, TypedDict

from rapidfuzz import fuzz, process

from bot.city import City
from bot.held_out import understand
from bot.messages import Match, Session
from knowledge.model import PhraseSet, Topic
from knowledge.topics import pick

LONGEST = 500
NEAREST = 5
_WORDS = 24
_COUNTS = 0.01
"""A word that changes the probability by less says nothing."""


class Near(NamedTuple):
    """A phrase of the content that is written alike: how much (0 to 100), and what it means."""

    text: str
    intent: str
    score: int


class Weighed(NamedTuple):
    """A word of the text, and how much less likely the intent is without it (0 to 1, or less than 0)."""

    word: str
    weight: float


class Tried(TypedDict):
    """Everything about one phrase. ``way`` is how it was decided: ``safety``, ``phrase``, ``clear``, ``ask`` or
    ``nothing``.
    """

    match: Match
    way: str
    nearest: list[Near]
    weighed: list[Weighed]


def tried(city: City, text: str, language: str | None) -> Tried:
    """Understand a text as a citizen's whose conversation is in ``language``, or is new where it is ``None``."""
    session = Session(now=datetime.now(city.zone), language=language)
    match = understand(city, text[:LONGEST], session)
    nearest = list(_nearest(city, match))
    written = bool(nearest) and nearest[0].score == 100 and nearest[0].intent == match.intent
    return Tried(match=match, way=_way(match, written=written), nearest=nearest, weighed=list(_weighed(city, match)))


def _way(match: Match, *, written: bool) -> str:
    if match.safety is not None:
        return "safety"
    if match.suggestions:
        return "ask"
    if match.intent == "OUT_OF_SCOPE":
        return "nothing"
    return "phrase" if written else "clear"


def _nearest(city: City, match: Match) -> Iterator[Near]:
    said: dict[str, str] = {}
    for item in _said(city):
        said.update(dict.fromkeys(item.phrases.get(match.language, ()), item.intent))
    text = match.text.strip(" .!?").lower()
    for phrase, score, _ in process.extract(
        text, said.keys(), scorer=fuzz.ratio, processor=lambda known: known.strip(" .!?").lower(), limit=NEAREST
    ):
        yield Near(text=phrase, intent=said[phrase], score=int(score))


def _weighed(city: City, match: Match) -> Iterator[Weighed]:
    """The words whose absence changes the answer, the weightiest first."""
    words = match.text.split()[:_WORDS]
    first = next((found for found in match.alternatives), None)
    if first is None or len(words) < 2:
        return
    session = Session(now=datetime.now(city.zone), language=match.language)
    found = []
    for place, word in enumerate(words):
        rest = city.understand(" ".join(words[:place] + words[place + 1 :]), session)
        likely = {other.intent: other.confidence for other in rest.alternatives}
        found.append(Weighed(word=word, weight=round(first.confidence - likely.get(first.intent, 0.0), 3)))
    found.sort(key=lambda one: -abs(one.weight))
    yield from (one for one in found[:6] if abs(one.weight) >= _COUNTS)


def title(city: City, intent: str, language: str) -> str:
    """The name of an intent for people; itself where it has none."""
    titles = next((item.title for item in _said(city) if item.intent == intent), None)
    return pick(titles, language, city.languages)[1] if titles else intent


def _said(city: City) -> tuple[Topic | PhraseSet, ...]:
    return (*city.content.topics, *city.content.phrases)
