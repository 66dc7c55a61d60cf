"""The queue, a conversation, and what is done in it."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from aiohttp import web

from bot.own_pages import redirect
from console.desk import People, Ready, Row, Views
from console.live import Live
from console.pages import Frame
from console.roles import AGENT, OUTREACH, REVIEWER
from console.sessions import Session

REASONS = ("solved", "elsewhere", "no_answer", "misuse")
"""Why a conversation is closed."""
LONGEST = 4000


class Inbox:
    """The pages of agents."""

    def __init__(self, frame: Frame, people: People, views: Views, ready: Ready, live: Live) -> None:
        self._frame = frame
        self._people = people
        self._views = views
        self._ready = ready
        self._live = live

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        frame, one = self._frame, "/console/{id:[0-9a-f-]{36}}"
        return [
            web.get("/console/inbox", frame.staff(self._queue, AGENT)),
            web.get("/console/events", frame.staff(self._events, AGENT, OUTREACH, REVIEWER)),
            web.get(one, frame.staff(self._conversation, AGENT)),
            web.post(one + "/{act:claim|say|close|transfer|hand_over|note}", frame.form(self._act, AGENT)),
        ]

    async def _queue(self, request: web.Request, session: Session) -> web.StreamResponse:
        language = _one_of(request.query.get("language"), self._frame.languages)
        skill = _one_of(request.query.get("skill"), self._ready.skills)
        queue = await self._views.queue(language, skill)
        skills = self._skills(session.language)
        return self._frame.shown(
            request, session, "queue.html", queue=queue, chosen=language, skill=skill, skills=skills
        )

    async def _conversation(self, request: web.Request, session: Session) -> web.StreamResponse:
        conversation_id = _id(request)
        handoff = await self._views.handoff(conversation_id)
        if handoff is None:
            raise web.HTTPNotFound
        await self._views.read_by(conversation_id, session.agent, AGENT, request.remote)
        said = await self._views.said(conversation_id)
        mine = handoff["status"] == "owned" and handoff["agent"] == session.agent
        values: dict[str, Any] = {
            "handoff": handoff,
            "said": said,
            "notes": await self._views.notes(conversation_id),
            "skills": self._skills(session.language),
            "mine": mine,
            "late": "late" in request.query,
            **(await self._help(handoff, said, session) if mine else {}),
        }
        return self._frame.shown(request, session, "conversation.html", **values)

    async def _help(self, handoff: Row, said: Sequence[Row], session: Session) -> dict[str, Any]:
        """What who owns the conversation needs besides."""
        language = handoff["language"]
        asked = next((item["text"] for item in reversed(said) if item["kind"] == "message"), "")
        canned = [texts.get(language) or next(iter(texts.values())) for texts in self._ready.canned.values()]
        others = [one for one in await self._frame.sessions.agents() if one[0] != session.agent]
        suggested = await self._ready.suggest(asked, language)
        endings = [(reason, self._frame.label("closed", reason, session.language)) for reason in REASONS]
        return {"key": uuid4(), "endings": endings, "canned": canned, "others": others, "suggested": suggested}

    async def _act(self, request: web.Request, session: Session) -> web.StreamResponse:
        conversation_id = _id(request)
        form = {name: str(value) for name, value in (await request.post()).items()}
        act = request.match_info["act"]
        text = form.get("text", "").strip()[:LONGEST]
        if act == "claim":
            done = await self._people.claim(conversation_id, session.agent, session.name)
        elif act == "close":
            reason = _one_of(form.get("reason"), REASONS) or REASONS[0]
            done = await self._people.close(conversation_id, session.agent, session.name, reason)
        elif act == "note":
            done = not text or await self._people.note(conversation_id, session.name, text)
        elif act == "say":
            done = not text or await self._people.say(conversation_id, session.agent, text, _key(form.get("key")))
        else:
            done = await self._pass_on(conversation_id, session, form)
        await self._views.acted_by(conversation_id, act, session.agent, AGENT, request.remote, done=done)
        return redirect(f"/console/{conversation_id}" + ("" if done else "?late"))

    async def _pass_on(self, conversation_id: UUID, session: Session, form: dict[str, str]) -> bool:
        """To a member of staff who is here, or back into a queue."""
        to = form.get("to", "")
        if to:
            name = next((name for agent, name in await self._frame.sessions.agents() if agent == to), None)
            return name is not None and await self._people.hand_over(conversation_id, session.agent, to, name)
        return await self._people.transfer(
            conversation_id,
            session.agent,
            session.name,
            language=_one_of(form.get("language"), self._frame.languages),
            skill=_one_of(form.get("skill"), self._ready.skills),
        )

    def _skills(self, language: str) -> dict[str, str]:
        return {name: titles.get(language) or name for name, titles in self._ready.skills.items()}

    async def _events(self, request: web.Request, _session: Session) -> web.StreamResponse:
        """Ids of conversations and campaigns that changed, until the login ends."""
        response = web.StreamResponse(headers={**self._frame.headers, "Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):  # the page has been left
            async for changed in self._live.changes():
                if not changed and await self._frame.sessions.read(request) is None:
                    break
                await response.write(f"data: {changed}\n\n".encode())
        return response


def _one_of(value: str | None, known: Any) -> str | None:
    return value if value in known else None


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
