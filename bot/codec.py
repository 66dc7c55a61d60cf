"""The one way of a person's texts into the database and back: values to JSON, JSON to sealed bytes.

``Codec`` has a key of each person (``mydata/vault.py``); ``Plain`` leaves the bytes as they are. Each stored value
begins, under the seal, with the version of its form, so that a release knows what an older one wrote and leaves alone
what a later one wrote.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from bot.messages import JSON, Incoming, Reply
from mydata.vault import KeyDestroyed, Undecipherable

__all__ = [
    "UNREADABLE",
    "Codec",
    "Content",
    "KeyDestroyed",
    "Message",
    "NewerContent",
    "NotJSON",
    "Own",
    "Plain",
    "Sealer",
    "Undecipherable",
    "clean",
]

VERSION = b"1:"
"""The form that this release writes. A later release still reads the earlier ones."""


class Own(Protocol):
    """One owner's key."""

    def encode(self, data: bytes, /) -> bytes:
        """The bytes to store."""

    def decode(self, data: bytes, /) -> bytes:
        """What ``encode`` was given."""


class Codec(Protocol):
    """The keys of persons, and of what channels call a conversation."""

    async def own(self, owner: str, /, *, make: bool = False) -> Own:
        """The owner's key, made at its first use with ``make``. Raises ``KeyDestroyed``, or one of ``DOWN``."""

    async def warm(self, owners: Collection[str], /, *, make: bool = False) -> None:
        """Have many owners' keys at hand for ``own``. Raises one of ``DOWN``."""

    @property
    def lost(self) -> tuple[type[Exception], ...]:
        """What is raised where an owner has no key any more, or another one."""

    def lookup(self, value: str) -> bytes:
        """Fixed-size bytes under which a value is found again without being stored; the same for every person."""


class Plain:
    """No keys: bytes as they are, and a digest to look up by. For measuring what keys cost, and for tests of a part."""

    lost: tuple[type[Exception], ...] = ()

    async def own(self, _owner: str, /, *, make: bool = False) -> Plain:  # noqa: ARG002  the protocol's
        """The same for everybody."""
        return self

    async def warm(self, _owners: Collection[str], /, *, make: bool = False) -> None:
        """Nothing is fetched."""

    def encode(self, data: bytes, /) -> bytes:
        """The bytes themselves."""
        return data

    def decode(self, data: bytes, /) -> bytes:
        """The bytes themselves."""
        return data

    def lookup(self, value: str) -> bytes:
        """SHA-256, 32 bytes."""
        return hashlib.sha256(value.encode(errors="surrogatepass")).digest()


class NewerContent(Exception):
    """A later release wrote this; it is left alone until a release reads it that can."""


UNREADABLE = (NewerContent, KeyDestroyed, Undecipherable)
"""What opening may raise of content that this process cannot read, now or ever."""


class NotJSON(Exception):
    """A value does not survive JSON unchanged (a tuple, a date, a key that is no text): a fault of its maker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What the inbox keeps: a message, and the safety answer that went out already with the channel's id of it."""

    incoming: Incoming
    safety: Reply | None = None
    safety_id: str | None = None


_MESSAGE: TypeAdapter[Message] = TypeAdapter(Message)
_INCOMING: TypeAdapter[Incoming] = TypeAdapter(Incoming)
_REPLY: TypeAdapter[Reply] = TypeAdapter(Reply)
# What orjson would silently turn into another type is an error instead.
_STRICT = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS


class Content:
    """Values of ours, to and from what the database holds for one person."""

    def __init__(self, own: Own) -> None:
        self._own = own

    def text(self, value: str) -> bytes:
        """Seal a short text."""
        return self._seal(value.encode(errors="surrogatepass"))

    def open_text(self, data: bytes) -> str:
        """The text. Raises ``NewerContent``."""
        return self._open(data).decode(errors="surrogatepass")

    def file(self, data: bytes) -> bytes:
        """Seal a file."""
        return self._seal(data)

    def open_file(self, data: bytes) -> bytes:
        """The file. Raises ``NewerContent``."""
        return self._open(data)

    def message(self, message: Message) -> bytes:
        """Seal a message for the inbox."""
        return self._seal(_MESSAGE.dump_json(message, exclude_defaults=True))

    def open_message(self, data: bytes) -> Message:
        """The message. Raises ``NewerContent``."""
        return _MESSAGE.validate_json(self._open(data))

    def incoming(self, incoming: Incoming) -> bytes:
        """Seal what a citizen wrote, for the transcript."""
        return self._seal(_INCOMING.dump_json(incoming, exclude_defaults=True))

    def open_incoming(self, data: bytes) -> Incoming:
        """What a citizen wrote. Raises ``NewerContent``."""
        return _INCOMING.validate_json(self._open(data))

    def reply(self, reply: Reply) -> bytes:
        """Seal a reply."""
        return self._seal(_REPLY.dump_json(reply, exclude_defaults=True))

    def open_reply(self, data: bytes) -> Reply:
        """The reply. Raises ``NewerContent``."""
        return _REPLY.validate_json(self._open(data))

    def json(self, value: JSON) -> bytes:
        """Seal a JSON value that is read back equal. Raises ``NotJSON``."""
        try:
            data = orjson.dumps(value, option=_STRICT)
        except TypeError as error:
            raise NotJSON(type(value).__name__) from error
        if orjson.loads(data) != value:
            raise NotJSON(type(value).__name__)
        return self._seal(data)

    def open_json(self, data: bytes) -> JSON:
        """The JSON value. Raises ``NewerContent``."""
        return orjson.loads(self._open(data))

    def _seal(self, data: bytes) -> bytes:
        return self._own.encode(VERSION + data)

    def _open(self, data: bytes) -> bytes:
        opened = self._own.decode(data)
        if not opened.startswith(VERSION):
            raise NewerContent(opened.partition(b":")[0].decode(errors="replace")[:8])
        return opened[len(VERSION) :]


class Sealer:
    """The content of every person."""

    def __init__(self, codec: Codec) -> None:
        self._codec = codec

    def lookup(self, value: str) -> bytes:
        """``Codec.lookup``."""
        return self._codec.lookup(value)

    async def of(self, person: UUID, *, make: bool = False) -> Content:
        """One person's; ``make`` for somebody new. Raises what ``Codec.own`` does."""
        return Content(await self._codec.own(str(person), make=make))

    async def warm(self, persons: Collection[UUID], *, make: bool = False) -> None:
        """Have many persons' keys at hand for ``of``, which then asks nobody."""
        await self._codec.warm([str(person) for person in persons], make=make)


def clean(incoming: Incoming) -> Incoming:
    """The message with its lone surrogates replaced: JSON from outside may hold them, UTF-8 cannot."""
    fields: Sequence[str] = ("text", "payload", "language", "message_id")
    broken: dict[str, Any] = {}
    for name in fields:
        value = getattr(incoming, name)
        if value is not None and not value.isascii():
            whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            if whole != value:
                broken[name] = whole
    return replace(incoming, **broken) if broken else incoming
