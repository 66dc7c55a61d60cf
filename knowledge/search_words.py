"""The words that there are in the documents of a language, to find the nearest ones to a word that there is not.

In memory, since ``pg_trgm`` is no part of every PostgreSQL; read anew when the documents have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

_SHORTEST = 5
"""Letters of a word that is compared; shorter ones are near to too much."""
_PART = 6
"""Letters of the beginning of a compound that is taken for it: ``venepaikkahakemus`` for ``venepaikka``."""
_LIKE, _SLIP, _COMPOUND = 0.8, 0.85, 0.7
_MOST = 4
_VERSION = "SELECT coalesce(sum(version), 0) FROM city_sources"
_WORDS = "SELECT word FROM ts_stat($1) WHERE length(word) >= 4"


class Vocabulary:
    """The lexemes of one language."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = list(words)

    def near(self, word: str, stem: str) -> tuple[list[str], float]:
        """The lexemes nearest to a word or its stem, and how far they can be trusted to mean it."""
        if len(word) < _SHORTEST or not word.isalpha():
            return [], 0.0
        like = process.extract(stem, self._words, scorer=OSA.normalized_similarity, score_cutoff=_LIKE, limit=_MOST)
        if like:
            return [found[0] for found in like], _SLIP
        begun = [known for known in self._words if len(known) >= _PART and stem.startswith(known)]
        return (sorted(begun, key=len, reverse=True)[:1], _COMPOUND) if begun else ([], 0.0)


class Vocabularies:
    """The vocabularies of this process."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, Vocabulary]] = {}

    async def of(self, connection: Any, language: str) -> Vocabulary:
        """The vocabulary of a language, as new as the documents."""
        version = int(await connection.fetchval(_VERSION))
        known = self._known.get(language)
        if known is None or known[0] != version:
            # The language goes into the text of the inner query, so only letters may.
            code = "".join(letter for letter in language if letter.isalpha())
            inner = f"SELECT words FROM city_documents WHERE language = '{code}'"  # noqa: S608  letters alone
            rows = await connection.fetch(_WORDS, inner)
            known = version, Vocabulary([row["word"] for row in rows])
            self._known[language] = known
        return known[1]
