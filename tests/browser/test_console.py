"""The staff's pages in a browser: without a mouse, for screen readers, in three widths, and live."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from bot.misses import Miss
from bot.tally import Tally
from bot.thumbs import Thumb
from tests.browser.conftest import OpenContext
from tests.browser.test_access import LANGUAGES, violations
from tests.databases import Databases
from tests.unit.console.keycloak import keycloak
from tests.unit.console.staff import browser as member
from tests.unit.console.staff import console, kept
from tests.unit.console.test_login import provided
from tests.unit.turn.house import House, house
from tests.unit.turn.test_handoff import desk, quiet_when_owned, waiting

WIDTHS = {"phone": 400, "tablet": 900, "desk": 1400}
SHOTS = os.environ.get("NEUVO_SCREENSHOTS")
"""A folder for pictures of all pages, where somebody wants to look at them."""


@dataclass
class Office:
    """A process with some history, and a conversation that waits."""

    house: House
    address: str
    conversation: UUID

    @property
    def page(self) -> str:
        return f"{self.address}/console/{self.conversation}"


@asynccontextmanager
async def office(databases: Databases) -> AsyncIterator[Office]:
    url = databases.url_of(databases.create())
    async with house(url, quiet_when_owned) as one, console(one, url) as address:
        conversation = await waiting(one, desk(one))
        tally = Tally(one.database, kept(one.database))
        now = datetime.now(UTC)
        for back in range(30):
            for place, (channel, language) in enumerate((("webchat", "fi"), ("sms", "sv"), ("telegram", "en"))):
                for number in range(1 + (back * 7 + place * 5) % 11):
                    intent = ("library", "daycare_application", "OUT_OF_SCOPE", "")[number % 4]
                    at = now - timedelta(days=back)
                    tally.note(at=at, channel=channel, language=language, intent=intent)
            for number in range(back % 4 + 1):
                thumb = Thumb((now - timedelta(days=back)).date(), "webchat", "fi", "library", helped=number != 1)
                tally.rated(thumb)
        text = "why is the moon not in the museum of the city, and who do I call about it at 040 123 4567?"
        miss = Miss(at=now, language="en", channel="sms", text=text, intent="museums_culture", confidence=0.31)
        await kept(one.database).add([miss])
        await tally.write()
        async with member(address) as bert:
            await bert.log_in("Bert", role="agent")
        yield Office(one, address, conversation)


async def log_in(page: Page, address: str, language: str = "en") -> None:
    await page.goto(f"{address}/console/login?language={language}")
    await page.fill("#name", "Anna")
    await page.press("#name", "Enter")
    await page.wait_for_url("**/console/inbox")


async def tab_to(page: Page, name: str) -> None:
    """Move with the keyboard alone to the control of a name, and press it."""
    for _ in range(60):
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
    async with office(databases) as one:
        page = await (await context(viewport={"width": width, "height": 900})).new_page()

        async def looked(name: str) -> None:
            await page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
            assert await violations(page, node_modules) == []
            assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name
            if SHOTS:
                await page.screenshot(path=Path(SHOTS) / f"{name}-{language}-{width}.png", full_page=True)

        await page.goto(f"{one.address}/console/login?language={language}")
        await looked("login")
        await log_in(page, one.address, language)
        await looked("inbox")
        await page.goto(one.page)
        await looked("waiting")
        await page.locator(f"form[action='/console/{one.conversation}/claim'] button").click()
        await expect(page.locator("#text")).to_be_visible()
        await desk(one.house).note(one.conversation, "Bert", "Rings back on Friday\nafter nine.")
        await desk(one.house).say(one.conversation, "dev:Anna", "Hello, Anna here.", UUID(int=5))
        await one.house.say("thank you, what about my bin?")
        await one.house.engine.idle()
        await page.goto(f"{one.page}?late")
        await looked("mine")
        for path in ("insight", "misses", "try"):
            await page.goto(f"{one.address}/console/{path}")
            await looked(path)
        await page.fill("#text", "where is the moon")
        await page.press("#text", "Enter")
        await expect(page.locator("#result")).to_be_visible()
        await looked("tried")
        await page.goto(f"{one.address}/console/misses")
        await page.locator("td button").click()
        await expect(page.locator("#yaml")).to_be_visible()
        await looked("draft")


async def test_axe_finds_nothing_where_a_login_is_refused(
    context: OpenContext, databases: Databases, node_modules: Path
) -> None:
    url = databases.url_of(databases.create())
    async with (
        house(url, quiet_when_owned) as one,
        keycloak() as realm,
        console(one, url, by=provided(realm), provider=realm.url) as address,
    ):
        page = await (await context(viewport={"width": 400, "height": 900})).new_page()
        realm.roles = []
        await page.goto(f"{address}/console/login?language=en")
        assert await violations(page, node_modules) == []
        await page.get_by_role("link", name="Log in").press("Enter")
        await expect(page.get_by_role("heading", name="No access")).to_be_visible()
        assert await violations(page, node_modules) == []
        realm.roles = ["agent"]
        await page.get_by_role("link", name="Log in").press("Enter")
        await page.get_by_role("link", name="Log in").press("Enter")
        await page.wait_for_url("**/console/inbox")
        await page.get_by_role("button", name="Log out").press("Enter")
        await page.wait_for_url("**/console/login")  # by way of the provider
        assert realm.seen == ["logout staff-1"]


async def test_a_conversation_is_taken_and_answered_without_a_mouse_and_is_live(
    context: OpenContext, databases: Databases
) -> None:
    async with office(databases) as one:
        page = await (await context()).new_page()
        await page.goto(f"{one.address}/console/login?language=en")
        await page.locator("#name").focus()
        await page.keyboard.type("Anna")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/console/inbox")
        await tab_to(page, "Waiting")
        await page.wait_for_url("**/console/*-*")
        await tab_to(page, "Take the conversation")
        await expect(page.locator("#text")).to_be_visible()
        await page.locator("#text").focus()
        await page.keyboard.type("half an ans")
        await one.house.say("are you there")
        await expect(page.get_by_text("are you there", exact=True)).to_be_visible()
        await expect(page.locator("#news")).to_have_text("The citizen has written a new message.")
        await expect(page.locator("#text")).to_have_value("half an ans")  # what is being written stays
        await page.keyboard.type("wer")
        await tab_to(page, "Send")
        await expect(page.locator("#said").get_by_text("half an answer")).to_be_visible()
        await expect(page.locator("#text")).to_have_value("")
        await expect(page.locator("#text")).to_be_focused()
        await one.house.engine.idle()
        assert one.house.wire.sent[-1] == "half an answer"
        await page.keyboard.type("and more")
        await tab_to(page, "Send")
        await expect(page.locator("#said").get_by_text("and more")).to_be_visible()
        assert await one.house.value("SELECT count(*) FROM outbox WHERE kind = 'agent'") == 2


async def test_a_ready_answer_is_put_into_what_is_being_written(context: OpenContext, databases: Databases) -> None:
    async with office(databases) as one:
        page = await (await context()).new_page()
        await log_in(page, one.address)
        await page.goto(one.page)
        await page.get_by_role("button", name="Take the conversation").press("Enter")
        await page.fill("#text", "Hello! ")
        await page.locator("summary", has_text="Wait").press("Enter")
        await page.get_by_role("button", name="Put into the answer Wait").press("Enter")
        await expect(page.locator("#text")).to_have_value("Hello! One moment, please.")
        await expect(page.locator("#text")).to_be_focused()


async def test_what_was_written_too_late_is_kept_and_told(context: OpenContext, databases: Databases) -> None:
    async with office(databases) as one:
        page = await (await context()).new_page()
        await log_in(page, one.address)
        await page.goto(one.page)
        await page.get_by_role("button", name="Take the conversation").press("Enter")
        await page.fill("#text", "my answer")
        await one.house.database.pool.execute("UPDATE conversations SET owner = 'dev:Bert'")
        await page.get_by_role("button", name="Send").press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("Somebody was quicker")
        await expect(page.locator("#text")).to_have_value("my answer")
        assert "my answer" not in one.house.wire.sent


async def test_a_conversation_that_a_colleague_gives_comes_up_by_itself(
    context: OpenContext, databases: Databases
) -> None:
    async with office(databases) as one:
        await desk(one.house).claim(one.conversation, "dev:Bert", "Bert")
        page = await (await context()).new_page()
        await log_in(page, one.address)
        await page.goto(one.page)
        await expect(page.locator("#text")).to_have_count(0)
        await desk(one.house).hand_over(one.conversation, "dev:Bert", "dev:Anna", "Anna")
        await expect(page.locator("#text")).to_be_visible()


async def test_what_was_being_written_when_the_login_ended_is_there_after_the_next_one(
    context: OpenContext, databases: Databases
) -> None:
    async with office(databases) as one:
        page = await (await context()).new_page()
        await log_in(page, one.address)
        await page.goto(one.page)
        await page.get_by_role("button", name="Take the conversation").press("Enter")
        await page.fill("#text", "a long and careful answer")
        await one.house.database.pool.execute("DELETE FROM console_sessions")
        await page.get_by_role("button", name="Send").focus()
        await page.keyboard.press("Enter")  # leaves the page
        await page.wait_for_url("**/console/login**")
        assert "a long and careful answer" not in one.house.wire.sent
        await log_in(page, one.address)
        await page.goto(one.page)
        await expect(page.locator("#text")).to_have_value("a long and careful answer")
        await page.get_by_role("button", name="Send").press("Enter")
        await expect(page.locator("#said").get_by_text("a long and careful answer")).to_be_visible()
        await expect(page.locator("#text")).to_have_value("")
        await page.reload()
        await expect(page.locator("#text")).to_have_value("")
        await one.house.engine.idle()
        assert one.house.wire.sent.count("a long and careful answer") == 1
