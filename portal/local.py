"""A provider for development and tests: OpenID Connect as Keycloak speaks it, where one chooses a person of the test.

It gives anybody any identity, so it is served on this machine alone and answers only under its names.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jwt.algorithms import RSAAlgorithm

from bot.id_token import LEVELS
from bot.issuer import LOOPBACK
from portal.pages import HERE
from portal.services import Texts

REALM = "/local-login/realms/test"
OPENID = f"{REALM}/protocol/openid-connect"
CLIENT, SECRET = "neuvo-local", "known to everybody"
MOST = 100
"""Codes that wait to be redeemed."""
PEOPLE: Mapping[str, str] = {
    "7d3c0a52-1f64-4a0e-9f0e-0c51d5a3e001": "Aino Testi",
    "7d3c0a52-1f64-4a0e-9f0e-0c51d5a3e002": "Börje Test",
    "7d3c0a52-1f64-4a0e-9f0e-0c51d5a3e003": "Chris Example",
}
"""Names by subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Login:
    asked: Mapping[str, str]
    subject: str
    loa: str


class LocalProvider:
    """The realm of the test. Its key is new at every start; codes are good once, and with their verifier alone."""

    def __init__(self, home: str, texts: Texts, languages: tuple[str, ...]) -> None:
        """``home`` is the address of this server, whose routes these are among."""
        self.issuer = home + REALM
        self._home = home
        self._texts = texts
        self._languages = languages
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._codes: dict[str, _Login] = {}
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def routes(self) -> list[web.AbstractRouteDef]:
        """Those of Keycloak that a login needs."""
        return [
            web.get(f"{REALM}/.well-known/openid-configuration", self._describe),
            web.get(f"{OPENID}/certs", self._certs),
            web.get(f"{OPENID}/auth", self._choose),
            web.get(f"{OPENID}/chosen", self._chosen),
            web.post(f"{OPENID}/token", self._token),
            web.get(f"{OPENID}/logout", self._logout),
        ]

    async def _describe(self, request: web.Request) -> web.Response:
        _here(request)
        base = self._home + OPENID
        return web.json_response({
            "issuer": self.issuer,
            "authorization_endpoint": f"{base}/auth",
            "token_endpoint": f"{base}/token",
            "jwks_uri": f"{base}/certs",
            "end_session_endpoint": f"{base}/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })  # fmt: skip

    async def _certs(self, request: web.Request) -> web.Response:
        _here(request)
        own = RSAAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return web.json_response({"keys": [{**own, "kid": "local", "use": "sig", "alg": "RS256"}]})

    async def _choose(self, request: web.Request) -> web.Response:
        asked = self._asked(request)
        wished = asked.get("ui_locales", "")
        language = wished if wished in self._languages else self._languages[0]
        page = self._pages.get_template("local.html").render(
            t=lambda key: self._texts(f"local.{key}", language),
            language=language,
            people=PEOPLE,
            levels=LEVELS,
            usual=asked.get("acr_values", "substantial"),
            asked=asked,
            to=f"{OPENID}/chosen",
        )
        return web.Response(text=page, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def _chosen(self, request: web.Request) -> web.Response:
        asked = self._asked(request)
        subject, loa = request.query.get("subject", ""), request.query.get("loa", "")
        if subject not in PEOPLE or loa not in LEVELS:
            answer = {"error": "access_denied", "state": asked.get("state", "")}
        else:
            code = secrets.token_urlsafe(16)
            self._codes[code] = _Login(asked=asked, subject=subject, loa=loa)
            for oldest in list(self._codes)[:-MOST]:
                del self._codes[oldest]
            answer = {"code": code, "state": asked.get("state", ""), "iss": self.issuer}
        raise web.HTTPFound(f"{asked['redirect_uri']}?{urlencode(answer)}")

    async def _token(self, request: web.Request) -> web.Response:
        _here(request)
        form = await request.post()
        login = self._codes.pop(str(form.get("code")), None)
        digest = hashlib.sha256(str(form.get("code_verifier")).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if login is None or not hmac.compare_digest(challenge, login.asked.get("code_challenge", "")):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response({"id_token": self._signed(login), "access_token": "none", "token_type": "Bearer"})

    def _signed(self, login: _Login) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "azp": CLIENT,
            "sub": login.subject,
            "iat": now,
            "exp": now + 300,
            "nonce": login.asked.get("nonce", ""),
            "loa": login.loa,
            "name": PEOPLE[login.subject],
        }
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": "local"})

    async def _logout(self, request: web.Request) -> web.Response:
        _here(request)
        back = request.query.get("post_logout_redirect_uri", "")
        raise web.HTTPFound(back if back.startswith(f"{self._home}/") else self._home)

    def _asked(self, request: web.Request) -> dict[str, str]:
        """What a login asks for, of our own client and back to our own pages."""
        _here(request)
        asked = {name: value for name, value in request.query.items() if name not in {"subject", "loa"}}
        back = asked.get("redirect_uri", "").startswith(f"{self._home}/")
        if not back or asked.get("client_id") != CLIENT or asked.get("code_challenge_method") != "S256":
            raise web.HTTPBadRequest(text="This is no login of these pages.")
        return asked


def _here(request: web.Request) -> None:
    """Another site may make its name point to this machine; it must not get an identity by that."""
    if request.url.host not in LOOPBACK:
        raise web.HTTPForbidden(text="This login is for pages of this machine.")
