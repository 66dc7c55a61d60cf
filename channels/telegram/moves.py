"""Groups that have become supergroups, and so have another id."""

from __future__ import annotations

from collections import OrderedDict

from bot.messages import Address, Reach
from channels.base import Receive, Unavailable

_MOST = 10_000
"""Moves that are remembered. A forgotten one is told again by Telegram, when we next send to the old id."""


class Moves:
    """Where chats are now, and which moves the server has been told of by this process."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._known: OrderedDict[int, int] = OrderedDict()
        self._told: set[int] = set()

    def current(self, chat: int) -> int:
        """The id of a chat now, as far as we know."""
        return self._known.get(chat, chat)

    async def tell(self, old: int, new: int) -> None:
        """Remember a move, and tell the server of it once. Raises ``Unavailable``."""
        if self._known.get(old) != new:
            self._told.discard(old)
        self._known[old] = new
        while len(self._known) > _MOST:
            self._told.discard(self._known.popitem(last=False)[0])
        if old in self._told:
            return
        self._told.add(old)
        try:
            await self._receive(Reach(address=Address("telegram", str(old)), moved_to=str(new)))
        except Unavailable:
            self._told.discard(old)
            raise
