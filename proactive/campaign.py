"""One message to many, as values: what it is, who may do what with it, and in which order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, Self
from uuid import UUID

from bot.messages import JSON

Status = Literal["draft", "waiting", "approved", "running", "paused", "done", "cancelled"]
Act = Literal["submit", "give_back", "approve", "start", "pause", "resume", "cancel"]
Outcome = Literal["done", "late", "own", "empty", "unlooked"]
"""Of an act. ``late``: the campaign is in another state by now. ``own``: who wrote a campaign does not approve it.
``empty``: it would reach nobody. ``unlooked``: the dry run has not looked at everybody yet."""

FROM: Mapping[Act, Sequence[Status]] = {
    "submit": ("draft",),
    "give_back": ("waiting", "approved"),
    "approve": ("waiting",),
    "start": ("approved",),
    "pause": ("running",),
    "resume": ("paused",),
    "cancel": ("draft", "waiting", "approved", "running", "paused"),
}
"""In which states an act can be done."""
ENDED: Sequence[Status] = ("done", "cancelled")
NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Who:
    """A member of staff: the subject of the login, and the name for colleagues."""

    agent: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign. ``values`` are the same for all; ``audience`` tells where it comes from, by ``kind``.

    ``authors`` are all who have written it, and ``approved_by`` is none of them. Without ``send_at`` it goes out as
    soon as it is started.
    """

    id: UUID
    name: str
    status: Status
    template: str
    version: int
    values: Mapping[str, JSON] = field(repr=False)
    channels: Sequence[str] | None
    audience: Mapping[str, Any] | None
    authors: Sequence[str]
    author_name: str
    approved_by: str | None
    approver_name: str | None
    approved_at: datetime | None
    send_at: datetime | None
    created_at: datetime
    changed_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Mapping[str, Any], **opened: Any) -> Self:
        """From a row of the table, with the columns that had to be opened."""
        return cls(**{**row, **opened})

    def acts(self, agent: str) -> Sequence[Act]:
        """What somebody could do with it now."""
        return [
            act
            for act, states in FROM.items()
            if self.status in states and not (act == "approve" and agent in self.authors)
        ]


class Content(Protocol):
    """What is sealed by one key."""

    def text(self, value: str) -> bytes:
        """Seal a short text."""

    def open_text(self, data: bytes) -> str:
        """The text."""

    def json(self, value: JSON) -> bytes:
        """Seal a JSON value."""

    def open_json(self, data: bytes) -> JSON:
        """The JSON value."""


class Sealer(Protocol):
    """The content of every owner of a key, and keyed hashes."""

    async def of(self, person: UUID, *, make: bool = False) -> Content:
        """One owner's; ``make`` for a new one."""

    def lookup(self, value: str) -> bytes:
        """What a value is found by."""
