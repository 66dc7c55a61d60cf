"""The records of health outreach, and whose they are, for all that is done with people's data."""

from __future__ import annotations

from bot.database import Database
from bot.keys import KeyStore
from health.records import Records
from mydata.ways_back import WaysBack


def ways_back(keys: KeyStore) -> WaysBack:
    """Whose the pseudonyms are, beside the keys."""
    return WaysBack(lambda: keys.database.pool)


def records(database: Database, keys: KeyStore) -> Records:
    """What is kept of persons."""
    return Records(lambda: database.pool, ways_back(keys))
