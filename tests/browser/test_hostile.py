"""Field case WB-06: words never become markup, whoever says them. Alerts and policy faults fail in the fixture."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWidget
from tests.browser.script import HOSTILE
from tests.browser.widget import Widget

STATIC = Path("channels/webchat/static")


async def assert_inert(chat: Widget) -> None:
    assert await chat.log.locator("img, script, iframe, svg, object, embed, style, form, input").count() == 0
    addresses = await chat.log.locator("a").evaluate_all("all => all.map(one => one.href)")
    assert {urlsplit(address).scheme for address in addresses} <= {"http", "https", "mailto", "tel"}
    names = await chat.log.locator("*").evaluate_all("all => all.flatMap(one => one.getAttributeNames())")
    assert [name for name in names if name.startswith("on") or name in ("style", "srcdoc", "src")] == []


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_the_citizen_writes_stays_text(widget: OpenWidget, text: str) -> None:
    chat = await widget()
    await chat.say(text)
    await expect(chat.page.locator(".message.own .body")).to_have_text(text)
    await expect(chat.from_bot("Sanoit:")).to_be_visible()
    await assert_inert(chat)
    await chat.page.reload()
    await expect(chat.page.locator(".message.own .body")).to_have_text(text)
    await assert_inert(chat)


async def test_what_the_bot_says_stays_text(widget: OpenWidget, tmp_path: Path) -> None:
    chat = await widget()
    await chat.ask("hostile", "onerror")
    await assert_inert(chat)
    async with chat.page.expect_download() as coming:
        await chat.page.get_by_role("button", name="Tallenna keskustelu").click()
    download = await coming.value
    assert download.suggested_filename.endswith(".txt")


async def test_light_markdown_is_shown_as_such(widget: OpenWidget) -> None:
    chat = await widget()
    said = await chat.ask("place", "Lähin on")
    await expect(said.locator("strong").first).to_have_text("Kallion kirjasto")
    await expect(said.locator("ul").first.locator("li")).to_have_count(2)
    await expect(said.locator("ol li")).to_have_count(2)
    await expect(said.get_by_role("link", name="09 123")).to_have_attribute("href", "tel:+358912")
    place = said.locator('a[href="https://example.org/kallio"]')
    await expect(place).to_have_attribute("rel", "noopener noreferrer")
    await expect(place).to_contain_text("avautuu uuteen välilehteen")


async def test_the_page_forbids_what_it_does_not_need(widget: OpenWidget) -> None:
    chat = await widget()
    response = await chat.page.goto(chat.url)
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy


def test_no_code_that_makes_markup_of_text(pytestconfig: pytest.Config) -> None:
    words = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser")
    for file in (pytestconfig.rootpath / STATIC).glob("*.js"):
        code = file.read_text()
        assert [word for word in words if word in code] == [], file.name
