"""Fixtures of all tests: a database for each test that asks for one, and no traffic off this machine."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from fcntl import LOCK_EX, flock
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.embedded import EmbeddedPostgres
from tests import offline
from tests.databases import Databases
from tests.privacy import logs_as_in_production, pytest_runtest_makereport  # noqa: F401  they are hooks of every test

if TYPE_CHECKING:
    from bot.city import City

KNOWLEDGE = Path(__file__).resolve().parent.parent / "knowledge"
MODELS = KNOWLEDGE.parent / "var" / "test-models"

offline.install()


@pytest.fixture(autouse=True)
def _stay_on_this_machine() -> Iterator[None]:
    offline.attempts.clear()
    yield
    if offline.attempts:
        tried = "; ".join(offline.attempts)
        offline.attempts.clear()
        pytest.fail(f"traffic off this machine: {tried}", pytrace=False)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The server of this test process (each worker of pytest-xdist has its own) with the migrated template."""
    folder = tmp_path_factory.mktemp("postgresql")
    with EmbeddedPostgres(folder, durable=False) as postgres, Databases(postgres.url) as found:
        yield found


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A fresh, migrated database of this test alone: ``postgresql://…`` for asyncpg."""
    name = databases.create()
    yield databases.url_of(name)
    databases.drop(name)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A fresh database without any tables."""
    name = databases.create(template="template1")
    yield databases.url_of(name)
    databases.drop(name)


@pytest.fixture(scope="session")
def city() -> City:
    """The content of this repository, trained once for this content and this code of understanding."""
    from bot.city import City  # noqa: PLC0415  most tests need none of the rooms that it binds

    folder = MODELS / _code()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        flock(lock, LOCK_EX)  # of two processes of pytest-xdist one trains, and the other waits for it
        return City.load(KNOWLEDGE, folder)


def _code() -> str:
    """Stands for the source of understanding: a model's own name stands for its content alone."""
    sources = sorted((KNOWLEDGE.parent / "nlu").glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]
