"""The Bot API by python-telegram-bot: one client with our waits, and what it is called."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from typing import Any

from telegram import Bot
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

from channels.telegram.groups import Me
from channels.telegram.inbound import KINDS

# The library's way to have times as they will be in its next major version; else it warns at every 429.
os.environ["PTB_TIMEDELTA"] = "true"
# It tells of each call with the whole address, in which the token is.
logging.getLogger("httpx").setLevel(logging.WARNING)

_PATIENCE = 10.0
"""Seconds for an answer. The outbox gives a send 20 in all."""


class Client(Bot):
    """The bot at Telegram (or at a server of the Bot API that the city keeps itself)."""

    __slots__ = ("_asking", "_me")

    def __init__(self, token: str, api_url: str, *, patience: float = _PATIENCE) -> None:
        """``api_url`` is without a closing slash. ``patience`` is how long an answer may take, in seconds."""
        base = api_url.rstrip("/")
        super().__init__(
            token,
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=_request(64, patience),
            get_updates_request=_request(1, patience),
        )
        number = token.partition(":")[0]
        self._me = Me(id=int(number) if number.isdecimal() else 0, name=None)
        self._asking = asyncio.Lock()

    async def whoami(self) -> Me:
        """Our id and name, asked once. Raises ``TelegramError``."""
        async with self._asking:
            if self._me.name is None:
                user = await self.get_me()
                self._me = Me(id=user.id, name=user.username)
        return self._me

    @property
    def me(self) -> Me:
        """Our id, and our name once it has been asked."""
        return self._me

    async def raw_updates(self, offset: int | None, wait: int) -> Sequence[Any]:
        """Updates as they come, so that one that cannot be read does not hide the others. Raises ``TelegramError``."""
        asked = {"offset": offset, "timeout": wait, "allowed_updates": list(KINDS)}
        found = await self._post("getUpdates", asked, read_timeout=wait + _PATIENCE)
        if not isinstance(found, list):
            raise TelegramError("no list of updates")
        return found

    async def close_connections(self) -> None:
        """Close the connections; the next call would open new ones."""
        for request in self._request:
            await request.shutdown()


def _request(connections: int, patience: float) -> HTTPXRequest:
    return HTTPXRequest(
        connection_pool_size=connections,
        read_timeout=patience,
        write_timeout=patience,
        connect_timeout=min(5.0, patience),
        pool_timeout=min(5.0, patience),
    )
