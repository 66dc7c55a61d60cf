"""The whole conversation without a mouse."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenWidget
from tests.browser.script import CHOICES


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.textContent.trim() || document.activeElement.id"))


async def test_the_order_of_focus_is_the_order_of_reading(widget: OpenWidget) -> None:
    page = (await widget()).page
    seen = []
    for _ in range(14):
        await page.keyboard.press("Tab")
        seen.append(await focused(page))
    assert seen[:5] == ["Siirry kirjoittamaan", "Suomi", "Svenska", "English", "Tietoa palvelusta"]
    assert seen[6:8] == ["Missä on lähin kirjasto?", "Mihin voin viedä vanhan sohvan?"]
    assert seen[8:11] == ["field", "Lisää kuva", "Lähetä"]
    assert seen[11:] == ["Tallenna keskustelu", "Uusi keskustelu", "Poista keskustelu"]


async def test_the_skip_link_leads_to_the_field(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.page.keyboard.press("Tab")
    await chat.page.keyboard.press("Enter")
    await expect(chat.field).to_be_focused()


async def test_asking_choosing_and_reading_the_answer(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.ask("choose", "Mitä näistä?")
    await expect(chat.field).to_be_focused()
    await chat.page.keyboard.press("Shift+Tab")
    assert await focused(chat.page) == CHOICES[-1]
    await chat.page.keyboard.press("Enter")
    await expect(chat.from_me(CHOICES[-1])).to_be_visible()
    await expect(chat.from_bot("Valitsit: choice-2")).to_be_visible()
    for label in CHOICES:
        await expect(chat.log.get_by_role("button", name=label)).to_be_disabled()
    assert await focused(chat.page) == CHOICES[-1], "the focus stays where the person was"
    await chat.page.keyboard.press("Enter")
    await chat.ask("ja sitten")
    assert await chat.from_bot("Valitsit").count() == 1, "a choice is made once"


async def test_an_example_question_is_asked_by_its_button(widget: OpenWidget) -> None:
    chat = await widget()
    button = chat.log.get_by_role("button", name="Missä on lähin kirjasto?")
    await button.press("Enter")
    await expect(chat.from_me("Missä on lähin kirjasto?")).to_be_visible()
    await expect(chat.from_bot("Valitsit: example-0")).to_be_visible()
    await expect(button).to_be_disabled()


async def test_shift_and_enter_make_a_new_line(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.field.press_sequentially("yksi")
    await chat.field.press("Shift+Enter")
    await chat.field.press_sequentially("kaksi")
    await chat.field.press("Enter")
    assert "yksi\nkaksi" in await chat.from_me("yksi").inner_text()


async def test_an_empty_field_sends_nothing(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.say("   \n ")
    await chat.ask("oikea")
    assert await chat.page.locator(".message.own").count() == 1


async def test_a_new_conversation_is_asked_about_first(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.ask("vanha asia")
    restart = chat.page.get_by_role("button", name="Uusi keskustelu")
    await restart.press("Enter")
    dialog = chat.page.get_by_role("dialog", name="Aloitetaanko uusi keskustelu?")
    await expect(dialog).to_be_visible()
    await chat.page.keyboard.press("Escape")
    await expect(restart).to_be_focused()
    await expect(chat.from_me("vanha asia")).to_be_visible()
    await restart.press("Enter")
    await dialog.get_by_role("button", name="Aloita uusi").press("Enter")
    await expect(chat.from_me("vanha asia")).to_have_count(0)
    await expect(chat.field).to_be_focused()
    await chat.ask("uusi asia")
    await chat.page.reload()
    await expect(chat.from_bot("Sanoit: uusi asia")).to_be_visible()
    assert "vanha asia" not in await chat.log.inner_text()


async def test_the_conversation_can_be_kept(widget: OpenWidget, tmp_path: Path) -> None:
    chat = await widget()
    await chat.ask("muista tämä")
    await chat.ask("choose", "Mitä näistä?")
    async with chat.page.expect_download() as coming:
        await chat.page.get_by_role("button", name="Tallenna keskustelu").press("Enter")
    download = await coming.value
    assert download.suggested_filename.startswith("neuvo-keskustelu-")
    await download.save_as(tmp_path / "kept.txt")
    text = (tmp_path / "kept.txt").read_text("utf-8-sig")
    assert "Automaattinen neuvonta" in text
    assert text.index("Sinä") < text.index("muista tämä") < text.index("Neuvo", text.index("muista tämä"))
    assert "- Sortti-asema" in text


async def test_the_focus_is_always_seen(widget: OpenWidget) -> None:
    page = (await widget()).page
    for _ in range(14):
        await page.keyboard.press("Tab")
        style = await page.evaluate("getComputedStyle(document.activeElement).outline")
        assert "solid 3px" in style, await focused(page)
        assert await page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0


@pytest.mark.parametrize(
    ("language", "button"), [("fi", "Tietoa palvelusta"), ("sv", "Om tjänsten"), ("en", "About this service")]
)
async def test_what_the_service_is_can_be_read(widget: OpenWidget, language: str, button: str) -> None:
    chat = await widget(language)
    opener = chat.page.get_by_role("button", name=button)
    await opener.press("Enter")
    about = chat.page.get_by_role("dialog", name=button)
    for key in ("notice", "privacy"):
        text = await chat.page.evaluate(
            "async ([lang, key]) => (await import('/static/texts.js')).texts[lang][key]", [language, key]
        )
        await expect(about).to_contain_text(text)
    await expect(about).to_contain_text("CC BY 4.0")
    await expect(about.get_by_role("link")).to_have_attribute("href", "https://servicemap.hel.fi/")
    await chat.page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
