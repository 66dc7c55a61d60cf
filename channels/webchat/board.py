"""Where activities are put up: the table, this process's sockets, and the order of a message and its answer."""

from __future__ import annotations

import asyncio

from channels.base import RetryAfter, Unreachable, answered_by
from channels.webchat.inbound import Post
from channels.webchat.rooms import Room, Rooms
from channels.webchat.store import DOWN, Activity, Ended, Store
from channels.webchat.waiting import Leaving

PATIENCE = 1.0
"""Seconds that a safety answer, or the echo before it, waits for the database. Then it is shown from memory."""


class Board:
    """Puts up echoes and replies."""

    def __init__(self, store: Store, rooms: Rooms) -> None:
        self._store = store
        self._rooms = rooms
        self._posts: dict[str, asyncio.Task[str]] = {}
        self._held: dict[str, Post] = {}
        self._leaving = Leaving()

    def expect(self, post: Post) -> None:
        """A message is about to be given to the engine."""
        self._held[post.incoming.message_id] = post

    def drop(self, post: Post) -> None:
        """The engine did not take it."""
        self._held.pop(post.incoming.message_id, None)

    async def echo(self, post: Post) -> str:
        """Show a message that the engine has taken, in every tab; gives its activity's id. Raises ``Ended``."""
        task = self._posts.get(post.incoming.message_id) or self._begin(post)
        try:
            return await asyncio.shield(task)
        finally:
            self.drop(post)

    async def reply(self, conversation: str, key: str, body: dict[str, object]) -> str:
        """Show a reply, behind the echo of what it answers; gives its activity's id.

        Raises ``RetryAfter``, or ``Unreachable`` when the citizen has ended the conversation.
        """
        try:
            return await self._reply(conversation, key, body)
        except DOWN as error:
            raise RetryAfter from error
        except Ended as error:
            raise Unreachable from error

    async def _reply(self, conversation: str, key: str, body: dict[str, object]) -> str:
        room = self._rooms.get(conversation)
        message_id = answered_by(key)
        if message_id is not None:
            held = self._held.get(message_id)
            if held is not None:
                await self.echo(held)
            return (await self._put(room, f"out-{key}", body, inbound=False, patience=PATIENCE)).id
        if room.echoes:
            await asyncio.gather(*map(asyncio.shield, room.echoes), return_exceptions=True)
        return (await self._write(room, f"out-{key}", body, inbound=False)).id

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
        try:
            return await self._leaving.within(patience, self._write(room, key, body, inbound=inbound))
        except DOWN:
            return room.remember(key, body, inbound=inbound)

    async def _write(self, room: Room, key: str, body: dict[str, object], *, inbound: bool) -> Activity:
        activity, new = await self._store.append(room.conversation, key, body, inbound=inbound)
        if new:
            room.show(activity, inbound=inbound)
        return activity
