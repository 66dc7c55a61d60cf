"""The channel: what it is made of, what it sends, and when it opens and closes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import asyncpg
from aiohttp import web

from bot.messages import Address, Reply
from channels.base import Limits, Receive
from channels.webchat.api import Api
from channels.webchat.board import Board
from channels.webchat.gate import Origins, Pace
from channels.webchat.notices import Notices
from channels.webchat.outbound import Look, shown
from channels.webchat.pages import Pages
from channels.webchat.rooms import Rooms
from channels.webchat.store import Codec, Store
from channels.webchat.tokens import Tokens


def _peer(request: web.Request) -> str:
    return request.remote or ""


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
        origins: Sequence[str] = (),
        development: bool = False,
        listen_url: str | None = None,
        peer: Callable[[web.Request], str] = _peer,
        pace: Pace | None = None,
        look: Look | None = None,
        tokens: Tokens | None = None,
    ) -> None:
        """Take what the channel is made of.

        ``pool`` gives the connections (``lambda: database.pool``); ``listen_url`` is the database's address for the
        connection that hears of other processes' activities, in a process that has sockets. ``secret`` signs tokens
        and is what servers show. ``public_url`` is where citizens reach us, ``origins`` are the other pages with our
        chat. ``development`` allows programs and pages of this machine. ``peer`` gives a request's address, behind
        listed proxies; ``pace`` limits tokens by it.
        """
        self._store = Store(pool, codec)
        self._rooms = Rooms(codec.lookup)
        self._board = Board(self._store, self._rooms)
        self._notices = Notices(listen_url, self._rooms)
        self._look = look or Look()
        self._origins = Origins(public_url, origins, development=development)
        self._tokens = tokens or Tokens(secret)
        self._pace = pace or Pace(60, 1)
        self._peer = peer

    def routes(self, receive: Receive) -> Iterable[web.AbstractRouteDef]:
        """Direct Line and the page."""
        api = Api(
            receive,
            tokens=self._tokens,
            origins=self._origins,
            pace=self._pace,
            peer=self._peer,
            store=self._store,
            rooms=self._rooms,
            board=self._board,
        )
        return [*api.routes(), *Pages(self._origins).routes()]

    async def send(self, address: Address, reply: Reply, *, key: str) -> str | None:
        """Show a reply in every tab of the conversation; a key that was shown before is dropped.

        Returns the activity's id. Raises ``RetryAfter`` when the database is away, but never for a safety answer.
        """
        return await self._board.reply(address.key, key, shown(reply, self._look))

    async def start(self) -> None:
        """Listen for what other processes write; the database need not be there yet."""
        await self._notices.start()

    async def close(self) -> None:
        """Stop listening, and close the sockets that are still open."""
        await self._notices.close()
        await self.hang_up()

    async def hang_up(self) -> None:
        """Tell the sockets that we go: their clients come back, to another process or the next one."""
        await asyncio.gather(*(stream.close() for stream in self._rooms.streams), return_exceptions=True)
