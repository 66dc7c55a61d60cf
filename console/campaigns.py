"""The pages of campaigns: writing one, looking at it before anybody is written to, two people, and how it goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, BinaryIO, cast
from uuid import UUID

from aiohttp import web

from bot.own_pages import redirect
from console.campaign_plots import results
from console.outreach import Campaigns
from console.pages import Frame
from console.roles import OUTREACH, REVIEWER
from console.sessions import Session

ACTS = ("submit", "give_back", "approve", "start", "pause", "resume", "cancel")
REVIEWED = ("approve", "give_back")
"""Acts of reviewers; all are of the outreach team."""
LEVELS = ("claimed", "confirmed", "strong")
LARGEST = 48 * 1024 * 1024
"""Bytes of an upload: half a million lines."""
RUNNING = ("running", "paused")


class CampaignPages:
    """The pages of the outreach team, and of those who review what it sends."""

    def __init__(self, frame: Frame, campaigns: Campaigns) -> None:
        self._frame = frame
        self._campaigns = campaigns

    def routes(self) -> list[web.AbstractRouteDef]:
        """All of them."""
        frame, all_, one = self._frame, "/console/campaigns", "/console/campaigns/{id:[0-9a-f-]{36}}"
        return [
            web.get(all_, frame.staff(self._list, OUTREACH, REVIEWER)),
            web.post(all_, frame.form(self._new, OUTREACH)),
            web.post(f"{all_}/phone/{{act:ask|confirm|forget}}", frame.form(self._phone, OUTREACH, REVIEWER)),
            web.get(one, frame.staff(self._page, OUTREACH, REVIEWER)),
            web.get(f"{one}/report.csv", frame.staff(self._report, OUTREACH)),
            web.post(f"{one}/contents", frame.form(self._contents, OUTREACH)),
            web.post(f"{one}/file", frame.form(self._file, OUTREACH, largest=LARGEST)),
            web.post(f"{one}/{{kind:filter|programme}}", frame.form(self._persons, OUTREACH)),
            web.post(f"{one}/look", frame.form(self._look, OUTREACH, REVIEWER)),
            web.post(f"{one}/try", frame.form(self._try, OUTREACH, REVIEWER)),
            web.post(f"{one}/{{act:{'|'.join(REVIEWED)}}}", frame.form(self._act, OUTREACH, REVIEWER)),
            web.post(f"{one}/{{act:{'|'.join(ACTS)}}}", frame.form(self._act, OUTREACH)),
        ]

    async def _list(self, request: web.Request, session: Session) -> web.StreamResponse:
        found = await self._campaigns.every(session.language)
        templates = [(one["id"], one["title"]) for one in self._campaigns.templates(session.language)]
        return self._frame.shown(request, session, "campaigns.html", campaigns=found, templates=templates)

    async def _new(self, request: web.Request, session: Session) -> web.StreamResponse:
        form = await request.post()
        name, template = str(form.get("name", "")).strip(), str(form.get("template", ""))
        made = await self._campaigns.new(name, template, session.agent, session.name) if name else None
        await self._recorded(request, session, made, "new", done=made is not None)
        return redirect("/console/campaigns" if made is None else f"/console/campaigns/{made}")

    async def _page(self, request: web.Request, session: Session) -> web.StreamResponse:
        wrong, columns = request.query.get("wrong", ""), request.query.get("columns", "").split(",")
        return await self._shown(request, session, wrong=wrong, columns=columns, said=request.query.get("said", ""))

    async def _shown(
        self,
        request: web.Request,
        session: Session,
        *,
        wrong: str = "",
        columns: Sequence[str] = (),
        said: str = "",
        faults: Mapping[str, str] | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> web.StreamResponse:
        """The page; with ``faults`` by field and what was ``typed``, where a form could not be taken."""
        campaign_id = _id(request)
        page = await self._campaigns.page(campaign_id, session.language, session.agent)
        if page is None:
            raise web.HTTPNotFound
        frame, campaign = self._frame, page["campaign"]
        known = {field["name"] for field in page["fields"]} | {"phone", "language"}
        began = campaign.started_at is not None
        hours = await self._campaigns.hours(campaign_id) if began else ()
        return frame.shown(
            request,
            session,
            "campaign.html",
            status=200 if not faults else 422,
            **page,
            levels=[(level, frame.label("campaigns.level", level, session.language)) for level in LEVELS],
            send_at=campaign.send_at and campaign.send_at.astimezone(frame.zone).strftime("%Y-%m-%dT%H:%M"),
            why=lambda code: self._campaigns.reason(code, session.language),
            euros=lambda cost: self._campaigns.euros(cost, session.language),
            live=campaign.status in RUNNING or bool(page["counts"].unlooked),
            plots=results(hours, frame, session.language) if began else {},
            wrong=wrong,
            columns=[name for name in columns if name in known],
            said=said,
            field_faults=faults or {},
            typed=typed or {},
        )

    async def _contents(self, request: web.Request, session: Session) -> web.StreamResponse:
        campaign_id = _id(request)
        form = {name: str(value) for name, value in (await request.post()).items()}
        send_at, faults = self._moment(form.get("send_at", ""))
        if not faults:
            faults = await self._campaigns.change(campaign_id, form, session.agent, session.name, send_at)
        late = "late" in faults
        await self._recorded(request, session, campaign_id, "contents", done=not faults)
        if faults and not late:
            return await self._shown(request, session, wrong="fields", faults=faults, typed=form)
        return self._back(campaign_id, "late" if late else "", said="" if late else "saved", at="audience")

    def _moment(self, written: str) -> tuple[datetime | None, Mapping[str, str]]:
        """A moment of the city's clock, as browsers write it."""
        if not written:
            return None, {}
        with suppress(ValueError):
            return datetime.fromisoformat(written).replace(tzinfo=self._frame.zone), {}
        return None, {"send_at": "moment"}

    async def _file(self, request: web.Request, session: Session) -> web.StreamResponse:
        campaign_id, form = _id(request), await request.post()
        file = form.get("file")
        if not isinstance(file, web.FileField):
            return self._back(campaign_id, "empty", at="audience")
        return await self._filled(request, session, cast(BinaryIO, file.file), "file")

    async def _persons(self, request: web.Request, session: Session) -> web.StreamResponse:
        form, kind = await request.post(), request.match_info["kind"]
        source: dict[str, Any] = {"programme": str(form.get("programme", ""))}
        if kind == "filter":
            level = str(form.get("level", ""))
            source = {
                "channels": [str(name) for name in form.getall("channel", [])] or None,
                "languages": [str(code) for code in form.getall("language", [])] or None,
                "level": level if level in LEVELS else LEVELS[0],
            }
        return await self._filled(request, session, source, kind)

    async def _filled(
        self, request: web.Request, session: Session, source: BinaryIO | Mapping[str, Any], kind: str
    ) -> web.StreamResponse:
        campaign_id = _id(request)
        wrong, columns = await self._campaigns.fill(campaign_id, source, session.agent, session.name)
        await self._recorded(request, session, campaign_id, kind, done=not wrong)
        return self._back(campaign_id, wrong, columns, said="" if wrong else "filled", at="audience")

    async def _look(self, request: web.Request, session: Session) -> web.StreamResponse:
        campaign_id = _id(request)
        await self._campaigns.look_again(campaign_id)
        await self._recorded(request, session, campaign_id, "look", done=True)
        return self._back(campaign_id, at="preview")

    async def _try(self, request: web.Request, session: Session) -> web.StreamResponse:
        campaign_id, form = _id(request), await request.post()
        language = self._frame.language(str(form.get("language", "")))
        done = await self._campaigns.try_on(campaign_id, language, session.agent)
        await self._recorded(request, session, campaign_id, "try", done=done)
        return self._back(campaign_id, "" if done else "no_phone", said="tried" if done else "", at="try")

    async def _phone(self, request: web.Request, session: Session) -> web.StreamResponse:
        """The member of staff's own telephone; the form says on which page it stood."""
        form, act = await request.post(), request.match_info["act"]
        wrong = ""
        if act == "ask":
            asked = await self._campaigns.ask_code(str(form.get("number", "")), session.agent, session.language)
            wrong = "" if asked == "sent" else asked
        elif act == "confirm":
            right = await self._campaigns.confirm_code(str(form.get("code", "")), session.agent)
            wrong = "" if right else "code"
        else:
            await self._campaigns.forget_phone(session.agent)
        await self._recorded(request, session, None, f"phone {act}", done=not wrong)
        return self._back(_uuid(str(form.get("page", ""))), wrong, said="" if wrong else f"phone_{act}", at="try")

    async def _act(self, request: web.Request, session: Session) -> web.StreamResponse:
        campaign_id, act = _id(request), request.match_info["act"]
        outcome = await self._campaigns.act(campaign_id, act, session.agent, session.name)
        done = outcome == "done"
        await self._recorded(request, session, campaign_id, act, done=done)
        return self._back(campaign_id, "" if done else outcome, said=f"did_{act}" if done else "")

    async def _report(self, request: web.Request, session: Session) -> web.StreamResponse:
        """The lines that cannot be used, as a table: numbers of lines, our own names of columns, and our own words."""
        campaign_id = _id(request)
        await self._recorded(request, session, campaign_id, "report", done=True)
        headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="report.csv"',
        }
        response = web.StreamResponse(headers={**self._frame.headers, **headers})
        await response.prepare(request)
        await response.write("\ufeffline;column;reason\r\n".encode())
        async for row in self._campaigns.fault_lines(campaign_id):
            words = self._frame.label("campaigns.fault", row["fault"], session.language).replace('"', "'")
            await response.write(f'{row["line"]};{row["field"] or ""};"{words}"\r\n'.encode())
        return response

    async def _recorded(
        self, request: web.Request, session: Session, campaign_id: UUID | None, act: str, *, done: bool
    ) -> None:
        role = OUTREACH if OUTREACH in session.roles or REVIEWER not in session.roles else REVIEWER
        who = {"actor": session.agent, "role": role, "ip_address": request.remote}
        await self._campaigns.recorded(campaign_id, act, who, done=done)

    def _back(
        self, campaign_id: UUID, wrong: str = "", columns: Sequence[str] = (), *, said: str = "", at: str = ""
    ) -> web.Response:
        """To the page, with what is wrong or has been done in its address: codes of ours, and names of columns."""
        query = "&".join(
            f"{name}={value}"
            for name, value in (("wrong", wrong), ("columns", ",".join(columns)), ("said", said))
            if value
        )
        place = f"#{at}" if at and not query else ""
        return redirect(f"/console/campaigns/{campaign_id}" + (f"?{query}" if query else "") + place)


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise web.HTTPNotFound from None


def _id(request: web.Request) -> UUID:
    return _uuid(request.match_info["id"])
