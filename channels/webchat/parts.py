"""What the handlers of requests are given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bot.messages import Address
from channels.webchat.board import Board
from channels.webchat.gate import Origins
from channels.webchat.pace import Paces
from channels.webchat.pictures import Pictures
from channels.webchat.rooms import Rooms
from channels.webchat.store import Store
from channels.webchat.tokens import Tokens

HEARTBEAT = 20.0
"""Seconds between pings of a socket; one that answers none of them for half of that more is dead."""


def peer_of(request: web.Request) -> str:
    """The address that the connection came from: right where no proxy is in front."""
    return request.remote or ""


async def keep_the_rest(_address: Address) -> None:
    """What the server keeps of a conversation is left as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How one deployment wants its web chat; the defaults are those of a process by itself.

    ``peer`` is a request's address, behind listed proxies. ``urgent`` says whether a text calls for a safety answer.
    ``welcome`` is the payload of the button that asks what can be asked, ``None`` for no welcome, and ``languages``
    are those that it can be said in. ``erase`` removes what the server keeps of a conversation that its citizen ends.
    ``heartbeat`` is in seconds.
    """

    peer: Callable[[web.Request], str] = peer_of
    urgent: Callable[[str], bool] = lambda _text: False
    welcome: str | None = None
    languages: Sequence[str] = ("fi", "sv", "en")
    erase: Callable[[Address], Awaitable[None]] = keep_the_rest
    paces: Paces = field(default_factory=Paces)
    heartbeat: float = HEARTBEAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the channel is made of."""

    tokens: Tokens
    origins: Origins
    store: Store
    rooms: Rooms
    board: Board
    pictures: Pictures
    manner: Manner
