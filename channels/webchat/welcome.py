"""The first words of a conversation, before its citizen has said anything: once, in the page's language.

They are the dialogs' own, asked for as a press of the button that asks what can be asked, so that what the law and the
safety rules want said first is said first here too.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.messages import Address, Incoming
from channels.base import Receive, Unavailable
from channels.webchat.inbound import language_of
from channels.webchat.parts import Parts
from channels.webchat.tokens import Grant

PATIENCE = 1.0
"""Seconds that the beginning of a conversation waits until its welcome is kept; a database that hangs must not keep
anyone from writing that there is an emergency."""

_WEIGHED = re.compile(r"\s*([A-Za-z]{2,3})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?")


class Welcome:
    """Asks the server for it."""

    def __init__(self, receive: Receive, parts: Parts) -> None:
        self._receive = receive
        self._parts = parts
        self._asking: set[asyncio.Task[None]] = set()

    async def say(self, request: web.Request, grant: Grant, said: dict[str, Any]) -> None:
        """Ask for the welcome of a conversation, unless this process has; what the server has kept it keeps once.

        ``said`` may hold the page's ``locale``, as Direct Line's start of a conversation and its activities do.
        """
        manner = self._parts.manner
        room = self._parts.rooms.get(grant.conversation)
        if manner.welcome is None or room.welcomed:
            return
        room.welcomed = True
        incoming = Incoming(
            address=Address("webchat", grant.conversation),
            message_id=f"{grant.conversation}-welcome",
            received_at=datetime.now(UTC),
            payload=manner.welcome,
            language=self._language(request, said),
        )
        task = asyncio.create_task(self._ask(incoming))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        await asyncio.wait({task}, timeout=PATIENCE)

    async def _ask(self, incoming: Incoming) -> None:
        try:
            await self._receive(incoming)
        except Unavailable:  # a welcome that cannot be kept now is not worth another try
            self._parts.rooms.get(incoming.address.key).welcomed = False

    def _language(self, request: web.Request, said: dict[str, Any]) -> str | None:
        known = self._parts.manner.languages
        wanted = [language_of(said), *accepted(request.headers.get("Accept-Language", ""))]
        return next((language for language in wanted if language in known), None)


def accepted(header: str) -> Sequence[str]:
    """The languages of an ``Accept-Language``, those wanted most first."""
    found = [match for part in header[:1000].split(",") if (match := _WEIGHED.fullmatch(part))]
    return [match[1].lower() for match in sorted(found, key=lambda match: -float(match[2] or 1))]
