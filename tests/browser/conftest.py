"""A browser, and a site for it. Another folder may give its own ``site`` (the whole server, say) and use the rest.

All of it lives in one event loop of the session, for a browser is slow to start.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright, expect
from pytest_asyncio import is_async_test

from tests.browser.site import Site, scripted_site
from tests.browser.widget import Widget
from tests.databases import Databases

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",  # no traffic off this machine
]
WAIT = 15_000
"""Milliseconds until a test gives up on something that should be seen."""

OpenContext = Callable[..., Awaitable[BrowserContext]]
OpenWidget = Callable[..., Awaitable[Widget]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def node_modules(pytestconfig: pytest.Config) -> Path:
    """Where the packages of Node are; `make test` installs them."""
    folder = pytestconfig.rootpath / "node_modules"
    if not (folder / "axe-core").is_dir():
        raise FileNotFoundError("no axe-core: run `make node`")
    return folder


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(databases: Databases) -> AsyncIterator[Site]:
    """The real channel with a scripted bot."""
    async with scripted_site(databases.url_of(databases.create())) as found:
        yield found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The system's Chromium, else Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next((found for found in map(shutil.which, names) if found), None)
    async with async_playwright() as playwright:
        expect.set_options(timeout=WAIT)
        found = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        await found.close()


@pytest_asyncio.fixture(loop_scope="session")
async def context(browser: Browser) -> AsyncIterator[OpenContext]:
    """Makes a person's browser; all that it said on its console must be harmless in the end."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    async def make(**options: Any) -> BrowserContext:
        made = await browser.new_context(**{"locale": "fi-FI", "accept_downloads": True, **options})
        made.set_default_timeout(WAIT)
        made.on("weberror", lambda error: faults.append(str(error.error)))
        made.on("dialog", lambda dialog: faults.append(f"dialog {dialog.message}"))
        made.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
        opened.append(made)
        return made

    yield make
    for each in opened:
        await each.close()
    assert not faults


@pytest_asyncio.fixture(loop_scope="session")
async def widget(context: OpenContext, site: Site) -> OpenWidget:
    """Opens our page in a browser of its own: ``await widget(language="sv", color_scheme="dark")``."""

    async def open_widget(language: str = "fi", **options: Any) -> Widget:
        made = await context(locale={"fi": "fi-FI", "sv": "sv-FI", "en": "en-GB"}[language], **options)
        found = Widget(await made.new_page(), site.url, language)
        await found.open()
        return found

    return open_widget
