"""What the pages of campaigns need of the server; ``bot/campaign_desk.py`` gives it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO, Protocol
from uuid import UUID

from console.desk import Row


class Campaigns(Protocol):
    """Campaigns in the words of a language. ``agent`` is the subject of a login, ``by`` its name."""

    async def recorded(self, campaign_id: UUID | None, act: str, who: Row, *, done: bool) -> None:
        """That a member of staff (``actor``, ``role``, ``ip_address``) did something, or was too late to."""

    def templates(self, language: str) -> Sequence[Row]:
        """What can be sent: ``id``, ``title`` and the title of its ``purpose``."""

    async def every(self, language: str) -> Sequence[Row]:
        """All campaigns, the newest first."""

    async def new(self, name: str, template: str, agent: str, by: str) -> UUID | None:
        """A draft; ``None`` where there is no such template."""

    async def page(self, campaign_id: UUID, language: str, agent: str) -> Row | None:
        """All that the page of a campaign shows."""

    def reason(self, code: str, language: str) -> str:
        """Why a message waits or is not sent, in words."""

    def euros(self, cost: float, language: str) -> str:
        """A sum as a language writes it."""

    async def hours(self, campaign_id: UUID) -> Sequence[Row]:
        """What came of it: ``count`` by ``hour``, ``channel`` and ``what``."""

    async def change(
        self, campaign_id: UUID, form: Row, agent: str, by: str, send_at: datetime | None
    ) -> Mapping[str, str]:
        """Write what a form says; what is wrong with it, by field."""

    async def fill(self, campaign_id: UUID, source: BinaryIO | Row, agent: str, by: str) -> tuple[str, Sequence[str]]:
        """Take an audience: a table, a filter or a programme. What is wrong with it, and in which columns."""

    async def act(self, campaign_id: UUID, act: Any, agent: str, by: str) -> str:
        """Take it to its next state: ``done``, or why not."""

    async def look_again(self, campaign_id: UUID) -> None:
        """Let the dry run look at everybody anew."""

    def fault_lines(self, campaign_id: UUID) -> AsyncIterator[Row]:
        """Lines of a table that cannot be used: ``line``, ``fault`` and ``field``."""

    async def try_on(self, campaign_id: UUID, language: str, agent: str) -> bool:
        """Send the message to the member of staff's own telephone."""

    async def ask_code(self, number: str, agent: str, language: str) -> str:
        """Send a code to a telephone: ``sent``, or why not."""

    async def confirm_code(self, code: str, agent: str) -> bool:
        """Hold a code against the one that was sent."""

    async def forget_phone(self, agent: str) -> None:
        """Use no telephone any more."""
