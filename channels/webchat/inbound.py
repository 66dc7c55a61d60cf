"""What a citizen's client posts: an activity, checked once, here."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.messages import Address, Incoming
from channels.webchat.pictures import Picture
from channels.webchat.problems import Problem
from channels.webchat.tokens import Grant

LONGEST_TEXT = 100_000
"""Characters of a text; more is cut off."""
LONGEST_VALUE = 4_000
"""Characters of a button's payload."""
LONGEST_ID = 200

_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message as the engine takes it, and as every tab of the citizen shows it."""

    incoming: Incoming
    shown: dict[str, Any]


def read_post(activity: dict[str, Any], grant: Grant, pictures: Sequence[Picture] = ()) -> Post | None:
    """The message in an activity; ``None`` for what needs no answer (typing, events). Raises ``Problem`` 400."""
    kind = _text(activity, "type")
    if not kind:
        raise Problem(400, "MissingProperty", "Give the activity a type, such as message.")
    if kind != "message":
        return None
    data = _object(activity, "channelData")
    text = _text(activity, "text")[:LONGEST_TEXT]
    payload = _payload(activity.get("value"))
    label = _display_text(activity, data)
    if data.get("postBack") is True:
        # Microsoft's client puts a button's string into the text: it is for us, and is not shown.
        payload, text = payload if payload is not None else text, label
    elif payload is not None and label:
        text = label
    client_id = _text(data, "clientActivityID")
    if len(client_id) > LONGEST_ID:
        raise Problem(400, "BadArgument", f"Send a clientActivityID of at most {LONGEST_ID} characters.")
    incoming = Incoming(
        address=Address("webchat", grant.conversation),
        message_id=_message_id(grant, client_id),
        received_at=datetime.now(UTC),
        text=text,
        payload=payload,
        language=language_of(activity),
        photos=tuple(each.photo for each in pictures),
    )
    shown = _shown(incoming, grant, client_id, data)
    if pictures:
        shown["attachments"] = [_attachment(each, place) for place, each in enumerate(pictures, 1)]
    return Post(incoming=incoming, shown=shown)


def language_of(activity: dict[str, Any]) -> str | None:
    """The language of an activity's ``locale``. Raises ``Problem`` 400 when that is no string."""
    locale = _LOCALE.fullmatch(_text(activity, "locale"))
    return locale[1].lower() if locale else None


def _attachment(picture: Picture, place: int) -> dict[str, Any]:
    """The copy, where Microsoft's client looks for one: without it, it shows a citizen their file's name alone.

    That name is left out: it may name people, and says nothing to us.
    """
    return {"contentType": "image/jpeg", "thumbnailUrl": picture.preview, "name": f"{place}.jpg"}


def _message_id(grant: Grant, client_id: str) -> str:
    """The same for a message that is sent again."""
    own = hashlib.sha256(client_id.encode()).hexdigest()[:32] if client_id else secrets.token_hex(16)
    return f"{grant.conversation}-{own}"


def _shown(incoming: Incoming, grant: Grant, client_id: str, data: dict[str, Any]) -> dict[str, Any]:
    """The echo, in which the words of a citizen are no markup and a button's value is left out."""
    marks: dict[str, Any] = {"clientActivityID": client_id} if client_id else {}
    if data.get("postBack") is True:
        marks["postBack"] = True
    if isinstance(data.get("messageBack"), dict):
        marks["messageBack"] = {"displayText": incoming.text}
    shown: dict[str, Any] = {
        "type": "message",
        "from": {"id": grant.user, "role": "user"},
        "text": incoming.text,
        "textFormat": "plain",
    }
    if incoming.language is not None:
        shown["locale"] = incoming.language
    if marks:
        shown["channelData"] = marks
    return shown


def _payload(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict) and isinstance(value.get("payload"), str):
        value = value["payload"]
    if not isinstance(value, str):
        try:
            value = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        except orjson.JSONEncodeError as error:
            raise Problem(400, "BadArgument", "Send a value nested at most 100 deep.") from error
    if len(value) > LONGEST_VALUE:
        raise Problem(400, "BadArgument", f"Send a value of at most {LONGEST_VALUE} characters.")
    return value


def _display_text(activity: dict[str, Any], data: dict[str, Any]) -> str:
    """What a button showed: in the activity, or where Microsoft's client puts it."""
    inner = data.get("messageBack")
    found = _text(activity, "displayText") or (_text(inner, "displayText") if isinstance(inner, dict) else "")
    return found[:LONGEST_TEXT]


def _text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Problem(400, "BadArgument", f"Send {name} as a string.")
    return value


def _object(found: dict[str, Any], name: str) -> dict[str, Any]:
    value = found.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Problem(400, "BadArgument", f"Send {name} as an object.")
    return value
