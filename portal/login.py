"""Log in and out, from the start page or by a link that was given in a conversation."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot.id_token import LoginRefused, loa_of, reaches
from bot.oidc import Identity, Provider, ProviderDown
from bot.own_pages import redirect
from portal.links import Links, digest_of
from portal.pages import LANGUAGE_COOKIE, Fields, Frame
from portal.services import People
from portal.sessions import Session, fresh

logger = structlog.stdlib.get_logger("portal")

YEAR = 365 * 24 * 3600


class Login:
    """The pages around the provider's own."""

    def __init__(self, frame: Frame, provider: Provider, people: People, links: Links) -> None:
        self._frame = frame
        self._provider = provider
        self._people = people
        self._links = links

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them. A login begins by a link, not by a form: where a form ends is bounded by our policy, and
        providers send people on to others.
        """
        frame = self._frame
        return [
            web.get("/my/language", self._language),
            web.get("/my/login", frame.public(self._start)),
            web.get("/my/login/done", frame.public(self._done)),
            web.get("/my/link/{token}", frame.public(self._link)),
            web.get("/my/link/{token}/login", frame.public(self._start)),
            web.get("/my/join", frame.own(self._join)),
            web.post("/my/logout", frame.form(self._logout)),
        ]

    async def _language(self, request: web.Request) -> web.StreamResponse:
        back = request.query.get("back", "")
        ours = back in {"/transparency", "/privacy"} or (back.startswith("/my") and "//" not in back)
        response = redirect(back if ours and "\\" not in back and back.isprintable() else "/my")
        self._remember(request, response)
        return response

    def _remember(self, request: web.Request, response: web.StreamResponse) -> None:
        """A language that was chosen here or in the conversation goes for all pages."""
        chosen = request.query.get("language", "")
        if chosen in self._frame.languages:
            secure = self._frame.home.startswith("https://")
            response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, samesite="Lax", secure=secure, httponly=True)

    async def _link(self, request: web.Request) -> web.StreamResponse:
        """What will be linked, before anybody logs in. It ends nothing: chats fetch links to show what is behind."""
        token = request.match_info["token"]
        conversation = await self._links.read(token)
        shown = await self._people.conversation(conversation) if conversation is not None else None
        if shown is None:
            return self._frame.refused(request, "link")
        response = self._frame.shown(request, None, "link.html", shown=shown, token=token)
        self._remember(request, response)
        return response

    async def _start(self, request: web.Request) -> web.StreamResponse:
        here = urlsplit(self._frame.home)
        if request.host != here.netloc:
            # The way back leads to our own name, and the cookie that waits for it must be of that name.
            return redirect(f"{self._frame.home}{request.rel_url.raw_path}")
        token = request.match_info.get("token")
        if token is not None and await self._links.read(token) is None:
            return self._frame.refused(request, "link")
        wished = {"acr_values": self._frame.needed, "ui_locales": self._frame.language(request)}
        try:
            address, pending = await self._provider.begin(**wished)
        except ProviderDown as error:
            return self._down(request, error)
        response = redirect(address)
        await self._frame.sessions.expect(response, pending, digest_of(token) if token is not None else None)
        return response

    async def _done(self, request: web.Request) -> web.StreamResponse:
        expected = await self._frame.sessions.expected(request)
        if expected is None:
            return self._refused(request, "no login had begun")
        pending, link = expected
        if not hmac.compare_digest(request.query.get("state", "").encode(), pending.state.encode()):
            return self._refused(request, "state")
        if not request.query.get("code"):
            return self._refused(request, "cancelled")
        try:
            identity = await self._provider.finish(pending, request.query["code"])
        except ProviderDown as error:
            return self._down(request, error)
        except LoginRefused as error:
            return self._refused(request, str(error))
        return await self._admit(request, identity, link)

    async def _admit(self, request: web.Request, identity: Identity, link: bytes | None) -> web.StreamResponse:
        claims, loa = identity.claims, loa_of(identity.claims)
        if not reaches(loa, self._frame.needed):
            logger.warning("portal_login_refused", reason="level")
            return self._frame.refused(request, "level")
        person = await self._people.identified(str(claims["iss"]), str(claims["sub"]), loa)
        cookie = fresh()
        if link is not None and not await self._links.use(link, person, loa, cookie):
            return self._frame.refused(request, "link")
        response = redirect("/my/join" if link is not None else "/my/data")
        await self._frame.sessions.begin(response, person, loa, cookie)
        self._frame.sessions.forget_login(response)
        logger.info("portal_logged_in")
        return response

    async def _join(self, request: web.Request, session: Session) -> web.StreamResponse:
        used = await self._links.used(session.person_id, session.cookie)
        shown = await self._people.conversation(used.conversation_id) if used is not None else None
        return self._frame.shown(request, session, "join.html", used=used if shown else None, shown=shown)

    async def _logout(self, _request: web.Request, session: Session, _fields: Fields) -> web.StreamResponse:
        # The provider's token would name the person, so it is not kept: the provider asks before it logs out.
        response = redirect(await self._provider.end(None, f"{self._frame.home}/my") or "/my")
        await self._frame.sessions.end(session, response)
        return response

    def _down(self, request: web.Request, error: ProviderDown) -> web.Response:
        logger.error("portal_provider_down", reason=str(error))
        return self._frame.refused(request, "down", status=503)

    def _refused(self, request: web.Request, reason: str) -> web.Response:
        logger.warning("portal_login_refused", reason=reason)
        return self._frame.refused(request, "login")
