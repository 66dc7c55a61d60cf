"""One reply to one chat: its messages in their order, each at its time, and none twice that we know has arrived."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram import Message as Sent
from telegram import error as telegram
from telegram.constants import ParseMode

from bot.messages import Choice, Reply
from channels.base import Refused, RetryAfter, SendError, Unavailable, is_safety
from channels.kind import Texts
from channels.progress import Progress
from channels.telegram.buttons import DOWN, Buttons
from channels.telegram.client import Client
from channels.telegram.errors import is_markup, seconds_of, send_error
from channels.telegram.moves import Moves
from channels.telegram.outbound import Message, Picture, Place, Words, messages, rows
from channels.telegram.pace import Pacer

_PATIENCE = 1.0
"""Seconds that a safety answer waits for the keys of its buttons; it goes without them then."""
_REMEMBERED = 10_000
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

logger = structlog.stdlib.get_logger("telegram")
Keyboard = InlineKeyboardMarkup | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Envelope:
    """Where a message goes, with what under it."""

    chat: int
    keyboard: Keyboard
    urgent: bool


class Sender:
    """Sends replies."""

    def __init__(self, client: Client, buttons: Buttons, texts: Texts, moves: Moves, pacer: Pacer) -> None:
        self._client = client
        self._buttons = buttons
        self._texts = texts
        self._moves = moves
        self._pacer = pacer
        self._progress = Progress(_REMEMBERED)

    async def send(self, chat: str, reply: Reply, key: str) -> str | None:
        """Send what of a reply has not been sent; gives the id of its last message. Raises a ``SendError``."""
        if not chat.removeprefix("-").isdecimal():
            raise Refused("no chat of Telegram")
        urgent = is_safety(key)
        try:
            keyboard = await self._keyboard(chat, reply, key, urgent=urgent)
            envelope = _Envelope(chat=int(chat), keyboard=keyboard, urgent=urgent)
            sent = self._progress.of((chat, key))
            for message in messages(reply, self._texts)[len(sent) :]:
                sent.append(await self._one(envelope, message))
        except SendError:
            raise
        except Exception as error:  # the one catch-all of a send: each error has its meaning for the outbox
            raise send_error(error) from error
        return next((found for found in reversed(sent) if found), None)

    async def invite(self, chat: int, language: str) -> None:
        """Ask who spoke to us in a group to a private chat. Raises a ``SendError``."""
        words = Reply(text=self._texts("group.private_only", language), language=language)
        try:
            keyboard = await self._door(language)
            for message in messages(words, self._texts):
                await self._one(_Envelope(chat=chat, keyboard=keyboard, urgent=False), message)
        except SendError:
            raise
        except Exception as error:  # as above
            raise send_error(error) from error

    async def _keyboard(self, chat: str, reply: Reply, key: str, *, urgent: bool) -> Keyboard:
        if not reply.choices:
            return None
        if chat.startswith("-"):
            return await self._door(reply.language)
        try:
            async with asyncio.timeout(_PATIENCE if urgent else None):
                keys = await self._buttons.keep(chat, key, [choice.payload for choice in reply.choices])
        except DOWN as error:
            if urgent:
                return None
            raise RetryAfter from error
        return _pressable(reply.choices, keys)

    async def _door(self, language: str) -> Keyboard:
        """The button that leads from a group to a private chat."""
        with contextlib.suppress(telegram.TelegramError):
            me = await self._client.whoami()
            button = InlineKeyboardButton(self._texts("group.go_private", language), f"https://t.me/{me.name}?start")
            return InlineKeyboardMarkup([[button]])
        return None

    async def _one(self, envelope: _Envelope, message: Message) -> str:
        """Send one message; gives its id, and none where it was left out."""
        chat = self._moves.current(envelope.chat)
        await self._pacer.wait(chat, urgent=envelope.urgent)
        try:
            sent = await self._call(chat, message, envelope.keyboard)
        except telegram.ChatMigrated as error:
            with contextlib.suppress(Unavailable):
                await self._moves.tell(envelope.chat, error.new_chat_id)
            sent = await self._call(error.new_chat_id, message, envelope.keyboard)
        except telegram.RetryAfter as error:
            self._pacer.hold(chat, seconds_of(error))
            raise
        return "" if sent is None else str(sent.message_id)

    async def _call(self, chat: int, message: Message, keyboard: Keyboard) -> Sent | None:
        if isinstance(message, Words):
            return await self._write(chat, message, keyboard if message.buttons else None)
        try:
            return await self._show(chat, message)
        except telegram.BadRequest:  # a picture that Telegram does not get, or a place that it does not take
            logger.warning("telegram_left_out", channel="telegram", kind=type(message).__name__)
            return None

    async def _show(self, chat: int, message: Picture | Place) -> Sent:
        if isinstance(message, Picture):
            return await self._client.send_photo(chat, message.url, caption=message.caption or None)
        card = message.card
        return await self._client.send_venue(
            chat, card.latitude, card.longitude, title=card.title, address=next(iter(card.lines), card.title)
        )

    async def _write(self, chat: int, words: Words, keyboard: Keyboard) -> Sent:
        text, mode = words.part.html, ParseMode.HTML
        try:
            return await self._client.send_message(
                chat, text, parse_mode=mode, reply_markup=keyboard, link_preview_options=_NO_PREVIEW
            )
        except telegram.BadRequest as error:
            if not is_markup(error):
                raise
        logger.warning("telegram_sent_plain", channel="telegram")
        return await self._client.send_message(
            chat, words.part.plain, reply_markup=keyboard, link_preview_options=_NO_PREVIEW
        )


def _pressable(choices: Sequence[Choice], keys: Sequence[str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(label, callback_data=keys[number]) for number, label in row] for row in rows(choices)]
    )
