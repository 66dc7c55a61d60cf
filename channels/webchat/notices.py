"""Word between processes: what one of them wrote, the sockets of another show. LISTEN/NOTIFY, and no polling."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import asyncpg
import structlog

from channels.webchat.rooms import Rooms
from channels.webchat.store import DOWN

logger = structlog.stdlib.get_logger("webchat")

CHANNEL = "webchat"
CHECK = 30.0
"""Seconds after which the silent connection is asked whether it lives."""
LONGEST_WAIT = 10.0


class Notices:
    """Listens on a connection of its own, for as long as the channel is open, whatever the database does."""

    def __init__(self, url: str | None, rooms: Rooms, writer: str) -> None:
        """Without ``url`` nothing is listened to: a process without sockets. ``writer`` is ``Store.writer``."""
        self._url = url
        self._rooms = rooms
        self._writer = writer
        self._task: asyncio.Task[None] | None = None
        self.listening = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; the database need not be there yet."""
        if self._url is not None:
            self._task = asyncio.create_task(self._run(self._url))

    async def close(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, url: str) -> None:
        wait = 0.1
        while True:
            try:
                await self._listen(url)
                wait = 0.1
            except DOWN as error:
                logger.warning("listening_failed", reason=type(error).__name__)
            self.listening.clear()
            await asyncio.sleep(wait)
            wait = min(LONGEST_WAIT, wait * 2)

    async def _listen(self, url: str) -> None:
        """Until the connection is lost. What was said before it was there is read by every socket itself."""
        connection: asyncpg.Connection[Any] = await asyncpg.connect(url, timeout=5)
        try:
            lost = asyncio.Event()
            connection.add_termination_listener(lambda _connection: lost.set())
            await connection.add_listener(CHANNEL, self._heard)
            self._rooms.look_all()
            self.listening.set()
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(CHECK):
                        await lost.wait()
                if not lost.is_set():
                    await connection.execute("SELECT 1", timeout=5)
        finally:
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        name, _, writer = str(payload).partition(" ")
        if name.startswith("w") and writer != self._writer:  # what was written here has been shown already
            self._rooms.look(name[1:])
