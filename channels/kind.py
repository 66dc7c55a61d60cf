"""What makes a channel one of the house: its settings, how it is made of them, and how it is set up at its provider."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import asyncpg
from aiohttp import web
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.messages import Address
from channels.base import Channel


class Own(Protocol):
    """The key of one conversation."""

    def encode(self, data: bytes, /) -> bytes:
        """The bytes to store."""

    def decode(self, data: bytes, /) -> bytes:
        """What ``encode`` was given. Raises one of ``Codec.lost``."""


class Codec(Protocol):
    """Seals what a channel keeps of a conversation, by a key of its own; ``bot/codec.py`` has it."""

    @property
    def lost(self) -> tuple[type[Exception], ...]:
        """What is raised where a conversation has no key any more, or another one: its citizen was forgotten."""

    async def own(self, owner: str, /, *, make: bool = False) -> Own:
        """The key of what the channel calls a conversation; ``make`` for a new one. Raises one of ``lost``."""

    def lookup(self, value: str) -> bytes:
        """Fixed-size bytes under which a value is found again without being stored."""


class Texts(Protocol):
    """The city's sentences."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key. Raises ``KeyError`` for an unknown key."""


async def _keep(_address: Address) -> None:
    """Nothing is kept elsewhere."""


def comma_parts(value: object) -> object:
    """The parts of a setting that is a list written with commas; anything else as it is."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What the server hands to a channel that it makes.

    ``pool`` gives the database's connections. ``public_url`` is where citizens and providers reach us, without a
    closing slash. ``listen_url`` is the database's address for a connection that listens, ``None`` in a process that
    does not serve. ``peer`` is the address that a request came from, behind listed proxies. ``urgent`` says whether a
    text calls for a safety answer. ``var_dir`` is a folder of this machine's own. ``intent_payload`` gives the
    ``Choice.payload`` that opens an intent, for a link that begins a conversation with it. ``welcome_payload`` is that
    of the button that asks what can be asked, for a channel that says it before the first message (empty: nothing is
    said). ``erase`` removes all that the server keeps of a conversation, when its citizen ends it and wants it gone;
    it may be called again, and raises what an ``OSError`` or an error of asyncpg is when the database is away.
    """

    pool: Callable[[], asyncpg.Pool[Any]]
    codec: Codec
    public_url: str
    listen_url: str | None
    peer: Callable[[web.Request], str]
    urgent: Callable[[str], bool]
    texts: Texts
    languages: tuple[str, ...]
    var_dir: Path
    serving: bool = True
    development: bool = False
    intent_payload: Callable[[str], str] = str
    welcome_payload: str = ""
    erase: Callable[[Address], Awaitable[None]] = _keep


class ChannelSettings(BaseSettings):
    """The settings of one channel: variables that begin with ``NEUVO_`` and its name.

    A subclass sets ``env_prefix`` and gives each field a ``description``: the remedy that a fault names. ``needed``
    are the fields without which the channel is off; with some of them, but not all, the server does not start.
    ``made_in_development`` are those that ``make`` finds a value for in development.
    """

    model_config = SettingsConfigDict(
        env_ignore_empty=True, frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True
    )
    needed: ClassVar[tuple[str, ...]] = ()
    made_in_development: ClassVar[tuple[str, ...]] = ()

    @property
    def on(self) -> bool:
        """Whether the operator wants this channel."""
        return any(getattr(self, name) is not None for name in self.needed)

    @property
    def needs_public_url(self) -> bool:
        """Whether the provider calls us, so that we must know our own address."""
        return True

    def missing(self) -> tuple[str, ...]:
        """The fields that a wanted channel lacks."""
        return tuple(name for name in self.needed if getattr(self, name) is None) if self.on else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing of a set-up: done by us, or to be done by the reader. Its words hold no secret."""

    done: bool
    words: str


class SetUpFailed(Exception):
    """A provider did not take the set-up; the words say what to do."""


S = TypeVar("S", bound=ChannelSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(Generic[S]):
    """One kind of channel, as ``bot/channels.py`` lists it.

    ``make`` is called with settings that are on and lack nothing; it imports its provider's library then, not before.
    ``connect`` registers our webhooks at the provider, or says the steps that only a person can take; it can be run
    again. Raises ``SetUpFailed``.
    """

    name: str
    settings: type[S]
    make: Callable[[S, House], Channel]
    connect: Callable[[S, str], Awaitable[Sequence[Step]]] | None = None
