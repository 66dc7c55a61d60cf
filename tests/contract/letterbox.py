"""A fifth channel, as small as one can be: letters come signed as JSON, and go out as JSON.

``docs/channel.md`` builds it step by step. It is no part of the product.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import ClassVar

import aiohttp
from aiohttp import web
from pydantic import BaseModel, Field, SecretStr, ValidationError
from pydantic_settings import SettingsConfigDict

from bot.messages import Address, Incoming, Reply
from channels.base import (
    Limits,
    Receive,
    Refused,
    RetryAfter,
    SendError,
    Unavailable,
    UnknownOutcome,
    Unreachable,
)
from channels.kind import ChannelSettings, House, Kind
from channels.render import safe_markdown

PATH = "/letterbox"


class LetterboxSettings(ChannelSettings):
    """``NEUVO_LETTERBOX_SECRET`` and ``NEUVO_LETTERBOX_URL``."""

    model_config = SettingsConfigDict(env_prefix="NEUVO_LETTERBOX_")
    needed: ClassVar[tuple[str, ...]] = ("secret", "url")

    secret: SecretStr | None = Field(None, description="Agree on a secret with the post office")
    url: str | None = Field(None, description="Write the address of the post office")


class Letter(BaseModel):
    """What the post office brings."""

    id: str = Field(min_length=1)
    sender: str = Field(min_length=1)
    text: str


class Letterbox:
    """The channel."""

    name = "letterbox"
    limits = Limits()

    def __init__(self, secret: str, url: str) -> None:
        self._secret = secret.encode()
        self._url = url
        self._http: aiohttp.ClientSession | None = None

    def routes(self, receive: Receive) -> Iterable[web.AbstractRouteDef]:
        """Where letters come."""

        async def take(request: web.Request) -> web.Response:
            body = await request.read()
            shown = request.headers.get("X-Signature", "").encode("utf-8", "surrogateescape")
            if not hmac.compare_digest(shown, signature(self._secret, body).encode()):
                return web.Response(status=403)
            try:
                letter = Letter.model_validate_json(body)
            except ValidationError:
                return web.Response(status=400, text="Send a letter as {id, sender, text}.")
            try:
                await receive(self._incoming(letter))
            except Unavailable:
                return web.Response(status=503)
            return web.Response()

        return [web.post(PATH, take)]

    async def send(self, address: Address, reply: Reply, *, key: str) -> str | None:
        """Send a letter; gives its number. Raises a ``SendError``."""
        if self._http is None:
            raise RetryAfter
        letter = {"to": address.key, "text": written(reply), "key": key}
        try:
            async with self._http.post(self._url, json=letter) as response:
                if response.status != 200:
                    raise _error(response)
                return str((await response.json())["number"])
        except aiohttp.ClientConnectorError as error:
            raise RetryAfter from error
        except (aiohttp.ClientError, ValueError, KeyError, TypeError) as error:
            raise UnknownOutcome from error

    async def start(self) -> None:
        """Open the connections."""
        self._http = aiohttp.ClientSession()

    async def close(self) -> None:
        """Close them."""
        if self._http is not None:
            await self._http.close()

    def _incoming(self, letter: Letter) -> Incoming:
        address = Address(self.name, letter.sender)
        return Incoming(address=address, message_id=letter.id, received_at=datetime.now(UTC), text=letter.text)


def signature(secret: bytes, body: bytes) -> str:
    """How the post office signs."""
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


def written(reply: Reply) -> str:
    """A reply as a letter. What cannot be pressed is answered by its number."""
    cards = [line for card in reply.cards for line in (card.title, *card.lines, card.url or "")]
    links = [f"{link.label}: {link.url}" for link in reply.links]
    image = [f"{reply.image.alt}: {reply.image.url}"] if reply.image else []
    choices = [f"{number} {choice.label}" for number, choice in enumerate(reply.choices, start=1)]
    return "\n".join(filter(None, [safe_markdown(reply.text), *cards, *links, *image, *choices]))


def _error(response: aiohttp.ClientResponse) -> SendError:
    if response.status == 429 or response.status >= 500:
        wait = response.headers.get("Retry-After", "")
        return RetryAfter(float(wait) if wait.isdecimal() else None)
    return Unreachable() if response.status == 410 else Refused()


def make(settings: LetterboxSettings, house: House) -> Letterbox:
    """The channel of settings that lack nothing."""
    if settings.secret is None or settings.url is None:
        raise ValueError("the channel lacks settings")
    return Letterbox(settings.secret.get_secret_value(), settings.url)


KIND = Kind(name="letterbox", settings=LetterboxSettings, make=make)
