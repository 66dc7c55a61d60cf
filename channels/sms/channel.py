"""The channel: what comes in by Twilio, and what goes out by Twilio or the city's own service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from aiohttp import web

from bot.messages import Address, Photo, Reply
from channels.base import Limits, Receive, Refused, is_safety
from channels.progress import Progress
from channels.sms.calls import Calls
from channels.sms.media import Media
from channels.sms.order import Order
from channels.sms.render import LONGEST, bodies
from channels.sms.robots import Robots
from channels.sms.signature import Signatures
from channels.sms.webhooks import Webhooks


class Sender(Protocol):
    """Whoever sends a text message for us."""

    async def send(self, to: str, body: str, *, reference: str = "") -> str | None:
        """The provider's id of the message. ``to`` is E.164. Raises a ``SendError``.

        ``reference`` comes back with what the provider tells of it later, if it can.
        """

    async def on_its_way(self, message_id: str) -> bool:
        """Whether the provider has the message still; ``False`` when it does not say."""


class Sms:
    """Text messages. A conversation's key is the citizen's number in E.164."""

    name = "sms"
    limits = Limits(text_length=LONGEST)

    def __init__(
        self,
        *,
        sender: Sender,
        signatures: Signatures,
        media: Media,
        calls: Calls,
        urgent: Callable[[str], bool],
        robots: Robots | None = None,
        remembered: int = 1000,
    ) -> None:
        """``calls`` is what ``sender`` and ``media`` call with; it is closed with the channel.

        ``remembered`` replies are known by their keys, so that none of their messages goes out twice when the outbox
        tries again. Over a restart only the outbox remembers.
        """
        self._sender = sender
        self._order = Order(sender.on_its_way)
        self._signatures = signatures
        self._media = media
        self._calls = calls
        self._urgent = urgent
        self._robots = robots or Robots()
        self._progress = Progress(remembered)

    def routes(self, receive: Receive) -> Iterable[web.AbstractRouteDef]:
        """Where Twilio posts messages and statuses."""
        webhooks = Webhooks(
            receive,
            signatures=self._signatures,
            ours=self._media.ours,
            robots=self._robots,
            urgent=self._urgent,
        )
        return webhooks.routes()

    async def send(self, address: Address, reply: Reply, *, key: str) -> str | None:
        """Send a reply in one message, or in a few one after the other; gives the id of the last.

        Those of this key that went out before are not sent again. Raises a ``SendError``.
        """
        texts: Sequence[str] = bodies(reply)
        if not texts:
            raise Refused("a reply without words")
        sent = self._progress.of(key)
        for text in texts[len(sent) :]:
            if sent or not is_safety(key):  # the first part of a safety answer overtakes whatever is on its way
                await self._order.turn(address.key)
            last = len(sent) == len(texts) - 1  # the end of the whole reply is what counts
            reference = key if last and not is_safety(key) else ""
            message_id = await self._sender.send(address.key, text, reference=reference)
            sent.append(message_id)
            self._order.taken(address.key, message_id, text)
        return sent[-1]

    async def fetch(self, photo: Photo) -> Photo:
        """The picture that a message named. Raises a ``SendError``."""
        return await self._media.fetch(photo)

    async def start(self) -> None:
        """Nothing: the connections open with the first call."""

    async def close(self) -> None:
        """Close the connections."""
        await self._calls.close()
