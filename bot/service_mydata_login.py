"""Showing who one is: a link to the login and the code from its page; a code to a telephone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from bot.codec import Sealer
from bot.messages import Address
from bot.personal import Personal
from portal.links import Links

SMS = "sms"
ADDRESS = "SELECT person_id, channel, address FROM conversations WHERE id = $1 AND detached_at IS NULL"
"""conversation."""

Pool: TypeAlias = "asyncpg.Pool[Any]"


class LoginDesk:
    """``dialogs.services_mydata.Login``."""

    def __init__(
        self, personal: Personal, links: Links | None, pool: Callable[[], Pool], sealer: Sealer, *, texting: bool
    ) -> None:
        """``links`` are there where citizens can log in; ``texting`` tells that text messages can be sent."""
        self._codes = personal.codes
        self.links = links
        self._pool = pool
        self._sealer = sealer
        self._texting = texting

    async def begin(self, _key: str, conversation: str, language: str) -> str:
        """The address of a page to log in at; the last one that was made holds."""
        return "" if self.links is None else await self.links.begin(UUID(conversation), language)

    async def finish(self, _key: str, conversation: str, code: str) -> str:
        """What the code from that page does."""
        return "expired" if self.links is None else await self.links.finish(UUID(conversation), code)

    async def send(self, key: str, conversation: str, phone: str, language: str) -> str:
        """Send a code to a number, once for each ``key``; to the conversation's own, where none is given."""
        number = phone or await self._own(UUID(conversation))
        if not self._texting or number is None:
            return "not_here"
        return await self._codes.send(key, UUID(conversation), Address(SMS, number), language)

    async def check(self, _key: str, conversation: str, code: str) -> str:
        """What a code from the telephone does."""
        return await self._codes.check(UUID(conversation), code)

    async def _own(self, conversation: UUID) -> str | None:
        """The number of a conversation by text message."""
        row = await self._pool().fetchrow(ADDRESS, conversation)
        if row is None or row["channel"] != SMS:
            return None
        return (await self._sealer.of(row["person_id"])).open_text(row["address"])
