"""All of the staff's pages, put together."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from bot.own_pages import redirect
from console.campaigns import CampaignPages
from console.desk import Editing, Insights, People, Ready, Views
from console.editors import Editors
from console.figures import Figures
from console.health import HealthPages
from console.health_desk import HealthReview
from console.inbox import Inbox
from console.live import Live
from console.login import ByProvider, Login
from console.outreach import Campaigns
from console.pages import HERE, Frame
from console.roles import AGENT, HEALTH, OUTREACH, REVIEWER, ROLES, may
from console.sessions import Session


class Part(Protocol):
    """Some of the pages."""

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""


class Console:
    """The staff's pages under ``/console``."""

    def __init__(
        self,
        *,
        frame: Frame,
        people: People,
        views: Views,
        ready: Ready,
        insights: Insights,
        editing: Editing,
        live: Live,
        campaigns: Campaigns | None = None,
        health: HealthReview | None = None,
        by: ByProvider | None = None,
    ) -> None:
        """``campaigns``: where the city writes to many; ``health``: where it has programmes of health outreach.

        ``by`` is who logs people in; without it anybody on this machine logs in by a name.
        """
        self._frame = frame
        self._live = live
        self._parts: tuple[Part, ...] = (
            Login(frame, by),
            Inbox(frame, people, views, ready, live),
            Figures(frame, insights, editing),
            Editors(frame, insights, editing),
            *(() if campaigns is None else (CampaignPages(frame, campaigns),)),
            *(() if health is None else (HealthPages(frame, health),)),
        )

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        return [
            web.get("/console", self._frame.staff(self._home, *ROLES)),
            web.static("/console/static", HERE / "static"),
            *(route for part in self._parts for route in part.routes()),
        ]

    async def _home(self, _request: web.Request, session: Session) -> web.StreamResponse:
        if may(session.roles, AGENT):
            return redirect("/console/inbox")
        if may(session.roles, OUTREACH, REVIEWER):
            return redirect("/console/campaigns")
        return redirect("/console/health" if may(session.roles, HEALTH) else "/console/insight")

    def start(self) -> None:
        """Listen for changes."""
        self._live.start()

    async def stop(self, _site: web.Application | None = None) -> None:
        """End the open streams."""
        await self._live.stop()
