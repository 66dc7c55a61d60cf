"""The pages of campaigns in a browser: without a mouse, for screen readers, in three widths, and live."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.test_access import LANGUAGES, violations
from tests.browser.test_console import WIDTHS
from tests.databases import Databases
from tests.unit.console.campaigners import campaigners
from tests.unit.proactive.fleet import BERT, Fleet

SHOTS = os.environ.get("NEUVO_SCREENSHOTS")
"""A folder for pictures of all pages, where somebody wants to look at them."""
FILE = (
    "phone;name;language\n"
    + "".join(f"040{number:07};Person {number};{('fi', 'sv', 'en')[number % 3]}\n" for number in range(40))
    + "09 310 1691;Landline;fi\n0401234569;=cmd|x;fi\n+46701234567;Abroad;sv\n;Nobody;fi\n"
)


@asynccontextmanager
async def town(databases: Databases) -> AsyncIterator[tuple[Fleet, str]]:
    async with campaigners(databases.url_of(databases.create())) as (here, address):
        yield here, address


async def log_in(page: Page, address: str, language: str = "en", name: str = "Anna", role: str = "outreach") -> None:
    await page.goto(f"{address}/console/login?language={language}")
    await page.fill("#name", name)
    await page.select_option("#role", role)
    await page.press("#name", "Enter")
    await page.wait_for_url("**/console/campaigns")


async def begun(page: Page, address: str, name: str = "Spring clean-up of the yards 2027") -> UUID:
    await page.goto(f"{address}/console/campaigns")
    await page.fill("#name", name)
    await page.select_option("#template", "notice")
    await page.press("#name", "Enter")
    await expect(page.locator("#file")).to_be_visible()
    return UUID(page.url.rpartition("/")[2].partition("?")[0])


async def upload(page: Page, text: str = FILE) -> None:
    await page.set_input_files("#file", {"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode()})
    await page.locator("form[enctype] button").press("Enter")
    await expect(page.locator("#reach ~ dl")).to_be_visible()


async def press(page: Page, act: str) -> None:
    async with page.expect_navigation(url=f"**said=did_{act}"):
        await page.locator(f"form[action$='/{act}'] button").press("Enter")
    await expect(page.locator(".hds-notification--success")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_axe_finds_nothing_on_any_page(
    context: OpenContext, databases: Databases, node_modules: Path, language: str, width: int
) -> None:
    async with town(databases) as (here, address):
        page = await (await context(viewport={"width": width, "height": 900})).new_page()

        async def looked(name: str) -> None:
            await page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
            assert await violations(page, node_modules) == []
            assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name
            if SHOTS:
                await page.screenshot(path=Path(SHOTS) / f"campaign-{name}-{language}-{width}.png", full_page=True)

        await log_in(page, address, language)
        await looked("empty")
        campaign_id = await begun(page, address)
        await looked("draft")
        await page.fill("#value-name-fi", "kaikki")
        await page.press("#value-name-fi", "Enter")
        await expect(page.locator("[aria-invalid]").first).to_be_visible()
        await looked("wrong")
        await page.goto(f"{address}/console/campaigns/{campaign_id}")
        await upload(page)
        await here.parts.work.run()
        await page.reload()
        await looked("filled")
        await press(page, "submit")
        await looked("waiting")
        for act in ("approve", "start"):
            assert await here.parts.campaigns.act(campaign_id, act, BERT) == "done"
        here.parts.work._at_once = 15
        await here.parts.work.step()
        await here.office.deliver()
        await here.parts.work.step()
        await page.reload()
        await looked("running")
        here.office.clock.move(hours=2)
        await here.parts.work.run()
        await here.office.deliver()
        await here.parts.work.run()
        await here.pool.execute(
            "UPDATE nudges SET status = 'delivered', ended_at = sent_at + interval '1 hour' "
            "WHERE id IN (SELECT id FROM nudges ORDER BY id LIMIT 25)"
        )
        await page.reload()
        await looked("done")
        await page.goto(f"{address}/console/campaigns")
        await looked("list")


async def test_by_keyboard_alone_and_with_a_colleague(context: OpenContext, databases: Databases) -> None:
    async with town(databases) as (here, address):
        anna, bert = await (await context()).new_page(), await (await context()).new_page()
        await log_in(anna, address)
        campaign_id = await begun(anna, address)
        await upload(anna)
        await here.parts.work.run()
        await expect(anna.locator("form[action$='/submit'] button")).to_be_visible()
        await press(anna, "submit")
        await expect(anna.locator("form[action$='/approve']")).to_have_count(0)
        await log_in(bert, address, name="Bert", role="reviewer")
        await bert.get_by_role("link", name="Spring clean-up").press("Enter")
        await press(bert, "approve")
        await expect(anna.locator("form[action$='/start'] button")).to_be_visible()
        await expect(anna.locator("#news")).to_have_text("Approved")
        await press(anna, "start")
        await here.parts.work.run()
        await here.office.deliver()
        await here.parts.work.run()
        await expect(anna.get_by_text("40 of 40 messages")).to_be_visible()
        assert await here.status(campaign_id) == "done"
        assert len(here.office.sms.sent) == 40


async def test_what_is_being_typed_is_left_alone_while_the_page_lives(
    context: OpenContext, databases: Databases
) -> None:
    async with town(databases) as (here, address):
        page = await (await context()).new_page()
        await log_in(page, address)
        await begun(page, address)
        await upload(page)
        await page.fill("#value-name-fi", "half a wor")
        await here.parts.work.run()
        await expect(page.locator("#reach ~ .bar")).to_have_count(0)
        await expect(page.locator("#value-name-fi")).to_have_value("half a wor")
