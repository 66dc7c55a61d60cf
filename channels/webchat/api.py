"""Direct Line 3.0: the requests of a citizen's client."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiohttp import web

from channels.base import Receive, Unavailable
from channels.webchat.board import Board
from channels.webchat.gate import Origins, Pace
from channels.webchat.inbound import read_post
from channels.webchat.problems import Problem, answer, body_of, refusal
from channels.webchat.rooms import Rooms
from channels.webchat.store import DOWN, Activity, Store
from channels.webchat.stream import Stream, Watermark, activity_set
from channels.webchat.tokens import GRACE, LIFE, STREAM_LIFE, Grant, Tokens, new_grant

BASE = "/v3/directline"
HEARTBEAT = 20.0
"""Seconds between pings of a socket; one that answers none of them for half of that more is dead."""

LONGEST_PING = 4096
"""Bytes that a client may send over a socket, on which it has nothing to say."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Api:
    """The handlers, over what the channel is made of."""

    def __init__(
        self,
        receive: Receive,
        *,
        tokens: Tokens,
        origins: Origins,
        pace: Pace,
        peer: Callable[[web.Request], str],
        store: Store,
        rooms: Rooms,
        board: Board,
    ) -> None:
        self._receive = receive
        self._tokens = tokens
        self._origins = origins
        self._pace = pace
        self._peer = peer
        self._store = store
        self._rooms = rooms
        self._board = board

    def routes(self) -> Sequence[web.RouteDef]:
        """Every path of Direct Line that the clients call, and the questions of browsers before them."""
        one = BASE + "/conversations/{id}"
        handlers: list[tuple[str, str, Handler]] = [
            ("POST", BASE + "/tokens/generate", self._generate),
            ("POST", BASE + "/tokens/refresh", self._refresh),
            ("POST", BASE + "/conversations", self._begin),
            ("GET", one, self._reconnect),
            ("GET", one + "/activities", self._read),
            ("POST", one + "/activities", self._post),
            ("GET", one + "/stream", self._stream),
            ("POST", one + "/upload", self._upload),
            ("GET", BASE + "/session/getsessionid", self._session),
        ]
        found = [web.route(method, path, self._guarded(handler)) for method, path, handler in handlers]
        return [*found, web.options(BASE + "/{path:.*}", self._preflight)]

    def _guarded(self, handler: Handler) -> Handler:
        """The handler, with refusals as Direct Line's error object and the headers that let other pages read it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                response = await handler(request)
            except Problem as problem:
                response = refusal(problem)
            if not response.prepared:
                response.headers.update(self._cors(request))
            return response

        return handle

    def _cors(self, request: web.Request) -> dict[str, str]:
        origin = request.headers.get("Origin")
        if origin is None or not self._origins.allowed(origin):
            return {"Vary": "Origin"}
        return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After", "Vary": "Origin"}

    async def _preflight(self, request: web.Request) -> web.Response:
        headers = {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "authorization, content-type, x-ms-bot-agent, x-requested-with",
            "Access-Control-Max-Age": "7200",
        }
        return web.Response(status=204, headers={**headers, **self._cors(request)})

    def _bearer(self, request: web.Request) -> str | None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        return given.strip() if scheme.lower() == "bearer" and given.strip() else None

    def _grant(self, request: web.Request, *, grace: float = 0) -> Grant:
        """What the request's token allows. Raises ``Problem`` 401 or 403."""
        token = self._bearer(request)
        if token is None:
            raise Problem(401, "MissingToken", "Send Authorization: Bearer with a token of tokens/generate.")
        grant = self._tokens.read(token, grace=grace)
        self._origins.check(request.headers.get("Origin"), grant.origins)
        if request.match_info.get("id", grant.conversation) != grant.conversation:
            raise Problem(403, "BadConversation", "This token is for another conversation. Use its conversationId.")
        return grant

    def _issued(self, grant: Grant, **more: str) -> dict[str, Any]:
        return {
            "conversationId": grant.conversation,
            "token": self._tokens.make(grant),
            "expires_in": LIFE,
            **more,
        }

    async def _generate(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        return answer(self._issued(self._new(request, body)))

    def _new(self, request: web.Request, body: dict[str, Any]) -> Grant:
        """A new conversation, for a server with the secret or a page that may."""
        given = self._bearer(request)
        if given is not None:
            if not self._tokens.is_secret(given):
                raise Problem(403, "BadSecret", "This is not the secret of this server.")
            return new_grant(user=_named_user(body), origins=_trusted(body))
        origin, peer = request.headers.get("Origin"), self._peer(request)
        if not self._origins.may_begin(origin, peer):
            raise Problem(403, "BadOrigin", "This page may not begin a chat. Add its origin to NEUVO_WEBCHAT_ORIGINS.")
        self._pace.take(peer)
        return new_grant(origins=None if origin is None else (origin,))

    async def _refresh(self, request: web.Request) -> web.Response:
        return answer(self._issued(self._grant(request, grace=GRACE)))

    async def _begin(self, request: web.Request) -> web.Response:
        body = await body_of(request)
        given = self._bearer(request)
        if given is not None and self._tokens.is_secret(given):
            grant = self._new(request, body)
        else:
            grant = self._grant(request)
        return answer(self._issued(grant, streamUrl=self._stream_url(request, grant, None)), 201)

    async def _reconnect(self, request: web.Request) -> web.Response:
        grant = self._grant(request)
        return answer(self._issued(grant, streamUrl=self._stream_url(request, grant, request.query.get("watermark"))))

    def _stream_url(self, request: web.Request, grant: Grant, watermark: str | None) -> str:
        """Its token opens this stream only, and soon: an address may end up in somebody's log."""
        ticket = self._tokens.make(grant, use="stream", life=STREAM_LIFE)
        mark = Watermark.parse(watermark)
        base = self._origins.reached_at(request.headers.get("Host")).replace("http", "ws", 1) + BASE
        return f"{base}/conversations/{grant.conversation}/stream?watermark={mark}&t={ticket}"

    async def _read(self, request: web.Request) -> web.Response:
        grant = self._grant(request)
        mark = Watermark.parse(request.query.get("watermark"))
        room = self._rooms.find(grant.conversation)
        unsaved = [] if room is None else room.unsaved
        found: Sequence[Activity] = ()
        try:
            number, found = await self._store.after(grant.conversation, mark.number)
        except DOWN:
            number = mark.number  # what is in memory alone is shown all the same
        if found:
            number = found[-1].number
        activities = sorted((*found, *mark.rest(unsaved)), key=lambda each: (each.number, each.unsaved))
        return answer(activity_set(activities, Watermark(number, len(unsaved))))

    async def _post(self, request: web.Request) -> web.Response:
        grant = self._grant(request)
        post = read_post(await body_of(request), grant)
        if post is None:
            return answer({"id": f"{grant.conversation}|e{secrets.token_hex(8)}"})
        self._board.expect(post)
        try:
            await self._receive(post.incoming)
        except Unavailable as error:
            self._board.drop(post)
            raise Problem(503, "Unavailable", "Not now; send it again soon.", retry_after=5) from error
        return answer({"id": await self._board.echo(post)})

    async def _upload(self, request: web.Request) -> web.Response:
        self._grant(request)
        raise Problem(415, "NotSupported", "Files are not taken here. Send a message of text.")

    async def _session(self, request: web.Request) -> web.Response:
        grant = self._grant(request)
        return answer({"sessionId": grant.conversation})

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        token = request.query.get("t")
        if not token:
            raise Problem(401, "MissingToken", "Use the streamUrl of the conversation as it is.")
        grant = self._tokens.read(token, use="stream")
        self._origins.check(request.headers.get("Origin"), grant.origins)
        if request.match_info["id"] != grant.conversation:
            raise Problem(403, "BadConversation", "This token is for another conversation.")
        return await self._talk(request, grant)

    async def _talk(self, request: web.Request, grant: Grant) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=HEARTBEAT, max_msg_size=LONGEST_PING, compress=False)
        if not socket.can_prepare(request).ok:
            raise Problem(400, "NotASocket", "Open this address as a WebSocket.")
        await socket.prepare(request)
        room = self._rooms.get(grant.conversation)
        stream = Stream(
            socket,
            Watermark.parse(request.query.get("watermark")),
            lambda number: self._store.after(grant.conversation, number),
            room.unsaved,
            lambda: _cut(request),
        )
        with self._rooms.opened(room, stream):
            await stream.run()
        return socket


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


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
