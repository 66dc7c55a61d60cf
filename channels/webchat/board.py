"""Where activities are put up: the table, this process's sockets, and the order of a message and its answer."""

from __future__ import annotations

import asyncio

from channels.base import RetryAfter
from channels.webchat.inbound import Post
from channels.webchat.rooms import Room, Rooms
from channels.webchat.store import DOWN, Activity, Store

SAFETY = "safety-"
"""How the engine's keys of answers begin that must not wait for the database; the message's id follows."""
PATIENCE = 1.0
"""Seconds that a safety answer, or the echo before it, waits for the database. Then it is shown from memory."""


class Board:
    """Puts up echoes and replies."""

    def __init__(self, store: Store, rooms: Rooms) -> None:
        self._store = store
        self._rooms = rooms
        self._posts: dict[str, asyncio.Task[str]] = {}
        self._held: dict[str, Post] = {}
        self._left: set[asyncio.Task[Activity]] = set()

    def expect(self, post: Post) -> None:
        """A message is about to be given to the engine."""
        self._held[post.incoming.message_id] = post

    def drop(self, post: Post) -> None:
        """The engine did not take it."""
        self._held.pop(post.incoming.message_id, None)

    async def echo(self, post: Post) -> str:
        """Show a message that the engine has taken, in every tab; gives its activity's id."""
        task = self._posts.get(post.incoming.message_id) or self._begin(post)
        try:
            return await asyncio.shield(task)
        finally:
            self.drop(post)

    async def reply(self, conversation: str, key: str, body: dict[str, object]) -> str:
        """Show a reply, behind the echo of what it answers; gives its activity's id. Raises ``RetryAfter``."""
        room = self._rooms.get(conversation)
        if key.startswith(SAFETY):
            held = self._held.get(key.removeprefix(SAFETY))
            if held is not None:
                await self.echo(held)
            return (await self._put(room, f"out-{key}", body, inbound=False, patience=PATIENCE)).id
        if room.echoes:
            await asyncio.gather(*map(asyncio.shield, room.echoes), return_exceptions=True)
        try:
            return (await self._write(room, f"out-{key}", body, inbound=False)).id
        except DOWN as error:
            raise RetryAfter from error

    def _begin(self, post: Post) -> asyncio.Task[str]:
        room = self._rooms.get(post.incoming.address.key)
        name = post.incoming.message_id
        task = asyncio.create_task(self._echo(room, post))
        self._posts[name] = task
        room.echoes.add(task)

        def ended(task: asyncio.Task[str]) -> None:
            del self._posts[name]
            room.echoes.discard(task)

        task.add_done_callback(ended)
        return task

    async def _echo(self, room: Room, post: Post) -> str:
        key = f"in-{post.incoming.message_id}"
        return (await self._put(room, key, post.shown, inbound=True, patience=PATIENCE)).id

    async def _put(self, room: Room, key: str, body: dict[str, object], *, inbound: bool, patience: float) -> Activity:
        """Write it, or keep it in memory when the database does not take it in time."""
        write = asyncio.create_task(self._write(room, key, body, inbound=inbound))
        try:
            await asyncio.wait({write}, timeout=patience)
        finally:
            if not write.done():
                # Not waited for: a connection to a machine that hangs answers no cancelling either.
                write.cancel()
                self._left.add(write)
                write.add_done_callback(self._forget)
        if not write.done():
            return room.remember(key, body, inbound=inbound)
        try:
            return write.result()
        except DOWN:
            return room.remember(key, body, inbound=inbound)

    def _forget(self, write: asyncio.Task[Activity]) -> None:
        self._left.discard(write)
        if not write.cancelled():
            write.exception()  # looked at, so that it is not reported as forgotten

    async def _write(self, room: Room, key: str, body: dict[str, object], *, inbound: bool) -> Activity:
        tell = not room.streams
        activity, new = await self._store.append(room.conversation, key, body, inbound=inbound, tell=tell)
        if new:
            room.show(activity, inbound=inbound)
        return activity
