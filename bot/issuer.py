"""Who issues tokens: what an OpenID provider says of itself, and the keys that it signs with.

What it sends is bounded in time and size, and never followed elsewhere.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import jwt

from bot.id_token import LoginRefused, keys
from bot.over_http import TooLong, read_body

BIGGEST = 512 * 1024
"""The most bytes of one answer."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_WELL_KNOWN = "/.well-known/openid-configuration"


class ProviderDown(Exception):
    """The provider does not answer, or not in the protocol's words. Trying again may help."""


class Issuer:
    """One issuer. Its description is read when it is first needed, its keys again when it signs with a new one."""

    def __init__(
        self, address: str, *, timeout: float = 5.0, again: float = 0.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """``timeout``: seconds for one request, connecting included.

        ``again``: seconds between two readings of the keys, where anybody may send tokens that name unknown ones.
        """
        self._address = address
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._again = again
        self._clock = clock
        self._said: Mapping[str, Any] | None = None
        self._keys: dict[str, jwt.PyJWK] = {}
        self._read_at: float | None = None

    async def described(self) -> Mapping[str, Any]:
        """What it says of itself (OpenID Connect Discovery 1.0), as whom we asked for. Raises ``ProviderDown``."""
        if self._said is None:
            said = await self.asked("GET", self._address + _WELL_KNOWN)
            if str(said.get("issuer", "")).rstrip("/") != self._address.rstrip("/"):
                raise ProviderDown("another issuer")
            self._said = said
        return self._said

    def forget(self) -> None:
        """Ask anew what it says of itself: what it said is of no use."""
        self._said = None

    async def name(self) -> str:
        """As its tokens name it, to the letter."""
        return str((await self.described())["issuer"])

    async def key(self, token: str) -> jwt.PyJWK:
        """The key that a token says it was signed with. Raises ``ProviderDown`` and ``LoginRefused``."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.InvalidTokenError:
            raise LoginRefused("no token") from None
        name = str(header.get("kid", ""))
        if name not in self._keys and (self._read_at is None or self._clock() - self._read_at >= self._again):
            address = (await self.described()).get("jwks_uri")
            if not private(address):
                self.forget()
                raise ProviderDown("no endpoints over https")
            self._read_at = self._clock()
            self._keys = keys(await self.asked("GET", str(address)))
        key = self._keys.get(name) or (next(iter(self._keys.values())) if not name and len(self._keys) == 1 else None)
        if key is None:
            raise LoginRefused("unknown key")
        return key

    async def asked(self, method: str, address: str, **more: Any) -> Mapping[str, Any]:
        """The JSON object that an address answers with. Raises ``ProviderDown``, and ``LoginRefused`` for a code."""
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout, cookie_jar=aiohttp.DummyCookieJar()) as http,
                http.request(method, address, allow_redirects=False, **more) as response,
            ):
                raw = await read_body(response.content.iter_any(), BIGGEST)
                status = response.status
        except TooLong:
            raise ProviderDown("an answer that is too long") from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ProviderDown(type(error).__name__) from None
        if status in (400, 401, 403) and method == "POST":
            raise LoginRefused("code")
        if status != 200:
            raise ProviderDown(f"status {status}")
        return _object(raw)


def private(address: object) -> bool:
    """Whether nobody on the way can read or change what is said to an address."""
    if not isinstance(address, str):
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def origin(address: str | None) -> str:
    """An address's scheme, host and port; empty where there is none."""
    parts = urlsplit(address or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


def _object(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise ProviderDown("no JSON") from None
    if not isinstance(found, dict):
        raise ProviderDown("no JSON object")
    return found
