"""The page of the web chat and its files, under a strict Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from aiohttp import web

from channels.webchat.gate import Origins, origin_of

STATIC = Path(__file__).with_name("static")


class Pages:
    """Serves ``static/``."""

    def __init__(self, origins: Origins, folder: Path = STATIC) -> None:
        """``origins`` may put the page into a frame."""
        self._folder = folder.resolve()
        self._origins = origins

    def _headers(self, request: web.Request) -> Mapping[str, str]:
        own = origin_of(self._origins.reached_at(request.headers.get("Host")))
        policy = {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": "'self' data:",
            "font-src": "'self'",
            "connect-src": f"'self' {own} {own.replace('http', 'ws', 1)}",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": " ".join(("'self'", *self._origins.all)),
            "require-trusted-types-for": "'script'",
        }
        return {
            "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            # Kept, but asked for each time: a release is seen at once, and 304 costs little.
            "Cache-Control": "no-cache",
        }

    def routes(self) -> Sequence[web.RouteDef]:
        """The page at ``/`` and the files under ``/static/``."""
        return [web.get("/", self._index), web.get("/static/{path:.+}", self._file)]

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return self._send(request, "index.html")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return self._send(request, request.match_info["path"])

    def _send(self, request: web.Request, path: str) -> web.StreamResponse:
        try:
            found = (self._folder / path).resolve()
            known = found.is_relative_to(self._folder) and found.is_file()
        except (OSError, ValueError):  # a name too long, or with a NUL
            known = False
        if not known:
            raise web.HTTPNotFound
        return web.FileResponse(found, headers=self._headers(request))
