"""Microsoft's Agents Playground, a Teams of this machine, in a browser, with the whole house behind the channel."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import unused_port
from playwright.async_api import Page, async_playwright, expect

from bot.app import App
from bot.city import City
from bot.database import Database
from bot.http import Health, application, listen
from bot.services import Addresses
from channels.kind import House
from channels.teams.kind import PATH, TeamsSettings, make
from dialogs.buttons import command_payload
from knowledge import sandbox
from tests.browser.conftest import ARGUMENTS
from tests.keys import keys_over

CLI = Path("node_modules/@microsoft/m365agentsplayground/cli.js")
WAIT = 60_000
"""Milliseconds until something that should be seen is given up, on a machine that does much else."""
NOBODY = "http://127.0.0.1:9"
"""A proxy that does not answer: the playground would like to tell Microsoft what is done with it."""


@asynccontextmanager
async def our_house(city: City, database_url: str) -> AsyncIterator[str]:
    """What ``neuvo dev`` composes with Teams on, open to a playground of this machine; the channel's address."""
    services, close_services = await listen(sandbox.application(), "127.0.0.1", 0, wait=0.1)
    base = f"http://127.0.0.1:{services}"
    addresses = Addresses(hauki=f"{base}/hauki", open311=f"{base}/open311/v1", open311_key="demo", demonstration=True)
    database, keys = Database(database_url), keys_over(database_url)
    house = House(
        pool=lambda: database.pool,
        codec=keys,
        public_url="http://127.0.0.1",
        listen_url=None,
        peer=lambda request: request.remote or "",
        urgent=lambda text: city.rules.check(text) is not None,
        texts=city.texts,
        languages=tuple(city.languages),
        var_dir=Path("var"),
        development=True,
        welcome_payload=command_payload("help"),
    )
    guid = "00000000-0000-0000-0000-000000000011"
    values: dict[str, Any] = {"app_id": guid, "app_password": "none", "tenant_id": guid, "anonymous": True}
    async with App(city, database, [make(TeamsSettings(**values), house)], addresses, keys) as app:
        app.work()
        port, close = await listen(application(app, Health(app)), "127.0.0.1", 0, wait=0.1)
        yield f"http://127.0.0.1:{port}{PATH}"
        await close()
    await close_services()


@asynccontextmanager
async def playground(root: Path, folder: Path, endpoint: str) -> AsyncIterator[str]:
    """The playground before our house; its page."""
    if not (root / CLI).is_file():
        raise FileNotFoundError("no Agents Playground: run `make node`")
    port = unused_port()
    child = await asyncio.create_subprocess_exec(
        *("node", str(root / CLI), "start", "--app-endpoint", endpoint, "--channel-id", "msteams"),
        *("--port", str(port), "--disable-telemetry"),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "BROWSER": "none",
            "TEAMSAPPTESTER_BROWSER": "none",
            "TEAMSAPPTESTER_LOGFILE": str(folder / "playground.log"),
            "HTTPS_PROXY": NOBODY,
        },
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _answers(f"http://127.0.0.1:{port}/_debug/ping")
        yield f"http://127.0.0.1:{port}/"
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def _answers(url: str) -> None:
    async with asyncio.timeout(30), aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(url) as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                pass
            await asyncio.sleep(0.1)


@asynccontextmanager
async def browsing(url: str) -> AsyncIterator[Page]:
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for found in map(shutil.which, names) if found), None)
    async with async_playwright() as playwright:
        expect.set_options(timeout=WAIT)
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = await browser.new_page()
        page.set_default_timeout(WAIT)
        await page.goto(url)
        yield page
        await browser.close()


async def say(page: Page, text: str) -> None:
    box = page.get_by_role("textbox").first
    await box.click()
    await page.keyboard.type(text)
    await page.keyboard.press("Enter")


async def talk(page: Page) -> None:
    """The welcome, a greeting, a question, and a report that is sent by the button of a card."""
    await expect(page.get_by_text("automatic adviser").first).to_be_visible()  # said when the bot was added
    await say(page, "Hei!")
    await expect(page.get_by_text("Hello again!").first).to_be_visible()
    await say(page, "missä on lähin kirjasto Kalliossa")
    await expect(page.get_by_text("Kallion kirjasto").first).to_be_visible()
    await expect(page.get_by_role("link", name="Näytä kartalla").first).to_be_visible()
    await say(page, "there is a pothole on Hämeentie")
    await page.get_by_role("button", name="Send the report").click()
    await expect(page.get_by_text("DEMO-").first).to_be_visible()


async def test_microsofts_playground_talks_to_us(
    city: City, database_url: str, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    async with (
        our_house(city, database_url) as endpoint,
        playground(pytestconfig.rootpath, tmp_path, endpoint) as url,
        browsing(url) as page,
    ):
        await talk(page)
