"""What a channel is: two facts and four methods, and the errors that carry a policy.

A channel parses and verifies what its provider sends, hands it to ``Receive``, and sends one reply. It never answers
by itself, does not know the engine, and its provider's library is imported in its own file alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from aiohttp import web

from bot.messages import Address, Event, Photo, Reply

Receive = Callable[[Event], Awaitable[None]]
"""Returns when the event is kept (or its safety answer sent); only then may the channel acknowledge it.

Raises ``Unavailable`` when it could not be kept: the channel then answers 503, so that the sender tries again.
"""


_SAFETY = "safety-"


def safety_key(message_id: str) -> str:
    """The key under which the safety answer to a message is sent."""
    return _SAFETY + message_id


def is_safety(key: str) -> bool:
    """Whether this is the key of a safety answer: it waits neither for its turn nor for the database."""
    return key.startswith(_SAFETY)


def answered_by(key: str) -> str | None:
    """The id of the message that a safety answer is to; ``None`` for the key of any other reply."""
    return key.removeprefix(_SAFETY) if is_safety(key) else None


class Unavailable(Exception):
    """The message could not be kept now; the sender should try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one message may hold on this channel; ``None`` is no limit. ``per_second`` paces the whole channel."""

    text_length: int | None = None
    choices: int | None = None
    per_second: float | None = None


class SendError(Exception):
    """A reply did not reach the provider. The subclass says what the outbox does about it."""


class RetryAfter(SendError):
    """Not now: try again after ``seconds`` (``None``: as the outbox sees fit)."""

    def __init__(self, seconds: float | None = None) -> None:
        super().__init__("retry later")
        self.seconds = seconds


class Unreachable(SendError):
    """Nobody is at this address (blocked, uninstalled, number gone). Never retried."""


class OptedOut(Unreachable):
    """The person at this address has told the provider to stop."""


class Refused(SendError):
    """The provider will never take this message (malformed, too long). Never retried."""


class UnknownOutcome(SendError):
    """The call ended without an answer: the message may have been delivered."""


class Channel(Protocol):
    """One way to reach citizens."""

    name: str
    limits: Limits

    def routes(self, receive: Receive) -> Iterable[web.AbstractRouteDef]:
        """The HTTP routes that the provider or the citizen's client calls."""

    async def send(self, address: Address, reply: Reply, *, key: str) -> str | None:
        """Send one reply; ``key`` names it, so that a second send of the same key can be dropped.

        Returns the provider's id of the message. Raises a ``SendError``.
        """

    async def start(self) -> None:
        """Open what the channel needs (connections, listeners)."""

    async def close(self) -> None:
        """Close what ``start`` opened, after the last send."""


@runtime_checkable
class Holding(Protocol):
    """A channel that holds citizens' connections open, which would keep a server from ending."""

    async def hang_up(self) -> None:
        """Tell every open connection to come back later; sends still work after it."""


@runtime_checkable
class Fetching(Protocol):
    """A channel whose messages name pictures that are still at its provider."""

    async def fetch(self, photo: Photo) -> Photo:
        """The picture behind ``Photo.source``, with ``data`` that ``channels.images.picture`` has passed.

        Raises ``Refused`` when it will never be had (gone, no picture, too large), another ``SendError`` when it may
        be had later.
        """
