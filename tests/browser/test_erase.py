"""Close and erase, from the page: asked about first, gone everywhere, and a new conversation after it."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenContext, OpenWidget
from tests.browser.site import Site
from tests.browser.widget import Widget

WORDS = {
    "fi": ("Poista keskustelu", "Poistetaanko keskustelu?", "Keskustelu poistettiin. Uusi keskustelu alkoi."),
    "sv": ("Radera konversationen", "Vill du radera", "Konversationen raderades. En ny konversation har börjat."),
    "en": ("Delete the conversation", "Delete the conversation?", "The conversation was deleted. A new conversation"),
}


@pytest.mark.parametrize("language", WORDS)
async def test_it_is_asked_about_first_and_then_gone(widget: OpenWidget, site: Site, language: str) -> None:
    button, title, done = WORDS[language]
    chat = await widget(language)
    await chat.ask("salaisuus")
    old = await chat.page.evaluate("JSON.parse(sessionStorage.getItem('neuvo.ticket')).id")
    opener = chat.page.locator("#tools").get_by_role("button", name=button)
    await opener.press("Enter")
    dialog = chat.page.get_by_role("dialog", name=title)
    await expect(dialog).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await expect(chat.from_me("salaisuus")).to_be_visible()
    await opener.press("Enter")
    await dialog.get_by_role("button", name=button).press("Enter")
    await expect(chat.from_me("salaisuus")).to_have_count(0)
    await expect(chat.status).to_contain_text(done)
    await expect(chat.field).to_be_focused()
    assert old in site.erased
    await chat.online()
    await chat.ask("uusi asia")
    await chat.page.reload()
    await expect(chat.from_bot("Sanoit: uusi asia")).to_be_visible()
    assert "salaisuus" not in await chat.log.inner_text()


async def test_the_other_tab_loses_it_too(context: OpenContext, site: Site) -> None:
    browser = await context()
    first = Widget(await browser.new_page(), site.url)
    await first.open()
    await first.ask("salaisuus")
    saved = await first.page.evaluate("JSON.stringify({...sessionStorage})")
    second = Widget(await browser.new_page(), site.url)
    await second.page.add_init_script(f"Object.assign(sessionStorage, {saved})")
    await second.open()
    await expect(second.from_me("salaisuus")).to_be_visible()
    await second.field.fill("kesken jäänyt")
    await first.page.get_by_role("button", name="Poista keskustelu").click()
    await first.page.get_by_role("dialog").get_by_role("button", name="Poista keskustelu").click()
    await expect(second.log.get_by_text("Keskustelu poistettiin toisessa välilehdessä.")).to_be_visible()
    await expect(second.from_me("salaisuus")).to_have_count(0)
    await expect(second.field).to_have_value("kesken jäänyt")
    await second.online()
    await second.field.press("Enter")
    await expect(second.from_bot("Sanoit: kesken jäänyt")).to_be_visible()


async def test_a_failure_is_said_and_nothing_is_lost(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.ask("vielä tässä")
    await chat.page.route("**/conversations/*", lambda route: route.fulfill(status=503, json={}))
    await chat.page.get_by_role("button", name="Poista keskustelu").click()
    await chat.page.get_by_role("dialog").get_by_role("button", name="Poista keskustelu").click()
    await expect(chat.status).to_have_text("Keskustelua ei saatu poistettua. Yritä hetken kuluttua uudelleen.")
    await expect(chat.from_me("vielä tässä")).to_be_visible()
    await chat.ask("yhä täällä")
