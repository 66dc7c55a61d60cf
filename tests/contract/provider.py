"""What the contract asks of a provider's stand-in, so that the same cases run over every channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import aiohttp

from bot.messages import Delivery, Event, Incoming, Reach
from channels.base import SendError, Unavailable
from channels.kind import Kind


class Trouble(StrEnum):
    """How a provider meets the next send."""

    BUSY = "asks to wait"
    FAILING = "fails"
    HANGS_UP = "hangs up"
    NONSENSE = "answers nonsense"
    BLOCKED = "says that the citizen has blocked us"
    REFUSED = "refuses the message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A request as it goes over the wire."""

    path: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """One channel's provider with its citizens. ``by`` tells the citizens apart, from 0."""

    settings: Mapping[str, Any]
    public_url: str | None
    """Where the provider reaches us, ``None`` for where the test serves."""
    long_text: int | None
    """Characters that go into several messages and are all shown; ``None`` where one message takes any text."""
    expected: Mapping[Trouble, tuple[type[SendError], ...]]
    """The troubles that this provider can be in, and the errors that they may become."""

    async def begin(self, http: aiohttp.ClientSession, base: str) -> None:
        """Let the citizens open the channel at our address ``base``."""

    def says(self, text: str, *, by: int = 0, message_id: str = "") -> Post:
        """A genuine message; the same ``message_id`` makes it the same one."""

    def shows(self) -> Post | None:
        """A message with a picture that is still at the provider; ``None`` where none ever is."""

    def asked_for_pictures(self) -> int:
        """How often somebody came to fetch one."""

    def presses(self, label: str) -> Post:
        """A press of a button of the newest message, or what citizens do where nothing can be pressed."""

    def forged(self) -> Sequence[Post]:
        """Requests that are not the provider's."""

    def malformed(self) -> Sequence[Post]:
        """Requests that are the provider's, and hold what it would never send."""

    async def shown(self, by: int = 0) -> list[str]:
        """All that a citizen was shown so far, a text for each message, its buttons and links included."""

    def trouble(self, kind: Trouble) -> None:
        """Get into trouble at the next send."""

    def hang(self, *, hanging: bool) -> None:
        """Answer no call any more, nor give a picture; or answer again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One channel of the contract: its kind, and its provider's stand-in for as long as a block lasts."""

    kind: Kind[Any]
    standing: Any  # a function () -> AbstractAsyncContextManager[Provider]

    def provider(self) -> AbstractAsyncContextManager[Provider]:
        """The stand-in."""
        found: AbstractAsyncContextManager[Provider] = self.standing()
        return found


@dataclass
class Neighbour:
    """What stands in the engine's place."""

    events: list[Event] = field(default_factory=list)
    unavailable: bool = False

    async def receive(self, event: Event) -> None:
        """Keep an event, unless nothing can be kept."""
        if self.unavailable:
            raise Unavailable
        self.events.append(event)

    @property
    def messages(self) -> list[Incoming]:
        """The citizens' messages."""
        return [event for event in self.events if isinstance(event, Incoming)]

    @property
    def reports(self) -> list[Delivery | Reach]:
        """What the provider told beside messages."""
        return [event for event in self.events if not isinstance(event, Incoming)]


def strings(value: Any) -> list[str]:
    """All texts in a JSON value, in order."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in strings(item)]
    return [text for item in value for text in strings(item)] if isinstance(value, list | tuple) else []
