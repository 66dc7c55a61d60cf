"""Who may ask for a person's data over the GDPR API, and who may not."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import jwt
import pytest
from aiohttp import web
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from bot.http import listen
from tests.unit.portal.profile import ANNA, AUDIENCE, BERT, BILL, NOBODY, PERSON_ANNA, TOO_LOW, Held, gdpr_api

SCOPES = {"permissions": [{"scopes": ["gdprquery", "gdprdelete"]}]}


@dataclass
class Realm:
    """An issuer of access tokens. ``asked`` counts the readings of its keys."""

    issuer: str = ""
    down: bool = False
    asked: int = 0
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    other: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    async def describe(self, _request: web.Request) -> web.Response:
        if self.down:
            raise web.HTTPServiceUnavailable
        return web.json_response({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/certs"})

    async def certs(self, _request: web.Request) -> web.Response:
        self.asked += 1
        own = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return web.json_response({"keys": [{**own, "kid": "one", "use": "sig"}]})

    @property
    def public(self) -> bytes:
        kinds = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self.key.public_key().public_bytes(*kinds)

    def claims(self, **changes: Any) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": ANNA,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 300,
            "loa": "substantial",
            "authorization": SCOPES,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, **changes: Any) -> str:
        return jwt.encode(self.claims(**changes), self.key, algorithm="RS256", headers={"kid": "one"})

    def forged(self, how: str) -> str:
        """A token that somebody else made."""
        claims, kid = self.claims(), {"kid": "one"}
        if how == "none":
            return jwt.encode(claims, "", algorithm="none", headers=kid)
        if how == "public key as a secret":
            # PyJWT refuses to sign so; an attacker would not.
            signed = f"{_part({'alg': 'HS256', 'typ': 'JWT', **kid})}.{_part(claims)}"
            digest = hmac.digest(self.public, signed.encode(), "sha256")
            return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        if how == "unknown key":
            return jwt.encode(claims, self.other, algorithm="RS256", headers={"kid": "two"})
        if how == "its own key in the header":
            own = RSAAlgorithm.to_jwk(self.other.public_key(), as_dict=True)
            return jwt.encode(claims, self.other, algorithm="RS256", headers={**kid, "jwk": own})
        if how == "another algorithm":
            return jwt.encode(claims, self.key, algorithm="PS256", headers=kid)
        assert how == "another key"
        return jwt.encode(claims, self.other, algorithm="RS256", headers=kid)


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


@asynccontextmanager
async def realm() -> AsyncIterator[Realm]:
    found = Realm()
    site = web.Application()
    site.add_routes([web.get("/.well-known/openid-configuration", found.describe), web.get("/certs", found.certs)])
    port, close = await listen(site, "127.0.0.1", 0, wait=0.1)
    found.issuer = f"http://127.0.0.1:{port}"
    try:
        yield found
    finally:
        await close()


@dataclass
class Desk:
    """The interface with who calls it."""

    realm: Realm
    held: Held
    address: str
    http: aiohttp.ClientSession

    async def ask(
        self, method: str, token: str | None, *, whom: str = ANNA, query: str = "", **headers: str
    ) -> tuple[int, Any]:
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with self.http.request(method, f"{self.address}/{whom}{query}", headers=headers) as response:
            assert response.headers["Cache-Control"] == "no-store"
            kind = response.content_type
            return response.status, await (response.json() if kind == "application/json" else response.text())


@asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    held = Held()
    async with realm() as issuer, gdpr_api(issuer.issuer, held) as address, aiohttp.ClientSession() as http:
        yield Desk(issuer, held, address, http)


def untouched(held: Held) -> bool:
    return held.read == held.erased == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": ["another", "https://neuvo.example"]},
        {"aud": None},
        {"iss": "https://other.example"},
        {"exp": 1_700_003_600, "iat": 1_700_000_000},
        {"exp": None},
        {"sub": BERT},
        {"sub": None},
        {"sub": "anna"},
        {"authorization": None},
        {"authorization": {"permissions": []}},
        {"authorization": {"permissions": [{"scopes": ["gdpr"]}]}},
        {"authorization": {"permissions": [{"scopes": "x"}, 5, {"scopes": {"gdprquery": 1}}]}},
        {"authorization": ["gdprquery", "gdprdelete"]},
        {"authorization": None, "scope": "gdprquery gdprdelete"},
    ],
    ids=str,
)
async def test_a_token_that_does_not_allow_it_is_refused(method: str, changes: dict[str, Any]) -> None:
    async with desk() as one:
        status, _ = await one.ask(method, one.realm.token(**changes))
        assert status == 401
        assert untouched(one.held)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "how",
    [
        "none",
        "public key as a secret",
        "unknown key",
        "its own key in the header",
        "another algorithm",
        "another key",
    ],
)
async def test_a_token_that_somebody_else_made_is_refused(method: str, how: str) -> None:
    async with desk() as one:
        status, _ = await one.ask(method, one.realm.forged(how))
        assert status == 401
        assert untouched(one.held)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic YTpi", "Bearer x.y.z", "Bearer ö"])
async def test_without_a_token_nothing_is_said(header: str | None) -> None:
    async with desk() as one:
        status, _ = await one.ask("GET", None, **({} if header is None else {"Authorization": header}))
        assert status == 401
        assert untouched(one.held)


async def test_each_operation_wants_its_own_scope() -> None:
    async with desk() as one:
        for method, scope in (("GET", "gdprdelete"), ("DELETE", "gdprquery")):
            allowed = {"permissions": [{"scopes": [scope]}]}
            assert (await one.ask(method, one.realm.token(authorization=allowed)))[0] == 401
        assert untouched(one.held)


@pytest.mark.parametrize(
    "allowed",
    [
        {"permissions": [{"scopes": ["gdprquery"]}]},
        {"permissions": [{"rsid": "x"}, {"scopes": ["other", ["gdprquery"]]}]},
        {"permissions": [{"scopes": [[["gdprquery"]]]}]},
    ],
    ids=str,
)
@pytest.mark.parametrize("audience", [AUDIENCE, [AUDIENCE], ["another", AUDIENCE]], ids=str)
async def test_scopes_may_be_flat_or_nested_and_audiences_many(allowed: object, audience: object) -> None:
    async with desk() as one:
        status, found = await one.ask("GET", one.realm.token(authorization=allowed, aud=audience))
        assert status == 200
        assert found == {
            "key": "NEUVO",
            "children": [
                {"key": "LANGUAGE", "value": "fi"},
                {"key": "CONVERSATION", "children": [{"key": "TEXT", "value": "of person 1"}]},
            ],
        }


@pytest.mark.parametrize("loa", ["low", "unknown", None, "", "SUBSTANTIAL", 3])
async def test_a_level_too_low_withholds_what_needs_more_and_erases_nothing(loa: object) -> None:
    async with desk() as one:
        status, found = await one.ask("GET", one.realm.token(loa=loa))
        assert status == 200
        assert found["children"] == [
            {"key": "LANGUAGE", "value": "fi"},
            {"key": "CONVERSATION", "error": "Insufficient authentication level to read data"},
        ]
        for query in ("", "?dry_run=true"):
            status, found = await one.ask("DELETE", one.realm.token(loa=loa), query=query)
            assert status == 403
            assert found == {"errors": [{"code": "INSUFFICIENT_LOA", "message": TOO_LOW}]}
        assert one.held.erased == []


async def test_a_person_whom_we_do_not_know_has_nothing_here() -> None:
    async with desk() as one:
        for method, query in (("GET", ""), ("DELETE", "?dry_run=true"), ("DELETE", "")):
            token = one.realm.token(sub=NOBODY)
            assert (await one.ask(method, token, whom=NOBODY, query=query))[0] == 204
        assert untouched(one.held)


async def test_a_try_erases_nothing_and_tells_what_the_erasure_would() -> None:
    async with desk() as one:
        for query in ("?dry_run=true", "?dry_run=True"):
            assert (await one.ask("DELETE", one.realm.token(), query=query))[0] == 204
        for query in ("?dry_run=1", "?dry_run=", "?dry_run=false&dry_run=true"):
            assert (await one.ask("DELETE", one.realm.token(), query=query))[0] == 400
        one.held.obstacles_of[PERSON_ANNA] = [BILL]
        for query in ("?dry_run=true", ""):
            status, found = await one.ask("DELETE", one.realm.token(), query=query)
            assert (status, found["errors"][0]["code"]) == (403, "OPEN_CASE")
            assert found["errors"][0]["message"].keys() == {"fi", "sv", "en"}
        assert one.held.erased == []
        one.held.obstacles_of.clear()
        for _ in range(2):  # asked for again, it is as done as before
            assert (await one.ask("DELETE", one.realm.token(), query="?dry_run=false"))[0] == 204
        assert set(one.held.erased) == {PERSON_ANNA}
        assert (await one.ask("GET", one.realm.token()))[0] == 204


@pytest.mark.parametrize("whom", ["1", "person-anna", "9e14df7c-81f6-4c41-8578-6aa7b9d0e5cz", "%2e%2e%2f"])
async def test_a_path_without_a_uuid_is_no_question(whom: str) -> None:
    async with desk() as one:
        status, _ = await one.ask("GET", one.realm.token(), whom=whom)
        assert status == 400
        assert untouched(one.held)


async def test_while_the_issuer_is_away_nobody_is_let_in() -> None:
    async with desk() as one:
        one.realm.down = True
        assert (await one.ask("GET", one.realm.token()))[0] == 500
        assert untouched(one.held)
        one.realm.down = False
        assert (await one.ask("GET", one.realm.token()))[0] == 200


async def test_tokens_with_made_up_keys_do_not_make_us_ask_the_issuer_each_time() -> None:
    async with desk() as one:
        for _ in range(5):
            assert (await one.ask("GET", one.realm.forged("unknown key")))[0] == 401
        assert one.realm.asked == 1
