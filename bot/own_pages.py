"""What the pages of a browser's session share, whoever they are for: where a form came from, and the way on."""

from __future__ import annotations

from urllib.parse import urlsplit

from aiohttp import web


def is_ours(request: web.Request, home: str) -> bool:
    """Whether a form was sent from a page of ours, as far as the browser says.

    ``home`` is our address as browsers see it; empty where requests come with it.
    """
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc in {request.host, urlsplit(home).netloc or request.host}


def redirect(to: str) -> web.Response:
    """On to another page, by GET. A response, not an exception, so that it can carry cookies."""
    return web.Response(status=303, headers={"Location": to, "Cache-Control": "no-store"})
