"""The channel: its webhook, what it sends and fetches, and when it opens and closes."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterable

import orjson
from aiohttp import web
from telegram import File

from bot.messages import Address, Event, Photo, Reply
from channels.base import Limits, Receive, Refused, SendError, Unavailable
from channels.images import LONGEST_FILE, NotAnImage, read_picture
from channels.kind import House
from channels.telegram.buttons import Buttons
from channels.telegram.client import Client
from channels.telegram.errors import fetch_error
from channels.telegram.intake import Intake
from channels.telegram.moves import Moves
from channels.telegram.outbound import MOST_BUTTONS
from channels.telegram.pace import PER_SECOND, Pacer
from channels.telegram.polling import Polling
from channels.telegram.sending import Sender

PATH = "/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105  the name of a header
FETCH_WITHIN = 15.0
"""Seconds that a picture may take to come."""
_RETRY_AFTER = "5"


class Telegram:
    """The Bot API. Takes updates at ``PATH``, or asks for them where there is no ``secret``."""

    name = "telegram"
    limits = Limits(choices=MOST_BUTTONS, per_second=PER_SECOND)

    def __init__(self, client: Client, house: House, *, secret: str | None, pacer: Pacer | None = None) -> None:
        """``secret`` is what Telegram shows at the webhook; without one the channel polls."""
        self._client = client
        self._secret = None if secret is None else secret.encode()
        self._receive: Receive | None = None
        buttons = Buttons(house.pool, house.codec)
        moves = Moves(self._hand_in)
        self._sender = Sender(client, buttons, house.texts, moves, pacer or Pacer())
        self._intake = Intake(client, house, self._hand_in, buttons=buttons, sender=self._sender, moves=moves)
        self._polling = Polling(client, self._intake) if secret is None and house.serving else None

    def routes(self, receive: Receive) -> Iterable[web.AbstractRouteDef]:
        """The webhook; none where the channel polls."""
        self._receive = receive
        return [] if self._secret is None else [web.post(PATH, self._webhook)]

    async def send(self, address: Address, reply: Reply, *, key: str) -> str | None:
        """Send one reply; a key that this process has sent before is dropped.

        Returns chat and id of its last message. Raises a ``SendError``.
        """
        return await self._sender.send(address.key, reply, key)

    async def fetch(self, photo: Photo) -> Photo:
        """The picture behind ``Photo.source``. Raises ``Refused`` or ``RetryAfter``."""
        try:
            async with asyncio.timeout(FETCH_WITHIN):
                file = await self._client.get_file(photo.source)
                data = await _download(file)
            return await read_picture(data)
        except SendError:
            raise
        except NotAnImage as error:
            raise Refused("no picture") from error
        except Exception as error:  # the one catch-all of a fetch
            raise fetch_error(error) from error

    async def start(self) -> None:
        """Ask for updates, where the channel polls; else there is nothing to open before the first send."""
        if self._polling is not None:
            self._polling.start()

    async def close(self) -> None:
        """Take no more updates, answer the last presses, and close the connections."""
        if self._polling is not None:
            await self._polling.close()
        await self._intake.close()
        await self._client.close_connections()

    async def _hand_in(self, event: Event) -> None:
        if self._receive is None:  # a process that serves nobody
            raise Unavailable
        await self._receive(event)

    async def _webhook(self, request: web.Request) -> web.Response:
        shown = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(shown, self._secret or b"\xff"):
            return web.Response(status=403)
        try:
            data = orjson.loads(await request.read())
        except (orjson.JSONDecodeError, web.RequestPayloadError):
            return web.Response(status=400)
        # Something cut it short on its way; Telegram brings it again. One that is whole is never answered with an
        # error for what it holds: Telegram would stop there and bring nothing else.
        if not isinstance(data, dict) or not isinstance(data.get("update_id"), int):
            return web.Response(status=400)
        try:
            await self._intake.take(data)
        except Unavailable:
            return web.Response(status=503, headers={"Retry-After": _RETRY_AFTER})
        return web.Response()


async def _download(file: File) -> bytes:
    """The bytes of a file. Telegram itself gives none of more than 20 MB."""
    if (file.file_size or 0) > LONGEST_FILE:
        raise Refused("the file is too large")
    return bytes(await file.download_as_bytearray())
