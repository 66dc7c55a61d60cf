"""Order of text messages: the parts of a long one are put together at the phone, and a short one overtakes them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.gsm import count


@dataclass(frozen=True, slots=True)
class _Long:
    message_id: str
    at: float


class Order:
    """Lets a message wait a moment while one of several parts before it, to the same phone, is still at its provider.

    It is courtesy, not memory: a process that does not know of the message before sends at once.
    """

    def __init__(
        self, on_its_way: Callable[[str], Awaitable[bool]], *, patience: float = 3.0, pause: float = 0.4
    ) -> None:
        """``on_its_way`` says whether the provider still has a message; it is asked every ``pause`` seconds.

        Nothing waits for a message that was taken more than ``patience`` seconds ago.
        """
        self._on_its_way = on_its_way
        self._patience = patience
        self._pause = pause
        self._long: dict[str, _Long] = {}

    async def turn(self, to: str) -> None:
        """Return when a message may go out."""
        before = self._long.pop(to, None)
        if before is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(before.at + self._patience - time.monotonic()):
                while await self._on_its_way(before.message_id):  # noqa: ASYNC110  the provider tells nobody else
                    await asyncio.sleep(self._pause)

    def taken(self, to: str, message_id: str | None, text: str) -> None:
        """The provider took a message. One that did not wait its turn leaves the long one before it in memory."""
        now = time.monotonic()
        for old in [key for key, each in self._long.items() if each.at <= now - self._patience]:
            del self._long[old]
        if message_id is not None and count(text).parts > 1:
            self._long[to] = _Long(message_id, now)
