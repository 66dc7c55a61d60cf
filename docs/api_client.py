"""A client of Neuvo's API in one file, without dependencies: copy it, or read how the API is meant to be called.

neuvo = Neuvo("https://chat.example.fi", os.environ["NEUVO_KEY"])
answer = neuvo.send({"template": "library_due", "to": {"phone": "040 123 4567"}, "values": {…}})
neuvo.get(answer["id"])["status"]
"""

from __future__ import annotations

import base64
import hmac
import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

TRIES = 6
TOLERANCE = 300
"""Seconds by which a webhook may be older or newer than now."""


class Refused(Exception):
    """The request will not be done as it is: ``problem`` has ``title``, ``detail`` and ``errors`` (RFC 9457)."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem['status']} {problem['title']}: {problem['detail']}")
        self.problem = problem


class Neuvo:
    """The API at an address, with a key."""

    def __init__(self, address: str, key: str) -> None:
        self._base = f"{address.rstrip('/')}/api/v1"
        self._key = key

    def send(self, nudges: dict[str, Any] | Sequence[dict[str, Any]], name: str | None = None) -> dict[str, Any]:
        """Have one message sent, or a list of up to 10,000.

        ``name`` is your own of the request: where you keep it, you can send the same again after a crash, and nothing
        is sent twice.
        """
        body = nudges if isinstance(nudges, dict) else {"nudges": list(nudges)}
        return self._call("POST", "/nudges", body, {"Idempotency-Key": name or uuid4().hex})

    def get(self, nudge_id: str) -> dict[str, Any]:
        """One message with its history."""
        return self._call("GET", f"/nudges/{quote(nudge_id)}")

    def cancel(self, nudge_id: str) -> dict[str, Any]:
        """Cancel one that has not been sent."""
        return self._call("POST", f"/nudges/{quote(nudge_id)}/cancel")

    def list(self, **query: str) -> Iterator[dict[str, Any]]:
        """All of this key's messages, the newest first; ``status`` and ``template`` choose some."""
        cursor: dict[str, str] | None = {}
        while cursor is not None:
            page = self._call("GET", f"/nudges?{urlencode(query | cursor)}")
            yield from page["nudges"]
            cursor = {"cursor": page["next"]} if page["next"] else None

    def _call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"} | (headers or {})
        for attempt in range(TRIES):
            request = urllib.request.Request(f"{self._base}{path}", data, sent, method=method)  # noqa: S310
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                    found: dict[str, Any] = json.load(answer)
                    return found
            except urllib.error.HTTPError as error:
                with error:
                    wait = error.headers.get("Retry-After")
                    if error.code not in {429, 503} or attempt == TRIES - 1:
                        raise Refused(json.load(error)) from None
                time.sleep(float(wait or 5))
            except OSError:  # no answer: the same name makes it safe to ask again
                if attempt == TRIES - 1:
                    raise
                time.sleep(2**attempt)
        raise AssertionError


def heard(secret: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """What a webhook says. Raises ``ValueError`` unless it was signed with your ``whsec_…`` and is new.

    ``webhook-id`` is the same when it is told again: remember those that you have dealt with.
    """
    given = {name.lower(): value for name, value in headers.items()}
    said = f"{given.get('webhook-id')}.{given.get('webhook-timestamp')}.".encode() + body
    mine = base64.b64encode(hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), said, "sha256")).decode()
    signatures = given.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(f"v1,{mine}".encode(), one.encode()) for one in signatures):
        raise ValueError("another signature")
    if abs(time.time() - float(given["webhook-timestamp"])) > TOLERANCE:
        raise ValueError("too old")
    found: dict[str, Any] = json.loads(body)
    return found
