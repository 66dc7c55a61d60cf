"""What Teams posts: an activity, checked once, here. The request is known to be Microsoft's."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.messages import Address, Incoming, Photo, Reach
from channels.teams.gate import CHANNEL
from channels.teams.hosts import LONGEST
from channels.teams.mentions import Mention, without_mentions
from channels.teams.places import Place
from channels.teams.problems import Problem, object_of, objects_of, text_of
from channels.teams.references import Reference

LONGEST_TEXT = 100_000
"""Characters of a text; more is cut off."""
LONGEST_VALUE = 4_000
"""Characters of a button's payload."""
PERSONAL = "personal"
FILE = "application/vnd.microsoft.teams.file.download.info"
PICTURES = frozenset({"jpg", "jpeg", "png", "webp", "gif"})
MOST_PHOTOS = 10
LONGEST_BODY = 1024 * 1024

_LOCALE = re.compile(r"([A-Za-z]{2,3})(?:-[A-Za-z0-9]{1,8}){0,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An activity: where it belongs, how to write there, and what it tells, if it tells us anything.

    ``press`` names the button on its card, where there is one; ``invoke`` says that an answer is waited for.
    ``welcome`` is a message that stands for the person who has just added the bot and said nothing yet.
    """

    key: str
    reference: Reference
    event: Incoming | Reach | None = None
    press: str | None = None
    invoke: bool = False
    welcome: Incoming | None = None


def read(activity: dict[str, Any], service_url: str) -> Posted | None:
    """What an activity tells; ``None`` for a kind that tells nothing. Raises ``Problem`` 400 or 404."""
    kind = text_of(activity, "type")
    if not kind or text_of(activity, "channelId") != CHANNEL:
        raise Problem(400, "BadArgument")
    reader = _READERS.get(kind)
    if reader is None:
        return None
    conversation, bot = object_of(activity, "conversation"), object_of(activity, "recipient")
    place = text_of(conversation, "id", 1_000)
    if not place or not text_of(bot, "id", 1_000):
        raise Problem(400, "BadArgument")
    reference = Reference(service_url=service_url, conversation=place, bot=text_of(bot, "id", 1_000))
    return reader(activity, Posted(key=_key(activity, conversation), reference=reference))


def _key(activity: dict[str, Any], conversation: dict[str, Any]) -> str:
    tenant = text_of(conversation, "tenantId") or text_of(object_of(object_of(activity, "channelData"), "tenant"), "id")
    name = text_of(conversation, "id", 1_000)
    question = "" if _personal(activity) else _digest(name, text_of(activity, "id", 1_000))
    place = Place(tenant=tenant, conversation=name, question=question)
    if not place.whole:
        raise Problem(400, "BadArgument")
    return place.key


def _personal(activity: dict[str, Any]) -> bool:
    return text_of(object_of(activity, "conversation"), "conversationType") in ("", PERSONAL)


def _message(activity: dict[str, Any], posted: Posted) -> Posted | None:
    sender, bot = object_of(activity, "from"), object_of(activity, "recipient")
    if text_of(sender, "id", 1_000) in ("", posted.reference.bot) or text_of(sender, "role") == "bot":
        return None
    mentions = [
        Mention(text_of(who, "id", 1_000), text_of(who, "name"), text_of(entity, "text"))
        for entity in objects_of(activity, "entities")
        if text_of(entity, "type") == "mention" and (who := object_of(entity, "mentioned"))
    ]
    personal = _personal(activity)
    if not personal and posted.reference.bot not in [mention.id for mention in mentions]:
        return None  # people talk with one another
    payload = _payload(activity.get("value")) if personal else None
    text = without_mentions(_said(activity), mentions, posted.reference.bot, text_of(bot, "name"))
    photos = _photos(activity) if personal else ()
    return _told(activity, posted, text=text, payload=payload, photos=photos)


def _said(activity: dict[str, Any]) -> str:
    value = activity.get("text")
    if value is not None and not isinstance(value, str):
        raise Problem(400, "BadArgument")
    return (value or "")[:LONGEST_TEXT]


def _told(
    activity: dict[str, Any],
    posted: Posted,
    *,
    text: str = "",
    payload: str | None = None,
    photos: tuple[Photo, ...] = (),
) -> Posted:
    name = text_of(activity, "id", 1_000)
    if not name:
        raise Problem(400, "MissingId")
    card = text_of(activity, "replyToId", 1_000)
    incoming = Incoming(
        address=Address("teams", posted.key),
        message_id=_digest(posted.key, name),
        received_at=datetime.now(UTC),
        text=text,
        payload=payload,
        language=_language(activity),
        photos=photos,
    )
    press = _digest(posted.key, card, payload) if payload is not None and card else None
    invoke = activity["type"] == "invoke"
    return Posted(key=posted.key, reference=posted.reference, event=incoming, press=press, invoke=invoke)


def _invoke(activity: dict[str, Any], posted: Posted) -> Posted:
    if text_of(activity, "name") != "adaptiveCard/action":
        raise Problem(404, "NotSupported")
    action = object_of(object_of(activity, "value"), "action")
    data = action.get("data")
    payload = _payload(data if data else text_of(action, "verb", LONGEST_VALUE) or None)
    if payload is None:
        raise Problem(400, "BadArgument")
    return _told(activity, posted, payload=payload)


def _installation(activity: dict[str, Any], posted: Posted) -> Posted | None:
    action = text_of(activity, "action")
    return _reach(activity, posted, {"add": True, "remove": False}.get(action))


def _members(activity: dict[str, Any], posted: Posted) -> Posted | None:
    for name, there in (("membersRemoved", False), ("membersAdded", True)):
        if any(text_of(member, "id", 1_000) == posted.reference.bot for member in objects_of(activity, name)):
            told = _reach(activity, posted, there)
            # Teams tells of the same bot twice at once, and only an installation names the person's language: where
            # the other comes first, the welcome would be in the city's first language.
            return replace(told, welcome=None) if told is not None and _language(activity) is None else told
    return None


def _reach(activity: dict[str, Any], posted: Posted, there: bool | None) -> Posted | None:
    """Of a person's chat alone: of a team or a group the connector tells when something is sent there."""
    if there is None or not _personal(activity):
        return None
    old = posted.reference
    reference = Reference(service_url=old.service_url, conversation=old.conversation, bot=old.bot, removed=not there)
    event = Reach(address=Address("teams", posted.key), reachable=there)
    welcome = Incoming(
        address=event.address,
        message_id=_digest(posted.key, "welcome"),
        received_at=datetime.now(UTC),
        language=_language(activity),
    )
    return Posted(key=posted.key, reference=reference, event=event, welcome=welcome if there else None)


def _payload(value: object) -> str | None:
    if value is None or value == {}:
        return None
    if isinstance(value, Mapping) and isinstance(value.get("payload"), str):
        value = value["payload"]
    if not isinstance(value, str):
        try:
            value = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
        except orjson.JSONEncodeError as error:
            raise Problem(400, "BadArgument") from error
    if len(value) > LONGEST_VALUE:
        raise Problem(400, "BadArgument")
    return value


def _photos(activity: dict[str, Any]) -> tuple[Photo, ...]:
    """References of pictures; of anything else that is attached (Teams sends each text as HTML too), none."""
    found = []
    for attachment in objects_of(activity, "attachments"):
        kind = text_of(attachment, "contentType").lower()
        if kind.startswith("image/"):
            found.append(Photo(content_type=kind, source=_source(attachment, "contentUrl")))
        elif kind == FILE:
            content = object_of(attachment, "content")
            if text_of(content, "fileType").lower() in PICTURES:
                found.append(Photo(source=_source(content, "downloadUrl")))
    return tuple(photo for photo in found if photo.source)[:MOST_PHOTOS]


def _source(found: dict[str, Any], name: str) -> str:
    """The address of a picture; empty for one that is too long to be fetched: the words beside it are heard."""
    url = text_of(found, name, LONGEST_BODY)
    return url if len(url) <= LONGEST else ""


def _language(activity: dict[str, Any]) -> str | None:
    """The language of the person's Teams."""
    infos = [entity for entity in objects_of(activity, "entities") if text_of(entity, "type") == "clientInfo"]
    for holder in (activity, *infos):
        found = _LOCALE.fullmatch(text_of(holder, "locale"))
        if found:
            return found[1].lower()
    return None


def _digest(*parts: str) -> str:
    """A short name of something, from which nobody is known."""
    joined = "\n".join(parts).encode(errors="surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:40]


_READERS = {
    "message": _message,
    "invoke": _invoke,
    "installationUpdate": _installation,
    "conversationUpdate": _members,
}
