"""How much one person, and one network, may ask of a process: buckets that fill again with time."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from channels.webchat.problems import Problem

NETWORK = 64
"""Bits of an IPv6 address that a household has to itself: all its addresses share a bucket."""


class Rate(NamedTuple):
    """So many at once, and then so many a second."""

    burst: float
    per_second: float


BEGIN = Rate(60, 1)
"""New chats from one address."""
ADDRESS = Rate(600, 30)
"""Requests of every kind from one address: a school or a library may share it."""
TALK = Rate(30, 1)
"""Messages of one conversation."""
URGENT = Rate(5, 0.1)
"""Messages that call for a safety answer, beyond those: who is in danger may have written much."""
LOOK = Rate(240, 8)
"""Polls, sockets and new tokens of one conversation, which may be open in some tabs."""
PICTURES = Rate(12, 0.05)
"""Pictures of one conversation, each of which costs a second of computing."""


class Pace:
    """A bucket for each name. Memory is bounded; the idle leave first."""

    def __init__(self, rate: Rate, *, clock: Callable[[], float] = time.monotonic, most: int = 20_000) -> None:
        self._rate = rate
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str, count: float = 1) -> float:
        """Take some; 0, or the seconds until they are there."""
        now = self._clock()
        burst, per_second = self._rate
        left, since = self._buckets.pop(name, (burst, now))
        left = min(burst, left + (now - since) * per_second)
        allowed = left >= count
        self._buckets[name] = (left - count if allowed else left, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, (count - left) / per_second)


class Paces:
    """The buckets of one process. Every method raises ``Problem`` 429 that says when to come again.

    A token is renewed at will, so what is counted for a token is counted for its conversation.
    """

    def __init__(
        self,
        *,
        begin: Rate = BEGIN,
        address: Rate = ADDRESS,
        talk: Rate = TALK,
        look: Rate = LOOK,
        pictures: Rate = PICTURES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` gives seconds that never go back."""
        self._begin = Pace(begin, clock=clock)
        self._address = Pace(address, clock=clock)
        self._talk = Pace(talk, clock=clock)
        self._urgent = Pace(URGENT, clock=clock)
        self._look = Pace(look, clock=clock)
        self._pictures = Pace(pictures, clock=clock)

    def request(self, peer: str) -> None:
        """Any request, before anything of it is read."""
        _check(self._address.take(network(peer)), "Too many requests from this network; wait.")

    def begin(self, peer: str) -> None:
        """A new chat."""
        _check(self._begin.take(network(peer)), "Too many new chats from this network; wait.")

    def talk(self, conversation: str, *, urgent: bool = False) -> None:
        """A message; an ``urgent`` one passes a while longer."""
        wait = self._talk.take(conversation)
        if wait and urgent:
            wait = self._urgent.take(conversation)
        _check(wait, "Too many messages at once; wait, and send it again.")

    def look(self, conversation: str) -> None:
        """A poll, a socket, a new token."""
        _check(self._look.take(conversation), "Too many requests of this chat; wait.")

    def pictures(self, conversation: str, count: int) -> None:
        """Pictures of a message."""
        _check(self._pictures.take(conversation, count), "Too many pictures at once; wait, and send them again.")


def network(peer: str) -> str:
    """The name under which an address is counted."""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return peer
    if address.version == 4:
        return peer
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), NETWORK), strict=False))


def _check(wait: float, message: str) -> None:
    if wait:
        raise Problem(429, "TooManyRequests", message, retry_after=round(wait + 0.5))
