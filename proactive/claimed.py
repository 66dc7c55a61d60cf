"""What is known of nudges at the moment of sending: the claimed rows, and the facts that the gate decides by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias
from uuid import UUID

from bot.messages import JSON, Address, Reply
from proactive.template import Urgency

if TYPE_CHECKING:
    import asyncpg.pool

Connection: TypeAlias = "asyncpg.Connection[Any] | asyncpg.pool.PoolConnectionProxy[Any]"
EVERYTHING = ""
"""The purpose under which an address wants no messages at all."""


class Content(Protocol):
    """What is sealed by one person's key."""

    def json(self, value: JSON) -> bytes:
        """Seal a JSON value."""

    def open_json(self, data: bytes) -> JSON:
        """The JSON value."""

    def reply(self, reply: Reply) -> bytes:
        """Seal a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """One claimed nudge. ``owner`` is whose it is now, ``person_id`` by whose key its values are sealed."""

    id: UUID
    person_id: UUID
    owner: UUID
    conversation_id: UUID | None
    template: str
    version: int
    purpose: str
    urgency: Urgency
    language: str | None
    values: bytes = field(repr=False)
    channels: Sequence[str] | None
    mode: str
    expires_at: datetime
    paced: bool
    tried: Sequence[str]
    attempts: int
    status: str
    reason: str | None
    campaign: str | None = None
    """The status of its campaign."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row of ``delivery_sql.CLAIM``."""
        return cls(**row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A conversation of a person, as it is now. ``suppressed`` has the reasons of our own list by purpose."""

    id: UUID
    person_id: UUID
    address: Address = field(repr=False)
    language: str | None
    level: str
    content: Content = field(repr=False)
    beside: Sequence[JSON] = field(repr=False, default=())
    suppressed: Mapping[str, str] = field(default_factory=dict)
    opted_out: bool = False
    reachable: bool = True
    used_at: datetime | None = None
    owned: bool = False
    crisis_at: datetime | None = None
    dialog_at: datetime | None = None
    busy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that is known of some nudges' owners.

    ``places`` are by owner, the last used first; ``standings`` by owner, purpose and conversation, as
    ``gate.Route.standing`` has them; ``recent`` are sendings by owner and purpose; ``contents`` open what each
    person's key has sealed, ``None`` where it is destroyed.
    """

    places: Mapping[UUID, Sequence[Place]]
    standings: Mapping[tuple[UUID, str, UUID], str]
    recent: Mapping[tuple[UUID, str], Sequence[datetime]]
    contents: Mapping[UUID, Content | None]


class Reads(Protocol):
    """Reads the facts."""

    async def read(self, connection: Connection, nudges: Sequence[Nudge], now: datetime) -> Facts:
        """In the transaction of the claim. The conversations stay locked until it ends."""
