"""The staff's pages in a browser: without a mouse, for screen readers, in three widths, and live."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.test_access import LANGUAGES, violations
from tests.databases import Databases
from tests.unit.console.staff import console
from tests.unit.turn.house import house
from tests.unit.turn.test_handoff import desk, quiet_when_owned, waiting

WIDTHS = {"phone": 320, "tablet": 768, "desk": 1280}


async def tab_to(page: Page, name: str) -> None:
    """Move with the keyboard alone to the control of a name, and press it."""
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement.textContent.trim()") == name:
            await page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way by keyboard to {name}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_axe_finds_nothing_on_any_page(
    context: OpenContext, databases: Databases, node_modules: Path, language: str, width: int
) -> None:
    url = databases.url_of(databases.create())
    async with house(url, quiet_when_owned) as one, console(one, url) as address:
        conversation = await waiting(one, desk(one))
        page = await (await context(viewport={"width": width, "height": 800})).new_page()
        await page.goto(f"{address}/console/login?language={language}")
        assert await violations(page, node_modules) == []
        await page.fill("#name", "Anna")
        await page.press("#name", "Enter")
        await page.wait_for_url("**/console")
        assert await violations(page, node_modules) == []
        await page.goto(f"{address}/console/{conversation}")
        assert await violations(page, node_modules) == []
        await page.locator("main form button").click()
        await expect(page.locator("#text")).to_be_visible()
        assert await violations(page, node_modules) == []
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


async def test_a_conversation_is_taken_and_answered_without_a_mouse_and_is_live(
    context: OpenContext, databases: Databases
) -> None:
    url = databases.url_of(databases.create())
    async with house(url, quiet_when_owned) as one, console(one, url) as address:
        await waiting(one, desk(one))
        page = await (await context()).new_page()
        await page.goto(f"{address}/console/login?language=en")
        await page.locator("#name").focus()
        await page.keyboard.type("Anna")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/console")
        await tab_to(page, "Waiting")
        await page.wait_for_url("**/console/*-*")
        await tab_to(page, "Take the conversation")
        await expect(page.locator("#text")).to_be_visible()
        await page.locator("#text").focus()
        await page.keyboard.type("half an ans")
        await one.say("are you there")
        await expect(page.get_by_text("are you there")).to_be_visible()
        await expect(page.locator("#text")).to_have_value("half an ans")  # what is being written stays
        await page.keyboard.type("wer")
        await tab_to(page, "Send")
        await expect(page.get_by_text("half an answer")).to_be_visible()
        await one.engine.idle()
        assert one.wire.sent[-1] == "half an answer"
