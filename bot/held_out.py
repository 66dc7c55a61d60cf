"""How well the phrases are understood that editors held back from training: ``neuvo train`` prints it by language."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tqdm import tqdm

from bot.messages import Match, Session

if TYPE_CHECKING:
    from bot.city import City
    from knowledge.model import PhraseSet, Topic

NONE = "OUT_OF_SCOPE"
"""The intent of what is none of the city's business."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """Counts of one language's held-out phrases.

    ``right`` were understood at the first try, ``offered`` had the right intent among two or three, ``refused`` had no
    answer though there is one; ``language`` is how often the language was told.
    """

    phrases: int
    right: int
    offered: int
    refused: int
    language: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One held-out phrase: what it means, what it was taken for, and how that is counted (see ``Score``).

    ``outcome`` is ``right``, ``offered``, ``refused`` or ``wrong``; ``told`` is the language that it was taken for.
    """

    language: str
    intent: str
    text: str
    took: str
    outcome: str
    told: str


def results(city: City) -> list[Result]:
    """Every held-out phrase as it is understood, with a progress bar where somebody watches."""
    sets: tuple[Topic | PhraseSet, ...] = (*city.content.topics, *city.content.phrases)
    held = [
        (language, item.intent, text) for item in sets for language, texts in item.held_out.items() for text in texts
    ]
    session = Session(now=datetime.now(city.zone))
    found = []
    for language, intent, text in tqdm(held, desc="held out", disable=not sys.stderr.isatty(), leave=False):
        match = understand(city, text, session)
        outcome, took = _outcome(match, intent), match.intent
        found.append(
            Result(language=language, intent=intent, text=text, took=took, outcome=outcome, told=match.language)
        )
    return found


def scores(city: City) -> dict[str, Score]:
    """The score of each of the city's languages."""
    counts: dict[str, Counter[str]] = {language: Counter() for language in city.languages}
    for result in results(city):
        counts[result.language].update(("phrases", result.outcome))
        counts[result.language]["language"] += result.told == result.language
    return {
        language: Score(
            phrases=count["phrases"],
            right=count["right"],
            offered=count["offered"],
            refused=count["refused"],
            language=count["language"],
        )
        for language, count in counts.items()
    }


def understand(city: City, text: str, session: Session) -> Match:
    """What a text says, by the semantic tier as well where it is on and the fast one is unsure."""
    match = city.understand(text, session)
    if city.embed is None or not city.unsure(match):
        return match
    return city.understand(text, session, city.embed([text])[0])


def _outcome(match: Match, intent: str) -> str:
    if match.intent == intent:
        return "right"
    if intent in match.suggestions:
        return "offered"
    return "refused" if match.intent == NONE else "wrong"


def table(found: Iterable[tuple[str, Score]]) -> Iterator[str]:
    """Lines for a terminal: shares in percent."""
    yield "language  held out   right  offered  refused  language told"
    for language, score in found:
        shares = [_percent(part, score.phrases) for part in (score.right, score.offered, score.refused, score.language)]
        yield _row(language, score.phrases, shares)


def _row(language: str, phrases: int, shares: Sequence[str]) -> str:
    right, offered, refused, told = shares
    return f"{language:<8}  {phrases:>8}  {right:>6}  {offered:>7}  {refused:>7}  {told:>13}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"
