"""The citizen's pages in a browser: without a mouse, for screen readers, in three widths and three languages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.test_access import LANGUAGES, violations
from tests.databases import Databases
from tests.unit.portal.town import Pages, pages

WIDTHS = {"phone": 360, "tablet": 900, "desk": 1400}
SHOTS = os.environ.get("NEUVO_SCREENSHOTS")
"""A folder for pictures of all pages, where somebody wants to look at them."""
LOCALES = {"fi": "fi-FI", "sv": "sv-FI", "en": "en-GB"}


async def tab_to(page: Page, name: str) -> None:
    """Move with the keyboard alone to the control of a name, and press it."""
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement.textContent.trim()") == name:
            await page.keyboard.press("Enter")
            return
    raise AssertionError(f"no way by keyboard to {name}")


async def log_in(page: Page, one: Pages) -> None:
    await page.goto(f"{one.url}/my/login")
    await page.get_by_role("button", name="Aino Testi").press("Enter")
    await page.wait_for_url("**/my/data")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_axe_finds_nothing_on_any_page(
    context: OpenContext, databases: Databases, node_modules: Path, language: str, width: int
) -> None:
    async with pages(databases.url_of(databases.create())) as one:
        made = await context(locale=LOCALES[language], viewport={"width": width, "height": 900})
        page = await made.new_page()

        async def looked(name: str) -> None:
            await page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
            assert await violations(page, node_modules) == [], name
            assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name
            assert await page.locator("html").get_attribute("lang") == language
            if SHOTS:
                await page.screenshot(path=Path(SHOTS) / f"{name}-{language}-{width}.png", full_page=True)

        for name in ("my", "transparency", "privacy", "my/data", "my/link/none"):
            await page.goto(f"{one.url}/{name}")
            await looked(f"public-{name.replace('/', '-')}")
        talk = one.town.talk("telegram", "4567")
        await page.goto(await one.links.begin(talk, language))
        await looked("link")
        await page.locator("main a.hds-button--primary").press("Enter")
        await page.wait_for_url("**/auth**")
        await looked("local")
        await page.get_by_role("button", name="Aino Testi").press("Enter")
        await page.wait_for_url("**/my/join")
        await looked("join")
        code = (await page.locator(".code").inner_text()).strip()
        assert await one.links.finish(talk, code) == "linked"
        await page.goto(f"{one.url}/my/join")
        await looked("joined")
        for name in ("data", "copy", "correct", "erase", "consents", "uses", "channels"):
            await page.goto(f"{one.url}/my/{name}")
            await looked(name)
        await page.goto(f"{one.url}/my/correct")
        await page.locator("main input[name=value]").fill("040")
        await page.locator("main button").first.press("Enter")
        await expect(page.get_by_role("alert")).to_be_visible()
        await looked("corrected-wrong")
        await page.goto(f"{one.url}/my/consents")
        await page.locator("main button").first.press("Enter")
        await page.wait_for_url("**/my/receipts/**")
        await looked("receipt")
        await page.goto(f"{one.url}/my/consents")
        await looked("consented")
        person = next(iter(one.town.own.values()))
        person.obstacles.append({"fi": "Avoin asia.", "sv": "Öppet ärende.", "en": "Open case."})
        await page.goto(f"{one.url}/my/erase")
        await looked("erase-refused")
        person.obstacles.clear()
        await page.reload()
        await page.locator("#sure").check()
        await page.locator("main button").press("Enter")
        await looked("erased")
        assert person.erased


async def test_all_is_done_without_a_mouse(context: OpenContext, databases: Databases) -> None:
    async with pages(databases.url_of(databases.create())) as one:
        page = await (await context(locale="en-GB")).new_page()
        await page.goto(f"{one.url}/my")
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        await tab_to(page, "Log in")
        await page.wait_for_url("**/auth**")
        await tab_to(page, "Aino Testi")
        await page.wait_for_url("**/my/data")
        await tab_to(page, "Consents")
        await page.wait_for_url("**/my/consents")
        await tab_to(page, "Give consent: Reminders of appointments, text messages")
        await page.wait_for_url("**/my/receipts/**")
        await expect(page.get_by_role("status")).to_contain_text("Your decision is saved.")
        await tab_to(page, "Svenska")
        await expect(page.locator("h1")).to_have_text("Kvitto")
        await tab_to(page, "English")
        await expect(page.locator("h1")).to_have_text("Receipt")
        await tab_to(page, "Erase")
        await page.wait_for_url("**/my/erase")
        await page.locator("#sure").focus()
        await page.keyboard.press("Space")
        await tab_to(page, "Erase my data")
        await expect(page.locator("h1")).to_have_text("Your data is being erased")
        await page.goto(f"{one.url}/my/data")
        await expect(page.get_by_role("alert")).to_contain_text("You are not logged in")


async def test_the_copy_is_downloaded(context: OpenContext, databases: Databases) -> None:
    async with pages(databases.url_of(databases.create())) as one:
        page = await (await context(locale="en-GB")).new_page()
        await log_in(page, one)
        await page.goto(f"{one.url}/my/copy")
        async with page.expect_download() as found:
            await page.get_by_role("link", name="Download the file (JSON)").press("Enter")
        download = await found.value
        assert download.suggested_filename == "neuvo.json"
        assert (await download.path()).read_text() == '{"name": "Aino Testi"}'


async def test_cancelling_and_a_level_too_low_log_nobody_in(context: OpenContext, databases: Databases) -> None:
    async with pages(databases.url_of(databases.create())) as one:
        page = await (await context(locale="en-GB")).new_page()
        await page.goto(f"{one.url}/my/login")
        await page.get_by_role("button", name="Cancel").press("Enter")
        await expect(page.locator("h1")).to_have_text("The login did not succeed")
        await page.goto(f"{one.url}/my/login")
        await page.get_by_label("Level of assurance").select_option("low")
        await page.get_by_role("button", name="Aino Testi").press("Enter")
        await expect(page.locator("h1")).to_have_text("Stronger identification is needed")
        assert one.town.own == {}


async def test_the_logout_ends_at_the_start(context: OpenContext, databases: Databases) -> None:
    async with pages(databases.url_of(databases.create())) as one:
        page = await (await context(locale="en-GB")).new_page()
        await log_in(page, one)
        await page.get_by_role("button", name="Log out").press("Enter")
        await page.wait_for_url("**/my")  # by way of the provider
        await expect(page.get_by_role("link", name="Log in")).to_be_visible()
        await page.go_back()
        await expect(page.get_by_text("secret of Aino Testi")).to_have_count(0)
