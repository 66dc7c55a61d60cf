"""How fast we may send: so many messages a second in all, one a second in a chat, twenty a minute in a group.

Each process keeps its own pace; what several send together too fast, Telegram answers with 429, which is honoured.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable

from channels.base import RetryAfter

PER_SECOND = 30
PATIENCE = 5.0
"""Seconds that a send waits for its turn; for a longer wait it is given back to the outbox."""
_MOST = 20_000
"""Chats whose last sends are remembered."""


class Window:
    """At most ``most`` in any ``seconds``."""

    def __init__(self, most: int, seconds: float) -> None:
        self._taken: deque[float] = deque(maxlen=most)
        self._seconds = seconds

    def free_at(self, now: float) -> float:
        """When the next one may go."""
        full = len(self._taken) == self._taken.maxlen
        return max(now, self._taken[0] + self._seconds) if full else now

    def take(self, at: float) -> None:
        """Let one go at a time."""
        self._taken.append(at)


class Pacer:
    """Gives each send its time: first in its chat, so that a slow chat holds up nobody else, then in all."""

    def __init__(
        self,
        per_second: int = PER_SECOND,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._whole = Window(per_second, 1.0)
        self._chats: OrderedDict[int, list[Window]] = OrderedDict()
        self._held: dict[int, float] = {}
        self._clock = clock
        self._sleep = sleep

    async def wait(self, chat: int, *, urgent: bool = False) -> None:
        """Return when a message to a chat may go; at once for an ``urgent`` one, which counts all the same.

        Raises ``RetryAfter`` where that would take long, or Telegram has asked us to leave the chat alone.
        """
        windows = self._windows(chat)
        if urgent:
            for window in (*windows, self._whole):
                window.take(self._clock())
            return
        self._check(chat)
        await self._turn(windows)
        await self._turn([self._whole])
        self._check(chat)

    def hold(self, chat: int, seconds: float) -> None:
        """Telegram wants nothing in a chat for some seconds."""
        now = self._clock()
        self._held = {other: end for other, end in self._held.items() if end > now}
        self._held[chat] = now + seconds

    def _check(self, chat: int) -> None:
        left = self._held.get(chat, 0.0) - self._clock()
        if left > 0:
            raise RetryAfter(left)

    async def _turn(self, windows: list[Window]) -> None:
        now = self._clock()
        at = max(window.free_at(now) for window in windows)
        if at - now > PATIENCE:
            raise RetryAfter(at - now)
        for window in windows:
            window.take(at)
        if at > now:
            await self._sleep(at - now)

    def _windows(self, chat: int) -> list[Window]:
        windows = self._chats.pop(chat, None)
        if windows is None:
            windows = [Window(1, 1.0)] if chat > 0 else [Window(1, 1.0), Window(20, 60.0)]
        self._chats[chat] = windows
        if len(self._chats) > _MOST:
            self._chats.popitem(last=False)
        return windows
