"""Hears of conversations that changed, and passes it on to the pages that are open. The notice is an id alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import asyncpg

CHANNEL = "neuvo_console"


class Live:
    """One listening connection of the process; a page waits on a queue of its own."""

    def __init__(self, url: str, *, again: float = 1.0) -> None:
        """``again``: seconds before a lost connection is made anew."""
        self._url = url
        self._again = again
        self._pages: set[asyncio.Queue[str | None]] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Listen in the background."""
        self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        """Close the connection, and end the pages' streams."""
        for page in self._pages:
            page.put_nowait(None)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def changes(self, *, beat: float = 15.0) -> AsyncIterator[str]:
        """Ids of conversations that changed; an empty text every ``beat`` seconds, and after a lost connection.

        The first empty one comes at once, for what changed between the page and its stream.
        """
        page: asyncio.Queue[str | None] = asyncio.Queue()
        self._pages.add(page)
        page.put_nowait("")
        try:
            while True:
                changed: str | None = ""
                with contextlib.suppress(TimeoutError):
                    changed = await asyncio.wait_for(page.get(), beat)
                if changed is None:
                    return
                yield changed
        finally:
            self._pages.discard(page)

    def _tell(self, changed: str) -> None:
        for page in self._pages:
            page.put_nowait(changed)

    async def _listen(self) -> None:
        while True:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                connection = await asyncpg.connect(self._url, timeout=5)
                lost = asyncio.Event()
                connection.add_termination_listener(lambda _, lost=lost: lost.set())
                try:
                    await connection.add_listener(CHANNEL, lambda *notice: self._tell(str(notice[3])))
                    self._tell("")  # what changed while nobody listened
                    await lost.wait()
                finally:
                    connection.terminate()
            await asyncio.sleep(self._again)
