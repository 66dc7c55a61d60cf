"""Photos from the page: chosen, seen, taken back, sent; and the pictures of answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, FilePayload, Locator, Route, expect

from tests.browser.conftest import OpenContext, OpenWidget
from tests.browser.script import PICTURE
from tests.browser.site import Site
from tests.browser.test_access import violations
from tests.browser.widget import Widget
from tests.unit.webchat.files import drawn


def photo(name: str = "katu.jpg", form: str = "JPEG", size: tuple[int, int] = (1200, 900)) -> FilePayload:
    return {"name": name, "mimeType": f"image/{form.lower()}", "buffer": drawn(form, size)}


async def choose(chat: Widget, *files: FilePayload) -> None:
    """By the button, as a person does."""
    async with chat.page.expect_file_chooser() as coming:
        await chat.page.get_by_role("button", name="Lisää kuva").press("Enter")
    await (await coming.value).set_files(list(files))


def waiting(chat: Widget) -> Locator:
    return chat.page.get_by_role("list", name="Lisätyt kuvat").get_by_role("listitem")


def sent(chat: Widget) -> Locator:
    return chat.page.locator(".message.own img")


async def loaded(image: Locator) -> bool:
    return bool(await image.evaluate("one => one.decode().then(() => one.naturalWidth > 0)"))


async def test_a_photo_is_added_and_sent_with_its_words(widget: OpenWidget, site: Site) -> None:
    chat = await widget()
    await choose(chat, photo())
    await expect(waiting(chat).get_by_role("img", name="Kuva 1")).to_be_visible()
    await expect(chat.status).to_have_text("Kuva lisättiin viestiin. Lähetä se Lähetä-painikkeella.")
    await expect(chat.field).to_be_focused()
    await chat.ask("kuoppa kadussa")
    await expect(waiting(chat)).to_have_count(0)
    await expect(sent(chat)).to_have_accessible_name("Kuva 1")
    assert await loaded(sent(chat))
    await expect(chat.from_me("kuoppa kadussa").locator(".state")).to_have_count(0)
    assert (site.taken[-1], site.photos[-1]) == ("kuoppa kadussa", 1)
    await chat.page.reload()
    await expect(sent(chat)).to_have_count(1)
    assert await loaded(sent(chat))


async def test_photos_alone_are_a_message_and_another_tab_shows_them(context: OpenContext, site: Site) -> None:
    browser = await context()
    first = Widget(await browser.new_page(), site.url)
    await first.open()
    await first.ask("ensin")
    saved = await first.page.evaluate("JSON.stringify({...sessionStorage})")
    second = Widget(await browser.new_page(), site.url)
    await second.page.add_init_script(f"Object.assign(sessionStorage, {saved})")
    await second.open()
    await choose(first, photo(), photo("toinen.png", "PNG"))
    await first.page.get_by_role("button", name="Lähetä", exact=True).press("Enter")
    for tab in (first, second):
        await expect(sent(tab)).to_have_count(2)
        assert await loaded(sent(tab).nth(1))
    assert site.photos[-1] == 2


async def test_a_photo_is_taken_back_before_it_is_sent(widget: OpenWidget, site: Site) -> None:
    chat = await widget()
    await choose(chat, photo(), photo())
    await chat.page.get_by_role("button", name="Poista Kuva 1").press("Enter")
    await expect(waiting(chat)).to_have_count(1)
    await expect(chat.page.get_by_role("button", name="Poista Kuva 1")).to_be_focused()
    await chat.page.keyboard.press("Enter")
    await expect(chat.page.get_by_role("button", name="Lisää kuva")).to_be_focused()
    await chat.ask("ilman kuvaa")
    assert site.photos[-1] == 0


@pytest.mark.parametrize("content", [b"%PDF-1.7", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b""])
async def test_what_is_no_photo_is_said_so(widget: OpenWidget, content: bytes) -> None:
    chat = await widget()
    await choose(chat, {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": content})
    await expect(chat.status).to_have_text(
        "Tiedostoa ei voi lisätä. Valitse kuva, joka on JPEG-, PNG- tai WebP-muodossa."
    )
    await expect(waiting(chat)).to_have_count(0)


async def test_a_fifth_photo_is_left_out_in_words(widget: OpenWidget) -> None:
    chat = await widget()
    await choose(chat, *[photo(size=(40, 30))] * 5)
    await expect(waiting(chat)).to_have_count(4)
    await expect(chat.status).to_contain_text("enintään neljä kuvaa")


async def test_a_large_photo_is_made_small_before_it_goes(widget: OpenWidget) -> None:
    chat = await widget()
    sizes: list[int] = []

    async def note(route: Route) -> None:
        sizes.append(len(route.request.post_data_buffer or b""))
        await route.continue_()

    await chat.page.route("**/upload", note)
    large = photo(size=(6000, 4000))
    await choose(chat, large)
    await chat.ask("iso kuva")
    assert len(sizes) == 1
    assert sizes[0] < len(large["buffer"]) / 4


async def test_a_refused_photo_comes_back_with_its_words(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.page.route("**/upload", lambda route: route.fulfill(status=415, json={}))
    await choose(chat, photo())
    await chat.say("tästä")
    await expect(chat.log.get_by_text("Kuvaa ei voitu ottaa vastaan.")).to_be_visible()
    await expect(chat.field).to_have_value("tästä")
    await expect(waiting(chat)).to_have_count(1)


async def test_a_photo_outlives_a_reload_before_and_after_it_is_sent(widget: OpenWidget, site: Site) -> None:
    chat = await widget()
    await choose(chat, photo())
    await expect(waiting(chat)).to_have_count(1)
    await chat.page.reload()
    await expect(waiting(chat)).to_have_count(1)
    await chat.online()
    await chat.page.route("**/upload", lambda route: route.abort())
    await chat.say("jäi matkalle")
    await expect(chat.from_me("jäi matkalle").locator(".waiting")).to_be_visible()
    await chat.page.unroute("**/upload")
    await chat.page.reload()
    await expect(chat.from_bot("Sanoit: jäi matkalle")).to_be_visible()
    await expect(sent(chat)).to_have_count(1)
    assert (site.taken[-1], site.photos[-1]) == ("jäi matkalle", 1)


async def test_a_server_that_asks_to_wait_is_waited_for(widget: OpenWidget, site: Site) -> None:
    chat = await widget()
    times = 0

    async def busy(route: Route) -> None:
        nonlocal times
        times += 1
        if times > 5:
            return await route.continue_()
        await route.fulfill(status=429, headers={"Retry-After": "1"}, json={})

    await chat.page.route("**/activities", busy)
    await chat.ask("odota")
    assert site.taken.count("odota") == 1
    assert times == 6, "waiting counts as no failure"


async def test_a_picture_of_an_answer_is_shown_with_its_words(widget: OpenWidget, node_modules: Path) -> None:
    chat = await widget()
    asked: list[str | None] = []

    async def serve(route: Route) -> None:
        asked.append(route.request.headers.get("referer"))
        await route.fulfill(body=drawn("PNG", (300, 200)), content_type="image/png")

    await chat.page.route(PICTURE, serve)
    said = await chat.ask("image", "Tältä se näyttää")
    picture = said.get_by_role("img", name="Kallion kirjaston julkisivu")
    await expect(picture).to_be_visible()
    assert await loaded(picture)
    assert asked == [None]
    assert await violations(chat.page, node_modules) == []


@pytest.mark.parametrize("address", ["http://pictures.example.org/x.png", "https://pictures.example.org/x.png"])
async def test_the_page_takes_pictures_over_https_alone(browser: Browser, site: Site, address: str) -> None:
    page = await browser.new_page()  # not the fixture's: its policy's faults are what is looked for
    await page.goto(site.url)
    await page.route(address, lambda route: route.fulfill(body=drawn("PNG", (9, 9)), content_type="image/png"))
    blocked: str = await page.evaluate(
        """address => new Promise((resolve) => {
            document.addEventListener("securitypolicyviolation", (fault) => resolve(fault.effectiveDirective));
            const image = new Image();
            image.onload = () => resolve("shown");
            image.src = address;
        })""",
        address,
    )
    await page.close()
    assert blocked == ("shown" if address.startswith("https") else "img-src")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_about_photos(widget: OpenWidget, node_modules: Path, scheme: str) -> None:
    chat = await widget(color_scheme=scheme)
    await choose(chat, photo(), {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"x"})
    assert await violations(chat.page, node_modules) == []
    await chat.ask("katso tätä")
    assert await violations(chat.page, node_modules) == []
