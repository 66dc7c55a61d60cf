"""What was not understood, masked, for the editors: kept for some days, and without whose it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import REAL, BigInteger, Column, DateTime, Identity, Index, Table, Text, text

from bot.database import Database
from bot.tables import metadata

LONGEST = 500
"""Characters of a text that are kept."""

misses = Table(
    "misses",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("language", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("text", Text, nullable=False, comment="masked; of nobody that could be told"),
    Column("intent", Text, comment="the best guess, which was not good enough"),
    Column("confidence", REAL, comment="of the guess, 0 to 1"),
    Index(None, "at"),
)

ADD = "INSERT INTO misses (at, language, channel, text, intent, confidence) VALUES ($1, $2, $3, $4, $5, $6)"
FIND = """
SELECT id, at, language, channel, text, intent, confidence FROM misses
WHERE ($1::text IS NULL OR language = $1) AND ($2::timestamptz IS NULL OR at >= $2)
ORDER BY at DESC, id DESC LIMIT $3
"""
"""language or none, since when or none, limit."""
ONE = "SELECT id, at, language, channel, text, intent, confidence FROM misses WHERE id = $1"
PRUNE = "DELETE FROM misses WHERE at < now() - $1::interval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A text that was not understood. ``intent`` is the best guess; ``id`` is 0 until it is kept."""

    at: datetime
    language: str
    channel: str
    text: str
    intent: str | None = None
    confidence: float | None = None
    id: int = 0


class Misses:
    """The table. What is added is masked here, so that nothing else gets in."""

    def __init__(self, database: Database, mask: Callable[[str], str], *, keep: timedelta) -> None:
        """``mask`` takes personal data out of a text; ``keep`` is how long a text stays."""
        self._database = database
        self._mask = mask
        self._keep = keep

    async def add(self, found: Sequence[Miss]) -> None:
        """Keep these; a text without a word is left out. Raises one of ``DOWN``."""
        rows = [
            (miss.at, miss.language, miss.channel, self._mask(miss.text)[:LONGEST], miss.intent, miss.confidence)
            for miss in found
            if miss.text.strip()
        ]
        if rows:
            await self._database.pool.executemany(ADD, rows)

    async def find(self, language: str | None = None, *, since: datetime | None = None, limit: int = 200) -> list[Miss]:
        """The newest first. Raises one of ``DOWN``."""
        return [Miss(**row) for row in await self._database.pool.fetch(FIND, language, since, limit)]

    async def one(self, miss_id: int) -> Miss | None:
        """One of them, if it is still kept. Raises one of ``DOWN``."""
        row = await self._database.pool.fetchrow(ONE, miss_id)
        return None if row is None else Miss(**row)

    async def prune(self) -> None:
        """Forget what is older than it may be. Raises one of ``DOWN``."""
        await self._database.pool.execute(PRUNE, self._keep)
