"""Our own token for Microsoft's connector: fetched once for all who wait, and kept until shortly before it ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from channels.base import RetryAfter

MARGIN = 300.0
"""Seconds before its end at which a token is not used any more."""
PATIENCE = aiohttp.ClientTimeout(total=10)


class Rejected(RetryAfter):
    """The app's id, password or tenant is wrong: nothing goes out until somebody mends that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The app's id and password, the address that gives tokens for them, and what the tokens are for."""

    app_id: str
    password: str
    url: str
    scope: str


class BotToken:
    """The client credentials flow of OAuth 2.0 (RFC 6749, section 4.4)."""

    def __init__(self, credentials: Credentials, http: Callable[[], aiohttp.ClientSession]) -> None:
        self._credentials = credentials
        self._http = http
        self._token = ""
        self._until = 0.0
        self._one = asyncio.Lock()

    async def get(self) -> str:
        """A token that is good for some minutes. Raises ``RetryAfter``, or ``Rejected`` for wrong credentials."""
        if time.monotonic() >= self._until:
            async with self._one:
                if time.monotonic() >= self._until:
                    self._token, life = await self._fetch()
                    self._until = time.monotonic() + max(life - MARGIN, life / 2)
        return self._token

    def drop(self, token: str) -> None:
        """Use a token no more that was turned away."""
        if token == self._token:
            self._until = 0.0

    async def _fetch(self) -> tuple[str, float]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._credentials.app_id,
            "client_secret": self._credentials.password,
            "scope": self._credentials.scope,
        }
        try:
            async with self._http().post(
                self._credentials.url, data=form, timeout=PATIENCE, allow_redirects=False
            ) as response:
                if response.status in (400, 401, 403):
                    raise Rejected(60)
                response.raise_for_status()
                body = await response.json(content_type=None)
                return str(body["access_token"]), float(body["expires_in"])
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            raise RetryAfter from error
