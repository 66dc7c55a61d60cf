"""The pages of who is logged in: what is held, take it along, correct it, end it; consents; who used it; channels.

Every one is about the person of the session, and takes no other person from anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from aiohttp import web

from bot.own_pages import redirect
from portal.pages import Fields, Frame
from portal.services import Changed, Consents, Letters, MyData, People, Receipt, Refused, Uses
from portal.sessions import Session

LONGEST_VALUE = 500
"""Characters of a correction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Whom the pages ask."""

    people: People
    data: MyData
    consents: Consents
    uses: Uses
    letters: Letters


class Mine:
    """A citizen's own pages."""

    def __init__(self, frame: Frame, services: Services) -> None:
        self._frame = frame
        self._people = services.people
        self._mine = services.data
        self._consents = services.consents
        self._uses = services.uses

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        own, form = self._frame.own, self._frame.form
        return [
            web.get("/my/data", own(self._data)),
            web.get("/my/copy", own(self._copy)),
            web.get("/my/copy/data.json", own(self._download)),
            web.get("/my/correct", own(self._correctable)),
            web.post("/my/correct", form(self._correct)),
            web.get("/my/erase", own(self._erasable)),
            web.post("/my/erase", form(self._erase)),
            web.get("/my/consents", own(self._standing)),
            web.post("/my/consents", form(self._decide)),
            web.get("/my/receipts/{id}", own(self._receipt)),
            web.get("/my/receipts/{id}/record.jsonld", own(self._record)),
            web.get("/my/uses", own(self._used)),
            web.get("/my/channels", own(self._channels)),
            web.post("/my/channels", form(self._unlink)),
        ]

    async def _data(self, request: web.Request, session: Session) -> web.StreamResponse:
        sections = await self._mine.view(session.person_id)
        return self._frame.shown(request, session, "data.html", sections=sections)

    async def _copy(self, request: web.Request, session: Session) -> web.StreamResponse:
        sections = await self._mine.view(session.person_id)
        return self._frame.shown(request, session, "copy.html", sections=sections)

    async def _download(self, request: web.Request, session: Session) -> web.StreamResponse:
        pieces = self._mine.export(session.person_id)
        first = await anext(pieces, b"")  # what fails at once is told by a page
        response = self._frame.file("neuvo.json", "application/json")
        await response.prepare(request)
        await response.write(first)
        async for piece in pieces:
            await response.write(piece)
        await response.write_eof()
        return response

    async def _correctable(
        self, request: web.Request, session: Session, *, status: int = 200, **more: object
    ) -> web.StreamResponse:
        sections = await self._mine.view(session.person_id)
        rows = [row for section in sections for row in section.rows if row.correct is not None]
        said = {"refusal": None, "wrong": "", "value": "", "done": "done" in request.query, **more}
        return self._frame.shown(request, session, "correct.html", status=status, rows=rows, **said)

    async def _correct(self, request: web.Request, session: Session, fields: Fields) -> web.StreamResponse:
        name, value = str(fields.get("name", "")), str(fields.get("value", "")).strip()[:LONGEST_VALUE]
        try:
            await self._mine.correct(session.person_id, name, value)
        except KeyError:
            return self._missing(request, session)
        except Refused as error:
            return await self._correctable(
                request, session, status=422, refusal=error.words, wrong=name, value=value, done=False
            )
        return redirect("/my/correct?done")

    async def _erasable(
        self, request: web.Request, session: Session, *, status: int = 200, unsure: bool = False
    ) -> web.StreamResponse:
        obstacles = await self._mine.obstacles(session.person_id)
        remains = await self._mine.remains(session.person_id)
        said = {"obstacles": obstacles, "remains": remains, "unsure": unsure}
        return self._frame.shown(request, session, "erase.html", status=status, **said)

    async def _erase(self, request: web.Request, session: Session, fields: Fields) -> web.StreamResponse:
        if fields.get("sure") != "yes":
            return await self._erasable(request, session, status=422, unsure=True)
        try:
            await self._mine.erase(session.person_id)
        except Refused:
            return await self._erasable(request, session, status=409)
        response = self._frame.shown(request, None, "erased.html")
        await self._frame.sessions.end_all(session, response)
        return response

    async def _standing(
        self, request: web.Request, session: Session, *, status: int = 200, changed: bool = False
    ) -> web.StreamResponse:
        standing = await self._consents.standing(session.person_id)
        return self._frame.shown(request, session, "consents.html", status=status, standing=standing, changed=changed)

    async def _decide(self, request: web.Request, session: Session, fields: Fields) -> web.StreamResponse:
        version, given = str(fields.get("version", "")), str(fields.get("given", ""))
        if not (version.isascii() and version.isdecimal() and len(version) < 7) or given not in {"yes", "no"}:
            return self._missing(request, session)
        purpose, channel = str(fields.get("purpose", "")), str(fields.get("channel", ""))
        language = self._frame.language(request)
        try:
            receipt = await self._consents.decide(
                session.person_id, purpose, int(version), channel, given=given == "yes", language=language
            )
        except KeyError:
            return self._missing(request, session)
        except (Changed, Refused):
            return await self._standing(request, session, status=409, changed=True)
        return redirect(f"/my/receipts/{receipt}?new")

    async def _receipt(self, request: web.Request, session: Session) -> web.StreamResponse:
        found = await self._receipt_of(request, session)
        if found is None:
            return self._missing(request, session)
        return self._frame.shown(request, session, "receipt.html", receipt=found, new="new" in request.query)

    async def _record(self, request: web.Request, session: Session) -> web.StreamResponse:
        found = await self._receipt_of(request, session)
        if found is None:
            return self._missing(request, session)
        response = self._frame.file("receipt.jsonld", "application/ld+json")
        await response.prepare(request)
        await response.write(found.document)
        await response.write_eof()
        return response

    async def _receipt_of(self, request: web.Request, session: Session) -> Receipt | None:
        language = self._frame.language(request)
        return await self._consents.receipt(session.person_id, request.match_info["id"], language)

    async def _used(self, request: web.Request, session: Session) -> web.StreamResponse:
        uses = await self._uses.of(session.person_id)
        return self._frame.shown(request, session, "uses.html", uses=uses)

    async def _channels(self, request: web.Request, session: Session) -> web.StreamResponse:
        channels = await self._people.places(session.person_id)
        done = "done" in request.query
        return self._frame.shown(request, session, "channels.html", channels=channels, done=done)

    async def _unlink(self, request: web.Request, session: Session, fields: Fields) -> web.StreamResponse:
        try:
            conversation = UUID(str(fields.get("conversation", "")))
        except ValueError:
            return self._missing(request, session)
        if not await self._people.unlink(session.person_id, conversation):
            return self._missing(request, session)
        return redirect("/my/channels?done")

    def _missing(self, request: web.Request, session: Session) -> web.Response:
        """The same for what is not there and for what is another person's."""
        return self._frame.refused(request, "missing", status=404, session=session)
