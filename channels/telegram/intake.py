"""One update: read, its press answered and looked up, and handed to the server."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

import structlog
from telegram import Update
from telegram.error import TelegramError

from bot.messages import Address, Incoming, Reach
from channels.base import Receive, SendError, Unavailable
from channels.kind import House
from channels.telegram.buttons import DOWN, Buttons
from channels.telegram.client import Client
from channels.telegram.groups import Invite, Me
from channels.telegram.inbound import Press, Unreadable, of_group, parse, read
from channels.telegram.moves import Moves
from channels.telegram.sending import Sender

PATIENCE = 5.0
"""Seconds that an update waits for the database or for our name; then Telegram keeps it and comes again."""
INVITE_EVERY = 60.0
"""Seconds between two invitations in one group: politeness to those who only read along."""

logger = structlog.stdlib.get_logger("telegram")


class Intake:
    """Takes updates, from the webhook or from polling."""

    def __init__(
        self, client: Client, house: House, receive: Receive, *, buttons: Buttons, sender: Sender, moves: Moves
    ) -> None:
        self._client = client
        self._buttons = buttons
        self._sender = sender
        self._moves = moves
        self._house = house
        self._receive = receive
        self._invited: OrderedDict[int, float] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, data: dict[str, Any]) -> None:
        """Return when what an update tells is kept. Raises ``Unavailable``.

        One that cannot be read is only noted: Telegram would bring it again and again, before all that follow.
        """
        try:
            update = parse(data)
            told = read(update, await self._me(update), urgent=self._house.urgent, topic=self._house.intent_payload)
        except Unreadable as error:
            logger.warning("telegram_update_unreadable", channel="telegram", reason=str(error))
            return
        match told:
            case Press():
                await self._press(told)
            case Invite():
                self._invite(told)
            case Reach(moved_to=str(new)):
                await self._moves.tell(int(told.address.key), int(new))
            case Incoming() | Reach():
                await self._receive(told)

    async def close(self, within: float = 2.0) -> None:
        """Let answers to presses end within some seconds."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=within)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _me(self, update: Update) -> Me:
        """Ourselves, with our name where a group may be calling us by it."""
        if not of_group(update):
            return self._client.me
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._client.whoami()
        except (TelegramError, TimeoutError) as error:
            raise Unavailable from error

    async def _press(self, press: Press) -> None:
        # At once and whatever becomes of it: until then the button shows that it is busy.
        self._spawn(self._answer(press.query))
        if press.chat is None:
            return
        try:
            async with asyncio.timeout(PATIENCE):
                payload, message_id = await self._buttons.press(press.chat, press.key, press.query)
        except DOWN as error:
            raise Unavailable from error
        await self._receive(
            Incoming(
                address=Address("telegram", press.chat),
                message_id=message_id,
                received_at=datetime.now(UTC),
                payload=payload,
                language=press.language,
            )
        )

    async def _answer(self, query: str) -> None:
        try:
            await self._client.answer_callback_query(query)
        except Exception as error:  # too late, or answered before: nobody waits for it any more
            logger.info("telegram_press_not_answered", channel="telegram", reason=type(error).__name__)

    def _invite(self, invite: Invite) -> None:
        now = time.monotonic()
        while self._invited and next(iter(self._invited.values())) <= now - INVITE_EVERY:
            self._invited.popitem(last=False)
        if invite.chat in self._invited:
            return
        self._invited[invite.chat] = now
        spoken = invite.language in self._house.languages
        self._spawn(self._send_invite(invite.chat, str(invite.language) if spoken else self._house.languages[0]))

    async def _send_invite(self, chat: int, language: str) -> None:
        try:
            await self._sender.invite(chat, language)
        except SendError as error:
            logger.info("telegram_not_invited", channel="telegram", reason=type(error).__name__)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
