"""What a message of health services is about: why, from which data, on what ground, what is offered, and a no."""

from __future__ import annotations

from uuid import UUID

from aiohttp import web

from bot.own_pages import redirect
from portal.pages import Fields, Frame
from portal.services import Letters, Transparency
from portal.sessions import Session


class LetterPages:
    """The page under ``/my/health``, of the person of the session alone."""

    def __init__(self, frame: Frame, letters: Letters, transparency: Transparency) -> None:
        self._frame = frame
        self._letters = letters
        self._transparency = transparency

    def routes(self) -> list[web.AbstractRouteDef]:
        """The page, and its form."""
        return [
            web.get("/my/health", self._frame.own(self._shown)),
            web.post("/my/health", self._frame.form(self._answer)),
        ]

    async def _shown(self, request: web.Request, session: Session) -> web.StreamResponse:
        letters = await self._letters.letters(session.person_id, self._frame.language(request))
        contact = self._transparency.about().contact
        done = "done" in request.query
        return self._frame.shown(request, session, "health.html", letters=letters, contact=contact, done=done)

    async def _answer(self, request: web.Request, session: Session, fields: Fields) -> web.StreamResponse:
        try:
            letter = UUID(str(fields.get("letter", "")))
        except ValueError:
            return self._frame.refused(request, "missing", status=404, session=session)
        language, answer = self._frame.language(request), str(fields.get("answer", ""))
        if not await self._letters.answered(session.person_id, letter, answer, language):
            return self._frame.refused(request, "missing", status=404, session=session)
        return redirect("/my/health?done")
