"""What passes between the inbox and the engine about one message."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from bot.codec import Content
from bot.messages import JSON, Address, Effect, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Whose conversation it is, and where it takes place."""

    id: UUID
    person_id: UUID
    address: Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to end one message, the oldest of its conversation, until the lease is over.

    ``state`` and ``beside`` are sealed by the key of ``content``, ``body`` by that of ``author``.
    ``attempts`` counts this one. ``owned``: a member of staff answers.
    """

    conversation: Conversation
    content: Content = field(repr=False)
    author: Content = field(repr=False)
    number: int
    fence: int
    attempts: int
    body: bytes
    state: bytes | None
    beside: bytes | None
    language: str | None
    owned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A message that is kept now, and its claim, where nothing older was unfinished."""

    conversation: Conversation
    claim: Claim | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a message ends. ``status`` is ``done``, ``parked`` or ``late``; only what is done changes the state.

    ``release``: no member of staff owns the conversation from here on.
    """

    status: str
    state: JSON = None
    language: str | None = None
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    release: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An ending as its statement takes it."""

    values: tuple[object, ...]
    effects: tuple[list[str], list[str], list[bytes]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """What a commit left to do: ids of the replies to send now, replies that wait for older ones, more messages."""

    sending: tuple[int, ...]
    waiting: bool
    more: bool
