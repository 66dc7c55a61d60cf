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
from channels.webchat.pictures import Picture, attached
from channels.webchat.problems import Problem, answer, body_of
from channels.webchat.sessions import ONE
from channels.webchat.store import DOWN, Activity, Ended
from channels.webchat.stream import Stream, Watermark, activity_set
from channels.webchat.tokens import Grant
from channels.webchat.upload import Upload, read_upload
from channels.webchat.welcome import Welcome

LONGEST_PING = 4096
"""Bytes that a client may send over a socket, on which it has nothing to say."""

MOST_STREAMS = 20
"""Open sockets of one conversation: more windows than anybody has, fewer than would use up a process's."""


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
        self._parts.manner.paces.talk(grant.conversation, urgent=self._urgent(activity))
        try:
            files: Sequence[bytes] = attached(activity)
        except Problem as problem:
            files = self._without_pictures(activity, problem)
        return await self._take(grant, activity, files)

    async def _upload(self, request: web.Request) -> web.Response:
        grant = self._door.grant(request)
        self._parts.manner.paces.talk(grant.conversation)
        upload = Upload()
        try:
            await read_upload(request, upload)
        except Problem as problem:
            upload.files = self._without_pictures(upload.activity, problem)
        if upload.activity.get("type") != "message":
            raise Problem(400, "BadArgument", "Send pictures in an activity of type message.")
        return await self._take(grant, upload.activity, upload.files)

    def _urgent(self, activity: dict[str, Any]) -> bool:
        text = activity.get("text")
        return isinstance(text, str) and self._parts.manner.urgent(text)

    def _without_pictures(self, activity: dict[str, Any], problem: Problem) -> list[bytes]:
        """No files, for a call for help: it is heard whatever is wrong with its pictures. Else raises the problem."""
        if not self._urgent(activity):
            raise problem
        return []

    async def _pictures(self, grant: Grant, activity: dict[str, Any], files: Sequence[bytes]) -> Sequence[Picture]:
        if not files:
            return ()
        try:
            self._parts.manner.paces.pictures(grant.conversation, len(files))
            return await self._parts.pictures.read(files)
        except Problem as problem:
            self._without_pictures(activity, problem)
            return ()

    async def _take(self, grant: Grant, activity: dict[str, Any], files: Sequence[bytes]) -> web.Response:
        """Hand a message to the server, and show it."""
        await self._door.living(grant)
        post = read_post(activity, grant, await self._pictures(grant, activity, files))
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
            # The citizen ended it while the server took this: that goes as well, or it would stay behind unseen.
            await self._door.erased(post.incoming.address)
            raise has_ended() from error

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        grant = await self._door.stream(request)
        heartbeat = self._parts.manner.heartbeat
        socket = web.WebSocketResponse(heartbeat=heartbeat, max_msg_size=LONGEST_PING, compress=False)
        if not socket.can_prepare(request).ok:
            raise Problem(400, "NotASocket", "Open this address as a WebSocket.")
        room = self._parts.rooms.get(grant.conversation)
        if len(room.streams) >= MOST_STREAMS:
            raise Problem(429, "TooManyStreams", "Close other windows of this chat first.", retry_after=60)
        await socket.prepare(request)
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
