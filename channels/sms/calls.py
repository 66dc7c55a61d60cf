"""Calls to the providers' servers, whose ends are the channel's errors; nothing of them reaches a log."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from bot.over_http import TooLong, read_body, seconds_of
from channels.base import RetryAfter, UnknownOutcome

_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server answered; ``whole`` says whether all of the body is there, or it was over the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    whole: bool

    @property
    def text(self) -> str:
        """The body as text; bytes that are none are replaced."""
        return self.body.decode("utf-8", "replace")


class Calls:
    """One session for all calls of the channel, opened by the first. Redirects are not followed."""

    def __init__(self, *, timeout: float = 10.0) -> None:
        """``timeout`` is in seconds, for one call."""
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=timeout / 2)
        self._session: aiohttp.ClientSession | None = None

    async def call(self, method: str, url: str | URL, *, limit: int = _MEGABYTE, **options: Any) -> Answer:
        """The answer; one with a body of more than ``limit`` bytes comes without it.

        Raises ``RetryAfter`` when nothing was sent, or the server is busy or broken (429, 5xx), and ``UnknownOutcome``
        when the call ended without an answer.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar())
        whole = True
        try:
            async with self._session.request(method, url, allow_redirects=False, **options) as response:
                body = await read_body(response.content.iter_any(), limit)
        except TooLong:
            body, whole = b"", False
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise RetryAfter from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnknownOutcome(type(error).__name__) from None
        if response.status == 429 or response.status >= 500:
            raise RetryAfter(seconds_of(response.headers.get("Retry-After")))
        return Answer(status=response.status, headers=response.headers, body=body, whole=whole)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def basic_auth(name: str, password: str) -> str:
    """The value of ``Authorization``."""
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
