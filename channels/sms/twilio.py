"""Sending by Twilio, through a messaging service."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import structlog
from twilio.base.exceptions import TwilioRestException, TwilioServiceException  # type: ignore[import-untyped]
from twilio.http import AsyncHttpClient  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from channels.base import OptedOut, SendError, UnknownOutcome
from channels.sms.calls import Calls, basic_auth
from channels.sms.codes import of_refusal
from channels.sms.inbound import REFERENCE

logger = structlog.stdlib.get_logger("sms")

_WAITING = frozenset({"accepted", "scheduled", "queued", "sending"})
"""Statuses of a message that is still at Twilio."""
_NONSENSE = (ValueError, TypeError, AttributeError, KeyError, RecursionError)
"""What Twilio's library raises on an answer that is not Twilio's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The city's account at Twilio. ``api_url`` stands in for all of Twilio's own addresses; ``None`` is Twilio."""

    sid: str
    token: str = field(repr=False)
    service: str
    api_url: str | None = None


class _Http(AsyncHttpClient):  # type: ignore[misc]
    """How Twilio's library calls: on our session, without its logging, which writes addresses."""

    def __init__(self, calls: Calls, api_url: str | None) -> None:
        super().__init__(logging.getLogger(__name__), True)
        self._calls = calls
        self._api_url = api_url and api_url.rstrip("/")

    async def request(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        **_options: object,
    ) -> Response:
        """The answer. Raises ``RetryAfter`` (with the delay that Twilio's exceptions drop) or ``UnknownOutcome``."""
        if self._api_url is not None:
            parts = urlsplit(url)
            url = self._api_url + parts.path + (f"?{parts.query}" if parts.query else "")
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = basic_auth(*auth)
        answer = await self._calls.call(method, url, params=params or {}, data=data or {}, headers=sent)
        return Response(answer.status, answer.text, answer.headers)


def client(account: Account, calls: Calls) -> Any:
    """Twilio's client, with nothing of the environment."""
    return Client(
        account.sid, account.token, http_client=_Http(calls, account.api_url), environment={"TWILIO_REGION": ""}
    )


class Twilio:
    """Sends text messages. ``status_url`` is where Twilio tells what became of one."""

    def __init__(self, account: Account, calls: Calls, *, status_url: str) -> None:
        self._service = account.service
        self._status_url = status_url
        self._client = client(account, calls)

    async def send(self, to: str, body: str, *, reference: str = "") -> str:
        """Twilio's id of the message (``SM…``). ``to`` is E.164. Raises a ``SendError``.

        A ``reference`` is part of the address that Twilio posts statuses to, and so comes back signed.
        """
        told = f"{self._status_url}?{urlencode({REFERENCE: reference})}" if reference else self._status_url
        try:
            message = await self._client.messages.create_async(
                to=to, body=body, messaging_service_sid=self._service, status_callback=told
            )
        except (TwilioRestException, TwilioServiceException) as error:
            raise _sorted(error) from None
        except _NONSENSE as error:
            raise UnknownOutcome(f"an answer that is not Twilio's ({type(error).__name__})") from None
        if not isinstance(message.sid, str) or not message.sid:
            raise UnknownOutcome("an answer without an id")
        return message.sid

    async def on_its_way(self, message_id: str) -> bool:
        """Whether Twilio has not handed the message to the operator yet; ``False`` when it does not say."""
        try:
            message = await self._client.messages(message_id).fetch_async()
        except (SendError, TwilioRestException, TwilioServiceException, *_NONSENSE):
            return False
        return message.status in _WAITING


def _sorted(error: TwilioRestException | TwilioServiceException) -> Exception:
    status = error.status
    if not isinstance(status, int) or not 400 <= status < 500:
        return UnknownOutcome("an answer that is not Twilio's")
    meaning = of_refusal(status, error.code)
    log = logger.info if meaning.kind is OptedOut else logger.warning
    log("twilio_refused", reason=meaning.words, status=error.code if isinstance(error.code, int) else status)
    return meaning.error()
