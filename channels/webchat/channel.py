"""The channel: what it is made of, what it sends, and when it opens and closes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import asyncpg
from aiohttp import web

from bot.messages import Address, Reply
from channels.base import Limits, Receive
from channels.kind import Codec
from channels.webchat.api import routes
from channels.webchat.board import Board
from channels.webchat.gate import Origins
from channels.webchat.notices import Notices
from channels.webchat.outbound import Look, shown
from channels.webchat.pages import Pages, PageWords
from channels.webchat.parts import Manner, Parts
from channels.webchat.pictures import Pictures
from channels.webchat.rooms import Rooms
from channels.webchat.store import Store
from channels.webchat.tokens import Tokens


class WebChat:
    """Direct Line 3.0 under ``/v3/directline`` and the page at ``/``."""

    name = "webchat"
    limits = Limits()

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        codec: Codec,
        secret: str,
        *,
        public_url: str,
        look: Look,
        origins: Sequence[str] = (),
        development: bool = False,
        listen_url: str | None = None,
        manner: Manner | None = None,
        words: Mapping[str, PageWords] | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        """Take what the channel is made of.

        ``pool`` gives the connections (``lambda: database.pool``); ``listen_url`` is the database's address for the
        connection that hears of other processes' activities, in a process that has sockets. ``secret`` signs tokens
        and is what servers show. ``public_url`` is where citizens reach us, ``origins`` are the other pages with our
        chat. ``development`` allows programs and pages of this machine. ``words`` are the page's own, by language.
        """
        store, rooms = Store(pool, codec), Rooms(codec.lookup)
        self._parts = Parts(
            tokens=tokens or Tokens(secret),
            origins=Origins(public_url, origins, development=development),
            store=store,
            rooms=rooms,
            board=Board(store, rooms),
            pictures=Pictures(),
            manner=manner or Manner(),
        )
        self._notices = Notices(listen_url, rooms, store.writer)
        self._pages = Pages(self._parts.origins, words or {})
        self._look = look

    def routes(self, receive: Receive) -> Iterable[web.AbstractRouteDef]:
        """Direct Line and the page."""
        return [*routes(receive, self._parts), *self._pages.routes()]

    async def send(self, address: Address, reply: Reply, *, key: str) -> str | None:
        """Show a reply in every tab of the conversation; a key that was shown before is dropped.

        Returns the activity's number in its conversation. Raises ``RetryAfter`` when the database is away, but never
        for a safety answer, and ``Unreachable`` when the citizen has ended the conversation.
        """
        return (await self._parts.board.reply(address.key, key, shown(reply, self._look))).rpartition("|")[2]

    async def start(self) -> None:
        """Listen for what other processes write; the database need not be there yet."""
        await self._notices.start()

    async def close(self) -> None:
        """Stop listening, and close the sockets that are still open."""
        await self._notices.close()
        await self.hang_up()

    async def hang_up(self) -> None:
        """Tell the sockets that we go: their clients come back, to another process or the next one."""
        await asyncio.gather(*(stream.close() for stream in self._parts.rooms.streams), return_exceptions=True)
