"""What the turns of this process were about, counted in memory and written every few seconds.

A count names the hour, the channel, the language and the intent, and nobody. A process that is killed loses the
seconds since it last wrote: these are figures for people to look at, and the turn does not wait for them.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import BigInteger, Column, DateTime, PrimaryKeyConstraint, Table, Text

from bot import thumbs
from bot.database import Database
from bot.misses import Miss, Misses
from bot.tables import metadata
from bot.thumbs import Thumb

WAITING = 1000
"""The most misses that wait for the database; what comes then is counted and not kept."""

turn_counts = Table(
    "turn_counts",
    metadata,
    Column("hour", DateTime(timezone=True), nullable=False, comment="its beginning, UTC"),
    Column("channel", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("intent", Text, nullable=False, comment="empty: an answer inside a dialog"),
    Column("turns", BigInteger, nullable=False),
    PrimaryKeyConstraint("hour", "channel", "language", "intent"),
)

ADD = """
INSERT INTO turn_counts (hour, channel, language, intent, turns) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (hour, channel, language, intent) DO UPDATE SET turns = turn_counts.turns + excluded.turns
"""
PRUNE = "DELETE FROM turn_counts WHERE hour < now() - interval '2 years'"

Key = tuple[datetime, str, str, str]


class Tally:
    """The counts of one process."""

    def __init__(self, database: Database, misses: Misses) -> None:
        self._database = database
        self._misses = misses
        self._counts: Counter[Key] = Counter()
        self._missed: list[Miss] = []
        self._thumbs: Counter[Thumb] = Counter()

    def note(self, *, at: datetime, channel: str, language: str, intent: str, miss: Miss | None = None) -> None:
        """Count one turn, at once and without the database."""
        self._counts[at.replace(minute=0, second=0, microsecond=0), channel, language, intent] += 1
        if miss is not None and len(self._missed) < WAITING:
            self._missed.append(miss)

    def rated(self, thumb: Thumb) -> None:
        """Count that an answer helped, or did not, at once and without the database."""
        self._thumbs[thumb] += 1

    async def write(self) -> None:
        """Write what was counted; it is counted on where the database is away. Raises one of ``DOWN``."""
        counts, self._counts = self._counts, Counter()
        missed, self._missed = self._missed, []
        rated, self._thumbs = self._thumbs, Counter()
        try:
            if counts:
                # In one order, so that two processes do not wait for one another.
                await self._database.pool.executemany(ADD, [(*key, counts[key]) for key in sorted(counts)])
                counts.clear()
            await thumbs.add(self._database, rated)
            rated.clear()
            await self._misses.add(missed)
        except BaseException:
            self._counts.update(counts)
            self._thumbs.update(rated)
            self._missed[:0] = missed
            raise

    async def prune(self) -> None:
        """Forget what is too old. Raises one of ``DOWN``."""
        await self._database.pool.execute(PRUNE)
        await thumbs.prune(self._database)
        await self._misses.prune()
