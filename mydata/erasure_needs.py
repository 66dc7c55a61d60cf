"""What an erasure needs of others: what is sealed, by whose key, and where the keys are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol
from uuid import UUID

from bot.messages import Reply


class Content(Protocol):
    """What is sealed by one person's key."""

    def open_text(self, data: bytes) -> str:
        """A short text."""

    def reply(self, reply: Reply) -> bytes:
        """Seal a reply."""


class Sealer(Protocol):
    """The content of every person, and the keyed hash of an address."""

    async def of(self, person: UUID) -> Content:
        """One person's. Raises one of ``lost`` where there is no key any more."""

    def lookup(self, value: str) -> bytes:
        """What a value is found by."""


class Keys(Protocol):
    """Where the keys are. An owner is a person's id, or what a channel calls a conversation."""

    async def destroy(self, owners: Collection[str]) -> int:
        """Destroy keys, for good; none there is no error."""

    async def note_erased(self, person: UUID) -> None:
        """Remember an erasure where no backup of the database reaches, once."""

    async def erased(self) -> Sequence[UUID]:
        """Everybody who was erased."""


class Apart(Protocol):
    """What is kept of persons by pseudonyms, apart from all else (health outreach)."""

    async def forget(self, persons: Collection[UUID]) -> None:
        """Remove all of it, and the way back; none there is no error."""
