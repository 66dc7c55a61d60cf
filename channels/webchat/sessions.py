"""Conversations as such: their tokens, their beginning and welcome, their way back, and their end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from bot.messages import Address
from channels.webchat.door import Door, bearer, not_now
from channels.webchat.parts import Parts
from channels.webchat.problems import Problem, answer, body_of
from channels.webchat.store import DOWN
from channels.webchat.stream import Watermark
from channels.webchat.tokens import GRACE, LIFE, STREAM_LIFE, Grant, new_grant
from channels.webchat.welcome import Welcome

BASE = "/v3/directline"
ONE = BASE + "/conversations/{id}"


class Sessions:
    """The handlers."""

    def __init__(self, parts: Parts, door: Door, welcome: Welcome) -> None:
        self._parts = parts
        self._door = door
        self._welcome = welcome

    def routes(self) -> Sequence[web.RouteDef]:
        """Their paths."""
        return [
            web.post(BASE + "/tokens/generate", self._door.guarded(self._generate)),
            web.post(BASE + "/tokens/refresh", self._door.guarded(self._refresh)),
            web.post(BASE + "/conversations", self._door.guarded(self._begin)),
            web.get(BASE + "/session/getsessionid", self._door.guarded(self._session)),
            web.get(ONE, self._door.guarded(self._reconnect)),
            web.delete(ONE, self._door.guarded(self._end)),
        ]

    def _issued(self, grant: Grant, **more: str) -> dict[str, Any]:
        return {
            "conversationId": grant.conversation,
            "token": self._parts.tokens.make(grant),
            "expires_in": LIFE,
            **more,
        }

    async def _generate(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        return answer(self._issued(self._new(request, body)))

    def _new(self, request: web.Request, body: dict[str, Any]) -> Grant:
        """A new conversation, for a server with the secret or a page that may."""
        given = bearer(request)
        if given is not None:
            if not self._parts.tokens.is_secret(given):
                raise Problem(403, "BadSecret", "This is not the secret of this server.")
            return new_grant(user=_named_user(body), origins=_trusted(body))
        origin, peer = request.headers.get("Origin"), self._parts.manner.peer(request)
        if not self._parts.origins.may_begin(origin, peer):
            raise Problem(403, "BadOrigin", "This page may not begin a chat. Add its origin to NEUVO_WEBCHAT_ORIGINS.")
        self._parts.manner.paces.begin(peer)
        return new_grant(origins=None if origin is None else (origin,))

    async def _refresh(self, request: web.Request) -> web.Response:
        return answer(self._issued(await self._door.looker(request, grace=GRACE)))

    async def _begin(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        given = bearer(request)
        if given is not None and self._parts.tokens.is_secret(given):
            grant = self._new(request, body)
        else:
            grant = await self._door.looker(request)
        await self._welcome.say(request, grant, body)
        return answer(self._issued(grant, streamUrl=self._stream_url(request, grant, None)), 201)

    async def _reconnect(self, request: web.Request) -> web.Response:
        grant = await self._door.looker(request)
        return answer(self._issued(grant, streamUrl=self._stream_url(request, grant, request.query.get("watermark"))))

    def _stream_url(self, request: web.Request, grant: Grant, watermark: str | None) -> str:
        """Its token opens this stream only, and soon: an address may end up in somebody's log."""
        ticket = self._parts.tokens.make(grant, use="stream", life=STREAM_LIFE)
        mark = Watermark.parse(watermark)
        base = self._parts.origins.reached_at(request.headers.get("Host")).replace("http", "ws", 1) + BASE
        return f"{base}/conversations/{grant.conversation}/stream?watermark={mark}&t={ticket}"

    async def _session(self, request: web.Request) -> web.Response:
        grant = await self._door.looker(request)
        return answer({"sessionId": grant.conversation})

    async def _end(self, request: web.Request) -> web.Response:
        """End and erase. Asked a second time it erases what the first could not."""
        grant = self._door.grant(request, grace=GRACE)
        self._parts.manner.paces.look(grant.conversation)
        try:
            await self._parts.store.end(grant.conversation)
        except DOWN as error:
            raise not_now() from error
        self._parts.rooms.empty(grant.conversation)
        await self._door.erased(Address("webchat", grant.conversation))
        return web.Response(status=204)


def _named_user(body: dict[str, Any]) -> str | None:
    """A server may name the person; Direct Line wants such names to begin with ``dl_``."""
    user = body.get("user")
    if user is None:
        return None
    name = user.get("id") if isinstance(user, dict) else None
    if not isinstance(name, str) or not name.startswith("dl_") or len(name) > 128:
        raise Problem(400, "BadArgument", "Send user as {id}, where id begins with dl_ and has at most 128 characters.")
    return name


def _trusted(body: dict[str, Any]) -> tuple[str, ...] | None:
    """The origins that a server binds the token to."""
    origins = body.get("trustedOrigins")
    if origins is None:
        return None
    if not isinstance(origins, list) or not all(isinstance(each, str) for each in origins):
        raise Problem(400, "BadArgument", "Send trustedOrigins as a list of strings such as https://www.example.fi.")
    return tuple(origins)
