"""The two addresses that Twilio posts to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import web
from multidict import MultiDict

from bot.messages import Event, Incoming
from bot.over_http import TooLong, read_body
from channels.base import Receive, Unavailable
from channels.sms.inbound import REFERENCE, Malformed, Ours, read_form, read_message, read_status
from channels.sms.robots import Robots
from channels.sms.signature import Signatures

MESSAGES = "/sms/twilio"
STATUSES = "/sms/twilio/status"
LONGEST_BODY = 64 * 1024
"""Bytes. Twilio's longest message, of 1600 characters with ten pictures, is under 20,000 with its escapes."""

EMPTY = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
"""TwiML that says nothing: the answer is sent by itself, later."""

logger = structlog.stdlib.get_logger("sms")

Handler = Callable[[web.Request], Awaitable[web.Response]]


class Webhooks:
    """Verified, parsed, handed over; acknowledged when it is kept."""

    def __init__(
        self,
        receive: Receive,
        *,
        signatures: Signatures,
        ours: Ours,
        robots: Robots,
        urgent: Callable[[str], bool],
    ) -> None:
        self._receive = receive
        self._signatures = signatures
        self._ours = ours
        self._robots = robots
        self._urgent = urgent

    def routes(self) -> Sequence[web.RouteDef]:
        """Both addresses; they take POST alone."""
        return [web.post(MESSAGES, self._message), web.post(STATUSES, self._status)]

    async def _message(self, request: web.Request) -> web.Response:
        return await self._handled(request, lambda form: read_message(form, self._ours))

    async def _status(self, request: web.Request) -> web.Response:
        return await self._handled(request, lambda form: read_status(form, request.query.get(REFERENCE, "")))

    async def _handled(self, request: web.Request, read: Callable[[MultiDict[str]], Sequence[Event]]) -> web.Response:
        try:
            form = read_form(await _body(request))
            if not self._signatures.genuine(request.raw_path, form, request.headers):
                return _plain(403, "This is not signed by Twilio for this address.")
            events = read(form)
        except _TooLarge:
            return _plain(413, f"Send at most {LONGEST_BODY} bytes.")
        except Malformed:
            return _plain(400, "Send the form that Twilio sends.")
        try:
            for event in events:
                if not self._is_robot(event):
                    await self._receive(event)
        except Unavailable:
            response = _plain(503, "Not now; send it again soon.")
            response.headers["Retry-After"] = "5"
            return response
        return web.Response(text=EMPTY, content_type="text/xml")

    def _is_robot(self, event: Event) -> bool:
        """Whether the message is one of another robot's; a call for help is heard whoever it is from."""
        if not isinstance(event, Incoming) or event.photos:
            return False
        if not self._robots.repeats(event.address.key, event.message_id, event.text) or self._urgent(event.text):
            return False
        logger.warning("robot_not_answered", channel="sms", reason="one sender writes the same again and again")
        return True


class _TooLarge(Exception):
    pass


async def _body(request: web.Request) -> bytes:
    """The body of a form. Raises ``Malformed`` or ``_TooLarge``."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Malformed("no form")
    if (request.content_length or 0) > LONGEST_BODY:
        raise _TooLarge
    try:
        return await read_body(request.content.iter_any(), LONGEST_BODY)
    except TooLong:
        raise _TooLarge from None
    except web.RequestPayloadError:
        raise Malformed("a body that is not encoded as it says") from None


def _plain(status: int, words: str) -> web.Response:
    return web.Response(status=status, text=words)
