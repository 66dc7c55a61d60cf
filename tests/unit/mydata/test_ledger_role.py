"""The role that adds to the ledger: made where it can be, asked for in plain words where it cannot."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import click
import pytest

from bot.database import migrate
from bot.embedded import EmbeddedPostgres
from bot.embedded_data import ROLES_MADE
from tests.unit.mydata.ledgers import ANNA, ledger, wish

LIMIT = 120.0
"""Seconds after which a migration has failed."""
MAY = "SELECT pg_has_role('neuvo', 'neuvo_ledger', 'SET') AND NOT pg_has_role('neuvo', 'neuvo_ledger', 'USAGE')"


def run(url: str, *statements: str) -> object:
    """Run statements as the server's administrator; the first value of the last one."""

    async def run() -> object:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(run())


def as_user(url: str, user: str, database: str = "postgres") -> str:
    return url.replace("//neuvo@/neuvo?", f"//{user}@/{database}?")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    """A server of the release before: it has no such role, and nothing has been migrated."""
    with EmbeddedPostgres(tmp_path, durable=False) as postgres:
        run(as_user(postgres.url, "postgres"), "DROP ROLE neuvo_ledger", "SELECT 1")
        yield postgres


def test_a_server_of_the_release_before_gets_the_role_at_its_next_start(server: EmbeddedPostgres) -> None:
    server.stop()
    (server.data / ROLES_MADE).unlink()
    with EmbeddedPostgres(server.folder, durable=False) as again:
        assert run(as_user(again.url, "postgres"), MAY)
        migrate(again.url)
    assert (server.data / ROLES_MADE).exists()


def test_without_the_right_it_says_what_an_administrator_has_to_do(server: EmbeddedPostgres) -> None:
    admin = as_user(server.url, "postgres")
    with pytest.raises(click.ClickException) as raised:
        migrate(server.url)
    said = raised.value.message
    assert "GRANT neuvo_ledger TO neuvo" in said
    assert run(as_user(server.url, "postgres", "neuvo"), "SELECT to_regclass('persons')") is None  # nothing was changed
    run(admin, *[line.strip() for line in said.splitlines() if line.startswith("    ")], "SELECT 1")
    migrate(server.url)


def test_databases_of_one_server_that_migrate_at_once_share_it(server: EmbeddedPostgres) -> None:
    admin = as_user(server.url, "postgres")
    names = [f"city_{number}" for number in range(4)]
    made = [f"CREATE DATABASE {name} OWNER clerk" for name in names]
    run(admin, "CREATE ROLE clerk LOGIN CREATEROLE", *made, "SELECT 1")
    urls = [as_user(server.url, "clerk", name) for name in names]
    # Processes, as in a city: Alembic's context is one for a whole process.
    command = "import sys; from bot.database import migrate; migrate(sys.argv[1])"
    running = [subprocess.Popen([sys.executable, "-c", command, url]) for url in urls]
    assert [process.wait(LIMIT) for process in running] == [0] * len(urls)

    async def use(url: str) -> None:
        async with ledger(url) as found:
            await found.give(ANNA, wish())
            assert (await found.standing(ANNA, "library_reminders", "sms")).allowed

    for url in urls:
        asyncio.run(use(url))
