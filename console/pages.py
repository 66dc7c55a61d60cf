"""What every page has: its frame, its headers, who may see it, and the proof that a form is its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.own_pages import is_ours
from console import times
from console.desk import Texts
from console.roles import may
from console.sessions import Session, Sessions

logger = structlog.stdlib.get_logger("console")

HERE = Path(__file__).parent
Page = Callable[[web.Request, Session], Awaitable[web.StreamResponse]]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action {forms}; frame-ancestors 'none'; base-uri 'none'"
)


class Frame:
    """Shows pages and guards them."""

    def __init__(
        self,
        *,
        texts: Texts,
        languages: Sequence[str],
        sessions: Sessions,
        zone: ZoneInfo,
        provider: str = "",
        home: str = "",
        down: tuple[type[Exception], ...] = (),
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``provider`` is the origin of who logs people in and out, where the logout's form ends; ``home`` is our
        address as browsers see it, where that is another than the one that requests come with; ``down`` are the
        errors of a database that is away.
        """
        self._home = home
        self._down = down
        self.languages = tuple(languages)
        self.sessions = sessions
        self.zone = zone
        self.now = now
        self._texts = texts
        self.headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": _POLICY.format(forms=f"'self' {provider}".strip()),
            "Referrer-Policy": "same-origin",  # without any, browsers send forms from the origin "null"
            "X-Content-Type-Options": "nosniff",
        }
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def staff(self, page: Page, *roles: str) -> Handler:
        """A page for those who have one of the roles."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            session = await self.sessions.read(request)
            if session is None:
                raise web.HTTPSeeOther("/console/login")
            if not may(session.roles, *roles):
                return self.shown(request, session, "refused.html", status=403, why="not_yours")
            return await page(request, session)

        return self.told(guarded)

    def told(self, page: Handler) -> Handler:
        """The same page; while the database is away, one that says so."""

        async def patient(request: web.Request) -> web.StreamResponse:
            try:
                return await page(request)
            except self._down as error:
                logger.warning("console_without_database", reason=type(error).__name__)
                return self.shown(request, None, "refused.html", status=503, why="database")

        return patient

    def form(self, page: Page, *roles: str, largest: int | None = None) -> Handler:
        """A form of those who have one of the roles, from one of our own pages.

        ``largest``: bytes of one that brings a file, which is read only where somebody is logged in.
        """
        checked = self.staff(page, *roles)

        async def guarded(request: web.Request) -> web.StreamResponse:
            if largest is not None:
                if await self.sessions.read(request) is None:
                    raise web.HTTPSeeOther("/console/login")
                request = request.clone(client_max_size=largest)
            form = await request.post()
            try:
                if not self.ours(request) or not self.sessions.genuine(request, str(form.get("token", ""))):
                    raise web.HTTPForbidden(text="The form is not of this session.")
                return await checked(request)
            finally:
                for field in form.values():
                    if isinstance(field, web.FileField):
                        field.file.close()

        return self.told(guarded)

    def ours(self, request: web.Request) -> bool:
        """Whether a form was sent from a page of ours, as far as the browser says."""
        return is_ours(request, self._home)

    def shown(
        self,
        request: web.Request,
        session: Session | None,
        page: str,
        *,
        language: str | None = None,
        status: int = 200,
        **values: Any,
    ) -> web.Response:
        """A page in the session's language, or in ``language`` where nobody is logged in."""
        spoken = self.language(session.language if session is not None else language)

        def say(key: str, **more: object) -> str:
            return self.text(key, spoken, **more)

        body = self._pages.get_template(page).render(
            t=say,
            language=spoken,
            languages=self.languages,
            tongues=[(code, self.label("languages", code, spoken)) for code in self.languages],
            session=session,
            may=lambda *roles: session is not None and may(session.roles, *roles),
            here=request.path,
            label=lambda group, value: self.label(group, value, spoken),
            token=self.sessions.token(request),
            moment=lambda at: times.moment(at, spoken, self.zone, self.now()),
            since=lambda at: times.span(self.now() - at),
            **values,
        )
        return web.Response(text=body, status=status, content_type="text/html", headers=self.headers)

    def text(self, key: str, language: str, **values: object) -> str:
        """One of our sentences."""
        return self._texts(f"console.{key}", language, **values)

    def label(self, group: str, value: str, language: str) -> str:
        """The name of a value that may be new to these sentences; else the value."""
        try:
            return self._texts(f"console.{group}.{value}", language)
        except KeyError:
            return value

    def language(self, wanted: str | None) -> str:
        """A language that the pages speak."""
        return wanted if wanted in self.languages else self.languages[0]
