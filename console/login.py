"""Log in and out: by the city's provider, or in development by a name."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web

from bot.id_token import LoginRefused
from bot.oidc import LOOPBACK, Identity, Provider, ProviderDown
from bot.own_pages import redirect
from console.pages import Frame
from console.roles import ROLES, roles_of
from console.sessions import LOGIN_COOKIE, Session

logger = structlog.stdlib.get_logger("console")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByProvider:
    """Login by OpenID Connect. ``roles`` has the provider's name of each of ours; ``home`` is where we are."""

    provider: Provider
    client_id: str
    roles: Mapping[str, str]
    home: str


class Login:
    """The pages before and after all others. Without a provider anybody on this machine logs in by a name."""

    def __init__(self, frame: Frame, by: ByProvider | None) -> None:
        self._frame = frame
        self._by = by

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        frame = self._frame
        common = [
            web.get("/console/login", self._page),
            web.post("/console/logout", frame.form(self._logout, *ROLES)),
            web.post("/console/language", frame.form(self._language, *ROLES)),
        ]
        if self._by is None:
            return [*common, web.post("/console/login", frame.told(self._by_name))]
        return [
            *common,
            web.get("/console/login/start", frame.told(self._start)),
            web.get("/console/login/done", frame.told(self._done)),
        ]

    async def _page(self, request: web.Request) -> web.StreamResponse:
        language = self._frame.language(request.query.get("language"))
        roles = [(role, self._frame.label("roles", role, language)) for role in ROLES]
        return self._frame.shown(
            request, None, "login.html", language=language, development=self._by is None, roles=roles
        )

    async def _by_name(self, request: web.Request) -> web.StreamResponse:
        if not self._frame.ours(request) or request.url.host not in LOOPBACK:
            # Another site must not log anybody in, not even under a name that it made point to this machine.
            raise web.HTTPForbidden(text="This login is for pages of this machine.")
        form = await request.post()
        name, language = str(form.get("name", "")).strip()[:60], str(form.get("language", ""))
        if not name or language not in self._frame.languages:
            raise web.HTTPSeeOther("/console/login")
        role = str(form.get("role", ""))
        roles = frozenset((role,)) if role in ROLES else frozenset(ROLES)
        response = redirect("/console")
        session = Session(agent=f"dev:{name}", name=name, roles=roles, language=language)
        await self._frame.sessions.begin(response, session)
        return response

    async def _start(self, request: web.Request) -> web.StreamResponse:
        language = self._frame.language(request.query.get("language"))
        try:
            address, pending = await self._needed().provider.begin()
        except ProviderDown as error:
            return self._down(request, language, error)
        response = redirect(address)
        await self._frame.sessions.expect(response, pending, language)
        return response

    async def _done(self, request: web.Request) -> web.StreamResponse:
        expected = await self._frame.sessions.expected(request)
        if expected is None:
            return self._refused(request, None, "no login had begun")
        pending, language = expected
        if not secrets.compare_digest(request.query.get("state", "").encode(), pending.state.encode()):
            return self._refused(request, language, "state")
        if not request.query.get("code"):
            return self._refused(request, language, "cancelled")
        try:
            identity = await self._needed().provider.finish(pending, request.query["code"])
        except ProviderDown as error:
            return self._down(request, language, error)
        except LoginRefused as error:
            return self._refused(request, language, str(error))
        return await self._admit(request, identity, language)

    async def _admit(self, request: web.Request, identity: Identity, language: str) -> web.StreamResponse:
        by = self._needed()
        roles = roles_of(identity.claims, by.client_id, by.roles)
        if not roles:
            logger.warning("login_refused", reason="no role")
            return self._frame.shown(request, None, "refused.html", language=language, status=403, why="no_role")
        response = redirect("/console")
        agent = str(identity.claims["sub"])[:200]
        session = Session(agent=agent, name=_name(identity.claims), roles=roles, language=language)
        await self._frame.sessions.begin(response, session, identity.id_token)
        response.del_cookie(LOGIN_COOKIE, path="/console")
        logger.info("logged_in", roles=sorted(roles))
        return response

    async def _logout(self, request: web.Request, _session: Session) -> web.StreamResponse:
        to, by = "/console/login", self._by
        id_token = await self._frame.sessions.id_token(request)
        if by is not None and id_token is not None:
            to = await by.provider.end(id_token, f"{by.home}/console/login") or to
        response = redirect(to)
        await self._frame.sessions.end(request, response)
        return response

    async def _language(self, request: web.Request, _session: Session) -> web.StreamResponse:
        form = await request.post()
        await self._frame.sessions.speak(request, self._frame.language(str(form.get("language", ""))))
        back = str(form.get("back", ""))
        ours = back == "/console" or (back.startswith("/console/") and "//" not in back and "\\" not in back)
        return redirect(back if ours else "/console")

    def _needed(self) -> ByProvider:
        if self._by is None:  # its routes are not there then
            raise web.HTTPNotFound
        return self._by

    def _down(self, request: web.Request, language: str, error: ProviderDown) -> web.Response:
        logger.error("login_provider_down", reason=str(error))
        return self._frame.shown(request, None, "refused.html", language=language, status=503, why="down")

    def _refused(self, request: web.Request, language: str | None, reason: str) -> web.Response:
        logger.warning("login_refused", reason=reason)
        return self._frame.shown(request, None, "refused.html", language=language, status=403, why="refused")


def _name(claims: Mapping[str, Any]) -> str:
    """What citizens are told: the given name, else the best that there is."""
    for key in ("given_name", "name", "preferred_username"):
        value = claims.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()[:60]
    return "?"
