"""The pages of health outreach: what waits for a trained person, one finding, and a programme with its figures."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from aiohttp import web

from bot.own_pages import redirect
from console.health_desk import HealthReview
from console.health_plots import accepted
from console.pages import Frame
from console.roles import HEALTH
from console.sessions import Session

ALL = "/console/health"
ACTS = ("accept", "reject", "postpone")
SETTLING = ("propose", "approve")


class HealthPages:
    """The pages of those who are trained to decide on findings."""

    def __init__(self, frame: Frame, review: HealthReview) -> None:
        self._frame = frame
        self._review = review

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        frame, one, programme = self._frame, f"{ALL}/findings/{{id:[0-9a-f-]{{36}}}}", f"{ALL}/programmes/{{name:\\w+}}"
        return [
            web.get(ALL, frame.staff(self._queue, HEALTH)),
            web.get(one, frame.staff(self._finding, HEALTH)),
            web.post(f"{one}/{{act:{'|'.join(ACTS)}}}", frame.form(self._decide, HEALTH)),
            web.get(programme, frame.staff(self._programme, HEALTH)),
            web.post(f"{programme}/{{act:{'|'.join(SETTLING)}}}", frame.form(self._settle, HEALTH)),
        ]

    async def _queue(self, request: web.Request, session: Session) -> web.StreamResponse:
        programmes = await self._review.programmes(session.language)
        wanted = request.query.get("programme", "")
        chosen = wanted if any(one["id"] == wanted for one in programmes) else None
        return self._shown(
            request,
            session,
            "health.html",
            programmes=programmes,
            chosen=chosen,
            findings=await self._review.queue(session.language, chosen),
        )

    async def _finding(self, request: web.Request, session: Session) -> web.StreamResponse:
        finding_id = _id(request)
        page = await self._review.finding(finding_id, session.language)
        await self._recorded(request, session, ("finding", str(finding_id)), "read", done=page is not None)
        if page is None:
            return redirect(f"{ALL}?wrong=unknown")
        return self._shown(request, session, "health_finding.html", **page)

    async def _decide(self, request: web.Request, session: Session) -> web.StreamResponse:
        finding_id, act, form = _id(request), request.match_info["act"], await request.post()
        outcome = await self._review.decide(finding_id, act, str(form.get("choice", "")), session.agent, session.name)
        await self._recorded(request, session, ("finding", str(finding_id)), act, done=outcome == "done")
        if outcome == "done":
            return redirect(f"{ALL}?said={act}")
        return redirect(f"{ALL}/findings/{finding_id}?wrong={outcome}")

    async def _programme(self, request: web.Request, session: Session) -> web.StreamResponse:
        page = await self._review.programme(request.match_info["name"], session.language, session.agent)
        if page is None:
            raise web.HTTPNotFound
        plots = accepted(page["figures"], self._frame, session.language)
        return self._shown(request, session, "health_programme.html", **page, plots=plots)

    async def _settle(self, request: web.Request, session: Session) -> web.StreamResponse:
        name, act = request.match_info["name"], request.match_info["act"]
        outcome = await self._review.settle(name, act, session.agent, session.name)
        if outcome == "unknown":
            raise web.HTTPNotFound
        done = outcome == "done"
        await self._recorded(request, session, ("programme", name), act, done=done)
        return redirect(f"{ALL}/programmes/{name}?" + (f"said={act}" if done else f"wrong={outcome}"))

    def _shown(self, request: web.Request, session: Session, page: str, **values: Any) -> web.Response:
        """A page, with what is wrong or has been done as codes of ours in its address."""
        wrong, said = request.query.get("wrong", ""), request.query.get("said", "")
        return self._frame.shown(request, session, page, wrong=wrong, said=said, **values)

    async def _recorded(
        self, request: web.Request, session: Session, target: tuple[str, str], act: str, *, done: bool
    ) -> None:
        who = {"actor": session.agent, "role": HEALTH, "ip_address": request.remote}
        await self._review.recorded(target, act, who, done=done)


def _id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise web.HTTPNotFound from None
