"""How far the replies of this process have gone out, so that a second try of one goes on where the first broke off."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable


class Progress:
    """The ids of the messages that went out of each reply, for the last ``most`` replies.

    It ends with the process: over a restart only the outbox remembers.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._sent: OrderedDict[Hashable, list[str | None]] = OrderedDict()

    def of(self, reply: Hashable) -> list[str | None]:
        """The ids so far, in their order (``None``: sent without one); append those that follow."""
        sent = self._sent.setdefault(reply, [])
        self._sent.move_to_end(reply)
        while len(self._sent) > self._most:
            self._sent.popitem(last=False)
        return sent
