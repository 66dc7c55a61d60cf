"""``neuvo improve``: groups of what was not understood, as drafts of topics for an editor.

Texts come masked out of the table of misses, or from a file, and are masked here. They are grouped by the features that
understanding itself reads, so what it would hold for alike is together.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from bot.database import DOWN, Database
from bot.held_out import NONE, understand
from bot.messages import Session
from bot.misses import Misses
from knowledge.drafts import Draft, asked, write
from nlu import store
from nlu.features import Features
from nlu.mask import mask

if TYPE_CHECKING:
    from bot.city import City

MOST = 3_000
"""Texts of one language that are grouped, the newest: the work grows with their square."""
SHOWN = 5
NEAR = 0.72
"""The greatest mean distance (1 less the cosine) within a group: greater ones mix wishes, smaller ones split them."""


@dataclass(frozen=True, slots=True)
class Unmet:
    """A masked text that was not understood."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Texts of one language that are alike, the most typical first, and the topic that is nearest to most of them."""

    language: str
    texts: tuple[str, ...]
    nearest: str | None


def unmet(city: City, said: Iterable[tuple[str | None, str]]) -> list[Unmet]:
    """Those of the texts that the city does not understand today, or would have to ask about, masked.

    Each text comes with the language of its conversation, where that is known.
    """
    now = datetime.now(city.zone)
    texts = [(language, text.strip()) for language, text in said if text.strip()]
    found = []
    for language, text in tqdm(
        texts, desc="understanding", file=sys.stderr, disable=not sys.stderr.isatty(), leave=False
    ):
        match = understand(city, text, Session(now=now, language=language))
        if match.safety is None and (match.intent == NONE or match.suggestions):
            found.append(Unmet(match.language, mask(text)))
    return found


async def kept(url: str, days: int | None) -> list[tuple[str | None, str]]:
    """Language and text of what is kept of the last days, or of all, the newest first. Ends in plain words."""
    since = None if days is None else datetime.now(UTC) - timedelta(days=days)
    try:
        async with Database(url) as database:
            found = await Misses(database, mask, keep=timedelta(days=1)).find(since=since, limit=10 * MOST)
    except asyncpg.UndefinedTableError:
        raise click.ClickException("the database has other tables: run `neuvo db migrate`") from None
    except DOWN as error:
        raise click.ClickException(f"the database does not answer ({type(error).__name__})") from None
    return [(miss.language, miss.text) for miss in found]


def groups(city: City, said: Sequence[Unmet], least: int) -> list[Group]:
    """Groups of ``least`` texts or more, the largest first."""
    features = store.linear_from("intents", store.read(city.model)).features
    found = []
    for language in city.languages:
        counts = Counter(each.text for each in said if each.language == language)
        texts = list(counts)[:MOST]
        for places in _alike(features, texts):
            members = [texts[place] for place in places]
            if sum(counts[text] for text in members) >= least:
                found.append(Group(language=language, texts=tuple(members), nearest=_nearest(city, members, language)))
    return sorted(found, key=lambda group: -len(group.texts))


def lines(found: Sequence[Group], texts: int) -> Iterator[str]:
    """What was found, for a terminal."""
    for number, group in enumerate(found, start=1):
        near = f"nearest topic: {group.nearest}" if group.nearest else "near to no topic"
        yield f"{number}. {len(group.texts)} texts ({group.language}), {near}"
        yield from (f"     {text}" for text in group.texts[:SHOWN])
    yield f"{sum(len(group.texts) for group in found)} of {texts} texts are in {len(found)} groups"


def drafts(city: City, found: Iterable[Group]) -> list[Draft]:
    """A draft for each group: its texts as phrases; the title and the answer are for the editor to write."""
    made: dict[str, Draft] = {}
    for group in found:
        draft = asked(group.texts[0], group.language, city.languages)
        draft.questions[group.language] = list(group.texts)
        made.setdefault(draft.intent, draft)
    return list(made.values())


def keep(city: City, found: Sequence[Group], folder: Path) -> str:
    """Write the drafts that are not there yet, and say how many."""
    written, there = write(drafts(city, found), folder, datetime.now(UTC).date())
    return f"{written} drafts written to {folder}, {there} there already. Nothing is answered from a draft"


def _alike(features: Features, texts: Sequence[str]) -> list[list[int]]:
    """Places of texts that are near one another, the most typical first; those that are near to none are alone."""
    from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415

    if len(texts) < 2:
        return [[place] for place in range(len(texts))]
    matrix = features.matrix(texts)
    near: NDArray[Any] = (matrix @ matrix.T).toarray()
    model = AgglomerativeClustering(n_clusters=None, distance_threshold=NEAR, metric="precomputed", linkage="average")
    labels = model.fit_predict(np.clip(1 - near, 0, None))
    found = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    return [group[np.argsort(-near[np.ix_(group, group)].sum(axis=0), kind="stable")].tolist() for group in found]


def _nearest(city: City, texts: Sequence[str], language: str) -> str | None:
    """The intent that is likeliest for most of the texts."""
    session = Session(now=datetime.now(city.zone), language=language)
    guesses = (city.understand(text, session).alternatives[:1] for text in texts)
    first = Counter(guess.intent for found in guesses for guess in found).most_common(1)
    return first[0][0] if first else None
