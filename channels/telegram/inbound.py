"""What Telegram tells of, read once, here: messages, presses of buttons, who has blocked us, groups that move."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from telegram import CallbackQuery, Chat, ChatMemberUpdated, Document, Message, PhotoSize, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.messages import Address, Incoming, Location, Photo, Reach
from channels.images import LONGEST_FILE
from channels.telegram.groups import Invite, Me, addressed

KINDS = ("message", "callback_query", "my_chat_member")
"""The kinds of updates that we ask for. What we do not ask for (edits, channels' posts) is read and left alone."""
GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_WORDLESS = (
    *("animation", "audio", "contact", "dice", "document", "game", "location", "paid_media", "photo", "poll"),
    *("sticker", "story", "venue", "video", "video_note", "voice"),
)
"""What a citizen can send without a word. A message with none of it is Telegram's own (somebody joined)."""
_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8}){0,4}")
_GONE = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)
_THERE = (ChatMemberStatus.MEMBER, ChatMemberStatus.ADMINISTRATOR)


class Unreadable(Exception):
    """An update that is none of the Bot API; the words name the kind of error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A press of a button, which carried ``key``. ``query`` is what Telegram wants to have answered.

    ``chat`` is ``None`` where the button can be none of ours.
    """

    query: str
    chat: str | None
    key: str
    language: str | None


Told = Incoming | Reach | Press | Invite
T = TypeVar("T")


def parse(data: dict[str, Any]) -> Update:
    """The update in a JSON object. Raises ``Unreadable``."""
    try:
        found = Update.de_json(data, None)
        _typed(found.update_id, int)
    except Exception as error:  # the library meets the shapes of strangers with a dozen kinds of errors
        raise Unreadable(type(error).__name__) from None
    return found


def of_group(update: Update) -> bool:
    """Whether it is a message in a group."""
    message = update.message
    return isinstance(message, Message) and isinstance(message.chat, Chat) and message.chat.type in GROUPS


def read(update: Update, me: Me, *, urgent: Callable[[str], bool], topic: Callable[[str], str]) -> Told | None:
    """What an update tells; ``None`` where nothing is to be done. Raises ``Unreadable``.

    ``urgent`` says whether a text calls for a safety answer; ``topic`` makes the payload of a deep link's parameter.
    """
    try:
        if update.callback_query is not None:
            return _press(update.callback_query)
        if update.my_chat_member is not None:
            return _reach(update.my_chat_member)
        if update.message is not None:
            return _message(update.message, me, urgent, topic)
    except Exception as error:  # as above: values of wrong types
        raise Unreadable(type(error).__name__) from None
    return None


def _message(
    message: Message, me: Me, urgent: Callable[[str], bool], topic: Callable[[str], str]
) -> Incoming | Reach | Invite | None:
    chat = _chat(message.chat)
    if message.migrate_to_chat_id is not None:
        return _moved(message.chat.id, message.migrate_to_chat_id)
    if message.migrate_from_chat_id is not None:
        return _moved(message.migrate_from_chat_id, message.chat.id)
    if message.from_user is None or message.from_user.is_bot:
        return None
    if message.chat.type == ChatType.PRIVATE:
        return _incoming(message, chat, topic)
    return _in_group(message, chat, me, urgent, topic) if message.chat.type in GROUPS else None


def _in_group(
    message: Message, chat: str, me: Me, urgent: Callable[[str], bool], topic: Callable[[str], str]
) -> Incoming | Invite | None:
    if not addressed(message, me):
        return None
    if urgent(_text(message)):
        return _incoming(message, chat, topic)
    return Invite(chat=_typed(message.chat.id, int), language=_language(message.from_user))


def _incoming(message: Message, chat: str, topic: Callable[[str], str]) -> Incoming | None:
    if message.text is None and not any(message[kind] for kind in _WORDLESS):
        return None
    text = _text(message)
    start = _START.fullmatch(text)
    opened = start[1] if start is not None else None
    return Incoming(
        address=Address("telegram", chat),
        message_id=f"{chat}:{_typed(message.message_id, int)}",
        received_at=_typed(message.date, datetime),
        text=text if opened is None else "",
        payload=None if opened is None else topic(opened),
        language=_language(message.from_user),
        photos=_photos(message),
        location=_location(message),
    )


def _text(message: Message) -> str:
    """A citizen's words; a sticker says its emoji, a contact its number."""
    text = message.text or message.caption
    if text is None and message.sticker is not None:
        text = message.sticker.emoji
    if text is None and message.contact is not None:
        text = message.contact.phone_number
    return _typed(text or "", str)


def _photos(message: Message) -> tuple[Photo, ...]:
    """References to the pictures of a message; ``fetch`` gets them."""
    if message.photo:
        # The largest that we take; where all are too large, the smallest.
        fitting = [size for size in message.photo if (size.file_size or 0) <= LONGEST_FILE] or message.photo[:1]
        return (_photo(max(fitting, key=lambda size: size.width * size.height)),)
    document = message.document
    if document is not None and (document.mime_type or "").startswith("image/"):
        return (_photo(document),)
    return ()


def _photo(file: PhotoSize | Document) -> Photo:
    return Photo(source=_typed(file.file_id, str))


def _location(message: Message) -> Location | None:
    place = message.venue.location if message.venue is not None else message.location
    if place is None:
        return None
    latitude, longitude = float(place.latitude), float(place.longitude)
    if not (math.isfinite(latitude) and abs(latitude) <= 90 and math.isfinite(longitude) and abs(longitude) <= 180):
        raise ValueError
    return Location(latitude, longitude)


def _press(query: CallbackQuery) -> Press:
    message = query.message
    if message is None:  # too old for Telegram to tell of; our buttons are in private chats, whose id is the person's
        chat: str | None = str(_typed(query.from_user.id, int))
    else:
        chat = _chat(message.chat) if message.chat.type == ChatType.PRIVATE else None
    key = _typed(query.data or "", str)
    return Press(query=_typed(query.id, str), chat=chat if key else None, key=key, language=_language(query.from_user))


def _reach(update: ChatMemberUpdated) -> Reach | None:
    status = update.new_chat_member.status
    address = Address("telegram", _chat(update.chat))
    if update.chat.type == ChatType.CHANNEL or status not in (*_GONE, *_THERE):
        return None
    return Reach(address=address, reachable=status in _THERE)


def _moved(old: int, new: int) -> Reach:
    return Reach(address=Address("telegram", str(_typed(old, int))), moved_to=str(_typed(new, int)))


def _chat(chat: Chat) -> str:
    return str(_typed(chat.id, int))


def _language(user: User | None) -> str | None:
    found = _LANGUAGE.fullmatch(user.language_code or "") if user is not None else None
    return found[1].lower() if found is not None else None


def _typed(value: object, kind: type[T]) -> T:
    """The value, if it is of its type: the library does not look."""
    if not isinstance(value, kind) or isinstance(value, bool):
        raise TypeError(kind.__name__)
    return value
