"""In groups we answer who speaks to us, and only by asking them over: what is personal is not for all to read.

An emergency is the exception: the safety answer is given wherever it is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegram import Message
from telegram.constants import MessageEntityType


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The bot itself. ``name`` is without ``@``; ``None`` until Telegram has told it."""

    id: int
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """Somebody spoke to us in a group."""

    chat: int
    language: str | None


def addressed(message: Message, me: Me) -> bool:
    """Whether a message in a group is meant for us: an answer to us, our name, or a command with our name."""
    answered = message.reply_to_message
    if answered is not None and answered.from_user is not None and answered.from_user.id == me.id:
        return True
    if message.text is not None:
        found = message.parse_entities()
    else:
        found = message.parse_caption_entities() if message.caption is not None else {}
    name = f"@{me.name or ' '}".casefold()  # nothing is called by a space
    for entity, text in found.items():
        if entity.type == MessageEntityType.MENTION and text.casefold() == name:
            return True
        if entity.type == MessageEntityType.BOT_COMMAND and text.casefold().endswith(name):
            return True
        if entity.type == MessageEntityType.TEXT_MENTION and entity.user is not None and entity.user.id == me.id:
            return True
    return False
