"""OpenID Connect: the authorization code flow with PKCE, as Keycloak speaks it.

The identity is taken from the ID token alone, after its signature, issuer, audience, times and nonce have been found
right (OpenID Connect Core 1.0, 3.1.3.7). What the provider sends is bounded in time and size, and never followed
elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import aiohttp
import jwt

from bot.id_token import LoginRefused, checked, keys
from bot.over_http import TooLong, read_body

BIGGEST = 512 * 1024
"""The most bytes of one answer."""
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_WELL_KNOWN = "/.well-known/openid-configuration"


class ProviderDown(Exception):
    """The provider does not answer, or not in the protocol's words. Trying again may help."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """How we are known at the provider. ``redirect_uri`` is where its answer comes back to."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What a login that has begun is held against when it comes back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who has logged in: the claims of a token that was found right, and the token, which the logout hands back."""

    claims: Mapping[str, Any]
    id_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Endpoints:
    issuer: str
    authorization: str
    token: str
    keys: str
    end: str | None
    by_post: bool


class Provider:
    """One provider. Its description is read at the first login, its keys again when it signs with a new one."""

    def __init__(self, client: Client, *, timeout: float = 5.0) -> None:
        """``timeout``: seconds for one request, connecting included."""
        self._client = client
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._endpoints: _Endpoints | None = None
        self._keys: dict[str, jwt.PyJWK] = {}

    async def begin(self) -> tuple[str, Pending]:
        """Where to send the browser, and what to hold its return against. Raises ``ProviderDown``."""
        endpoints = await self._described()
        pending = Pending(state=_random(), nonce=_random(), verifier=_random())
        digest = hashlib.sha256(pending.verifier.encode()).digest()
        wanted = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": self._client.redirect_uri,
            "scope": "openid profile",
            "state": pending.state,
            "nonce": pending.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return _with(endpoints.authorization, wanted), pending

    async def finish(self, pending: Pending, code: str) -> Identity:
        """Who came back with a code. Raises ``ProviderDown`` and ``LoginRefused``."""
        endpoints = await self._described()
        id_token = await self._redeem(endpoints, pending, code)
        key = await self._key(endpoints, id_token)
        claims = checked(id_token, key, endpoints.issuer, self._client.client_id)
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), pending.nonce.encode()):
            raise LoginRefused("nonce")
        return Identity(claims=claims, id_token=id_token)

    async def end(self, id_token: str, back: str) -> str | None:
        """Where the browser ends the provider's own session and comes ``back`` from; ``None`` where it has no such."""
        try:
            endpoints = await self._described()
        except ProviderDown:
            return None
        if endpoints.end is None:
            return None
        said = {"id_token_hint": id_token, "client_id": self._client.client_id, "post_logout_redirect_uri": back}
        return _with(endpoints.end, said)

    async def _described(self) -> _Endpoints:
        if self._endpoints is None:
            self._endpoints = _endpoints(self._client.issuer, await self._get(self._client.issuer + _WELL_KNOWN))
        return self._endpoints

    async def _redeem(self, endpoints: _Endpoints, pending: Pending, code: str) -> str:
        """The ID token for a code, which is good once and with its verifier alone."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect_uri,
            "code_verifier": pending.verifier,
        }
        headers = {}
        if endpoints.by_post:
            form |= {"client_id": self._client.client_id, "client_secret": self._client.client_secret}
        else:
            named = f"{quote_plus(self._client.client_id)}:{quote_plus(self._client.client_secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(named.encode()).decode()}"
        answer = await self._asked("POST", endpoints.token, data=form, headers=headers)
        if not isinstance(answer.get("id_token"), str):
            raise LoginRefused("no token")
        token: str = answer["id_token"]
        return token

    async def _key(self, endpoints: _Endpoints, id_token: str) -> jwt.PyJWK:
        try:
            header = jwt.get_unverified_header(id_token)
        except jwt.InvalidTokenError:
            raise LoginRefused("no token") from None
        name = str(header.get("kid", ""))
        if name not in self._keys:
            self._keys = keys(await self._get(endpoints.keys))
        key = self._keys.get(name) or (next(iter(self._keys.values())) if not name and len(self._keys) == 1 else None)
        if key is None:
            raise LoginRefused("unknown key")
        return key

    async def _get(self, address: str) -> Mapping[str, Any]:
        return await self._asked("GET", address)

    async def _asked(self, method: str, address: str, **more: Any) -> Mapping[str, Any]:
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
        try:
            found = json.loads(raw)
        except (ValueError, RecursionError):
            raise ProviderDown("no JSON") from None
        if not isinstance(found, dict):
            raise ProviderDown("no JSON object")
        return found


def _endpoints(issuer: str, said: Mapping[str, Any]) -> _Endpoints:
    """What the provider says of itself; it must be who it was asked as, and be reached in secret."""
    named = str(said.get("issuer", ""))
    if named.rstrip("/") != issuer.rstrip("/"):
        raise ProviderDown("another issuer")
    needed = [said.get(f"{name}_endpoint") for name in ("authorization", "token")] + [said.get("jwks_uri")]
    if not all(isinstance(address, str) and _private(address) for address in needed):
        raise ProviderDown("no endpoints over https")
    end = said.get("end_session_endpoint")
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return _Endpoints(
        issuer=named,
        authorization=str(needed[0]),
        token=str(needed[1]),
        keys=str(needed[2]),
        end=end if isinstance(end, str) and _private(end) else None,
        by_post="client_secret_basic" not in methods,
    )


def _private(address: str) -> bool:
    """Whether nobody on the way can read or change what is said to an address."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _random() -> str:
    return secrets.token_urlsafe(32)


def _with(address: str, values: Mapping[str, str]) -> str:
    """An address with values in its query."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"
