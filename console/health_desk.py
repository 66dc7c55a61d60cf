"""What the pages of health outreach need of the server; ``bot/health_console.py`` gives it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from console.desk import Row


class HealthReview(Protocol):
    """Findings and programmes in the words of a language. ``agent`` is the subject of a login, ``by`` its name."""

    async def recorded(self, target: tuple[str, str], act: str, who: Row, *, done: bool) -> None:
        """That a member of staff (``actor``, ``role``, ``ip_address``) looked, decided, or was too late to.

        ``target``: its type and its id.
        """

    async def queue(self, language: str, programme: str | None) -> Sequence[Row]:
        """What waits for a decision: ``id``, ``title``, ``reason``, ``selected``, ``created_at``."""

    async def programmes(self, language: str) -> Sequence[Row]:
        """All programmes: ``id``, ``title``, ``waiting`` and ``approval`` (none, proposed, approved)."""

    async def finding(self, finding_id: UUID, language: str) -> Row | None:
        """All that the page of a finding shows; ``None`` where nobody may look at it."""

    async def programme(self, name: str, language: str, agent: str) -> Row | None:
        """All that the page of a programme shows."""

    async def decide(self, finding_id: UUID, act: str, choice: str, agent: str, by: str) -> str:
        """Accept, reject (``choice`` is the reason) or postpone (by so many days): ``done``, or why not."""

    async def settle(self, name: str, act: str, agent: str, by: str) -> str:
        """Propose or approve a programme: ``done``, or why not."""
