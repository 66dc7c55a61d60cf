"""The page of the web chat and its files, under a strict Content-Security-Policy."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from aiohttp import web

from channels.webchat.gate import Origins, origin_of

STATIC = Path(__file__).with_name("static")
INDEX = "index.html"


class TextOf(Protocol):
    """The city's sentences."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """What a city says of its own on the page, in one language: whose page it is, and whose data the places are."""

    name: str
    subtitle: str
    sources: str

    @classmethod
    def of(cls, texts: TextOf, language: str) -> PageWords:
        """The city's words under ``webchat``."""
        return cls(**{each: texts(f"webchat.{each}", language) for each in ("name", "subtitle", "sources")})


class Pages:
    """Serves ``static/``."""

    def __init__(self, origins: Origins, words: Mapping[str, PageWords], folder: Path = STATIC) -> None:
        """``origins`` may put the page into a frame. Without ``words`` it speaks for no city."""
        self._folder = folder.resolve()
        self._origins = origins
        city = json.dumps({language: asdict(own) for language, own in words.items()}, ensure_ascii=False)
        page = (folder / INDEX).read_text(encoding="utf-8")
        self._index_page = page.replace('data-city="{}"', f'data-city="{html.escape(city)}"', 1)

    def _headers(self, request: web.Request) -> Mapping[str, str]:
        own = origin_of(self._origins.reached_at(request.headers.get("Host")))
        policy = {
            "default-src": "'none'",
            "script-src": "'self'",
            "style-src": "'self'",
            # A reply's picture may be anywhere on the web; a citizen's own is a data URL. No text ever makes either.
            "img-src": "'self' data: https:",
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
        return web.Response(text=self._index_page, content_type="text/html", headers=self._headers(request))

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
