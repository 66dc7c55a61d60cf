"""Microsoft's unmodified Web Chat, on a city's own site, talks to us from another origin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from playwright.async_api import FilePayload, Page, expect

from bot.http import listen
from tests.browser.conftest import OpenContext
from tests.browser.script import HELLO
from tests.browser.site import Site
from tests.unit.webchat.files import drawn

PAGE = """<!doctype html><html lang="fi"><title>Kaupunki</title>
<div id="chat" style="height: 600px"></div><p id="fault"></p>
<script src="/webchat.js"></script>
<script>
const base = new URLSearchParams(location.search).get("base");
fetch(base + "/tokens/generate", { method: "POST" }).then((answer) => answer.json()).then(({ token }) => {
  const line = WebChat.createDirectLine({ token, domain: base });
  line.connectionStatus$.subscribe((status) => { document.body.dataset.status = status; });
  WebChat.renderWebChat({ directLine: line, locale: "fi-FI" }, document.getElementById("chat"));
}).catch((error) => { document.getElementById("fault").textContent = String(error); });
</script></html>"""
ONLINE = "2"


@asynccontextmanager
async def city_site(node_modules: Path) -> AsyncIterator[str]:
    """A site of the city's own, with Web Chat as its package ships it; gives its origin."""
    bundle = node_modules / "botframework-webchat/dist/webchat.js"

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def script(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(bundle)

    application = web.Application()
    application.add_routes([web.get("/", page), web.get("/webchat.js", script)])
    port, close = await listen(application, "127.0.0.1", 0, wait=0.1)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await close()


async def say(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Viestin syöttöruutu")
    await field.fill(text)
    await field.press("Enter")


async def test_web_chat_talks_chooses_and_reconnects(
    context: OpenContext, node_modules: Path, database_url: str
) -> None:
    async with city_site(node_modules) as city, Site(database_url, origins=(city,), development=False) as site:
        page = await (await context()).new_page()
        await page.goto(f"{city}/?base={site.url}v3/directline")
        await expect(page.locator("body")).to_have_attribute("data-status", ONLINE, timeout=60_000)
        bubbles = page.locator(".webchat__bubble__content")
        await expect(bubbles.filter(has_text=HELLO["fi"])).to_have_count(1)
        await say(page, "hei")
        await expect(bubbles.filter(has_text="Sanoit: hei")).to_have_count(1)
        await say(page, "choose")
        await page.get_by_role("toolbar").get_by_role("button", name="Sortti-asema").click()
        await expect(bubbles.filter(has_text="Valitsit: choice-1")).to_have_count(1)
        await site.stop()
        await site.start()
        await say(page, "vielä")
        # The client waits for 3 to 15 seconds before it opens its socket again, and calls itself online meanwhile.
        await expect(bubbles.filter(has_text="Sanoit: vielä")).to_have_count(1, timeout=60_000)
        await expect(bubbles.filter(has_text="Sanoit: hei")).to_have_count(1)
        assert site.taken == ["hei", "choose", "Sortti-asema", "vielä"]


async def test_a_site_that_is_not_allowed_gets_nothing(
    context: OpenContext, node_modules: Path, database_url: str
) -> None:
    async with city_site(node_modules) as city, Site(database_url, development=False) as site:
        page = await (await context()).new_page()
        await page.goto(f"{city}/?base={site.url}v3/directline")
        await expect(page.locator("#fault")).to_have_text("TypeError: Failed to fetch")


async def test_web_chat_sends_a_photo_and_shows_it(context: OpenContext, node_modules: Path, database_url: str) -> None:
    async with city_site(node_modules) as city, Site(database_url, origins=(city,), development=False) as site:
        page = await (await context()).new_page()
        await page.goto(f"{city}/?base={site.url}v3/directline")
        await expect(page.locator("body")).to_have_attribute("data-status", ONLINE, timeout=60_000)
        photo: FilePayload = {"name": "katu.jpg", "mimeType": "image/jpeg", "buffer": drawn()}
        await page.locator("input[type=file]").set_input_files([photo])
        await expect(page.locator(".webchat__attachment-icon--checked")).to_have_count(1)
        await say(page, "tästä kuopasta")
        await expect(page.locator(".webchat__bubble__content").filter(has_text="Sanoit: tästä kuopasta")).to_have_count(
            1
        )
        shown = page.locator(".webchat__basic-transcript").get_by_role("img", name="1.jpg")
        await expect(shown).to_have_count(1)
        assert await shown.evaluate("one => one.decode().then(() => one.naturalWidth)") == 360
        assert (site.taken, site.photos) == (["tästä kuopasta"], [1])
