"""The pages of editors: what was not understood, a draft of a topic from it, and trying a phrase."""

from __future__ import annotations

from aiohttp import web

from console.desk import Editing, Insights
from console.pages import Frame
from console.roles import EDITOR
from console.sessions import Session

LONGEST = 500


class Editors:
    """What mends the content."""

    def __init__(self, frame: Frame, insights: Insights, editing: Editing) -> None:
        self._frame = frame
        self._insights = insights
        self._editing = editing

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        frame = self._frame
        return [
            web.get("/console/misses", frame.staff(self._misses, EDITOR)),
            web.post("/console/misses/{id:[0-9]{1,18}}/draft", frame.form(self._draft, EDITOR)),
            web.get("/console/try", frame.staff(self._try, EDITOR)),
            web.post("/console/try", frame.form(self._try, EDITOR)),
        ]

    async def _misses(self, request: web.Request, session: Session) -> web.StreamResponse:
        chosen = request.query.get("language")
        chosen = chosen if chosen in self._frame.languages else None
        found = await self._insights.misses(chosen)
        return self._frame.shown(
            request, session, "misses.html", misses=found, chosen=chosen, title_of=self._titles(session)
        )

    async def _draft(self, request: web.Request, session: Session) -> web.StreamResponse:
        miss = await self._insights.miss(int(request.match_info["id"]))
        if miss is None:
            raise web.HTTPNotFound
        draft = await self._editing.draft(miss["text"], self._frame.language(miss["language"]))
        return self._frame.shown(request, session, "draft.html", draft=draft)

    async def _try(self, request: web.Request, session: Session) -> web.StreamResponse:
        """The phrase comes by POST, so that it stands in no log of addresses."""
        form = await request.post() if request.method == "POST" else {}
        text, language = str(form.get("text", "")).strip()[:LONGEST], str(form.get("language", ""))
        chosen = language if language in self._frame.languages else None
        tried = await self._editing.tried(text, chosen) if text else None
        return self._frame.shown(
            request, session, "try.html", text=text, chosen=chosen, tried=tried, title_of=self._titles(session)
        )

    def _titles(self, session: Session) -> object:
        return lambda intent: self._editing.title(intent, session.language)
