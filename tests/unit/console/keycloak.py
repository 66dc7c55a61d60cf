"""A stand-in of the provider that logs staff in: OpenID Connect over real HTTP, in Keycloak's shapes.

``trouble`` names what goes wrong at the next login; a code is good once, and with its verifier alone.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import jwt
from aiohttp import BasicAuth, web
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from bot.http import listen

CLIENT, SECRET = "neuvo", "a secret: of the tests"
REALM = "/realms/city"
OPENID = f"{REALM}/protocol/openid-connect"


@dataclass
class Keycloak:
    """One realm with one member of staff, who is logged in there already."""

    url: str = ""
    roles: list[str] = field(default_factory=lambda: ["agent"])
    claims: dict[str, Any] = field(default_factory=lambda: {"given_name": "Anna", "name": "Anna Aalto"})
    trouble: str = ""
    seen: list[str] = field(default_factory=list)
    basic: bool = True

    def __post_init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._curve = ec.generate_private_key(ec.SECP256R1())
        self._codes: dict[str, dict[str, str]] = {}

    @property
    def issuer(self) -> str:
        return self.url + REALM

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get(f"{REALM}/.well-known/openid-configuration", self._describe),
            web.get(f"{OPENID}/certs", self._certs),
            web.get(f"{OPENID}/auth", self._authorize),
            web.post(f"{OPENID}/token", self._token),
            web.get(f"{OPENID}/logout", self._logout),
        ]

    async def _describe(self, _request: web.Request) -> web.Response:
        if self.trouble == "description broken":
            return web.Response(text="<html>", content_type="text/html")
        if self.trouble == "description moved":
            raise web.HTTPFound("/elsewhere")
        if self.trouble == "down":
            raise web.HTTPServiceUnavailable
        base = self.url + OPENID
        return web.json_response({
            "issuer": "https://other.example/realms/city" if self.trouble == "other issuer" else self.issuer,
            "authorization_endpoint": f"{base}/auth",
            "token_endpoint": "http://far.example/token" if self.trouble == "token in the clear" else f"{base}/token",
            "jwks_uri": f"{base}/certs",
            "end_session_endpoint": f"{base}/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"] if self.basic else ["client_secret_post"],
            "code_challenge_methods_supported": ["plain", "S256"],
        })  # fmt: skip

    async def _certs(self, _request: web.Request) -> web.Response:
        if self.trouble == "no keys":
            return web.json_response({"keys": [{"kty": "oct", "kid": "one", "k": "AAAA"}, {"kty": "RSA"}, 1]})
        if self.trouble == "keys broken":
            return web.json_response({"keys": 5})
        rsa_key = {**RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True), "kid": "one", "use": "sig"}
        curve = {**ECAlgorithm.to_jwk(self._curve.public_key(), as_dict=True), "kid": "curve", "use": "sig"}
        return web.json_response({"keys": [{**rsa_key, "use": "enc", "kid": "enc"}, rsa_key, curve]})

    async def _authorize(self, request: web.Request) -> web.Response:
        asked = dict(request.query)
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert asked["code_challenge_method"] == "S256"
        if self.trouble == "cancelled":
            answer = {"error": "access_denied", "state": asked["state"]}
        else:
            code = f"code-{len(self._codes)}"
            self._codes[code] = asked
            answer = {"code": code, "state": "forged" if self.trouble == "state" else asked["state"]}
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(answer)}")

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form.get("code")), None)
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = form.get("client_secret") == SECRET
        if self.basic:
            sent = BasicAuth.decode(request.headers.get("Authorization", "Basic Og=="))
            known = (sent.login, sent.password) == (CLIENT, "a+secret%3A+of+the+tests")
        if asked is None or not known or asked["code_challenge"] != challenge or self.trouble == "code":
            return web.json_response({"error": "invalid_grant"}, status=400)
        if asked["redirect_uri"] != form.get("redirect_uri"):
            return web.json_response({"error": "invalid_grant"}, status=400)
        if self.trouble == "token service fails":
            return web.json_response({"error": "server_error"}, status=500)
        if self.trouble == "no token":
            return web.json_response({"access_token": "x"})
        return web.json_response({"id_token": self._signed(asked), "access_token": "x", "token_type": "Bearer"})

    def _signed(self, asked: dict[str, str]) -> str:
        now, trouble = int(time.time()), self.trouble
        claims: dict[str, Any] = {
            "iss": "https://other.example" if trouble == "token of another issuer" else self.issuer,
            "aud": "another" if trouble == "audience" else [CLIENT, "b"] if trouble == "two audiences" else CLIENT,
            "azp": "another" if trouble == "azp" else CLIENT,
            "sub": "staff-1",
            "iat": now - 3600 if trouble == "expired" else now,
            "exp": now - 600 if trouble == "expired" else now + 300,
            "nonce": "another" if trouble == "nonce" else asked["nonce"],
            "realm_access": {"roles": self.roles},
            **self.claims,
        }
        if trouble == "two audiences":
            del claims["azp"]
        if trouble == "no end":
            del claims["exp"]
        if trouble == "unsigned":
            return jwt.encode(claims, "", algorithm="none", headers={"kid": "one"})
        if trouble == "signed with the secret":
            return jwt.encode(claims, SECRET * 2, algorithm="HS256", headers={"kid": "one"})
        if trouble == "curve":
            return jwt.encode(claims, self._curve, algorithm="ES256", headers={"kid": "curve"})
        key = self._other if trouble == "signature" else self._key
        kid = "unknown" if trouble == "unknown key" else "one"
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})

    async def _logout(self, request: web.Request) -> web.Response:
        told = jwt.decode(request.query["id_token_hint"], options={"verify_signature": False})
        self.seen.append(f"logout {told['sub']}")
        raise web.HTTPFound(request.query["post_logout_redirect_uri"])


@asynccontextmanager
async def keycloak() -> AsyncIterator[Keycloak]:
    """The realm until the block ends."""
    found = Keycloak()
    site = web.Application()
    site.add_routes(found.routes())
    port, close = await listen(site, "127.0.0.1", 0, wait=0.1)
    found.url = f"http://127.0.0.1:{port}"
    try:
        yield found
    finally:
        await close()
