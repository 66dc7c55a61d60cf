"""Microsoft in the tests: who signs requests, who gives tokens, and the connector that takes what the bot sends."""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import aiohttp
import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

APP_ID = "11111111-2222-3333-4444-555555555555"
TENANT = "99999999-8888-7777-6666-555555555555"
PASSWORD = "the app's password"
BOT = f"28:{APP_ID}"
PERSON = "29:person"
CHAT = "a:1personal-chat"
TEAM = "19:general@thread.tacv2;messageid=1700000000000"
ISSUER = "https://api.botframework.com"
EMULATOR = "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/"
"""Who signs for the emulator of Microsoft's, whose tokens the library takes and a public server must not."""
HEADERS = {"Content-Type": "application/json; charset=utf-8"}


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """A key of the test run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(key(name).public_key()))
    return {**found, "use": "sig", "kid": name, "endorsements": ["msteams", "webchat"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the connector answers once."""

    status: int = 201
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass
class Stand:
    """What was asked of Microsoft, and what it answers."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    token_requests: list[dict[str, str]] = field(default_factory=list)
    token_delay: float = 0.0
    token_status: int = 200
    key_requests: int = 0
    keys_delay: float = 0.0
    keys_status: int = 200
    keys: list[str] = field(default_factory=lambda: ["first"])
    files: dict[str, bytes] = field(default_factory=dict)
    files_delay: float = 0.0
    file_authorizations: list[str | None] = field(default_factory=list)

    @property
    def service_url(self) -> str:
        """The connector of a region."""
        return f"{self.url}/emea/"

    @property
    def openid_url(self) -> str:
        return f"{self.url}/openid"

    def application(self) -> web.Application:
        """The HTTP side."""
        application = web.Application(client_max_size=1024 * 1024)
        application.router.add_get("/openid", self._openid)
        application.router.add_get("/keys", self._keys)
        application.router.add_post("/{tenant}/oauth2/v2.0/token", self._token)
        application.router.add_post("/{region}/v3/conversations/{id}/activities", self._activity)
        application.router.add_get("/{region}/v3/attachments/{name}/views/original", self._file)
        return application

    async def _openid(self, _request: web.Request) -> web.Response:
        self.key_requests += 1
        await asyncio.sleep(self.keys_delay)
        if self.keys_status != 200:
            return web.Response(status=self.keys_status)
        return web.json_response({"issuer": ISSUER, "jwks_uri": f"{self.url}/keys"})

    async def _keys(self, _request: web.Request) -> web.Response:
        return web.json_response({"keys": [jwk(name) for name in self.keys]})

    async def _token(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.token_requests.append(form)
        await asyncio.sleep(self.token_delay)
        if form.get("client_secret") != PASSWORD or request.match_info["tenant"] != TENANT:
            return web.json_response({"error": "invalid_client"}, status=401)
        if self.token_status != 200:
            return web.Response(status=self.token_status)
        token = f"token-{len(self.token_requests)}"
        return web.json_response({"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    async def _activity(self, request: web.Request) -> web.Response:
        self.authorizations.append(request.headers.get("Authorization"))
        self.paths.append(request.raw_path)
        activity = await request.json()
        answer = self.answers.pop(0) if self.answers else Answer()
        await asyncio.sleep(answer.delay)
        if answer.status in (200, 201, 202):
            self.sent.append(activity)
        body = answer.body or json.dumps({"id": f"sent-{len(self.sent)}"}).encode()
        return web.Response(status=answer.status, body=body, headers={**HEADERS, **answer.headers})

    async def _file(self, request: web.Request) -> web.Response:
        self.file_authorizations.append(request.headers.get("Authorization"))
        await asyncio.sleep(self.files_delay)
        data = self.files.get(request.match_info["name"])
        return web.Response(status=404) if data is None else web.Response(body=data, content_type="image/png")

    def token(
        self, *, signed_by: str = "first", kid: str | None = None, algorithm: str = "RS256", **claims: Any
    ) -> str:
        """A token as Microsoft signs it; a claim of ``None`` is left out."""
        now = int(time.time())
        usual = {
            "iss": ISSUER,
            "aud": APP_ID,
            "nbf": now - 60,
            "exp": now + 3600,
            "serviceurl": self.service_url,
        }
        payload = {name: value for name, value in {**usual, **claims}.items() if value is not None}
        secret: Any = key(signed_by) if algorithm == "RS256" else None if algorithm == "none" else "s" * 64
        return jwt.encode(payload, secret, algorithm=algorithm, headers={"kid": kid or signed_by})

    def activity(self, kind: str = "message", **changes: Any) -> dict[str, Any]:
        """An activity of a personal chat; a change of ``None`` leaves a field out."""
        usual = {
            "type": kind,
            "id": f"{time.time_ns()}",
            "timestamp": "2026-11-26T12:00:00.000Z",
            "serviceUrl": self.service_url,
            "channelId": "msteams",
            "from": {"id": PERSON, "name": "Maija Meikäläinen", "aadObjectId": "00000000-0000-0000-0000-000000000001"},
            "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": CHAT},
            "recipient": {"id": BOT, "name": "Helsinki-botti"},
            "locale": "fi-FI",
            "entities": [{"type": "clientInfo", "locale": "fi-FI", "country": "FI", "platform": "Web"}],
            "channelData": {"tenant": {"id": TENANT}},
        }
        if kind == "message":
            usual |= {"text": "Hei", "textFormat": "plain"}
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def in_team(self, text: str, *entities: dict[str, Any], kind: str = "channel", **changes: Any) -> dict[str, Any]:
        """A message in a team's channel or a group chat."""
        conversation = {"conversationType": kind, "tenantId": TENANT, "id": TEAM, "isGroup": True}
        return self.activity(text=text, entities=list(entities), conversation=conversation, **changes)

    def pressed(self, payload: str, label: str, card: str = "card-1", **changes: Any) -> dict[str, Any]:
        """A press of a button of ours, as Teams sends it for ``messageBack``."""
        return self.activity(text=label, value={"payload": payload}, replyToId=card, **changes)

    def executed(self, payload: str, card: str = "card-1", **changes: Any) -> dict[str, Any]:
        """A press of ``Action.Execute``."""
        action = {"type": "Action.Execute", "verb": "pick", "data": {"payload": payload}}
        usual = {"name": "adaptiveCard/action", "value": {"action": action, "trigger": "manual"}, "replyToId": card}
        return self.activity("invoke", **{**usual, **changes})


def mention(bot_or_person: str, name: str) -> dict[str, Any]:
    """The entity of a mention."""
    return {"type": "mention", "mentioned": {"id": bot_or_person, "name": name}, "text": f"<at>{name}</at>"}


async def post(
    http: aiohttp.ClientSession, url: str, activity: Any, token: str | None
) -> tuple[int, dict[str, Any] | None]:
    """Post an activity, or any bytes, as Teams does; gives the status and the JSON of the answer."""
    headers = {**HEADERS, **({} if token is None else {"Authorization": f"Bearer {token}"})}
    data = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
    async with http.post(url, data=io.BytesIO(data), headers=headers) as response:
        text = await response.text()
        return response.status, json.loads(text) if text.startswith("{") else None


@asynccontextmanager
async def standing() -> AsyncIterator[Stand]:
    """Microsoft on this machine until the block ends."""
    stand = Stand()
    runner = web.AppRunner(stand.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    stand.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stand
    finally:
        await runner.cleanup()
