"""Members of staff over the campaigns of a whole process."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp.test_utils import unused_port

from bot.campaign_desk import CampaignDesk
from bot.database import DOWN
from bot.handoff_views import Views
from bot.insight import Insight
from console.live import Live
from console.pages import Frame
from console.sessions import Sessions
from console.site import Console
from proactive.rules import Price, Rules
from proactive.template import Templates
from tests.sentences import LANGUAGES, TEXTS
from tests.unit.console.staff import READY, Browser, Editing, kept, opened
from tests.unit.proactive.fleet import TEMPLATES, Fleet, fleet
from tests.unit.proactive.office import unlearned


@asynccontextmanager
async def campaigners(url: str, **more: Any) -> AsyncIterator[tuple[Fleet, str]]:
    """A process with the pages of staff, and their address."""
    async with fleet(url, **more) as here:
        app, port = here.office.app, unused_port()
        city = replace(unlearned(), nudges=Templates(TEMPLATES), proactive=Rules(price=Price(part=0.05)))
        frame = Frame(
            texts=TEXTS,
            languages=LANGUAGES,
            sessions=Sessions(lambda: app.database.pool, secure=False),
            zone=ZoneInfo("Europe/Helsinki"),
            down=DOWN,
            now=here.office.clock,
        )
        pages = Console(
            frame=frame,
            people=app.handoffs,
            views=Views(app.database, app.engine.sealer),
            ready=READY,
            insights=Insight(app.database, kept(app.database)),
            editing=Editing(),
            live=Live(url),
            campaigns=CampaignDesk(city, app.database, here.parts),
        )
        async with opened(pages, port):
            yield here, f"http://127.0.0.1:{port}"


async def begun(member: Browser, template: str = "notice", name: str = "Spring") -> str:
    """A draft of a member of staff; the path of its page."""
    _, text = await member.get("/console/campaigns")
    token = re.findall(r'name="token" value="(\w+)"', text)[0]
    form = {"token": token, "name": name, "template": template}
    async with member.http.post(f"{member.url}/console/campaigns", data=form) as response:
        return response.url.path


async def upload(member: Browser, page: str, data: bytes) -> tuple[int, str]:
    """Send a file on a campaign's page."""
    _, text = await member.get(page)
    form = aiohttp.FormData()
    form.add_field("token", re.findall(r'name="token" value="(\w+)"', text)[0])
    form.add_field("file", data, filename="people.csv", content_type="text/csv")
    async with member.http.post(f"{member.url}{page}/file", data=form) as response:
        return response.status, await response.text()
