"""What the pages need of the server and the city; ``bot/console.py`` hands it over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

Row = Mapping[str, Any]
"""A row of a page, as the server gives it."""


class People(Protocol):
    """Who owns a conversation. An agent is the subject of a login; each call is false where they were too late."""

    async def claim(self, conversation_id: UUID, agent: str, name: str) -> bool:
        """Own a conversation that waits."""

    async def say(self, conversation_id: UUID, agent: str, text: str, key: UUID) -> bool:
        """Say something to the citizen, once for each key."""

    async def close(self, conversation_id: UUID, agent: str, name: str, reason: str) -> bool:
        """Give the conversation back to the bot."""

    async def transfer(
        self, conversation_id: UUID, agent: str, name: str, *, language: str | None = None, skill: str | None = None
    ) -> bool:
        """Put the conversation back into a queue."""

    async def hand_over(self, conversation_id: UUID, agent: str, to: str, to_name: str) -> bool:
        """Give the conversation to another member of staff."""

    async def note(self, conversation_id: UUID, name: str, text: str) -> bool:
        """Write something for staff alone."""


class Views(Protocol):
    """What can be seen: dictionaries as in ``bot/handoff_views.py``. Who reads and acts is written down."""

    async def read_by(self, conversation_id: UUID, agent: str, role: str, ip_address: str | None) -> None:
        """That a conversation is about to be read, for its citizen to see."""

    async def acted_by(
        self, conversation_id: UUID, act: str, agent: str, role: str, ip_address: str | None, *, done: bool
    ) -> None:
        """That something was done in it, or came too late."""

    async def queue(self, language: str | None = None, skill: str | None = None) -> Sequence[Row]:
        """The open handoffs in order."""

    async def handoff(self, conversation_id: UUID) -> Row | None:
        """The last handoff of a conversation."""

    async def said(self, conversation_id: UUID) -> Sequence[Row]:
        """The conversation's messages."""

    async def notes(self, conversation_id: UUID) -> Sequence[Row]:
        """What staff wrote beside it."""


class Texts(Protocol):
    """The city's sentences."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """What helps to answer. ``skills`` and ``canned`` (title and text) are by name and language.

    ``suggest`` gives answers of the city (``title``, ``text``) to a text in a language, the best first.
    """

    skills: Mapping[str, Mapping[str, str]]
    canned: Mapping[str, Mapping[str, tuple[str, str]]]
    suggest: Callable[[str, str], Awaitable[Sequence[Row]]]


class Insights(Protocol):
    """Figures, as ``bot/insight.py`` counts them."""

    async def turns(self, first: datetime, zone: str) -> Sequence[Row]:
        """Turns by ``day``, ``channel``, ``language`` and ``intent`` since a moment."""

    async def handoffs(self, first: datetime, zone: str) -> Sequence[Row]:
        """By ``day``: ``asked``, ``taken``, and the ``median`` and ``worst`` wait in seconds of those taken."""

    async def endings(self, first: datetime) -> Sequence[Row]:
        """How handoffs ended: ``reason`` and how many (``count``)."""

    async def thumbs(self, first: date) -> Sequence[Row]:
        """What citizens said of answers since a day: ``up`` and ``down`` by day, channel, language and intent."""

    async def misses(self, language: str | None) -> Sequence[Row]:
        """Masked texts that were not understood, the newest first."""

    async def miss(self, miss_id: int) -> Row | None:
        """One of them."""


class Editing(Protocol):
    """What editors ask of the city."""

    async def tried(self, text: str, language: str | None) -> Row:
        """What is understood of a text, and why, as in ``bot/trial.py``."""

    async def draft(self, text: str, language: str) -> Row:
        """A draft of a topic: its ``yaml``, and the ``file`` where it could be written."""

    def title(self, intent: str, language: str) -> str:
        """The name of an intent for people."""
