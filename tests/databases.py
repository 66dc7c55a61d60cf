"""Databases for tests: one server for a test process, and a copy of a migrated template for each test."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

import asyncpg

from bot.database import migrate

TEMPLATE = "neuvo_template"
T = TypeVar("T")


class Databases:
    """Makes and drops databases over one connection, on a loop in a thread of its own.

    A thread, so that a test's own event loop is left alone: synchronous and asynchronous tests use this alike.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = itertools.count(1)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="test-databases", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._connection: asyncpg.Connection[Any] = self._run(asyncpg.connect(self._url))
        self._run(self._connection.execute(f"CREATE DATABASE {TEMPLATE}"))
        # In a thread, since it runs an event loop of its own and must not take away the one of this thread.
        with ThreadPoolExecutor(1) as executor:
            executor.submit(migrate, self.url_of(TEMPLATE)).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._connection.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def url_of(self, name: str) -> str:
        """The address of the database of that name on this server."""
        return self._url.replace("@/neuvo?", f"@/{name}?")

    def create(self, template: str = TEMPLATE) -> str:
        """Copy the template, and give the copy's name."""
        name = f"test_{next(self._numbers)}"
        self._run(self._connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected to it."""
        self._run(self._connection.execute(f"DROP DATABASE {name} WITH (FORCE)"))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
