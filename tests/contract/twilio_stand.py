"""A stand-in of Twilio: its REST API, which checks what it is sent, its media, and its signed webhooks.

It can be told to be slow, busy, broken, gone or to answer nonsense. The signature is computed here from Twilio's
description (https://www.twilio.com/docs/usage/security), not by Twilio's library.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
import re
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp
from aiohttp import web

ACCOUNT = "AC" + "0123456789abcdef" * 2
TOKEN = "5ec2e7705ec2e7705ec2e7705ec2e770"
SERVICE = "MG" + "fedcba9876543210" * 2
PUBLIC = "https://neuvo.example.test"
CITIZEN = "+358401234567"
OURS = "+358457000000"

Pairs = Sequence[tuple[str, str]]


def sid(number: int, kind: str = "SM") -> str:
    """An id as Twilio writes it."""
    return f"{kind}{number:032x}"


def signature(url: str, pairs: Pairs, secret: str = TOKEN, algorithm: str = "HMAC_SHA1") -> str:
    """The address, then the pairs sorted by name, each value once, under the hash; in Base64."""
    by_name: dict[str, set[str]] = {}
    for name, value in pairs:
        by_name.setdefault(name, set()).add(value)
    signed = url + "".join(name + value for name in sorted(by_name) for value in sorted(by_name[name]))
    kind = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}[algorithm]
    return base64.b64encode(hmac.new(secret.encode(), signed.encode(), kind).digest()).decode()


def message(number: int, body: str, *, sender: str = CITIZEN, media: Sequence[str] = (), **more: str) -> list[Any]:
    """The pairs of a citizen's message; ``media`` are addresses of JPEG pictures."""
    found = {
        "ToCountry": "FI",
        "ToState": "",
        "SmsMessageSid": sid(number),
        "NumMedia": str(len(media)),
        "ToCity": "",
        "FromZip": "",
        "SmsSid": sid(number),
        "FromState": "",
        "SmsStatus": "received",
        "FromCity": "",
        "Body": body,
        "FromCountry": "FI",
        "To": OURS,
        "MessagingServiceSid": SERVICE,
        "ToZip": "",
        "NumSegments": "1",
        "MessageSid": sid(number),
        "AccountSid": ACCOUNT,
        "From": sender,
        "ApiVersion": "2010-04-01",
    }
    for place, url in enumerate(media):
        found |= {f"MediaUrl{place}": url, f"MediaContentType{place}": "image/jpeg"}
    return list({**found, **more}.items())


def status(provider_id: str, state: str, *, to: str = CITIZEN, code: int | None = None) -> list[Any]:
    """The pairs of a status callback."""
    found = {
        "SmsSid": provider_id,
        "SmsStatus": state,
        "MessageStatus": state,
        "To": to,
        "MessagingServiceSid": SERVICE,
        "MessageSid": provider_id,
        "AccountSid": ACCOUNT,
        "From": OURS,
        "ApiVersion": "2010-04-01",
    }
    return list((found if code is None else {**found, "ErrorCode": str(code)}).items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A webhook as it goes over the wire."""

    path: str
    body: bytes
    headers: dict[str, str]


def signed(
    path: str,
    pairs: Pairs,
    *,
    url: str | None = None,
    secret: str = TOKEN,
    algorithm: str | None = None,
) -> Post:
    """A genuine webhook; ``url`` is the address that is signed, ours unless it is given."""
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Twilio-Signature": signature(url or PUBLIC + path, pairs, secret, algorithm or "HMAC_SHA1"),
        "User-Agent": "TwilioProxy/1.1",
    }
    if algorithm is not None:
        headers["X-Twilio-Webhooks-Signature-Settings"] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    return Post(path=path, body=urlencode(pairs).encode(), headers=headers)


def incoming(number: int, body: str, *, sender: str = CITIZEN, media: Sequence[str] = (), **more: str) -> Post:
    """A citizen's message as a genuine webhook."""
    return signed("/sms/twilio", message(number, body, sender=sender, media=media, **more))


def report(provider_id: str, state: str, *, to: str = CITIZEN, code: int | None = None) -> Post:
    """A status callback as a genuine webhook."""
    return signed("/sms/twilio/status", status(provider_id, state, to=to, code=code))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that the stand-in took."""

    sid: str
    to: str
    body: str
    status_callback: str


@dataclass
class TwilioStand:
    """What was sent to it, and how it answers; ``next`` answers go out before the usual ones."""

    url: str = ""
    sent: list[Sent] = field(default_factory=list)
    calls: int = 0
    service: dict[str, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=lambda: [OURS])
    media: dict[str, web.Response | str] = field(default_factory=dict)
    """By path: the answer, or where it is sent on to."""
    shown: list[tuple[str, str | None]] = field(default_factory=list)
    """Paths of media that were asked for, with the credentials that came along."""
    next: deque[tuple[int, Any, dict[str, str]]] = field(default_factory=deque)
    state: str = "sent"
    """What became of every message, to those who ask."""
    asked: int = 0
    """How often somebody asked for it."""
    delay: float = 0.0
    drop: bool = False
    """Read the request and hang up."""
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def refuse(self, status: int, code: int, **headers: str) -> None:
        """Answer the next call with an error of Twilio's."""
        body = {"code": code, "message": f"error {code} about {CITIZEN}", "more_info": "…", "status": status}
        self.next.append((status, body, headers))

    def media_url(self, name: str) -> str:
        """Where a picture is, as a webhook names it."""
        return f"{self.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid(1, 'MM')}/Media/{name}"

    def routes(self) -> list[web.RouteDef]:
        """The parts of the API that we use."""
        return [
            web.post("/2010-04-01/Accounts/{account}/Messages.json", self._create),
            web.get("/2010-04-01/Accounts/{account}/Messages/{message}.json", self._fetch),
            web.post("/v1/Services/{service}", self._update),
            web.get("/v1/Services/{service}/PhoneNumbers", self._numbers),
            web.get("/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}", self._media),
            web.get("/elsewhere/{media}", self._media),
        ]

    async def _planned(self, request: web.Request) -> web.Response | None:
        self.calls += 1
        await request.read()
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.drop:
            assert request.transport is not None
            request.transport.abort()
        if self.next:
            code, body, headers = self.next.popleft()
            if isinstance(body, str | bytes):
                return web.Response(status=code, body=body, content_type="application/json", headers=headers)
            return web.json_response(body, status=code, headers=headers)
        if request.headers.get("Authorization") != _basic():
            return refusal(401, 20003)
        return None

    async def _create(self, request: web.Request) -> web.Response:
        planned = await self._planned(request)
        if planned is not None:
            return planned
        form = await request.post()
        wrong = self._wrong(request.match_info["account"], form)
        if wrong is not None:
            return refusal(404 if wrong == 20404 else 400, wrong)
        found = Sent(
            sid=sid(next(self._ids)),
            to=str(form["To"]),
            body=str(form["Body"]),
            status_callback=str(form.get("StatusCallback", "")),
        )
        self.sent.append(found)
        return web.json_response(_message(found), status=201)

    def _wrong(self, account: str, form: Mapping[str, Any]) -> int | None:
        if account != ACCOUNT:
            return 20404
        if not re.fullmatch(r"\+[1-9]\d{6,14}", str(form.get("To", ""))):
            return 21211
        if not form.get("Body"):
            return 21602
        if len(str(form["Body"])) > 1600:
            return 21617
        if form.get("MessagingServiceSid") != SERVICE:
            return 21705
        if not re.fullmatch(r"https://\S+|", str(form.get("StatusCallback", ""))):
            return 21609
        return None

    async def _fetch(self, request: web.Request) -> web.Response:
        self.asked += 1
        if request.headers.get("Authorization") != _basic():
            return refusal(401, 20003)
        found = [sent for sent in self.sent if sent.sid == request.match_info["message"]]
        if not found:
            return refusal(404, 20404)
        return web.json_response({**_message(found[0]), "status": self.state})

    async def _update(self, request: web.Request) -> web.Response:
        planned = await self._planned(request)
        if planned is not None:
            return planned
        if request.match_info["service"] != SERVICE:
            return refusal(404, 20404)
        self.service |= {name: str(value) for name, value in (await request.post()).items()}
        return web.json_response({"sid": SERVICE, "account_sid": ACCOUNT, "friendly_name": "Neuvo"})

    async def _numbers(self, request: web.Request) -> web.Response:
        planned = await self._planned(request)
        if planned is not None:
            return planned
        rows = [{"sid": sid(place, "PN"), "phone_number": number} for place, number in enumerate(self.numbers)]
        meta = {"key": "phone_numbers", "page": 0, "page_size": 50, "next_page_url": None, "url": str(request.url)}
        return web.json_response({"phone_numbers": rows, "meta": meta})

    async def _media(self, request: web.Request) -> web.StreamResponse:
        self.shown.append((request.path, request.headers.get("Authorization")))
        if self.delay:
            await asyncio.sleep(self.delay)
        at_twilio = not request.path.startswith("/elsewhere/")
        if at_twilio and request.headers.get("Authorization") != _basic():
            return refusal(401, 20003)
        found = self.media.get(request.match_info["media"])
        if found is None:
            return refusal(404, 20404)
        if isinstance(found, str):
            return web.Response(status=307, headers={"Location": found})
        return found


def _basic() -> str:
    return "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()


def refusal(status: int, code: int) -> web.Response:
    body = {"code": code, "message": "…", "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return web.json_response(body, status=status)


def _message(found: Sent) -> dict[str, Any]:
    return {
        "account_sid": ACCOUNT,
        "api_version": "2010-04-01",
        "body": found.body,
        "date_created": "Thu, 26 Nov 2026 12:00:00 +0000",
        "date_sent": None,
        "date_updated": "Thu, 26 Nov 2026 12:00:00 +0000",
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": None,
        "messaging_service_sid": SERVICE,
        "num_media": "0",
        "num_segments": "0",
        "price": None,
        "price_unit": None,
        "sid": found.sid,
        "status": "accepted",
        "subresource_uris": {},
        "to": found.to,
        "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{found.sid}.json",
    }


@asynccontextmanager
async def twilio() -> AsyncIterator[TwilioStand]:
    """A running stand-in until the block ends."""
    stand = TwilioStand()
    async with served(stand.routes()) as stand.url:
        yield stand


@asynccontextmanager
async def served(routes: Sequence[web.AbstractRouteDef]) -> AsyncIterator[str]:
    """A server of these routes on this machine; gives its address."""
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def deliver(http: aiohttp.ClientSession, base: str, post: Post) -> tuple[int, str, str]:
    """Post a webhook to us: status, content type and body of the answer."""
    async with http.post(base + post.path, data=post.body, headers=post.headers) as response:
        return response.status, response.content_type, await response.text()
