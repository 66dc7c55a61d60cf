"""Updates without a public address, for development: we ask Telegram for them, and again."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from channels.telegram.client import Client
from channels.telegram.intake import Intake

WAIT = 25
"""Seconds that Telegram holds a question open for the next update."""
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0

logger = structlog.stdlib.get_logger("telegram")


class Polling:
    """Asks until it is closed. An update counts as taken when the server has it: the next question says so."""

    def __init__(self, client: Client, intake: Intake, *, wait: int = WAIT, pause: float = _FIRST_PAUSE) -> None:
        """``wait`` is in whole seconds; ``pause`` is how long the first error is slept over, the next ones longer."""
        self._client = client
        self._intake = intake
        self._wait = wait
        self._first = self._pause = pause
        self._offset: int | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        ready = False
        while True:
            try:
                if not ready:
                    await self._client.delete_webhook()  # while one is set, Telegram answers no questions
                    ready = True
                await self._ask()
                self._pause = self._first
            except Exception as error:  # the one catch-all of polling: whatever it is, we ask again later
                logger.warning("telegram_polling_failed", channel="telegram", reason=type(error).__name__)
                await asyncio.sleep(self._pause)
                self._pause = min(_LONGEST_PAUSE, self._pause * 2)

    async def _ask(self) -> None:
        for update in await self._client.raw_updates(self._offset, self._wait):
            await self._intake.take(update)
            self._offset = int(update["update_id"]) + 1
