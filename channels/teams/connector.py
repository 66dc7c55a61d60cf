"""Calls to Microsoft's connector: one activity sent, one picture fetched, and what its answers mean.

The library's own client fetches a token with each turn, blocks, tries again by itself and follows redirects with our
token; the outbox decides about all of that here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
import structlog
from yarl import URL

from bot.over_http import TooLong, read_body, seconds_of
from channels.base import Refused, RetryAfter, UnknownOutcome, Unreachable
from channels.images import LONGEST_FILE
from channels.teams.hosts import Hosts
from channels.teams.references import Reference
from channels.teams.tokens import BotToken, Rejected

logger = structlog.stdlib.get_logger("teams")

PATIENCE = aiohttp.ClientTimeout(total=15, sock_connect=5)
LATER = frozenset({412, 429, 502, 503, 504})
GONE = frozenset({403, 404})
LONGEST_ANSWER = 64 * 1024


class Connector:
    """What the channel asks of Microsoft."""

    def __init__(self, hosts: Hosts, token: BotToken, http: Callable[[], aiohttp.ClientSession]) -> None:
        self._hosts = hosts
        self._token = token
        self._http = http

    async def send(self, reference: Reference, activity: dict[str, Any]) -> str | None:
        """Send one activity; gives its id, if the connector tells it. Raises a ``SendError``."""
        base = self._hosts.service_url(reference.service_url)
        if base is None:
            logger.error("service_host_refused")
            raise Refused
        url = f"{base}v3/conversations/{quote(reference.conversation, safe='')}/activities"
        body = {
            **activity,
            "from": {"id": reference.bot},
            "conversation": {"id": reference.conversation},
        }
        try:
            return await self._post(url, orjson.dumps(body))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise RetryAfter from error  # it never left this machine
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise UnknownOutcome from error

    async def _post(self, url: str, body: bytes) -> str | None:
        for last in (False, True):
            token = await self._token_for(url)
            headers = {"Content-Type": "application/json", **_bearer(token)}
            async with self._http().post(
                URL(url, encoded=True), data=body, headers=headers, timeout=PATIENCE, allow_redirects=False
            ) as response:
                if response.status != 401:
                    return await _id(response)
            self._token.drop(token)
            if last:
                logger.error("credentials_refused", status=401)
        raise RetryAfter(60)

    async def _token_for(self, url: str) -> str:
        """Our token, for a host that may have it; empty for any other."""
        if not self._hosts.takes_token(url):
            return ""
        try:
            return await self._token.get()
        except Rejected:
            logger.exception("credentials_refused")
            raise

    async def fetch(self, url: str) -> bytes:
        """The bytes of a picture. Raises ``Refused``, or ``RetryAfter`` when it may be had later."""
        if not (self._hosts.is_service(url) or self._hosts.has_files(url)):
            raise Refused
        try:
            for _ in range(2):
                token = await self._token_for(url)
                async with self._http().get(
                    URL(url, encoded=True), headers=_bearer(token), timeout=PATIENCE, allow_redirects=False
                ) as response:
                    if response.status != 401:
                        return await _file(response)
                self._token.drop(token)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise RetryAfter from error
        raise Refused


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


async def _id(response: aiohttp.ClientResponse) -> str | None:
    """The id of what was sent, or what the status says; what is only accepted (202) may have none."""
    if response.status in GONE:
        raise Unreachable
    if response.status in LATER:
        raise RetryAfter(seconds_of(response.headers.get("Retry-After")))
    if 400 <= response.status < 500:
        raise Refused
    if response.status not in (200, 201, 202):
        raise UnknownOutcome
    try:
        found = orjson.loads(await read_body(response.content.iter_any(), LONGEST_ANSWER))["id"]
    except (TooLong, ValueError, KeyError, TypeError):
        found = None
    if isinstance(found, str) and found:
        return found
    if response.status == 202:
        return None
    raise UnknownOutcome


async def _file(response: aiohttp.ClientResponse) -> bytes:
    if response.status in LATER or response.status == 500:
        raise RetryAfter(seconds_of(response.headers.get("Retry-After")))
    if response.status != 200:
        raise Refused
    try:
        return await read_body(response.content.iter_any(), LONGEST_FILE)
    except TooLong as error:
        raise Refused from error
