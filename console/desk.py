"""What the pages need of the server; ``bot/app.py`` hands it over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID


class People(Protocol):
    """Who owns a conversation. An agent is the subject of a login; each call is false where they were too late."""

    async def claim(self, conversation_id: UUID, agent: str, name: str) -> bool:
        """Own a conversation that waits."""

    async def say(self, conversation_id: UUID, agent: str, text: str, key: UUID) -> bool:
        """Say something to the citizen, once for each key."""

    async def close(self, conversation_id: UUID, agent: str, name: str, reason: str) -> bool:
        """Give the conversation back to the bot."""

    async def transfer(self, conversation_id: UUID, agent: str, name: str, language: str | None = None) -> bool:
        """Put the conversation back into the queue."""


class Views(Protocol):
    """What can be seen: dictionaries as in ``bot/handoff_views.py``."""

    async def queue(self, language: str | None = None) -> Sequence[Mapping[str, Any]]:
        """The open handoffs in order."""

    async def handoff(self, conversation_id: UUID) -> Mapping[str, Any] | None:
        """The last handoff of a conversation."""

    async def said(self, conversation_id: UUID) -> Sequence[Mapping[str, Any]]:
        """The conversation's messages."""


class Texts(Protocol):
    """The city's sentences."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key."""
