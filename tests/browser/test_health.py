"""The pages of health outreach in a browser: without a mouse, for screen readers, in three widths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenContext
from tests.browser.test_access import LANGUAGES, violations
from tests.browser.test_console import WIDTHS
from tests.databases import Databases
from tests.unit.console.reviewers import reviewers
from tests.unit.health.records import TODAY
from tests.unit.health.ward import ANNA, HBA1C

SHOTS = os.environ.get("NEUVO_SCREENSHOTS")
"""A folder for pictures of all pages, where somebody wants to look at them."""
QUEUE = "/console/health"
PROGRAMME = f"{QUEUE}/programmes/{HBA1C}"


async def log_in(page: Page, address: str, language: str = "en", name: str = "Anna") -> None:
    await page.goto(f"{address}/console/login?language={language}")
    await page.fill("#name", name)
    await page.select_option("#role", "health")
    await page.press("#name", "Enter")
    await page.wait_for_url(f"**{QUEUE}")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing_on_any_page(
    context: OpenContext, databases: Databases, node_modules: Path, tmp_path: Path, language: str
) -> None:
    async with reviewers(databases.url_of(databases.create()), tmp_path, 600) as (ward, address):
        page = await (await context()).new_page()

        async def looked(name: str, path: str) -> None:
            await page.goto(f"{address}{path}")
            await page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
            for width in WIDTHS.values():
                await page.set_viewport_size({"width": width, "height": 900})
                assert await violations(page, node_modules) == []
                assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), (name, width)
                if SHOTS:
                    await page.screenshot(path=Path(SHOTS) / f"health-{name}-{language}-{width}.png", full_page=True)

        await log_in(page, address, language)
        found = await ward.ids()
        await looked("queue", QUEUE)
        await looked("programme-new", PROGRAMME)
        await looked("finding-early", f"{QUEUE}/findings/{found[0]}")
        await ward.approved()
        await looked("finding", f"{QUEUE}/findings/{found[0]}")
        await looked("finding-left-out", f"{QUEUE}/findings/{(await ward.ids(selected=False))[0]}")
        for at, finding in enumerate(found):
            act = ward.review.reject(finding, ANNA, "burden") if at % 2 else ward.review.accept(finding, ANNA, TODAY)
            assert await act == "done"
        await looked("finding-decided", f"{QUEUE}/findings/{found[1]}")
        await looked("programme-figures", PROGRAMME)
        await looked("told", f"{QUEUE}?said=accept")


async def test_two_people_by_keyboard_alone(context: OpenContext, databases: Databases, tmp_path: Path) -> None:
    async with reviewers(databases.url_of(databases.create()), tmp_path) as (ward, address):
        anna, bert = await (await context()).new_page(), await (await context()).new_page()
        await log_in(anna, address)
        await anna.goto(f"{address}{PROGRAMME}")
        await anna.get_by_role("button", name="Propose the programme").press("Enter")
        await expect(anna.locator("[role=status]")).to_contain_text("Proposed")
        await log_in(bert, address, name="Bert")
        await bert.goto(f"{address}{PROGRAMME}")
        await bert.get_by_role("button", name="Approve the programme").press("Enter")
        await expect(bert.locator("[role=status]")).to_have_text("Approved.")
        accepted, rejected, *_ = await ward.ids()
        await bert.goto(f"{address}{QUEUE}")
        await bert.locator(f"a[href$='{accepted}']").press("Enter")
        await bert.get_by_role("button", name="Accept").press("Enter")
        await expect(bert.locator("[role=status]")).to_contain_text("Accepted")
        await anna.goto(f"{address}{QUEUE}/findings/{rejected}")
        await anna.select_option("#reject-choice", "not_suitable")
        await anna.get_by_role("button", name="Reject").press("Enter")
        await expect(anna.locator("[role=status]")).to_contain_text("Nothing is sent")
        rows = [await ward.row(one) for one in (accepted, rejected)]
        assert [(row["status"], row["reviewer_name"], row["decision_reason"]) for row in rows] == [
            ("accepted", "Bert", None),
            ("rejected", "Anna", "not_suitable"),
        ]
