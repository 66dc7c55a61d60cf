"""The whole house behind the page: understanding, dialogs, the city's content, effects and the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp.test_utils import unused_port
from playwright.async_api import expect

from bot.app import App
from bot.city import City
from bot.database import Database
from bot.http import Health, application, listen
from bot.services import Addresses
from channels.webchat.channel import WebChat
from channels.webchat.parts import Manner
from dialogs.buttons import command_payload
from knowledge import sandbox
from tests.browser.conftest import OpenContext
from tests.browser.site import SECRET
from tests.browser.widget import Widget
from tests.keys import keys_over
from tests.sentences import LOOK


@pytest_asyncio.fixture(loop_scope="session")
async def house(city: City, database_url: str) -> AsyncIterator[str]:
    """What ``neuvo dev`` composes, at an address."""
    services, close_services = await listen(sandbox.application(), "127.0.0.1", 0, wait=0.1)
    base = f"http://127.0.0.1:{services}"
    addresses = Addresses(hauki=f"{base}/hauki", open311=f"{base}/open311/v1", open311_key="demo", demonstration=True)
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    database, keys = Database(database_url), keys_over(database_url)
    chat = WebChat(
        lambda: database.pool,
        keys,
        SECRET,
        public_url=url,
        look=LOOK,
        development=True,
        listen_url=database_url,
        manner=Manner(welcome=command_payload("help")),
    )
    async with App(city, database, [chat], addresses, keys) as app:
        app.work()
        _, close = await listen(application(app, Health(app)), "127.0.0.1", port, wait=0.1)
        yield f"{url}/"
        await close()
    await close_services()


async def test_the_nearest_library_in_finnish(context: OpenContext, house: str) -> None:
    chat = Widget(await (await context(locale="fi-FI")).new_page(), house, "fi")
    await chat.open()
    said = await chat.ask("missä on lähin kirjasto Kalliossa", "Kallio")
    await expect(said.locator(".body")).to_have_attribute("lang", "fi")
    await expect(said).to_contain_text("CC BY 4.0")


async def test_an_old_sofa_in_swedish(context: OpenContext, house: str) -> None:
    chat = Widget(await (await context(locale="fi-FI")).new_page(), house, "fi")
    await chat.open()
    said = await chat.ask("var kan jag lämna en gammal soffa?", "Sortti")
    await expect(said.locator(".body")).to_have_attribute("lang", "sv")


async def test_a_pothole_in_english_to_a_finished_report(context: OpenContext, house: str) -> None:
    chat = Widget(await (await context(locale="fi-FI")).new_page(), house, "fi")
    await chat.open()
    said = await chat.ask("there is a pothole on Hämeentie", "Shall I send this report")
    await expect(said.locator(".body")).to_have_attribute("lang", "en")
    await expect(said).to_contain_text("Potholes and paving")
    await expect(said).to_contain_text("Hämeentie")
    await chat.log.get_by_role("button", name="Send the report").click()
    await expect(chat.from_bot("The report has arrived")).to_contain_text("DEMO-")


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_the_welcome_says_what_it_is_and_then_what_can_be_asked(
    context: OpenContext, house: str, city: City, language: str
) -> None:
    chat = Widget(await (await context(locale=language)).new_page(), house, language)
    await chat.open()
    welcome = chat.messages.first
    await expect(welcome.locator(".body")).to_have_attribute("lang", language)
    told = await welcome.inner_text()
    automatic, help_ = (city.texts(f"talk.{key}", language).split("\n")[0] for key in ("automatic", "help"))
    assert told.index(automatic) < told.index(help_)
    await expect(welcome.get_by_role("button").first).to_be_enabled()
    await chat.page.reload()
    await expect(chat.messages).to_have_count(1)
