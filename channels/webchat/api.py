"""Direct Line 3.0: every path that the clients call."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from channels.base import Receive
from channels.webchat.door import Door
from channels.webchat.parts import Parts
from channels.webchat.sessions import BASE, Sessions
from channels.webchat.talk import Talk
from channels.webchat.welcome import Welcome


def routes(receive: Receive, parts: Parts) -> Sequence[web.RouteDef]:
    """The paths of Direct Line, and the questions of browsers before them."""
    door = Door(parts)
    welcome = Welcome(receive, parts)
    return [
        *Sessions(parts, door, welcome).routes(),
        *Talk(receive, parts, door, welcome).routes(),
        web.options(BASE + "/{path:.*}", door.preflight),
    ]
