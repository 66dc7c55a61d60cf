"""The conversations that this process has to do with: their open sockets, and what the database could not take."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from channels.webchat.store import Activity
from channels.webchat.stream import Stream

MOST = 50_000
"""Rooms remembered; the one unused for longest leaves first, unless a socket is open in it."""
MOST_UNSAVED = 100
"""Activities of one room in memory alone."""


@dataclass(slots=True)
class Room:
    """One conversation in this process."""

    conversation: str
    streams: set[Stream] = field(default_factory=set)
    unsaved: list[Activity] = field(default_factory=list)
    echoes: set[asyncio.Task[str]] = field(default_factory=set)
    newest: int = 0
    welcomed: bool = False
    asked: str | None = None

    def show(self, activity: Activity, *, inbound: bool) -> None:
        """Push to every socket."""
        if inbound:
            self.asked = activity.id
        if not activity.unsaved:
            self.newest = max(self.newest, activity.number)
        for stream in self.streams:
            stream.push(activity)

    def remember(self, key: str, body: dict[str, Any], *, inbound: bool) -> Activity:
        """Keep an activity that the database could not take, and push it; a key that is there is left alone."""
        for known in self.unsaved:
            if known.key == key:
                return known
        activity = Activity(
            conversation=self.conversation,
            number=self.newest,
            unsaved=len(self.unsaved) + 1,
            key=key,
            reply_to=None if inbound else self.asked,
            created_at=datetime.now(UTC),
            body=body,
        )
        if len(self.unsaved) < MOST_UNSAVED:
            self.unsaved.append(activity)
        self.show(activity, inbound=inbound)
        return activity

    @property
    def idle(self) -> bool:
        """Whether it can be forgotten."""
        return not (self.streams or self.echoes)


class Rooms:
    """Rooms by conversation."""

    def __init__(self, lookup: Callable[[str], bytes]) -> None:
        """``lookup`` is ``Codec.lookup``: other processes name a conversation by it."""
        self._lookup = lookup
        self._rooms: OrderedDict[str, Room] = OrderedDict()
        self._open: dict[str, Room] = {}

    def find(self, conversation: str) -> Room | None:
        """The room, if this process has one."""
        return self._rooms.get(conversation)

    def get(self, conversation: str) -> Room:
        """The room, made when there is none."""
        room = self._rooms.pop(conversation, None) or Room(conversation)
        self._rooms[conversation] = room
        if len(self._rooms) > MOST:
            self._forget()
        return room

    def empty(self, conversation: str) -> None:
        """Forget what the database does not hold: the citizen has ended the conversation."""
        room = self.find(conversation)
        if room is not None:
            room.unsaved.clear()

    def name(self, conversation: str) -> str:
        """How a conversation is named to other processes."""
        return self._lookup(conversation).hex()

    @contextmanager
    def opened(self, room: Room, stream: Stream) -> Iterator[None]:
        """Have a socket in a room."""
        name = self.name(room.conversation)
        room.streams.add(stream)
        self._open[name] = room
        try:
            yield
        finally:
            room.streams.discard(stream)
            if not room.streams:
                self._open.pop(name, None)

    def look(self, name: str) -> None:
        """Let the sockets of one room read what was written elsewhere."""
        room = self._open.get(name)
        for stream in list(room.streams) if room is not None else ():
            stream.look()

    def look_all(self) -> None:
        """Let every socket read: word of what was written elsewhere may have been lost."""
        for name in list(self._open):
            self.look(name)

    @property
    def streams(self) -> list[Stream]:
        """All open sockets."""
        return [stream for room in self._open.values() for stream in room.streams]

    def _forget(self) -> None:
        for conversation, room in self._rooms.items():
            if room.idle:
                del self._rooms[conversation]
                return
