"""The row of text messages: Twilio."""

from __future__ import annotations

import zlib
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import aiohttp

from channels.base import OptedOut, Refused, RetryAfter, SendError, UnknownOutcome
from channels.sms.kind import KIND
from tests.contract import twilio_stand as stand
from tests.contract.provider import Post, Row, Trouble


class Twilio:
    """Twilio, and citizens with numbers that follow one another."""

    public_url = stand.PUBLIC
    long_text = 4_000
    expected: ClassVar[Mapping[Trouble, tuple[type[SendError], ...]]] = {
        Trouble.BUSY: (RetryAfter,),
        Trouble.FAILING: (RetryAfter, UnknownOutcome),
        Trouble.HANGS_UP: (UnknownOutcome,),
        Trouble.NONSENSE: (UnknownOutcome,),
        Trouble.BLOCKED: (OptedOut,),
        Trouble.REFUSED: (Refused,),
    }

    def __init__(self, twilio: stand.TwilioStand) -> None:
        self._twilio = twilio
        self._count = 0
        self.settings = {
            "twilio_account_sid": stand.ACCOUNT,
            "twilio_auth_token": stand.TOKEN,
            "twilio_service_sid": stand.SERVICE,
            "twilio_api_url": twilio.url,
        }

    async def begin(self, http: aiohttp.ClientSession, base: str) -> None:
        """Nothing: a number can be written to."""

    def says(self, text: str, *, by: int = 0, message_id: str = "") -> Post:
        """A signed webhook."""
        self._count += 1
        number = zlib.crc32(message_id.encode()) if message_id else self._count
        return _post(stand.incoming(number, text, sender=number_of(by)))

    def shows(self) -> Post:
        """A picture by MMS."""
        self._count += 1
        return _post(stand.incoming(self._count, "kuoppa", media=[self._twilio.media_url("ME1")]))

    def asked_for_pictures(self) -> int:
        """How often a picture was asked for."""
        return len(self._twilio.shown)

    def presses(self, label: str) -> Post:
        """The number that stands before the label, as citizens answer by text message."""
        for sent in reversed(self._twilio.sent):
            for line in sent.body.splitlines():
                number, _, words = line.partition(" ")
                if words == label:
                    return self.says(number.rstrip("."))
        raise AssertionError(f"no choice {label!r}")

    def forged(self) -> Sequence[Post]:
        """Without a signature, with another's, for another address, and changed on the way."""
        genuine = self.says("moi")
        other = _post(stand.signed("/sms/twilio", stand.message(7, "moi"), secret="f" * 32))
        elsewhere = _post(stand.signed("/sms/twilio", stand.message(7, "moi"), url="https://evil.example/sms/twilio"))
        none = {name: value for name, value in genuine.headers.items() if name != "X-Twilio-Signature"}
        algorithm = {**genuine.headers, "X-Twilio-Webhooks-Signature-Settings": "algorithm=NONE"}
        return [
            other,
            elsewhere,
            Post(path=genuine.path, body=genuine.body, headers=none),
            Post(path=genuine.path, body=genuine.body, headers=algorithm),
            Post(path=genuine.path, body=genuine.body + b"&Body=lisaa", headers=genuine.headers),
            Post(path="/sms/twilio/status", body=genuine.body, headers=genuine.headers),
        ]

    def malformed(self) -> Sequence[Post]:
        """Signed, and without a sender or an id."""
        pairs = stand.message(9, "moi")
        return [
            _post(stand.signed("/sms/twilio", [pair for pair in pairs if pair[0] not in names]))
            for names in (("From",), ("MessageSid", "SmsSid", "SmsMessageSid"))
        ]

    async def shown(self, by: int = 0) -> list[str]:
        """The bodies."""
        return [sent.body for sent in self._twilio.sent if sent.to == number_of(by)]

    def trouble(self, kind: Trouble) -> None:
        """Answer the next call so."""
        answers: dict[Trouble, tuple[int, Any, dict[str, str]]] = {
            Trouble.BUSY: (429, {"code": 20429, "status": 429, "message": "", "more_info": ""}, {"Retry-After": "7"}),
            Trouble.FAILING: (503, {"code": 20503, "status": 503, "message": "", "more_info": ""}, {}),
            Trouble.NONSENSE: (201, "<html>hei</html>", {}),
            Trouble.BLOCKED: (400, {"code": 21610, "status": 400, "message": "", "more_info": ""}, {}),
            Trouble.REFUSED: (400, {"code": 21617, "status": 400, "message": "", "more_info": ""}, {}),
        }
        if kind in answers:
            self._twilio.next = deque([answers[kind]])
        self._twilio.drop = kind is Trouble.HANGS_UP

    def hang(self, *, hanging: bool) -> None:
        """Wait for a minute before each answer."""
        self._twilio.delay = 60.0 if hanging else 0.0
        self._twilio.drop = False


def number_of(by: int) -> str:
    """A citizen's number."""
    return f"+3584012345{67 + by}"


def _post(post: stand.Post) -> Post:
    return Post(path=post.path, body=post.body, headers=post.headers)


@asynccontextmanager
async def standing() -> AsyncIterator[Twilio]:
    """Twilio on this machine."""
    async with stand.twilio() as twilio:
        yield Twilio(twilio)


SMS = Row(kind=KIND, standing=standing)
