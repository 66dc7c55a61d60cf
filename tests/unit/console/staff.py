"""The staff's pages of one process, and members of staff who use them over real HTTP."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web
from aiohttp.test_utils import unused_port

from bot.database import DOWN, Database
from bot.engine import Engine
from bot.handoff_views import Views
from bot.http import listen
from bot.insight import Insight
from bot.messages import Alternative, Entity, Match
from bot.misses import Misses
from bot.trial import Near, Weighed
from console.desk import Ready, Row
from console.health_desk import HealthReview
from console.live import Live
from console.login import ByProvider
from console.pages import Frame
from console.sessions import Sessions
from console.site import Console
from nlu.mask import mask
from tests.sentences import LANGUAGES, TEXTS
from tests.unit.turn.house import House
from tests.unit.turn.test_handoff import handoffs


async def suggest(text: str, language: str) -> list[Row]:
    """One answer to everything."""
    return [{"title": f"About {text}", "text": f"The city says <{language}>"}]


READY = Ready(
    skills={"streets": {"fi": "Kadut", "sv": "Gator", "en": "Streets"}, "health": {"en": "Health"}},
    canned={"wait": {"fi": ("Odota", "Odota hetki."), "en": ("Wait", "One moment, please.")}},
    suggest=suggest,
)


class Editing:
    """A city that understands nothing but the moon, and writes drafts nowhere."""

    async def tried(self, text: str, language: str | None) -> Row:
        moon = "moon" in text
        match = Match(
            text=text,
            language=language or "en",
            intent="moon" if moon else "OUT_OF_SCOPE",
            confidence=0.9,
            alternatives=(Alternative("moon", 0.9), Alternative("sun", 0.05)) if moon else (),
            entities=(Entity(kind="date", value="2026-05-04", text="today", start=0, end=5),) if moon else (),
        )
        near = [Near(text="the moon", intent="moon", score=80)] if moon else []
        weighed = [Weighed(word="moon", weight=0.7)] if moon else []
        return {"match": match, "way": "clear" if moon else "nothing", "nearest": near, "weighed": weighed}

    async def draft(self, text: str, language: str) -> Row:
        return {"yaml": f"draft: true\nphrases: {{{language}: [{text}]}}", "file": None}

    def title(self, intent: str, language: str) -> str:
        return f"{intent} in {language}"


def kept(database: Database) -> Misses:
    """What was not understood."""
    return Misses(database, mask, keep=timedelta(days=30))


class Browser:
    """One member of staff."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url = http, url

    async def get(self, path: str) -> tuple[int, str]:
        async with self.http.get(self.url + path) as response:
            return response.status, await response.text()

    async def log_in(self, name: str, *, role: str = "", language: str = "en") -> str:
        fields = {"name": name, "language": language, "role": role}
        async with self.http.post(f"{self.url}/console/login", data=fields) as response:
            return await response.text()

    async def post(self, page: str, act: str, **fields: str) -> tuple[int, str]:
        """Send a form of a page with its hidden fields."""
        _, text = await self.get(page)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
        async with self.http.post(f"{self.url}{page}/{act}", data={**hidden, **fields}) as response:
            return response.status, await response.text()

    async def form(self, path: str, **fields: str) -> str:
        """Send a form of this session that no page of it shows."""
        _, text = await self.get("/console/insight")
        token = re.findall(r'name="token" value="(\w+)"', text)[0]
        async with self.http.post(self.url + path, data={"token": token, **fields}) as response:
            return await response.text()


def pages_of(
    database: Database,
    engine: Engine,
    database_url: str,
    *,
    by: ByProvider | None = None,
    health: HealthReview | None = None,
    **more: Any,
) -> Console:
    """The pages of a process; ``more`` goes to their frame."""
    frame = Frame(
        texts=TEXTS,
        languages=LANGUAGES,
        sessions=Sessions(lambda: database.pool, secure=False),
        zone=ZoneInfo("Europe/Helsinki"),
        down=DOWN,
        **more,
    )
    return Console(
        frame=frame,
        people=handoffs(database, engine),
        views=Views(database, engine.sealer),
        ready=READY,
        insights=Insight(database, kept(database)),
        editing=Editing(),
        live=Live(database_url),
        health=health,
        by=by,
    )


@asynccontextmanager
async def console(
    one: House, database_url: str, *, by: Callable[[str], ByProvider] | None = None, **more: Any
) -> AsyncIterator[str]:
    """The pages of a process; their address. ``by`` makes the provider's login from it."""
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    pages = pages_of(one.database, one.engine, database_url, by=by(url) if by is not None else None, **more)
    async with opened(pages, port):
        yield url


@asynccontextmanager
async def opened(pages: Console, port: int) -> AsyncIterator[None]:
    """Serve pages until the block ends."""
    site = web.Application()
    site.add_routes(pages.routes())
    site.on_shutdown.append(pages.stop)
    pages.start()
    _, close = await listen(site, "127.0.0.1", port, wait=0.1)
    try:
        yield
    finally:
        await close()


@asynccontextmanager
async def browser(url: str) -> AsyncIterator[Browser]:
    jar = aiohttp.CookieJar(unsafe=True)  # an address of numbers
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Browser(http, url)
