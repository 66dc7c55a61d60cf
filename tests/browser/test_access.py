"""WCAG 2.1 AA as far as a machine can tell, and what screen readers need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import OpenWidget

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
LANGUAGES = ("fi", "sv", "en")


async def violations(page: Page, node_modules: Path) -> list[str]:
    # Evaluated over the debugging protocol: the page's own policy would refuse it as a script.
    await page.evaluate((node_modules / "axe-core/axe.min.js").read_text())
    found: dict[str, Any] = await page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [f"{fault['id']}: {[node['html'] for node in fault['nodes']]}" for fault in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing(widget: OpenWidget, node_modules: Path, language: str, scheme: str) -> None:
    chat = await widget(language, color_scheme=scheme)
    assert await violations(chat.page, node_modules) == []
    await chat.ask("place", "Kallion kirjasto")
    await chat.ask("choose", "Mitä näistä?")
    await chat.ask("svenska", "Vi kan tala svenska.")
    assert await violations(chat.page, node_modules) == []
    for opener in ("#restart", "#erase", "#tell"):
        await chat.page.locator(opener).press("Enter")
        assert await violations(chat.page, node_modules) == []
        await chat.page.keyboard.press("Escape")


@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 400)])
async def test_axe_finds_nothing_where_there_is_little_room(
    widget: OpenWidget, node_modules: Path, width: int, height: int
) -> None:
    """320 CSS pixels, and a screen of 1280 by 800 at a zoom of 200 %."""
    chat = await widget(viewport={"width": width, "height": height}, reduced_motion="reduce")
    await chat.ask("place", "Kallion kirjasto")
    await chat.ask("choose", "Mitä näistä?")
    assert await violations(chat.page, node_modules) == []


async def test_nothing_moves(widget: OpenWidget) -> None:
    """Neither for those who ask for less motion nor for others."""
    chat = await widget(reduced_motion="reduce")
    await chat.ask("long", "Kappale 0")
    moving = """[...document.querySelectorAll("*")].map(one => getComputedStyle(one)).filter(
        one => one.animationName != "none" || one.transitionDuration != "0s" || one.scrollBehavior != "auto").length"""
    assert await chat.page.evaluate(moving) == 0


async def test_a_reply_is_announced_once_in_its_language(widget: OpenWidget) -> None:
    """What is inserted into the polite region has its language already, or it would be read with the wrong voice."""
    chat = await widget("en")
    await chat.page.evaluate("""() => {
        window.announced = [];
        const log = document.getElementById("log");
        new MutationObserver((all) => all.forEach(({ addedNodes }) => addedNodes.forEach((one) => window.announced.push(
            [log.ariaLive, one.querySelector(".body").lang, one.querySelector(".body").textContent]))),
        ).observe(log, { childList: true });
    }""")
    await chat.ask("svenska", "Vi kan tala svenska.")
    announced = await chat.page.evaluate("window.announced")
    assert announced == [["polite", "en", "svenska"], ["polite", "sv", "Vi kan tala svenska."]]


async def test_a_failure_comes_into_view(widget: OpenWidget) -> None:
    chat = await widget(viewport={"width": 360, "height": 740})
    await chat.ask("place", "Kallion kirjasto")
    await chat.page.clock.install()
    await chat.page.route("**/activities", lambda route: route.abort())
    await chat.say("ei mene perille")
    await expect(await chat.give_up()).to_be_in_viewport(ratio=1)


async def test_without_scripts_the_page_says_what_it_needs(context: Any, site: Any) -> None:
    page = await (await context(java_script_enabled=False)).new_page()
    await page.goto(site.url)
    for language in LANGUAGES:
        await expect(page.locator(f"noscript p[lang={language}]")).to_contain_text("JavaScript")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_a_failure(widget: OpenWidget, node_modules: Path, scheme: str) -> None:
    chat = await widget(color_scheme=scheme)
    await chat.page.clock.install()
    await chat.page.route("**/activities", lambda route: route.abort())
    await chat.say("ei mene perille")
    await expect(await chat.give_up()).to_have_accessible_name("Lähetä uudelleen")
    assert await violations(chat.page, node_modules) == []


@pytest.mark.parametrize(("width", "height"), [(320, 640), (640, 400), (768, 1024), (1280, 800), (2560, 1440)])
async def test_nothing_is_cut_off(widget: OpenWidget, width: int, height: int) -> None:
    chat = await widget(viewport={"width": width, "height": height})
    await chat.ask("place", "Kallion kirjasto")
    await chat.ask("x" * 300)
    for selector in ("html", "#log"):
        sizes = await chat.page.locator(selector).evaluate("one => [one.scrollWidth, one.clientWidth]")
        assert sizes[0] <= sizes[1], selector
    for name in ("Lisää kuva", "Lähetä", "Uusi keskustelu", "Tallenna keskustelu", "Poista keskustelu"):
        button = chat.page.get_by_role("button", name=name, exact=True)
        await button.focus()
        await expect(button).to_be_in_viewport(ratio=1)


async def test_each_message_says_its_language_and_speaker(widget: OpenWidget) -> None:
    chat = await widget("en")
    await chat.ask("svenska", "Vi kan tala svenska.")
    assert await chat.from_bot("Vi kan").locator(".body").get_attribute("lang") == "sv"
    assert await chat.from_me("svenska").locator(".body").get_attribute("lang") == "en"
    assert (await chat.from_bot("Vi kan").text_content() or "").startswith("Neuvo: ")
    assert (await chat.from_me("svenska").text_content() or "").startswith("You: ")


async def test_the_log_is_polite_and_labelled(widget: OpenWidget) -> None:
    chat = await widget()
    await expect(chat.log).to_have_attribute("aria-live", "polite")
    await expect(chat.log).to_have_accessible_name("Keskustelu")
    await expect(chat.field).to_have_accessible_description(
        "Älä kirjoita henkilötunnusta. Enter lähettää, vaihto + Enter tekee rivinvaihdon."
    )


async def test_the_page_changes_its_language_and_remembers(widget: OpenWidget) -> None:
    chat = await widget("sv")
    await expect(chat.page.locator("html")).to_have_attribute("lang", "sv")
    await expect(chat.page.locator("#notice")).to_contain_text("Automatisk rådgivning")
    await chat.field.fill("halvfärdig")
    await chat.page.get_by_role("button", name="English").press("Enter")
    chat.language = "en"
    await expect(chat.page.locator("html")).to_have_attribute("lang", "en")
    await expect(chat.page.get_by_role("button", name="English")).to_have_attribute("aria-pressed", "true")
    await expect(chat.log.get_by_role("button").first).to_have_text("Where is the nearest library?")
    await expect(chat.messages).to_have_count(1)
    await expect(chat.field).to_have_value("halvfärdig")
    await chat.page.reload()
    await expect(chat.page.locator("html")).to_have_attribute("lang", "en")


async def test_a_language_that_the_page_lacks_gives_finnish(context: Any, site: Any) -> None:
    page = await (await context(locale="de-DE")).new_page()
    await page.goto(site.url)
    await expect(page.locator("html")).to_have_attribute("lang", "fi")


async def test_every_language_has_every_text(widget: OpenWidget) -> None:
    chat = await widget()
    keys = await chat.page.evaluate(
        "async () => Object.values((await import('/static/texts.js')).texts).map(own => Object.keys(own).sort().join())"
    )
    assert len(keys) == len(LANGUAGES)
    assert len(set(keys)) == 1


async def test_the_newest_message_comes_into_view_and_a_long_one_from_its_beginning(widget: OpenWidget) -> None:
    chat = await widget(viewport={"width": 768, "height": 700})
    for number in range(8):
        await chat.ask(f"rivi {number}")
    await expect(chat.from_bot("Sanoit: rivi 7")).to_be_in_viewport()
    long = await chat.ask("long", "Kappale 0")
    await expect(long.get_by_text("Kappale 0 ")).to_be_in_viewport()
    await expect(long.get_by_text("Kappale 39 ")).not_to_be_in_viewport()
