"""Pictures that citizens send: they wait at Twilio, and are fetched with our credentials, from Twilio alone."""

from __future__ import annotations

import asyncio
from urllib.parse import urljoin, urlsplit

from yarl import URL

from bot.messages import Photo
from channels.base import Refused, RetryAfter, SendError, UnknownOutcome
from channels.images import LONGEST_FILE, NotAnImage, read_picture
from channels.sms.calls import Answer, Calls, basic_auth
from channels.sms.codes import REPAIR

TWILIO = ("twilio.com",)
"""Where a picture's address may be, and whom alone our credentials are shown."""
STORES = ("twiliocdn.com", "amazonaws.com")
"""Where Twilio may send us on to."""
MOST_STEPS = 4
SECONDS = 15.0
"""For the whole of it, sent on or not."""


class Media:
    """Fetches pictures. ``api_url`` is a stand-in of Twilio's that counts as Twilio, over http too."""

    def __init__(self, account_sid: str, token: str, calls: Calls, *, api_url: str | None = None) -> None:
        self._auth = {"Authorization": basic_auth(account_sid, token)}
        self._calls = calls
        self._stand_in = _origin(api_url) if api_url is not None else None

    def ours(self, url: str) -> bool:
        """Whether an address is one of Twilio's own."""
        return self._at(url, TWILIO)

    async def fetch(self, photo: Photo) -> Photo:
        """The picture behind ``Photo.source``. Raises ``Refused`` when it will never be had, else ``RetryAfter``."""
        if not self.ours(photo.source):
            raise Refused("a picture that is not at Twilio")
        try:
            async with asyncio.timeout(SECONDS):
                answer = await self._followed(photo.source)
        except (TimeoutError, UnknownOutcome):
            raise RetryAfter from None
        if not answer.whole:
            raise Refused("a picture that is too large")
        try:
            return await read_picture(answer.body)
        except NotAnImage as error:
            raise Refused(str(error)) from None

    async def _followed(self, url: str) -> Answer:
        for _step in range(MOST_STEPS):
            headers = self._auth if self.ours(url) else {}
            answer = await self._calls.call("GET", URL(url, encoded=True), limit=LONGEST_FILE, headers=headers)
            if answer.status == 200:
                return answer
            if answer.status not in (301, 302, 303, 307, 308):
                raise _refusal(answer.status)
            url = _joined(url, answer.headers.get("Location", ""))
            if not self._at(url, (*TWILIO, *STORES)):
                raise Refused("a picture that Twilio does not have")
        raise Refused("a picture that is sent on for ever")

    def _at(self, url: str, hosts: tuple[str, ...]) -> bool:
        origin = _origin(url)
        if origin is None:
            return False
        if origin == self._stand_in:
            return True
        scheme, host, port = origin
        return scheme == "https" and port == 443 and any(host == each or host.endswith("." + each) for each in hosts)


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; empty for nonsense."""
    try:
        return urljoin(url, location)
    except ValueError:
        return ""


def _origin(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; ``None`` for what is no plain address of the web."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    odd = not url.isascii() or not url.isprintable() or " " in url or parts.username is not None
    if odd or usual is None or not parts.hostname:
        return None
    return parts.scheme, parts.hostname, port or usual


def _refusal(status: int) -> SendError:
    if status in (401, 403):
        return RetryAfter(REPAIR)
    return Refused("a picture that is gone")
