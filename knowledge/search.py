"""A search through topics, units and events, for what no intent fits: up to a few answers, or none.

Each word of a question counts by how rare it is among the documents of its language (inverse document frequency), in
any of its forms (PostgreSQL's configuration of the language, and the basic form), or as the nearest word that there is.
A document must hold most of that weight, part of it in its title or names, or almost all of it: what is about something
else does not, so that nothing is offered rather than a guess. The numbers are measured in test_search.py.
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Any, TypedDict

from knowledge.documents import Lemma, config, index_content, no_lemmas
from knowledge.http import SourceUnavailable
from knowledge.load import Content
from knowledge.search_words import Vocabularies, Vocabulary
from knowledge.unit_copy import AWAY, Pool

THRESHOLD = 0.4
"""Of the weight of a question's words, the part that a document must hold to be offered."""
IN_TEXT = 0.6
"""What a word counts that is in a document's text alone, not in its title or names."""
_UNNAMED_WORDS, _UNNAMED_PART = 2, 0.8
"""Without a word in its title, a document must hold this many as they were written, and this part of the weight.

Measured on 174 sentences a language that are none of a city's business, and that the common words were not read from:
1.7 % of them find something in Finnish, 1.7 % in Swedish, 3.4 % in English. Of the content's held-out questions, which
the search is not for, 13, 24 and 39 % find their topic among three.
"""
_WORDS = 24
_WORD = re.compile(r"[^\W_]{2,40}")
_CANDIDATES = 50

_TERMS = """
SELECT t.word, q.query::text AS query, CASE WHEN numnode(q.query) = 0 THEN 0 ELSE
    (SELECT count(*) FROM city_documents d WHERE d.language = $1 AND d.words @@ q.query) END AS documents
FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS t (word, base, place)
CROSS JOIN LATERAL (SELECT plainto_tsquery($2::text::regconfig, t.word)
    || plainto_tsquery($2::text::regconfig, t.base) AS query) q
ORDER BY t.place
"""
_ALL = "SELECT count(*) FROM city_documents WHERE language = $1"
_FIND = """
SELECT d.kind, d.id, d.title, d.snippet, d.url, d.source,
    to_char(coalesce(d.as_of, (s.ok_at AT TIME ZONE $5)::date), 'YYYY-MM-DD') AS as_of,
    ARRAY(SELECT d.words @@ q::tsquery FROM unnest($2::text[]) WITH ORDINALITY AS x (q, n) ORDER BY n) AS hits,
    ARRAY(SELECT ts_filter(d.words, '{a,b}') @@ q::tsquery FROM unnest($2::text[]) WITH ORDINALITY AS x (q, n)
        ORDER BY n) AS named,
    ts_rank(d.words, $3::text::tsquery) AS rank
FROM city_documents d LEFT JOIN city_sources s ON s.name = d.kind || 's' AND d.kind <> 'topic'
WHERE d.language = $1 AND d.words @@ $3::text::tsquery AND (d.expires_at IS NULL OR d.expires_at > now())
ORDER BY rank DESC, d.kind, d.id LIMIT $4
"""


class Found(TypedDict):
    """An answer to offer. ``kind`` is ``topic``, ``unit`` or ``event``, and ``id`` the intent, unit or event.

    ``title`` and ``snippet`` are in the language that was asked in, or the next best. ``source`` is the host that says
    so, and ``as_of`` the ISO date of its review or of its last reading, where that is known.
    """

    kind: str
    id: str
    title: str
    snippet: str
    url: str | None
    source: str
    as_of: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    """A word of a question: its query, what it weighs, and how far it can be trusted (1: as it was written).

    A ``common`` word is said of anything, so that it makes no document fit by itself.
    """

    word: str
    query: str
    weight: float
    trust: float = 1.0
    common: bool = False


class Search:
    """The documents of the content and of the imports, over ``pool``. ``lemma`` gives the basic form of a word."""

    def __init__(self, content: Content, pool: Callable[[], Pool], *, lemma: Lemma = no_lemmas) -> None:
        self._content = content
        self._pool = pool
        self._lemma = lemma
        self._prepared = False
        self._lock = asyncio.Lock()
        self._vocabularies = Vocabularies()

    async def prepare(self) -> None:
        """Bring the content's documents up to the content, once in a process. Raises ``SourceUnavailable``."""
        async with self._lock:
            if not self._prepared:
                try:
                    async with self._pool().acquire() as connection:
                        await index_content(connection, self._content, self._lemma)
                except AWAY as error:
                    raise SourceUnavailable(f"search: {type(error).__name__}") from None
                self._prepared = True

    async def find(self, text: str, language: str, limit: int = 3) -> list[Found]:
        """Up to ``limit`` answers, the best first; none where nothing fits well. Raises ``SourceUnavailable``."""
        await self.prepare()
        try:
            async with self._pool().acquire() as connection:
                terms = await self._terms(connection, text, language)
                rows = await self._candidates(connection, terms, language)
        except AWAY as error:
            raise SourceUnavailable(f"search: {type(error).__name__}") from None
        scored = sorted(
            ((_score(row, terms), row["rank"], row) for row in rows), key=lambda item: item[:2], reverse=True
        )
        best = [row for score, _, row in scored if score]
        return [Found(**{name: row[name] for name in Found.__annotations__}) for row in best[: max(limit, 0)]]  # type: ignore[typeddict-item]

    async def _terms(self, connection: Any, text: str, language: str) -> list[_Term]:
        """The words that say something, each with its weight; stop words are none."""
        words = list(dict.fromkeys(_WORD.findall(unicodedata.normalize("NFC", text).casefold())))[:_WORDS]
        rows = await connection.fetch(_TERMS, language, config(language), words, [self._lemma(word) for word in words])
        total = await connection.fetchval(_ALL, language)
        vocabulary = await self._vocabularies.of(connection, language)
        terms = [
            _Term(word=row["word"], query=row["query"], weight=_weight(row["documents"], total))
            if row["documents"]
            else _nearest(row["word"], row["query"], vocabulary, total)
            for row in rows
            if row["query"]
        ]
        common = self._common(language)
        return [replace(term, common=term.word in common) for term in terms if term.weight > 0]

    def _common(self, language: str) -> frozenset[str]:
        """The common words of a language, and their basic forms."""
        words = self._content.common.get(language, frozenset())
        return words | {self._lemma(word) for word in words}

    async def _candidates(self, connection: Any, terms: Sequence[_Term], language: str) -> list[Any]:
        queries = [term.query for term in terms]
        if not any(queries):
            return []
        every = " | ".join(f"({query})" for query in queries if query)
        rows: list[Any] = await connection.fetch(
            _FIND, language, queries, every, _CANDIDATES, self._content.city.time_zone
        )
        return rows


def _weight(documents: int, total: int) -> float:
    return log((total + 1) / (documents + 0.5))


def _nearest(word: str, query: str, vocabulary: Vocabulary, total: int) -> _Term:
    """A word that no document has: as the words nearest to it, or as one that only weighs against every document."""
    term = _Term(word=word, query="", weight=_weight(0, total), trust=0.0)
    found, trust = vocabulary.near(word, query.strip("'").split("'")[0])
    if not found:
        return term
    quoted = " | ".join("'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'" for lexeme in found)
    return replace(term, query=quoted, trust=trust)


def _score(row: Any, terms: Sequence[_Term]) -> float:
    """How well a document fits a question; nothing where it does not."""
    total = sum(term.weight for term in terms)
    held = [(term, named) for term, hit, named in zip(terms, row["hits"], row["named"], strict=True) if hit]
    if not total or not held:
        return 0.0
    counted = sum(term.weight * term.trust for term, _ in held) / total
    titled = sum(term.weight * term.trust for term, named in held if named) / total
    if any(named and not term.common for term, named in held):
        score = titled + IN_TEXT * (counted - titled)
        return score if score >= THRESHOLD else 0.0
    written = sum(term.trust == 1.0 and not term.common for term, _ in held)
    return IN_TEXT * counted if written >= _UNNAMED_WORDS and counted >= _UNNAMED_PART else 0.0
