"""All of the staff's pages, put together."""

from __future__ import annotations

from aiohttp import web

from console.desk import People, Views
from console.inbox import Inbox
from console.live import Live
from console.login import ByProvider, Login
from console.pages import HERE, Frame


class Console:
    """The staff's pages under ``/console``."""

    def __init__(self, *, frame: Frame, people: People, views: Views, live: Live, by: ByProvider | None = None) -> None:
        """``by`` is who logs people in; without it anybody on this machine logs in by a name."""
        self._live = live
        self._login = Login(frame, by)
        self._inbox = Inbox(frame, people, views, live)

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        return [*self._login.routes(), *self._inbox.routes(), web.static("/console/static", HERE / "static")]

    def start(self) -> None:
        """Listen for changes."""
        self._live.start()

    async def stop(self, _site: web.Application | None = None) -> None:
        """End the open streams."""
        await self._live.stop()
