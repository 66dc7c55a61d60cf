"""Sending by the city's own notification service (City of Helsinki, notification-service 0.4): outbound only."""

from __future__ import annotations

import json
from typing import Any

import structlog

from channels.base import Refused, RetryAfter, SendError, UnknownOutcome
from channels.sms.calls import Calls
from channels.sms.codes import REPAIR

logger = structlog.stdlib.get_logger("sms")


class CityService:
    """Sends text messages. ``url`` is the API with its version (``https://…/v1``), ``sender`` what the phone shows.

    Its delivery reports stay at the service, so that a message counts as sent when the service took it. A ``sender``
    that is a name cannot be answered: give the number that Twilio receives for us.
    """

    def __init__(self, url: str, token: str, sender: str, calls: Calls) -> None:
        self._url = url.rstrip("/") + "/message/send"
        self._headers = {"Authorization": f"Token {token}"}
        self._sender = sender
        self._calls = calls

    async def send(self, to: str, body: str, *, reference: str = "") -> str | None:  # noqa: ARG002  it takes none
        """The service's id of the message (``city-…``), ``None`` if it gives none. Raises a ``SendError``."""
        payload = {"sender": self._sender, "to": [{"destination": to, "format": "MOBILE"}], "text": body}
        answer = await self._calls.call("POST", self._url, json=payload, headers=self._headers)
        if not 200 <= answer.status < 300:
            raise _refusal(answer.status)
        try:
            log = json.loads(answer.text)
        except (ValueError, RecursionError):
            log = None
        if not isinstance(log, dict):
            raise UnknownOutcome("an answer that is not the service's")
        return _id(log)

    async def on_its_way(self, _message_id: str) -> bool:
        """Never known: how its delivery logs tell it is not described."""
        return False


def _id(log: dict[str, Any]) -> str | None:
    found = log.get("id")
    return f"city-{found}" if isinstance(found, int | str) and not isinstance(found, bool) else None


def _refusal(status: int) -> SendError:
    if status in (401, 403):
        logger.warning("city_refused", reason="the service does not take our token", status=status)
        return RetryAfter(REPAIR)
    if 400 <= status < 500:
        logger.warning("city_refused", reason="the service does not take the message", status=status)
        return Refused("the service does not take the message")
    return UnknownOutcome("an answer that is not the service's")
