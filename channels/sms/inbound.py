"""What Twilio posts: a citizen's message, or what became of one of ours; parsed once, here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import parse_qsl

from multidict import MultiDict

from bot.messages import Address, Delivery, DeliveryState, Event, Incoming, Photo, Reach
from channels.base import OptedOut, Unreachable
from channels.sms.codes import CODES

MOST_FIELDS = 200
MOST_MEDIA = 10
"""Pictures of one message, Twilio's own limit."""

_SID = re.compile(r"(?:SM|MM)[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
# Twilio itself tells no time of origin; gateways that post in its form do, under one of these names.
_TIMESTAMPS = ("OriginTimestamp", "Timestamp", "DateSent")
REFERENCE = "key"
"""The part of the address for statuses that names our message."""

_STATES = {
    "sent": DeliveryState.SENT,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.DELIVERED,
    "undelivered": DeliveryState.FAILED,
    "failed": DeliveryState.FAILED,
    "canceled": DeliveryState.FAILED,
}
"""Twilio's statuses; those before ``sent`` (accepted, queued, sending …) tell us nothing new."""


class Malformed(ValueError):
    """A request that no Twilio sends."""


class Ours(Protocol):
    """Whether a picture's address is one of Twilio's own."""

    def __call__(self, url: str, /) -> bool:
        """Answer for one address."""


def read_form(body: bytes) -> MultiDict[str]:
    """The pairs of a form, in their order, decoded and nothing else. Raises ``Malformed``."""
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Malformed("no form of a reasonable size in UTF-8") from None
    return MultiDict(pairs)


def read_message(form: MultiDict[str], ours: Ours) -> Sequence[Event]:
    """A citizen's message, and before it whether they stopped or resumed messages at Twilio.

    Empty when it comes from no phone (a shop's name, a short code): nobody would get an answer. Raises ``Malformed``.
    """
    sid = _sid(form, "MessageSid", "SmsMessageSid", "SmsSid")
    sender = form.get("From", "")
    if not sender or "Body" not in form:
        raise Malformed("a message without sender or body")
    if not _NUMBER.fullmatch(sender):
        return []
    address = Address("sms", sender)
    incoming = Incoming(
        address=address,
        message_id=_message_id(form, sid),
        received_at=datetime.now(UTC),
        text=form["Body"],
        photos=_photos(form, ours),
    )
    stopped = {"STOP": True, "START": False}.get(form.get("OptOutType", "").upper())
    reach = [] if stopped is None else [Reach(address=address, opted_out=stopped)]
    return [*reach, incoming]


def read_status(form: MultiDict[str], reference: str = "") -> Sequence[Event]:
    """What became of a message of ours, and what that tells of its address. Raises ``Malformed``.

    ``reference`` is what came back with the address.
    """
    sid = _sid(form, "MessageSid", "SmsSid")
    status = form.get("MessageStatus") or form.get("SmsStatus") or ""
    if not re.fullmatch(r"[a-z_-]{1,40}", status.lower()):
        raise Malformed("no status")
    state = _STATES.get(status.lower())
    if state is None:
        return []
    code = form.get("ErrorCode", "")
    reason = code if re.fullmatch(r"[1-9][0-9]{0,5}", code, re.ASCII) else None
    delivery = Delivery(channel="sms", provider_id=sid, state=state, reason=reason, key=reference[:100] or None)
    return [delivery, *_reach(form.get("To", ""), state, reason)]


def _reach(to: str, state: DeliveryState, reason: str | None) -> list[Event]:
    meaning = CODES.get(int(reason or 0))
    if state is not DeliveryState.FAILED or meaning is None or not _NUMBER.fullmatch(to):
        return []
    if issubclass(meaning.kind, OptedOut):
        return [Reach(address=Address("sms", to), opted_out=True)]
    if issubclass(meaning.kind, Unreachable):
        return [Reach(address=Address("sms", to), reachable=False)]
    return []


def _sid(form: MultiDict[str], *names: str) -> str:
    for name in names:
        if _SID.fullmatch(form.get(name, "")):
            return form[name]
    raise Malformed("no id of a message")


def _message_id(form: MultiDict[str], sid: str) -> str:
    """Twilio's id; but a gateway that takes one message in twice gives it two ids and one time of origin."""
    origin = next((form[name] for name in _TIMESTAMPS if form.get(name)), "")
    if not origin:
        return sid
    parts = "\0".join((form["From"], form.get("To", ""), origin, form["Body"]))
    return "origin-" + hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _photos(form: MultiDict[str], ours: Ours) -> tuple[Photo, ...]:
    number = form.get("NumMedia", "") or "0"
    if not re.fullmatch(r"[0-9]{1,3}", number, re.ASCII):
        raise Malformed("no number of pictures")
    found = []
    for place in range(min(int(number), MOST_MEDIA)):
        kind, url = form.get(f"MediaContentType{place}", ""), form.get(f"MediaUrl{place}", "")
        if kind.lower().startswith("image/") and ours(url):
            found.append(Photo(content_type=kind.lower(), source=url))
    return tuple(found)
