"""What every page has: its frame, its language, its headers, who may see it, and the proof that a form is its own."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from multidict import MultiMapping

from bot.id_token import reaches
from bot.own_pages import is_ours
from portal.services import Texts, Words
from portal.sessions import Session, Sessions

logger = structlog.stdlib.get_logger("portal")

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "neuvo-language"
Fields = MultiMapping[Any]
Public = Callable[[web.Request], Awaitable[web.StreamResponse]]
Page = Callable[[web.Request, Session], Awaitable[web.StreamResponse]]
Form = Callable[[web.Request, Session, Fields], Awaitable[web.StreamResponse]]

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action {forms}; frame-ancestors 'none'; "
    "base-uri 'none'"
)
_MOMENTS = {
    "fi": "{0.day}.{0.month}.{0.year} klo {0.hour}.{0.minute:02}",
    "sv": "{0.day}.{0.month}.{0.year} kl. {0.hour}.{0.minute:02}",
    "en": "{0.day}/{0.month}/{0.year} at {0.hour}:{0.minute:02}",
}


class Frame:
    """Shows pages and guards them."""

    def __init__(
        self,
        *,
        texts: Texts,
        languages: Sequence[str],
        sessions: Sessions,
        zone: ZoneInfo,
        needed: str,
        city: Words,
        home: str,
        provider: str = "",
        down: tuple[type[Exception], ...] = (),
    ) -> None:
        """``needed`` is the level of assurance without which nobody is let in; ``city`` its name; ``home`` our address
        as browsers see it; ``provider`` the origin of who logs people in, where the logout's form ends; ``down`` are
        the errors of a database that is away.
        """
        self.languages = tuple(languages)
        self.sessions = sessions
        self.needed = needed
        self.home = home
        self._texts = texts
        self._zone = zone
        self._city = city
        self._down = down
        self._headers = {
            "Cache-Control": "no-store",
            "Content-Security-Policy": _POLICY.format(forms=f"'self' {provider}".strip()),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Referrer-Policy": "same-origin",  # without any, browsers send forms from the origin "null"
            "X-Content-Type-Options": "nosniff",
            "X-Robots-Tag": "noindex",
        }
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def public(self, page: Public) -> Public:
        """A page for everybody; while the database is away, one that says so."""

        async def patient(request: web.Request) -> web.StreamResponse:
            try:
                return await page(request)
            except self._down as error:
                logger.warning("portal_without_database", reason=type(error).__name__)
                return self.refused(request, "database", status=503)

        return patient

    def own(self, page: Page) -> Public:
        """A page of who is logged in, as surely as is needed."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            session = await self.sessions.read(request)
            if session is None or not reaches(session.loa, self.needed):
                return self.shown(request, None, "start.html", status=401, ended=True)
            return await page(request, session)

        return self.public(guarded)

    def form(self, form: Form) -> Public:
        """A form of who is logged in, from one of our own pages of this very session."""

        async def checked(request: web.Request, session: Session) -> web.StreamResponse:
            fields = await request.post()
            if not self.ours(request) or not _equal(session.token, str(fields.get("token", ""))):
                logger.warning("portal_form_refused")
                return self.refused(request, "form", session=session)
            return await form(request, session, fields)

        return self.own(checked)

    def ours(self, request: web.Request) -> bool:
        """Whether a form was sent from a page of ours, as far as the browser says."""
        return is_ours(request, self.home)

    def shown(
        self,
        request: web.Request,
        session: Session | None,
        page: str,
        *,
        status: int = 200,
        **values: Any,
    ) -> web.Response:
        """A page in the language of who reads it."""
        spoken = self.language(request)

        def words(said: Words) -> str:
            return said.get(spoken) or next(iter(said.values()), "")

        def say(key: str, **more: object) -> str:
            return self._texts(key, spoken, **more)

        body = self._pages.get_template(page).render(
            t=say,
            w=words,
            label=lambda group, value: self.label(group, value, spoken),
            moment=lambda at: _MOMENTS.get(spoken, _MOMENTS["en"]).format(at.astimezone(self._zone)),
            city=words(self._city),
            language=spoken,
            languages=self.languages,
            session=session,
            here=request.path,
            **values,
        )
        headers = self.headers(spoken)
        return web.Response(text=body, status=status, content_type="text/html", headers=headers)

    def refused(
        self, request: web.Request, why: str, *, status: int = 403, session: Session | None = None
    ) -> web.Response:
        """A plain page that says what was not done, and what one can do."""
        return self.shown(request, session, "refused.html", status=status, why=why)

    def file(self, name: str, kind: str) -> web.StreamResponse:
        """Something to keep, whose bytes are still to be written."""
        disposition = f'attachment; filename="{name}"'
        headers = {**self._headers, "Content-Disposition": disposition, "Content-Type": kind}
        return web.StreamResponse(headers=headers)

    def headers(self, language: str) -> dict[str, str]:
        """Those of every page."""
        return {**self._headers, "Content-Language": language, "Vary": "Accept-Language, Cookie"}

    def label(self, group: str, value: str, language: str) -> str:
        """The name of a value that may be new to these sentences; else the value."""
        try:
            return self._texts(f"{group}.{value}", language)
        except KeyError:
            return value

    def language(self, request: web.Request) -> str:
        """The language that was chosen, else the first of the browser's that we speak, else our first."""
        chosen = request.query.get("language") or request.cookies.get(LANGUAGE_COOKIE)
        wished = [part.split(";")[0].strip()[:2] for part in request.headers.get("Accept-Language", "").split(",")]
        return next((code for code in (chosen, *wished) if code in self.languages), self.languages[0])


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))
