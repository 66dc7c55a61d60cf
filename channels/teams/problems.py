"""Requests that are refused, and the reading of bodies that may be anything."""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web


class Problem(Exception):
    """A request that is refused: HTTP status and a short code that is safe to show."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


def refusal(problem: Problem) -> web.Response:
    """The error object of the Bot Framework."""
    headers = {"Retry-After": "5"} if problem.status == 503 else {}
    return web.json_response({"error": {"code": problem.code}}, status=problem.status, headers=headers)


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object of a request. Raises ``Problem`` 400 or 413."""
    try:
        value = orjson.loads(await request.read())
    except web.HTTPRequestEntityTooLarge as error:
        raise Problem(413, "BodyTooLarge") from error
    except (orjson.JSONDecodeError, web.RequestPayloadError) as error:
        raise Problem(400, "BadJson") from error
    if not isinstance(value, dict):
        raise Problem(400, "BadJson")
    return value


def text_of(found: dict[str, Any], name: str, longest: int = 2_000) -> str:
    """A text of an activity; empty where it is not there. Raises ``Problem`` 400."""
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > longest:
        raise Problem(400, "BadArgument")
    return value


def object_of(found: dict[str, Any], name: str) -> dict[str, Any]:
    """An object of an activity; empty where it is not there. Raises ``Problem`` 400."""
    value = found.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Problem(400, "BadArgument")
    return value


def objects_of(found: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list of an activity; what is none is left out. Raises ``Problem`` 400."""
    value = found.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > 500:
        raise Problem(400, "BadArgument")
    return [item for item in value if isinstance(item, dict)]
