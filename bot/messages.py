"""The values that cross from room to room.

Frozen, and importing nothing of ours: every room may import this module. Values are parsed once, at the edge, into
these types. All times are aware ``datetime`` in UTC unless a field says otherwise. Languages are ISO 639-1 codes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

JSON = Any
"""A value that survives ``json.loads(json.dumps(value))`` unchanged."""


class Safety(StrEnum):
    """What the safety rules found in a text."""

    EMERGENCY = "emergency"
    CRISIS = "crisis"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a conversation takes place: a channel's name and the channel's own key of the conversation."""

    channel: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectResult:
    """The end of an effect: its value, or the words of its error (never personal data)."""

    effect_id: str
    value: JSON = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Location:
    """A point that a citizen shared (WGS 84 degrees)."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """A picture in a citizen's message.

    A channel gives its own ``source`` for it, to be fetched by the turn, or the ``data`` at once. What is kept has an
    ``id`` and no data; a turn sees a picture that could not be fetched without an id.
    """

    content_type: str = ""
    source: str = field(default="", repr=False)
    data: bytes = field(default=b"", repr=False)
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message of a citizen, or the result of an effect that returns as a turn of its conversation.

    ``message_id`` is the provider's, unique within the channel. ``payload`` is the ``Choice.payload`` of a pressed
    button. ``language`` is only a hint (the locale of the citizen's client).
    """

    address: Address
    message_id: str
    received_at: datetime
    text: str = ""
    payload: str | None = None
    language: str | None = None
    result: EffectResult | None = None
    photos: tuple[Photo, ...] = ()
    location: Location | None = None


class DeliveryState(StrEnum):
    """How far a sent message has come, in this order; the last two are ends."""

    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a provider tells of a message after it took it; ``provider_id`` is what ``Channel.send`` gave.

    Reports come in any order and more than once. ``reason`` is the provider's code, never words of a person. ``key`` is
    that of ``Channel.send``, where the provider gives it back: then its answer to that call may have been lost.
    """

    channel: str
    provider_id: str
    state: DeliveryState
    reason: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a provider tells of an address: whether it can be reached, has opted out, or is now another.

    ``None`` says nothing new. ``moved_to`` is the key under which the conversation goes on.
    """

    address: Address
    reachable: bool | None = None
    opted_out: bool | None = None
    moved_to: str | None = None


Event = Incoming | Delivery | Reach
"""What a channel hands to the server."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that a citizen can press. ``payload`` comes back, as it is, in ``Incoming.payload``.

    One that stands ``aside`` asks for no answer: it is small and comes last; where choices are numbered it is left out.
    """

    label: str
    payload: str
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link with its words. Only ``https``, ``http``, ``mailto`` and ``tel`` addresses are shown."""

    label: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A place: its name, the lines under it, and where it is (WGS 84 degrees)."""

    title: str
    lines: tuple[str, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture on the web, and its words for who does not see it."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One message to a citizen, for every channel.

    ``text`` is light Markdown (paragraphs, lists, bold, links). ``short`` is the form for a channel that counts
    characters, plain text; without it the channel renders ``text``.
    """

    text: str
    language: str
    short: str | None = None
    choices: tuple[Choice, ...] = ()
    links: tuple[Link, ...] = ()
    cards: tuple[Card, ...] = ()
    image: Image | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A thing named in a text. ``start`` and ``end`` are code points of the text as it was understood (NFC).

    ``kind`` is ``district``, ``street``, ``unit``, ``postal_code``, ``service``, ``date``, ``time``, ``number``,
    ``money``, ``age``, ``phone``, ``email``, ``plate`` or ``identity_code`` (whose value and text are hidden).
    ``value`` is the id of a place or service, an ISO 8601 date or time, ``12.50 EUR``, years, E.164 for a phone.
    """

    kind: str
    value: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Alternative:
    """An intent that was considered, and how likely it was (0 to 1)."""

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What was understood of one text.

    ``intent`` is ``OUT_OF_SCOPE`` when nothing fits. ``suggestions`` holds the two or three intents to offer as "did
    you mean" when none is clear enough to act on, and is empty otherwise. ``concern`` is a doubt about safety,
    where there is no alarm: it earns one line before the answer.
    """

    text: str
    language: str
    intent: str
    confidence: float
    alternatives: tuple[Alternative, ...] = ()
    suggestions: tuple[str, ...] = ()
    entities: tuple[Entity, ...] = ()
    safety: Safety | None = None
    concern: Safety | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What understanding may know of the conversation. ``now`` is local time in the city's zone."""

    now: datetime
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something to be done elsewhere, once. ``id`` is stable for the same step of the same run.

    ``name`` is ``service.method`` as registered in the composition root, such as ``feedback.submit``.
    """

    id: str
    name: str
    arguments: tuple[JSON, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """All that a responder is told. ``state`` is what it returned at the turn before, ``None`` at the first.

    ``beside`` lists what the city wrote first since that turn, each with ``id``, ``template``, ``purpose``, ``title``,
    ``at`` (ISO 8601) and ``choices`` (``[id, label, payload, words]``). ``safety_answered`` says that the safety answer
    to this message has been sent already; ``owned`` that a member of staff answers this conversation.
    """

    conversation_id: str
    person_id: str
    channel: str
    incoming: Incoming
    now: datetime
    state: JSON = None
    beside: JSON = ()
    safety_answered: bool = False
    owned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Whether the answer to an intent helped, as a citizen says; ``language`` is the answer's."""

    intent: str
    language: str
    helped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """All that a responder decides. Nothing of it has happened until the engine commits it.

    ``release`` takes the conversation back from the member of staff who owns it. ``missed`` is a text that nothing
    could be done about, as far as it was understood. ``shown``: a person reads the message, or may soon: how its
    citizen can be reached stays in it.
    """

    state: JSON
    language: str | None
    replies: tuple[Reply, ...] = ()
    effects: tuple[Effect, ...] = ()
    intent: str | None = None
    release: bool = False
    missed: Match | None = None
    rating: Rating | None = None
    shown: bool = False
