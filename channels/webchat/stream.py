"""One open socket of a citizen: everything behind its watermark, in order, each activity once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from channels.webchat.store import DOWN, PAGE, Activity, Ended

logger = structlog.stdlib.get_logger("webchat")

RETRY = 1.0
"""Seconds until the database is asked again when it was away."""
FRAME = 10
"""Activities in one frame: of the longest text, they stay below what common clients take at once (4 MiB)."""
PARTING = 1.0
"""Seconds that a client has to say goodbye when we go."""
MOST_WAITING = 1_000
"""Activities that wait for a socket in memory; beyond, they are read from the database when it is their turn."""


@dataclass(frozen=True, slots=True)
class Watermark:
    """How far a client has read: numbers of the table, and then how many that are in this process's memory alone."""

    number: int = 0
    unsaved: int = 0

    @classmethod
    def parse(cls, text: str | None) -> Watermark:
        """What a client sent back. Nothing that is not ours skips a message: it counts as none."""
        number, _, unsaved = (text or "").partition(".")
        if not (number.isascii() and number.isdecimal() and len(number) < 16):
            return cls()
        return cls(int(number), int(unsaved) if unsaved.isascii() and unsaved.isdecimal() and len(unsaved) < 9 else 0)

    def rest(self, unsaved: Sequence[Activity]) -> Sequence[Activity]:
        """What of this process's memory is behind it; a mark of another process's memory counts as none."""
        return unsaved[self.unsaved if self.unsaved <= len(unsaved) else 0 :]

    def __str__(self) -> str:
        return f"{self.number}.{self.unsaved}" if self.unsaved else str(self.number)


def on_the_wire(activity: Activity) -> dict[str, Any]:
    """The activity as a client gets it."""
    shown = {
        **activity.body,
        "id": activity.id,
        "timestamp": activity.created_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "channelId": "directline",
        "conversation": {"id": activity.conversation},
    }
    if activity.reply_to is not None:
        shown["replyToId"] = activity.reply_to
    return shown


def activity_set(activities: Sequence[Activity], watermark: Watermark) -> dict[str, Any]:
    """Direct Line's ActivitySet."""
    return {"activities": [on_the_wire(each) for each in activities], "watermark": str(watermark)}


def frame(activities: Sequence[Activity], watermark: Watermark) -> str:
    """An ActivitySet for the socket."""
    return orjson.dumps(activity_set(activities, watermark)).decode()


class Stream:
    """Writes to one socket from a task of its own, so that a slow client delays nobody."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        since: Watermark,
        read: Callable[[int], Awaitable[tuple[int, Sequence[Activity]]]],
        unsaved: Sequence[Activity],
        cut: Callable[[], None],
    ) -> None:
        """Take what the socket shows.

        ``read`` is ``Store.after`` of the conversation; ``unsaved`` grows at its end, in this process's memory.
        ``cut`` ends the connection at once.
        """
        self._socket = socket
        self._read = read
        self._unsaved = unsaved
        self._cut = cut
        self._seen = since
        self._waiting: deque[Activity] = deque()
        self._behind = True
        self._wake = asyncio.Event()
        self._wake.set()

    def push(self, activity: Activity) -> None:
        """Show an activity that was written here just now."""
        if not activity.unsaved and len(self._waiting) < MOST_WAITING:
            self._waiting.append(activity)
        elif not activity.unsaved:
            self._behind = True
        self._wake.set()

    def look(self) -> None:
        """Something was written elsewhere."""
        self._behind = True
        self._wake.set()

    async def run(self) -> None:
        """Read the client's empty pings until it leaves, while another task writes."""
        writer = asyncio.create_task(self._write())
        try:
            async for message in self._socket:
                if message.type is WSMsgType.ERROR:
                    break
        finally:
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)

    async def close(self) -> None:
        """Tell the client to come back later; one that reads nothing is cut off."""
        try:
            async with asyncio.timeout(PARTING):
                await self._socket.close(code=WSCloseCode.GOING_AWAY)
        except TimeoutError:
            self._cut()

    async def _write(self) -> None:
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                await self._catch_up()
        except Ended:
            await self._socket.close(code=WSCloseCode.POLICY_VIOLATION)
        except (ConnectionError, RuntimeError):  # the socket has gone; its reader sees it too
            return
        except Exception as error:  # a fault of ours must not leave a socket open that stays silent
            logger.exception("stream_failed", exc_info=error)
            await self._socket.close(code=WSCloseCode.INTERNAL_ERROR)

    async def _catch_up(self) -> None:
        ready: Sequence[Activity] = self._in_order()
        if self._behind:
            await self._send(ready)
            ready = await self._from_store()
        await self._send(ready)
        unsaved = self._seen.rest(self._unsaved)
        if unsaved:
            self._seen = Watermark(self._seen.number, len(self._unsaved))
            await self._socket.send_str(frame(unsaved, self._seen))

    def _in_order(self) -> list[Activity]:
        """Those waiting that are next; a hole means that another process wrote in between."""
        ready: list[Activity] = []
        number = self._seen.number
        while self._waiting:
            activity = self._waiting.popleft()
            if activity.number <= number:
                continue
            if activity.number > number + 1:
                self._behind = True
                self._waiting.clear()
                break
            ready.append(activity)
            number = activity.number
        return ready

    async def _from_store(self) -> Sequence[Activity]:
        self._behind = False
        try:
            number, found = await self._read(self._seen.number)
        except DOWN:
            asyncio.get_running_loop().call_later(RETRY, self.look)
            return ()
        self._seen = Watermark(number, self._seen.unsaved)
        if len(found) >= PAGE:
            self.look()
        return found

    async def _send(self, activities: Sequence[Activity]) -> None:
        for start in range(0, len(activities), FRAME):
            some = activities[start : start + FRAME]
            self._seen = Watermark(some[-1].number, self._seen.unsaved)
            await self._socket.send_str(frame(some, self._seen))
