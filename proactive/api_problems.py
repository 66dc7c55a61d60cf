"""Why a request was not done, as problem details (RFC 9457), with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from enum import Enum
from typing import NamedTuple

from aiohttp import web

from proactive import api_models as models
from proactive.wanted import Fault

MEDIA_TYPE = "application/problem+json"
HEADERS = {"Cache-Control": "no-store"}


class _Kind(NamedTuple):
    """A status, the title, and what to do."""

    status: int
    title: str
    detail: str


class Kind(_Kind, Enum):
    """What can be wrong with a request."""

    NO_KEY = _Kind(401, "No valid key", "Send an API key that is in force as “Authorization: Bearer …”.")
    SCOPE = _Kind(403, "Not allowed by this key", "Ask for a key with the scope that this operation needs.")
    UNKNOWN = _Kind(404, "No such message", "Check the id: a key sees the messages that it made itself.")
    TOO_LATE = _Kind(409, "Too late to cancel", "The message has been sent or has ended; see its status.")
    TOO_LONG = _Kind(413, "The body is too long", "Send fewer messages at once: at most 8 MiB and 10,000 messages.")
    MEDIA = _Kind(415, "Not JSON", "Send the body as application/json, without a content encoding.")
    INVALID = _Kind(422, "Not as described", "Correct the fields under errors; nothing was taken.")
    REUSED = _Kind(422, "Idempotency key used before", "Send another Idempotency-Key with another body.")
    TOO_OFTEN = _Kind(429, "Too many requests", "Wait as many seconds as Retry-After says; send many at once.")
    DOWN = _Kind(503, "Not available now", "Nothing is lost: send the same again after Retry-After seconds.")

    @property
    def uri(self) -> str:
        """What names the kind for programs."""
        return f"tag:neuvo,2026:{self.name.lower().replace('_', '-')}"


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, kind: Kind, errors: Sequence[Fault] = (), headers: Mapping[str, str] | None = None) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.errors = tuple(errors)
        self.headers = headers or {}

    def response(self) -> web.Response:
        """The answer."""
        kind = self.kind
        errors = [models.Fault(**asdict(fault)) for fault in self.errors]
        body = models.Problem(type=kind.uri, title=kind.title, status=kind.status, detail=kind.detail, errors=errors)
        return web.Response(
            status=kind.status,
            body=body.model_dump_json().encode(),
            content_type=MEDIA_TYPE,
            headers={**HEADERS, **self.headers},
        )
