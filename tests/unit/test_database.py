"""Tables, migrations and the connections of a process."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import CheckConstraint, Connection, MetaData, text

from bot import handoff_tables, misses, tables, tally  # noqa: F401  they add their tables to the metadata of one
from bot.database import DOWN, Database, check_schema, migrate
from bot.naming import NAMES
from channels.teams import tables as teams_tables
from channels.telegram import tables as telegram_tables
from channels.webchat import tables as webchat_tables
from console import tables as console_tables
from health import tables as health_tables
from health import tables_review  # noqa: F401  it adds its tables to those of health
from knowledge import tables as knowledge_tables
from mydata import tables as mydata_tables
from mydata import tables_ledger, tables_people
from portal import tables as portal_tables
from proactive import tables as proactive_tables
from proactive import tables_campaigns, tables_subscriptions

METADATAS: list[MetaData] = [
    tables.metadata,
    webchat_tables.metadata,
    telegram_tables.metadata,
    teams_tables.metadata,
    knowledge_tables.metadata,
    console_tables.metadata,
    mydata_tables.metadata,
    tables_ledger.metadata,
    tables_people.metadata,
    portal_tables.metadata,
    proactive_tables.metadata,
    tables_campaigns.metadata,
    tables_subscriptions.metadata,
    health_tables.metadata,
]
"""Every room's tables. A room that gets tables adds its ``metadata`` here."""


def _differences(connection: Connection) -> list[object]:
    merged = MetaData(naming_convention=NAMES)
    for metadata in METADATAS:
        for table in metadata.tables.values():
            table.to_metadata(merged)

    def ours(_item: object, name: str | None, kind: str, reflected: bool, _other: object) -> bool:
        return not (kind == "table" and reflected and str(name).startswith("pgqueuer"))

    def schema(name: str | None, kind: str, _parents: object) -> bool:
        return kind != "schema" or name in (None, "health")  # that of the keys has a chain of its own

    options = {
        "include_object": ours,
        "include_name": schema,
        "include_schemas": True,
        "compare_type": True,
        "compare_server_default": True,
    }
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), merged))


async def test_tables_and_migrations_are_equal(database_url: str) -> None:
    async with Database(database_url) as database, database.engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
        checks = await connection.execute(
            text("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid::regclass::text = ANY(:tables)"),
            {"tables": [name for metadata in METADATAS for name in metadata.tables]},
        )
        declared = {
            constraint.name
            for metadata in METADATAS
            for table in metadata.tables.values()
            for constraint in table.constraints
            if isinstance(constraint, CheckConstraint)
        }
        assert {row.conname for row in checks} == declared  # what alembic does not compare


def test_migrations_at_once_do_the_work_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(4) as executor:
        for done in [executor.submit(migrate, empty_database_url) for _ in range(4)]:
            done.result()


async def test_a_migration_may_be_called_where_a_loop_runs(empty_database_url: str) -> None:
    migrate(empty_database_url)
    async with Database(empty_database_url) as database:
        assert await check_schema(database)
        assert await database.pool.fetchval("SELECT count(*) FROM pgqueuer") == 0


async def test_readiness_knows_no_tables_older_tables_and_newer_tables(empty_database_url: str) -> None:
    async with Database(empty_database_url) as database:
        assert not await check_schema(database)
        await database.pool.execute("CREATE TABLE alembic_version (version_num text)")
        assert not await check_schema(database)
        await database.pool.execute("INSERT INTO alembic_version VALUES ('a-later-release')")
        assert await check_schema(database)


async def test_without_a_database_a_process_opens_and_each_use_fails() -> None:
    async with Database("postgresql://nobody@127.0.0.1:1/none", timeout=1) as database:
        with pytest.raises(DOWN):
            await database.pool.fetchval("SELECT 1")
        with pytest.raises(DOWN):
            await check_schema(database)


async def test_a_restarted_server_is_found_again(database_url: str) -> None:
    async with Database(database_url) as database:
        pid = await database.pool.fetchval("SELECT pg_backend_pid()")
        other = await asyncpg.connect(database_url)
        await other.execute("SELECT pg_terminate_backend($1)", pid)
        await other.close()
        assert await asyncio.wait_for(_answer(database), 5) == 1


async def _answer(database: Database) -> int:
    while True:
        try:
            answer: int = await database.pool.fetchval("SELECT 1")
        except DOWN:
            await asyncio.sleep(0)
        else:
            return answer
