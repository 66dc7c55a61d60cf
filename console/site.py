"""The pages: log in, the queue, a conversation, and what is done in it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from console.desk import People, Texts, Views
from console.live import Live
from console.sessions import Session, Sessions

HERE = Path(__file__).parent
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
REASONS = ("solved", "elsewhere", "no_answer")
"""Why a conversation is closed."""
LONGEST = 4000
Page = Callable[[web.Request, Session], Awaitable[web.StreamResponse]]


class Console:
    """The staff's pages under ``/console``."""

    def __init__(
        self,
        *,
        people: People,
        views: Views,
        texts: Texts,
        languages: Sequence[str],
        sessions: Sessions,
        live: Live,
        development: bool = False,
    ) -> None:
        """``development``: anybody on this machine logs in by a name."""
        self._people = people
        self._views = views
        self._texts = texts
        self._languages = tuple(languages)
        self._sessions = sessions
        self._live = live
        self._development = development
        self._pages = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        one = "/console/{id:[0-9a-f-]{36}}"
        return [
            web.get("/console", partial(self._staff, self._queue)),
            web.get("/console/events", partial(self._staff, self._events)),
            web.get("/console/login", self._login_page),
            web.post("/console/login", self._login),
            web.post("/console/logout", partial(self._form, self._logout)),
            web.get(one, partial(self._staff, self._conversation)),
            web.post(one + "/{act:claim|say|close|transfer}", partial(self._form, self._act)),
            web.static("/console/static", HERE / "static"),
        ]

    async def _staff(self, page: Page, request: web.Request) -> web.StreamResponse:
        session = self._sessions.read(request)
        if session is None or "agent" not in session.roles:
            raise web.HTTPSeeOther("/console/login")
        return await page(request, session)

    async def _form(self, page: Page, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if not self._sessions.genuine(request, str(form.get("token", ""))):
            raise web.HTTPForbidden(text="The form is not of this session.")
        return await self._staff(page, request)

    async def _queue(self, request: web.Request, session: Session) -> web.StreamResponse:
        chosen = request.query.get("language") or None
        queue = await self._views.queue(chosen if chosen in self._languages else None)
        return self._shown(request, session.language, "queue.html", session=session, queue=queue, chosen=chosen)

    async def _conversation(self, request: web.Request, session: Session) -> web.StreamResponse:
        conversation_id = _id(request)
        handoff = await self._views.handoff(conversation_id)
        if handoff is None:
            raise web.HTTPNotFound
        said = await self._views.said(conversation_id)
        values = {"handoff": handoff, "said": said, "key": uuid4(), "reasons": REASONS, "late": "late" in request.query}
        return self._shown(request, session.language, "conversation.html", session=session, **values)

    async def _act(self, request: web.Request, session: Session) -> web.StreamResponse:
        conversation_id, form = _id(request), await request.post()
        match request.match_info["act"]:
            case "claim":
                done = await self._people.claim(conversation_id, session.agent, session.name)
            case "close":
                reason = str(form.get("reason"))
                reason = reason if reason in REASONS else REASONS[0]
                done = await self._people.close(conversation_id, session.agent, session.name, reason)
            case "transfer":
                done = await self._people.transfer(conversation_id, session.agent, session.name)
            case _:
                text = str(form.get("text", "")).strip()[:LONGEST]
                done = not text or await self._people.say(conversation_id, session.agent, text, _key(form.get("key")))
        raise web.HTTPSeeOther(f"/console/{conversation_id}" + ("" if done else "?late"))

    async def _events(self, request: web.Request, _session: Session) -> web.StreamResponse:
        response = web.StreamResponse(headers={**HEADERS, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # the page has been left
            async for changed in self._live.changes():
                await response.write(f"data: {changed}\n\n".encode())
        return response

    async def _login_page(self, request: web.Request) -> web.StreamResponse:
        if not self._development:
            raise web.HTTPNotFound
        language = request.query.get("language", self._languages[0])
        language = language if language in self._languages else self._languages[0]
        return self._shown(request, language, "login.html", session=None)

    async def _login(self, request: web.Request) -> web.StreamResponse:
        if not self._development:
            raise web.HTTPNotFound
        form = await request.post()
        name, language = str(form.get("name", "")).strip()[:60], str(form.get("language", ""))
        if not name or language not in self._languages:
            raise web.HTTPSeeOther("/console/login")
        session = Session(agent=f"dev:{name}", name=name, roles=frozenset(("agent",)), language=language)
        response = web.Response(status=303, headers={"Location": "/console"})
        self._sessions.begin(response, session)
        return response

    async def _logout(self, _request: web.Request, _session: Session) -> web.StreamResponse:
        response = web.Response(status=303, headers={"Location": "/console/login"})
        self._sessions.end(response)
        return response

    def _shown(self, request: web.Request, language: str, page: str, **values: Any) -> web.Response:
        def say(key: str, **more: object) -> str:
            return self._texts(f"console.{key}", language, **more)

        token = self._sessions.token(request)
        body = self._pages.get_template(page).render(
            t=say, language=language, languages=self._languages, token=token, **values
        )
        return web.Response(text=body, content_type="text/html", headers=HEADERS)

    def start(self) -> None:
        """Listen for changes."""
        self._live.start()

    async def stop(self, _site: web.Application | None = None) -> None:
        """End the open streams."""
        await self._live.stop()


def _id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise web.HTTPNotFound from None


def _key(value: object) -> UUID:
    try:
        return UUID(str(value))
    except ValueError:
        raise web.HTTPBadRequest from None
