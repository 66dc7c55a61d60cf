"""All of the citizen's pages, put together; those that everybody may read are here."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from bot.oidc import Provider
from portal.letters import LetterPages
from portal.links import Links
from portal.login import Login
from portal.mine import Mine, Services
from portal.pages import HERE, Frame
from portal.services import Transparency


class Portal:
    """The pages under ``/my``, ``/transparency`` and ``/privacy``."""

    def __init__(
        self,
        *,
        frame: Frame,
        provider: Provider,
        links: Links,
        services: Services,
        transparency: Transparency,
        design: Path,
    ) -> None:
        """``design`` is the folder of the design system's styles."""
        self._frame = frame
        self._transparency = transparency
        self._design = design
        self._parts = (
            Login(frame, provider, services.people, links),
            Mine(frame, services),
            LetterPages(frame, services.letters, transparency),
        )

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        public = self._frame.public
        return [
            web.get("/my", public(self._start)),
            web.get("/transparency", public(self._register)),
            web.get("/privacy", public(self._privacy)),
            web.static("/my/static/design", self._design),
            web.static("/my/static", HERE / "static"),
            *(route for part in self._parts for route in part.routes()),
        ]

    async def _start(self, request: web.Request) -> web.StreamResponse:
        session = await self._frame.sessions.read(request)
        return self._frame.shown(request, session, "start.html", ended=False)

    async def _register(self, request: web.Request) -> web.StreamResponse:
        return await self._about(request, "transparency.html")

    async def _privacy(self, request: web.Request) -> web.StreamResponse:
        return await self._about(request, "privacy.html")

    async def _about(self, request: web.Request, page: str) -> web.StreamResponse:
        """Needs no database: whoever reads it need not be logged in."""
        return self._frame.shown(request, None, page, about=self._transparency.about())
