"""The whole house through Telegram: updates in by the webhook, the dialogs' answers out by the Bot API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from bot.app import App
from bot.city import City
from bot.database import Database
from bot.http import Health, application, listen
from bot.services import Addresses
from channels.telegram.channel import Telegram
from channels.telegram.client import Client
from channels.telegram.pace import Pacer
from tests.contract import telegram_stand as tg
from tests.contract.telegram_stand import SECRET, TOKEN, Stand, deliver, standing
from tests.keys import keys_over
from tests.unit.telegram.house import Clock, eventually, make_house


@dataclass
class Process:
    """A running server, its citizens' Telegram, and the time that sends wait."""

    stand: Stand
    url: str
    http: aiohttp.ClientSession
    app: App

    async def hears(self, update: Any) -> str:
        """What an update is answered, all in one text."""
        before = len(self.stand.messages)
        assert await deliver(self.http, self.url, update) == 200
        await eventually(lambda: len(self.stand.messages) > before)
        await self.app.engine.idle()
        return "\n".join(str(message.get("text", "")) for message in self.stand.messages[before:])


@asynccontextmanager
async def process(city: City, database_url: str) -> AsyncIterator[Process]:
    clock = Clock()
    database, keys = Database(database_url), keys_over(database_url)
    async with standing() as stand, aiohttp.ClientSession() as http:
        house = replace(make_house(), pool=lambda: database.pool, codec=keys)
        channel = Telegram(Client(TOKEN, stand.url), house, secret=SECRET, pacer=Pacer(clock=clock, sleep=clock.sleep))
        async with App(city, database, [channel], Addresses(), keys) as app:
            port, close = await listen(application(app, Health(app)), "127.0.0.1", 0)
            try:
                yield Process(stand, f"http://127.0.0.1:{port}/telegram/webhook", http, app)
            finally:
                await close()


async def test_a_conversation(city: City, database_url: str) -> None:
    async with process(city, database_url) as house:
        assert "automaattinen neuvoja" in await house.hears(tg.said("/start"))
        assert "Helmet" in await house.hears(tg.said("/start library"))
        assert (
            "tekst"
            in (
                await house.hears(
                    tg.update("message", tg.message(voice={"file_id": "v", "file_unique_id": "v", "duration": 1}))
                )
            ).casefold()
        )
        asked = await house.hears(tg.said("lähin kirjasto"))
        assert asked
        assert "svenska" in (await house.hears(tg.said("/svenska"))).casefold()


async def test_a_button_goes_on_and_an_unknown_one_shows_what_can_be_asked(city: City, database_url: str) -> None:
    async with process(city, database_url) as house:
        await house.hears(tg.said("ohje"))
        shown = house.stand.messages[-1]
        button = shown["reply_markup"]["inline_keyboard"][0][0]
        assert await house.hears(tg.pressed(button["callback_data"], shown))
        before = len(house.stand.messages)
        assert await deliver(house.http, house.url, tg.pressed(button["callback_data"], shown)) == 200
        await house.app.engine.idle()
        assert len(house.stand.messages) == before
        assert "vanhasta valikosta" in (await house.hears(tg.pressed("nonsense", shown))).casefold()
        assert len(house.stand.answered) == 3


async def test_an_emergency_is_answered_in_a_group(city: City, database_url: str) -> None:
    async with process(city, database_url) as house:
        said = await house.hears(tg.said("@HelsinkiBot soittakaa 112, täällä palaa!", tg.group()))
        assert "112" in said
