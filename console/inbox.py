"""The queue, a conversation, and what is done in it."""

from __future__ import annotations

import contextlib
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

from console.desk import People, Views
from console.live import Live
from console.pages import Frame, redirect
from console.roles import AGENT
from console.sessions import Session

REASONS = ("solved", "elsewhere", "no_answer")
"""Why a conversation is closed."""
LONGEST = 4000


class Inbox:
    """The pages of agents."""

    def __init__(self, frame: Frame, people: People, views: Views, live: Live) -> None:
        self._frame = frame
        self._people = people
        self._views = views
        self._live = live

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        frame, one = self._frame, "/console/{id:[0-9a-f-]{36}}"
        return [
            web.get("/console", frame.staff(self._queue, AGENT)),
            web.get("/console/events", frame.staff(self._events, AGENT)),
            web.get(one, frame.staff(self._conversation, AGENT)),
            web.post(one + "/{act:claim|say|close|transfer}", frame.form(self._act, AGENT)),
        ]

    async def _queue(self, request: web.Request, session: Session) -> web.StreamResponse:
        chosen = request.query.get("language") or None
        queue = await self._views.queue(chosen if chosen in self._frame.languages else None)
        return self._frame.shown(request, session, "queue.html", queue=queue, chosen=chosen)

    async def _conversation(self, request: web.Request, session: Session) -> web.StreamResponse:
        conversation_id = _id(request)
        handoff = await self._views.handoff(conversation_id)
        if handoff is None:
            raise web.HTTPNotFound
        said = await self._views.said(conversation_id)
        values: dict[str, Any] = {"handoff": handoff, "said": said, "key": uuid4(), "reasons": REASONS}
        values["late"] = "late" in request.query
        return self._frame.shown(request, session, "conversation.html", **values)

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
        return redirect(f"/console/{conversation_id}" + ("" if done else "?late"))

    async def _events(self, request: web.Request, _session: Session) -> web.StreamResponse:
        """Ids of conversations that changed, until the login ends."""
        response = web.StreamResponse(headers={**self._frame.headers, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # the page has been left
            async for changed in self._live.changes():
                if not changed and await self._frame.sessions.read(request) is None:
                    break
                await response.write(f"data: {changed}\n\n".encode())
        return response


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
