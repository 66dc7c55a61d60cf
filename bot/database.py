"""One PostgreSQL: a pool of asyncpg connections for the turn, an engine of SQLAlchemy Core for the rest, migrations.

For a room with tables of its own (web chat first): define them in the room, on a ``MetaData`` of the room's own (for
example ``channels/webchat/tables.py``: ``metadata = MetaData()``, every constraint named), write one Alembic revision
under ``bot/migrations/versions`` after the newest one (there is one chain), and add the room's ``metadata`` to the list
in ``tests/unit/test_database.py``, which holds tables and migrations equal. The room imports nothing of this module: it
is handed the pool (``Database.pool``, an ``asyncpg.Pool``, for look-ups by key) or the engine (``Database.engine``) by
``bot/app.py``. LISTEN on a connection of your own (``asyncpg.connect``), never on one of the pool.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bot.tables import metadata

__all__ = ["DOWN", "Database", "check_schema", "metadata", "migrate"]

DOWN = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What a statement raises when the database is away or cannot serve (a timeout is an ``OSError``)."""

MIGRATIONS = Path(__file__).with_name("migrations")
KEY_MIGRATIONS = Path(__file__).with_name("migrations_keys")
LOCK = 0x6E657576
"""The advisory lock that migrations hold ("neuv")."""
BY_KEY = {
    "application_name": "neuvo",
    "jit": "off",
    # The turn's statements are look-ups by key. They are planned once, and never as a scan that suited an empty table.
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


class TurnConnection(asyncpg.Connection):
    """A connection that nobody leaves anything behind on, so that giving it back costs no round trip."""

    def get_reset_query(self) -> str:
        """No query: no settings, cursors, listeners or advisory locks are used on it."""
        return ""


class Database:
    """The connections of this process. Opening needs no database to be there: each use finds out by itself."""

    def __init__(self, url: str, *, size: int = 10, timeout: float = 5.0) -> None:
        """Take ``postgresql://…`` for asyncpg, the most connections of the turn, and seconds to wait for an answer."""
        self.url = url
        self._size = size
        self._timeout = timeout
        self._pool: asyncpg.Pool[Any] | None = None

    async def open(self) -> None:
        """Make the pool; connections are made when they are needed."""
        self._pool = await asyncpg.create_pool(
            self.url,
            min_size=0,
            max_size=self._size,
            timeout=self._timeout,
            command_timeout=self._timeout,
            connection_class=TurnConnection,
            server_settings=BY_KEY,
        )

    async def close(self) -> None:
        """Give all connections back; those in use for longer than a moment are cut."""
        if self._pool is not None:
            try:
                async with asyncio.timeout(self._timeout):
                    await self._pool.close()
            except DOWN:
                self._pool.terminate()
        if "engine" in self.__dict__:
            await self.engine.dispose()

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def pool(self) -> asyncpg.Pool[Any]:
        """The turn's connections."""
        if self._pool is None:
            raise RuntimeError("the database is not open")
        return self._pool

    @cached_property
    def engine(self) -> AsyncEngine:
        """SQLAlchemy Core on asyncpg, for everything but the turn."""
        return _engine(self.url, timeout=self._timeout)


def _engine(url: str, *, timeout: float = 60.0, **options: Any) -> AsyncEngine:
    # asyncpg itself reads the address, so that both ways to the database understand the same addresses.
    return create_async_engine(
        "postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(url, timeout=timeout), **options
    )


def migrate(url: str, keys_url: str | None = None) -> None:
    """Bring the database and the keys' store to this release's tables: by default one database holds both.

    Safe from several processes at once; one does the work. It may be called with or without a running event loop; it
    blocks until the tables are there.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="migrate") as executor:
        executor.submit(asyncio.run, _migrate(url, MIGRATIONS)).result()
        executor.submit(asyncio.run, _migrate(keys_url or url, KEY_MIGRATIONS)).result()


async def _migrate(url: str, scripts: Path) -> None:
    engine = _engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
        await connection.run_sync(_upgrade, scripts)
    await engine.dispose()


def _upgrade(connection: Connection, scripts: Path) -> None:
    config = _config(scripts)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _config(scripts: Path = MIGRATIONS) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    # Alembic splits this one at spaces unless it is told otherwise, and a path may hold one.
    config.set_main_option("path_separator", "os")
    return config


async def check_schema(database: Database) -> bool:
    """Whether the tables are this release's or a later one's (a later release keeps what this one needs).

    Raises one of ``DOWN`` when the database cannot be asked.
    """
    try:
        found = await database.pool.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return False
    revisions = _revisions()
    return found is not None and (found not in revisions or found == revisions[0])


def _revisions() -> list[str]:
    """This release's revisions, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
