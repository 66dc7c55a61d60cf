"""What is said in a conversation, and read of it: by requests, and over a socket."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from channels.base import Receive, Unavailable
from channels.webchat.door import Door, has_ended
from channels.webchat.inbound import Post, read_post
from channels.webchat.parts import Parts
from channels.webchat.pictures import attached
from channels.webchat.problems import Problem, answer, body_of
from channels.webchat.sessions import ONE
from channels.webchat.store import DOWN, Activity, Ended
from channels.webchat.stream import Stream, Watermark, activity_set
from channels.webchat.tokens import Grant
from channels.webchat.upload import read_upload
from channels.webchat.welcome import Welcome

LONGEST_PING = 4096
"""Bytes that a client may send over a socket, on which it has nothing to say."""


class Talk:
    """The handlers."""

    def __init__(self, receive: Receive, parts: Parts, door: Door, welcome: Welcome) -> None:
        self._receive = receive
        self._parts = parts
        self._door = door
        self._welcome = welcome

    def routes(self) -> Sequence[web.RouteDef]:
        """Their paths."""
        return [
            web.get(ONE + "/activities", self._door.guarded(self._read)),
            web.post(ONE + "/activities", self._door.guarded(self._post)),
            web.post(ONE + "/upload", self._door.guarded(self._upload)),
            web.get(ONE + "/stream", self._door.guarded(self._stream)),
        ]

    async def _read(self, request: web.Request) -> web.Response:
        grant = self._door.grant(request)
        self._parts.manner.paces.look(grant.conversation)
        mark = Watermark.parse(request.query.get("watermark"))
        room = self._parts.rooms.find(grant.conversation)
        unsaved = [] if room is None else room.unsaved
        found: Sequence[Activity] = ()
        try:
            number, found = await self._parts.store.after(grant.conversation, mark.number)
        except DOWN:
            number = mark.number  # what is in memory alone is shown all the same
        except Ended as error:
            raise has_ended() from error
        if found:
            number = found[-1].number
        activities = sorted((*found, *mark.rest(unsaved)), key=lambda each: (each.number, each.unsaved))
        return answer(activity_set(activities, Watermark(number, len(unsaved))))

    async def _post(self, request: web.Request) -> web.Response:
        grant = self._door.grant(request)
        activity = await body_of(request)
        if activity.get("type") == "conversationUpdate":
            self._parts.manner.paces.look(grant.conversation)
            await self._welcome.say(request, await self._door.living(grant), activity)
        self._pace(grant, activity)
        return await self._take(grant, activity, attached(activity))

    async def _upload(self, request: web.Request) -> web.Response:
        grant = self._door.grant(request)
        self._parts.manner.paces.talk(grant.conversation)
        upload = await read_upload(request)
        if upload.activity.get("type") != "message":
            raise Problem(400, "BadArgument", "Send pictures in an activity of type message.")
        return await self._take(grant, upload.activity, upload.files)

    def _pace(self, grant: Grant, activity: dict[str, Any]) -> None:
        text = activity.get("text")
        urgent = isinstance(text, str) and self._parts.manner.urgent(text)
        self._parts.manner.paces.talk(grant.conversation, urgent=urgent)

    async def _take(self, grant: Grant, activity: dict[str, Any], files: Sequence[bytes]) -> web.Response:
        """Hand a message to the server, and show it."""
        await self._door.living(grant)
        if files:
            self._parts.manner.paces.pictures(grant.conversation, len(files))
        post = read_post(activity, grant, await self._parts.pictures.read(files))
        if post is None:
            return answer({"id": f"{grant.conversation}|e{secrets.token_hex(8)}"})
        return answer({"id": await self._shown(post)})

    async def _shown(self, post: Post) -> str:
        self._parts.board.expect(post)
        try:
            await self._receive(post.incoming)
        except Unavailable as error:
            self._parts.board.drop(post)
            raise Problem(503, "Unavailable", "Not now; send it again soon.", retry_after=5) from error
        try:
            return await self._parts.board.echo(post)
        except Ended as error:
            raise has_ended() from error

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        grant = await self._door.stream(request)
        heartbeat = self._parts.manner.heartbeat
        socket = web.WebSocketResponse(heartbeat=heartbeat, max_msg_size=LONGEST_PING, compress=False)
        if not socket.can_prepare(request).ok:
            raise Problem(400, "NotASocket", "Open this address as a WebSocket.")
        await socket.prepare(request)
        room = self._parts.rooms.get(grant.conversation)
        stream = Stream(
            socket,
            Watermark.parse(request.query.get("watermark")),
            lambda number: self._parts.store.after(grant.conversation, number),
            room.unsaved,
            lambda: _cut(request),
        )
        with self._parts.rooms.opened(room, stream):
            await stream.run()
        return socket


def _cut(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
