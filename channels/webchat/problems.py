"""Direct Line's error object, and the reading of bodies that may be anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import hdrs, web

from bot.over_http import TooLong, read_body

LONGEST_BODY = 1024 * 1024 - 1
"""Bytes of a request's body. 100,000 characters fit in it, whatever their escapes."""


class Problem(Exception):
    """A request that is refused: HTTP status, Direct Line's code, and what to do about it."""

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after


def answer(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer that nobody keeps."""
    return web.Response(
        body=orjson.dumps(data),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def refusal(problem: Problem) -> web.Response:
    """Direct Line's error object."""
    headers = {} if problem.retry_after is None else {"Retry-After": str(problem.retry_after)}
    return answer({"error": {"code": problem.code, "message": problem.message}}, problem.status, headers)


def check_encoding(request: web.Request) -> None:
    """Raise ``Problem`` 400 for a compressed body: it may unfold to what holds up everybody."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").strip().lower() != "identity":
        raise Problem(400, "BadBody", "Send the body without a Content-Encoding.")


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request; an empty body is an empty object. Raises ``Problem`` 400 or 413."""
    check_encoding(request)
    too_long = Problem(413, "BodyTooLarge", f"Send at most {LONGEST_BODY} bytes.")
    if request.content_length is not None and request.content_length > LONGEST_BODY:
        raise too_long
    try:
        data = await read_body(request.content.iter_any(), LONGEST_BODY)
    except TooLong:
        raise too_long from None
    except web.RequestPayloadError as error:
        raise Problem(400, "BadBody", "Send a body that is encoded as its headers say.") from error
    return object_of(data) if data else {}


def object_of(data: bytes | bytearray) -> dict[str, Any]:
    """The JSON object in some bytes. Raises ``Problem`` 400."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise Problem(400, "BadJson", "Send one JSON object in UTF-8, nested at most 100 deep.") from error
    if not isinstance(value, dict):
        raise Problem(400, "BadJson", "Send a JSON object.")
    return value
