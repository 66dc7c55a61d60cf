"""Whether answers helped, as citizens say: a count by day, channel, language and intent, of nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Column, Date, PrimaryKeyConstraint, Table, Text

from bot.database import Database
from bot.tables import metadata

thumbs = Table(
    "thumbs",
    metadata,
    Column("day", Date, nullable=False, comment="of the city"),
    Column("channel", Text, nullable=False),
    Column("language", Text, nullable=False, comment="of the answer"),
    Column("intent", Text, nullable=False),
    Column("up", BigInteger, nullable=False),
    Column("down", BigInteger, nullable=False),
    PrimaryKeyConstraint("day", "channel", "language", "intent"),
)

ADD = """
INSERT INTO thumbs (day, channel, language, intent, up, down) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (day, channel, language, intent) DO UPDATE
SET up = thumbs.up + excluded.up, down = thumbs.down + excluded.down
"""
PRUNE = "DELETE FROM thumbs WHERE day < current_date - interval '2 years'"


@dataclass(frozen=True, slots=True, order=True)
class Thumb:
    """One press: the city's day, the channel, the answer's language and intent, and whether it helped."""

    day: date
    channel: str
    language: str
    intent: str
    helped: bool


async def add(database: Database, counts: Mapping[Thumb, int]) -> None:
    """Add to the table. Raises one of ``DOWN``."""
    rows = [
        (one.day, one.channel, one.language, one.intent, counts[one] * one.helped, counts[one] * (not one.helped))
        for one in sorted(counts)  # in one order, so that two processes do not wait for one another
    ]
    if rows:
        await database.pool.executemany(ADD, rows)


async def prune(database: Database) -> None:
    """Forget what is too old. Raises one of ``DOWN``."""
    await database.pool.execute(PRUNE)
