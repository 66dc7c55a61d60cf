"""OpenID Connect: the authorization code flow with PKCE, as Keycloak speaks it.

The identity is taken from the ID token alone, after its signature, issuer, audience, times and nonce have been found
right (OpenID Connect Core 1.0, 3.1.3.7).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from bot.id_token import LoginRefused, checked
from bot.issuer import LOOPBACK, Issuer, ProviderDown, private

__all__ = ["LOOPBACK", "Client", "Identity", "Pending", "Provider", "ProviderDown"]


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
    authorization: str
    token: str
    end: str | None
    by_post: bool


class Provider:
    """One provider. Its description is read at the first login, its keys again when it signs with a new one."""

    def __init__(self, client: Client, *, timeout: float = 5.0) -> None:
        """``timeout``: seconds for one request, connecting included."""
        self._client = client
        self._issuer = Issuer(client.issuer, timeout=timeout)

    async def begin(self, **more: str) -> tuple[str, Pending]:
        """Where to send the browser, and what to hold its return against. Raises ``ProviderDown``.

        ``more`` is asked for as well, such as ``acr_values`` and ``ui_locales``; the provider may leave it unheard.
        """
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
            **more,
        }
        return _with(endpoints.authorization, wanted), pending

    async def finish(self, pending: Pending, code: str) -> Identity:
        """Who came back with a code. Raises ``ProviderDown`` and ``LoginRefused``."""
        endpoints = await self._described()
        id_token = await self._redeem(endpoints, pending, code)
        key = await self._issuer.key(id_token)
        claims = checked(id_token, key, await self._issuer.name(), self._client.client_id)
        if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), pending.nonce.encode()):
            raise LoginRefused("nonce")
        return Identity(claims=claims, id_token=id_token)

    async def end(self, id_token: str | None, back: str) -> str | None:
        """Where the browser ends the provider's own session and comes ``back`` from; ``None`` where it has no such.

        Without the token the provider asks the person first.
        """
        try:
            endpoints = await self._described()
        except ProviderDown:
            return None
        if endpoints.end is None:
            return None
        said = {"client_id": self._client.client_id, "post_logout_redirect_uri": back}
        return _with(endpoints.end, said if id_token is None else {"id_token_hint": id_token, **said})

    async def _described(self) -> _Endpoints:
        try:
            return _endpoints(await self._issuer.described())
        except ProviderDown:
            self._issuer.forget()
            raise

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
        answer = await self._issuer.asked("POST", endpoints.token, data=form, headers=headers)
        if not isinstance(answer.get("id_token"), str):
            raise LoginRefused("no token")
        token: str = answer["id_token"]
        return token


def _endpoints(said: Mapping[str, Any]) -> _Endpoints:
    """What the provider says of itself; it must be reached in secret."""
    needed = [said.get(f"{name}_endpoint") for name in ("authorization", "token")]
    if not all(private(address) for address in (*needed, said.get("jwks_uri"))):
        raise ProviderDown("no endpoints over https")
    end = said.get("end_session_endpoint")
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return _Endpoints(
        authorization=str(needed[0]),
        token=str(needed[1]),
        end=str(end) if private(end) else None,
        by_post="client_secret_basic" not in methods,
    )


def _random() -> str:
    return secrets.token_urlsafe(32)


def _with(address: str, values: Mapping[str, str]) -> str:
    """An address with values in its query."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(values)}"
