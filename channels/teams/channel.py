"""The channel: what it is made of, its one route, what it sends and fetches, and when it opens and closes."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import asyncpg
import structlog
from aiohttp import web

from bot.messages import Address, Incoming, Photo, Reply
from channels.base import Limits, Receive, Refused, Unavailable
from channels.images import NotAnImage, read_picture
from channels.kind import Codec
from channels.progress import Progress
from channels.teams.connector import Connector
from channels.teams.gate import Authority, Forged, Gate
from channels.teams.hosts import Hosts, is_loopback
from channels.teams.inbound import Posted, read
from channels.teams.keys import KeysAway
from channels.teams.kind import PATH
from channels.teams.outbound import Look, shared, shown
from channels.teams.places import base_of, is_shared
from channels.teams.problems import Problem, body_of, refusal, text_of
from channels.teams.references import References
from channels.teams.tokens import BotToken, Credentials

logger = structlog.stdlib.get_logger("teams")

TWICE = 10.0
"""Seconds within which a second press of the same button on the same card counts as the first."""
REMEMBERED = 1_000


class Teams:
    """Bot Framework activities under ``/teams/messages``."""

    name = "teams"
    limits = Limits()

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        codec: Codec,
        *,
        authority: Authority,
        credentials: Credentials,
        hosts: Hosts,
        peer: Callable[[web.Request], str],
        look: Look,
        languages: Sequence[str],
        welcome: str = "",
    ) -> None:
        """Take what the channel is made of.

        ``authority`` signs requests; ``credentials`` are ours. ``hosts`` are those that may be called; where it is
        ``anonymous``, programs of this machine may post without a token. ``peer`` gives a request's address. The first
        of the ``languages`` is for who speaks none of them.
        ``welcome`` is the payload of the button that asks what can be asked: pressed for who adds the bot, and for who
        only names it.
        """
        self._session: aiohttp.ClientSession | None = None
        self._gate = Gate(authority, self._http)
        self._hosts = hosts
        self._peer = peer
        self._connector = Connector(hosts, BotToken(credentials, self._http), self._http)
        self._references = References(pool, codec)
        self._welcome = welcome
        self._look = look
        self._languages = languages
        self._pressed: OrderedDict[str, tuple[float, str]] = OrderedDict()
        self._progress = Progress(REMEMBERED)

    def routes(self, receive: Receive) -> Iterable[web.AbstractRouteDef]:
        """The one address that Teams posts to."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await self._post(request, receive)
            except Problem as problem:
                return refusal(problem)

        return [web.post(PATH, handle)]

    async def send(self, address: Address, reply: Reply, *, key: str) -> str | None:
        """Send a reply, in as many activities as it takes; those of a key that went out before are not sent again.

        Returns the id of the last one. Raises a ``SendError``.
        """
        reference = await self._references.find(base_of(address.key))
        if is_shared(address.key):
            reply = shared(reply, reference.bot, self._look)
        sent = self._progress.of((address.key, key))
        for activity in shown(reply, self._look)[len(sent) :]:
            sent.append(await self._connector.send(reference, activity))
        return sent[-1] if sent else None

    async def fetch(self, photo: Photo) -> Photo:
        """The picture behind ``Photo.source``. Raises ``Refused``, or another ``SendError`` when it may come later."""
        data = await self._connector.fetch(photo.source)
        try:
            return await read_picture(data)
        except NotAnImage as error:
            raise Refused from error

    async def start(self) -> None:
        """Open the connections to Microsoft."""
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def close(self) -> None:
        """Close them."""
        if self._session is not None:
            await self._session.close()

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            raise RuntimeError("the channel is not open")
        return self._session

    async def _post(self, request: web.Request, receive: Receive) -> web.StreamResponse:
        service_url = await self._signed_for(request)
        activity = await body_of(request)
        said = text_of(activity, "serviceUrl")
        if not said:
            raise Problem(400, "BadArgument")
        if service_url is not None and said != service_url:
            raise Problem(401, "Unauthorized")
        if self._hosts.service_url(said) is None:
            logger.error("service_host_refused")
            raise Problem(403, "BadServiceUrl")
        posted = read(activity, said)
        if posted is None or posted.event is None:
            return web.json_response({})
        await self._take(posted, receive)
        return self._taken(posted)

    async def _signed_for(self, request: web.Request) -> str | None:
        """The service URL that the request's token is for; ``None`` for a program of this machine that needs none."""
        header = request.headers.get("Authorization")
        if header is None and self._from_here(request):
            return None
        try:
            return await self._gate.service_url(header)
        except Forged as error:
            raise Problem(401, "Unauthorized") from error
        except KeysAway as error:
            raise Problem(503, "Unavailable") from error

    def _from_here(self, request: web.Request) -> bool:
        """Whether it may go without a token: asked for in development, and sent by no proxy for somebody else."""
        direct = "X-Forwarded-For" not in request.headers and "Forwarded" not in request.headers
        return (
            self._hosts.anonymous
            and self._hosts.development
            and direct
            and is_loopback(request.remote or "")
            and is_loopback(self._peer(request))
        )

    async def _take(self, posted: Posted, receive: Receive) -> None:
        """Keep the reference and the event. Raises ``Problem`` 503."""
        event = posted.event
        if event is None:
            return
        if isinstance(event, Incoming):
            event = self._pressed_once(self._asking(event), posted.press)
        place = base_of(posted.key)
        self._references.remember(place, posted.reference)
        keeping = asyncio.create_task(self._references.keep(place, posted.reference))
        try:
            await receive(event)
            if posted.welcome is not None and self._welcome:
                await receive(self._asking(posted.welcome))
        except Unavailable as error:
            raise Problem(503, "Unavailable") from error
        finally:
            # Whether it was written does not decide: the answer finds it in memory, the next message writes it.
            await keeping

    def _asking(self, message: Incoming) -> Incoming:
        """A message that says nothing asks what can be asked."""
        said = message.text or message.payload is not None or message.photos
        return message if said or not self._welcome else replace(message, payload=self._welcome)

    def _pressed_once(self, message: Incoming, press: str | None) -> Incoming:
        """The second of two presses in a row is the first. The dialogs tell apart those that another process saw."""
        if press is None:
            return message
        now = time.monotonic()
        at, first = self._pressed.get(press, (float("-inf"), ""))
        if now - at < TWICE:
            return replace(message, message_id=first)
        self._pressed[press] = (now, message.message_id)
        self._pressed.move_to_end(press)
        while len(self._pressed) > REMEMBERED:
            self._pressed.popitem(last=False)
        return message

    def _taken(self, posted: Posted) -> web.Response:
        """The acknowledgement; a card waits for words of its own."""
        if not posted.invoke or not isinstance(posted.event, Incoming):
            return web.json_response({})
        spoken = posted.event.language or ""
        words = self._look.texts("teams.pressed", spoken if spoken in self._languages else self._languages[0])
        return web.json_response(
            {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": words}
        )
