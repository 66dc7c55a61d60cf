"""What every import does: alone over all processes, whole or not at all, and never at the price of the last good copy.

An import reads its source into tables of its transaction, and merges them when the source has been read to its end.
Whatever goes wrong before leaves the copy as it was, and says so in ``city_sources``.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

import asyncpg
import orjson
import structlog

from knowledge.feed import Feed, Seen
from knowledge.http import SourceUnavailable

logger = structlog.stdlib.get_logger("imports")

Connection: TypeAlias = "asyncpg.Connection[Any]"
Progress = Callable[[int, int | None], None]
"""Told how many rows more have been read, and how many there are in all where that is known."""

LOCK = 0x6E696D70
"""The class of the advisory locks of imports ("nimp")."""
LOSS = 1 / 3
"""A source that has lost this share of its rows since yesterday is broken rather than smaller."""
BATCH = 500

_SEEN = "SELECT etag, modified FROM city_sources WHERE name = $1"
_FAILED = """
INSERT INTO city_sources (name, fetched_at, error) VALUES ($1, now(), $2)
ON CONFLICT (name) DO UPDATE SET fetched_at = now(), error = excluded.error
"""
_SAME = "UPDATE city_sources SET fetched_at = now(), ok_at = now(), error = NULL WHERE name = $1"
_DONE = """
INSERT INTO city_sources (name, version, rows, fetched_at, ok_at, etag, modified)
VALUES ($1, 1, $2, now(), now(), $3, $4)
ON CONFLICT (name) DO UPDATE SET
    version = city_sources.version + 1, rows = excluded.rows, fetched_at = now(), ok_at = now(), error = NULL,
    etag = excluded.etag, modified = excluded.modified
"""


def utc() -> datetime:
    """The clock of imports, unless they are given another."""
    return datetime.now(UTC)


class ImportRefused(Exception):
    """A source answered, but with so little that the last copy is kept; the words say how little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What an import did. ``broken`` rows could not be read, ``elsewhere`` are not in the city, or over."""

    source: str
    kept: int = 0
    broken: int = 0
    elsewhere: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    outcome: str = "done"
    """``done``, ``unchanged`` (the source has nothing newer) or ``busy`` (another process imports it now)."""

    def __str__(self) -> str:
        """One line for people."""
        if self.outcome != "done":
            return f"{self.source}: {self.outcome}"
        counts = ("kept", "added", "changed", "removed", "elsewhere", "broken")
        return f"{self.source}: " + ", ".join(f"{getattr(self, name)} {name}" for name in counts)


def no_progress(_more: int, _total: int | None) -> None:
    """Tell nobody."""


Work = Callable[[Connection], Awaitable[tuple[Report, Seen]]]


async def run(connection: Connection, name: str, work: Work) -> Report:
    """Do the work of an import in one transaction, alone. Raises what the work raises, after noting its class.

    ``work`` may raise ``SourceUnavailable`` or ``ImportRefused``; then the copy stays as it was.
    """
    async with _alone(connection, name) as alone:
        if not alone:
            return Report(source=name, outcome="busy")
        started = time.monotonic()
        try:
            async with connection.transaction():
                report, seen = await work(connection)
                if report.outcome == "unchanged":
                    await connection.execute(_SAME, name)
                else:
                    await connection.execute(_DONE, name, report.kept, seen.etag, seen.modified)
        except (SourceUnavailable, ImportRefused) as error:
            await connection.execute(_FAILED, name, type(error).__name__)
            logger.warning("import_failed", service=name, reason=type(error).__name__)
            raise
        took = round(time.monotonic() - started, 2)
        logger.info("import_done", service=name, count=report.kept, seconds=took, outcome=report.outcome)
        return report


async def seen(connection: Connection, name: str, *, force: bool) -> Seen:
    """What the source said of the copy that we have; nothing where it shall be read in any case."""
    row = None if force else await connection.fetchrow(_SEEN, name)
    return Seen(row["etag"], row["modified"]) if row else Seen()


async def refuse_loss(connection: Connection, table: str, report: Report, *, force: bool) -> None:
    """Raise ``ImportRefused`` where the source has lost so much, or is broken so far, that the old copy is better."""
    had = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608  a name of ours
    read = report.kept + report.broken
    if force:
        return
    if report.broken > read * LOSS:
        raise ImportRefused(f"{report.source}: {report.broken} of {read} rows cannot be read (--force takes the rest)")
    if report.kept < had * (1 - LOSS):
        raise ImportRefused(f"{report.source}: {report.kept} rows where there were {had} (--force takes them)")


async def merge(connection: Connection, table: str, key: tuple[str, ...], report: Report) -> Report:
    """Make ``table`` equal to ``incoming_<table>``, writing only what differs."""
    names = [row["attname"] for row in await connection.fetch(_COLUMNS, table)]
    rest = [name for name in names if name not in key]
    same = " AND ".join(f"i.{name} = t.{name}" for name in key)
    statement = f"""
        WITH gone AS (
            DELETE FROM {table} t WHERE NOT EXISTS (SELECT FROM incoming_{table} i WHERE {same}) RETURNING 1
        ), put AS (
            INSERT INTO {table} AS t ({", ".join(names)}) SELECT {", ".join(names)} FROM incoming_{table}
            ON CONFLICT ({", ".join(key)}) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in rest)}
            WHERE ({", ".join(f"t.{name}" for name in rest)})
                IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in rest)})
            RETURNING (t.xmax = 0) AS added
        )
        SELECT (SELECT count(*) FROM gone) AS removed, count(*) FILTER (WHERE added) AS added,
            count(*) FILTER (WHERE NOT added) AS changed FROM put
    """  # noqa: S608  names of ours
    row = await connection.fetchrow(statement)
    if row is None:
        raise AssertionError("counts are one row")
    return replace(report, added=row["added"], changed=row["changed"], removed=row["removed"])


_COLUMNS = """
SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""


class Staging:
    """A table of the transaction's own, shaped like ``table``, that is filled in batches."""

    def __init__(self, connection: Connection, table: str, columns: tuple[str, ...]) -> None:
        self._connection = connection
        self._name = f"incoming_{table}"
        self._like = table
        self._columns = columns
        self._rows: list[tuple[object, ...]] = []

    async def make(self) -> None:
        """Make it; it ends with the transaction."""
        await self._connection.execute(
            f"CREATE TEMP TABLE {self._name} (LIKE {self._like} INCLUDING DEFAULTS) ON COMMIT DROP"
        )

    async def add(self, *values: object) -> None:
        """One row more."""
        self._rows.append(values)
        if len(self._rows) >= BATCH:
            await self.flush()

    async def flush(self) -> None:
        """Write what waits."""
        if self._rows:
            await self._connection.copy_records_to_table(self._name, records=self._rows, columns=self._columns)
            self._rows = []

    async def index(self, key: tuple[str, ...]) -> None:
        """Write what waits, and make it quick to look up by its key."""
        await self.flush()
        await self._connection.execute(f"ALTER TABLE {self._name} ADD PRIMARY KEY ({', '.join(key)})")
        await self._connection.execute(f"ANALYZE {self._name}")


def packed(value: object) -> str:
    """A value for a column of JSON."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


async def rows_of(feed: Feed, progress: Progress) -> AsyncGenerator[Any, None]:
    """The rows of a feed, with its progress told."""
    async for row in feed.rows():
        progress(1, feed.expected)
        yield row


@asynccontextmanager
async def _alone(connection: Connection, name: str) -> AsyncIterator[bool]:
    got = await connection.fetchval("SELECT pg_try_advisory_lock($1, hashtext($2))", LOCK, name)
    try:
        yield bool(got)
    finally:
        if got and not connection.is_closed():
            await connection.execute("SELECT pg_advisory_unlock($1, hashtext($2))", LOCK, name)
