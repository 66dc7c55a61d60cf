"""Networks that fail, tabs that reload, sessions that end: what was typed is never lost and never said twice."""

from __future__ import annotations

import asyncio
import json
import time

from playwright.async_api import Route, WebSocketRoute, expect

from tests.browser.conftest import OpenContext, OpenWidget
from tests.browser.site import Site
from tests.browser.widget import Widget


async def test_a_reload_goes_on_with_the_conversation(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.ask("ensimmäinen")
    await chat.ask("choose", "Mitä näistä?")
    await chat.field.fill("kesken jäänyt")
    before = (await chat.heard())[1:]
    await chat.page.reload()
    await expect(chat.from_bot("Mitä näistä?")).to_be_visible()
    assert (await chat.heard())[1:] == before
    await expect(chat.field).to_have_value("kesken jäänyt")
    await chat.log.get_by_role("button", name="Sortti-asema").click()
    await expect(chat.from_bot("Valitsit: choice-1")).to_be_visible()
    await expect(chat.from_me("Sortti-asema")).to_have_count(1)


async def test_a_message_of_no_network_goes_when_it_is_back(widget: OpenWidget, site: Site) -> None:
    chat = await widget()
    await chat.ask("verkossa")
    await chat.page.context.set_offline(True)
    await chat.say("ilman verkkoa")
    await expect(chat.from_me("ilman verkkoa").locator(".waiting, .failed")).to_be_visible()
    await chat.page.context.set_offline(False)
    await expect(chat.from_bot("Sanoit: ilman verkkoa")).to_be_visible(timeout=45_000)
    await expect(chat.from_me("ilman verkkoa").locator(".state")).to_have_count(0)
    assert site.taken.count("ilman verkkoa") == 1


async def test_a_lost_answer_to_a_post_does_not_say_it_twice(widget: OpenWidget, site: Site) -> None:
    chat = await widget()
    keys: list[str] = []

    async def lose_the_first(route: Route) -> None:
        keys.append(json.loads(route.request.post_data or "{}")["channelData"]["clientActivityID"])
        if len(keys) > 1:
            return await route.continue_()
        await route.fetch()
        await route.abort("connectionreset")

    await chat.page.route("**/activities", lose_the_first)
    await chat.ask("kerran vain")
    await expect(chat.from_me("kerran vain").locator(".state")).to_have_count(0)
    await chat.ask("perään")
    assert [said for said in await chat.heard() if said == "kerran vain"] == ["kerran vain"]
    assert site.taken.count("kerran vain") == 1
    assert len(set(keys)) == 2


async def test_a_failed_message_is_sent_again_by_its_button_in_order(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.page.clock.install()
    await chat.page.route("**/activities", lambda route: route.fulfill(status=503, json={}))
    await chat.say("yksi")
    await chat.say("kaksi")
    again = await chat.give_up()
    await expect(again).to_have_count(1)
    await chat.page.unroute("**/activities")
    await again.press("Enter")
    await expect(chat.field).to_be_focused()
    await expect(chat.from_bot("Sanoit: kaksi")).to_be_visible()
    answers = [said for said in await chat.heard() if said.startswith("Sanoit")]
    assert answers == ["Sanoit: yksi", "Sanoit: kaksi"]


async def test_an_unsent_message_outlives_a_reload(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.ask("aiempi")
    await chat.page.route("**/activities", lambda route: route.abort())
    await chat.say("jäi matkalle")
    await expect(chat.from_me("jäi matkalle").locator(".waiting")).to_be_visible()
    await chat.page.unroute("**/activities")
    await chat.page.reload()
    await expect(chat.from_bot("Sanoit: jäi matkalle")).to_be_visible()
    assert (await chat.heard())[1:] == ["aiempi", "Sanoit: aiempi", "jäi matkalle", "Sanoit: jäi matkalle"]


async def test_a_refused_message_comes_back_to_the_field(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.page.route("**/activities", lambda route: route.fulfill(status=413, json={}))
    await chat.say("liian pitkä")
    await expect(chat.log.get_by_text("Viestiä ei voitu ottaa vastaan")).to_be_visible()
    await expect(chat.field).to_have_value("liian pitkä")


async def test_an_ended_session_is_told_and_the_text_is_kept(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.ask("vanha")

    async def too_old(route: Route) -> None:
        await route.fulfill(status=403, json={"error": {"code": "TokenExpired", "message": ""}})

    for path in ("activities", "refresh"):
        await chat.page.route(f"**/{path}", too_old, times=1)
    await chat.field.press_sequentially("tärkeä kysymys")
    await chat.field.press("Enter")
    await expect(chat.log.get_by_text("Keskustelu päättyi")).to_be_visible()
    await expect(chat.field).to_have_value("tärkeä kysymys")
    await expect(chat.from_me("vanha")).to_be_visible()
    await chat.online()
    await chat.field.press("Enter")
    await expect(chat.from_bot("Sanoit: tärkeä kysymys")).to_be_visible()


async def test_a_computer_that_slept_goes_on_with_its_conversation(context: OpenContext, database_url: str) -> None:
    """Field case WB-03: the token's life is over, and what was typed goes to the same conversation."""
    async with Site(database_url) as site:
        chat = Widget(await (await context()).new_page(), site.url)
        await chat.open()
        await chat.ask("ennen unta")
        before = await chat.page.evaluate("JSON.parse(sessionStorage.getItem('neuvo.ticket')).id")
        site.ahead = 40 * 60
        await chat.ask("unen jälkeen")
        await expect(chat.from_me("ennen unta")).to_be_visible()
        assert await chat.page.evaluate("JSON.parse(sessionStorage.getItem('neuvo.ticket')).id") == before
        site.ahead = 24 * 3600
        await chat.say("toisen päivän asia")
        await expect(chat.log.get_by_text("Keskustelu päättyi")).to_be_visible()
        await expect(chat.field).to_have_value("toisen päivän asia")
        await chat.online()
        await chat.field.press("Enter")
        await expect(chat.from_bot("Sanoit: toisen päivän asia")).to_be_visible()


async def test_a_poll_that_hangs_is_given_up_and_the_next_one_reads_on(widget: OpenWidget) -> None:
    """Field case WB-09."""
    chat = await widget()
    await chat.page.add_init_script(
        "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({}), 0); } close() {} };"
    )
    await chat.page.clock.install()
    await chat.page.reload()
    await chat.online()
    marks: list[str] = []
    hanging: list[Route] = []

    async def hang_once(route: Route) -> None:
        marks.append(route.request.url.partition("watermark=")[2])
        if len(marks) == 1:
            hanging.append(route)
        else:
            await route.continue_()

    await chat.page.route("**/activities?watermark=*", hang_once)
    while not hanging:
        await chat.page.clock.fast_forward(1_600)
    await chat.say("kuuleeko kukaan")
    while len(marks) < 2:
        await chat.page.clock.fast_forward(5_000)
        await asyncio.sleep(0.05)
    assert marks[1] == marks[0]
    await chat.page.clock.resume()
    await expect(chat.from_bot("Sanoit: kuuleeko kukaan")).to_be_visible()
    await expect(chat.from_me("kuuleeko kukaan")).to_have_count(1)


async def test_a_saved_session_that_is_gone_begins_anew(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.page.evaluate(
        "until => sessionStorage.setItem('neuvo.ticket', JSON.stringify({id: 'x', token: 'y', until, life: 9e5}))",
        time.time() * 1000 + 9e5,
    )
    await chat.field.fill("luonnos")
    await chat.page.reload()
    await expect(chat.log.get_by_text("Keskustelu päättyi")).to_be_visible()
    await expect(chat.field).to_have_value("luonnos")
    await chat.ask("uudelleen")


async def test_the_token_is_renewed_before_its_end(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.page.clock.install()
    await chat.page.reload()
    await chat.online()
    first = await chat.page.evaluate("sessionStorage.getItem('neuvo.ticket')")
    async with chat.page.expect_response("**/tokens/refresh") as coming:
        await chat.page.clock.fast_forward("16:00")
    assert (await coming.value).ok
    await expect(chat.log).to_have_attribute("data-state", "online")
    await chat.page.wait_for_function("first => sessionStorage.getItem('neuvo.ticket') !== first", arg=first)
    await chat.ask("vielä täällä")


async def test_polling_where_sockets_do_not_pass(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.page.route_web_socket("**/stream**", lambda socket: socket.close())
    await chat.page.add_init_script(
        "window.WebSocket = class { constructor() { setTimeout(() => this.onclose?.({}), 0); } close() {} };"
    )
    await chat.page.reload()
    await chat.online()
    await chat.ask("ilman pistoketta")
    await chat.ask("two", "Sitten tämä.")
    await expect(chat.from_bot("Ensin tämä.")).to_have_count(1)


async def silent(chat: Widget) -> None:
    """Sockets that open and then say nothing, as behind a proxy that has dropped them."""

    def swallow(socket: WebSocketRoute) -> None:
        socket.on_message(lambda _: None)

    await chat.page.route_web_socket("**/*", swallow)


async def test_a_socket_that_has_died_silently_is_noticed(widget: OpenWidget) -> None:
    chat = await widget()
    await silent(chat)
    await chat.page.clock.install()
    await chat.page.reload()
    await chat.online()
    await chat.say("kuuleeko kukaan")
    await expect(chat.status).to_have_text("Vastausta haetaan…")
    await chat.page.clock.fast_forward(7_000)
    await expect(chat.from_bot("Sanoit: kuuleeko kukaan")).to_be_visible()
    await expect(chat.from_me("kuuleeko kukaan")).to_have_count(1)


async def test_a_dropped_socket_comes_back_without_gaps_or_repeats(widget: OpenWidget) -> None:
    chat = await widget()
    sockets: list[WebSocketRoute] = []

    def through(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    await chat.page.route_web_socket("**/*", through)
    await chat.page.reload()
    await chat.online()
    await chat.ask("ennen")
    await sockets[0].close()
    await chat.ask("jälkeen")
    await chat.online()
    assert (await chat.heard())[1:] == ["ennen", "Sanoit: ennen", "jälkeen", "Sanoit: jälkeen"]
    assert len(sockets) > 1


async def test_a_server_that_restarts_loses_nothing(context: OpenContext, database_url: str) -> None:
    async with Site(database_url) as site:
        chat = Widget(await (await context()).new_page(), site.url)
        await chat.open()
        await chat.ask("ennen")
        await site.stop()
        await expect(chat.status).to_contain_text("Yhteys katkesi")
        await chat.say("sillä välin")
        await expect(chat.from_me("sillä välin").locator(".state")).to_be_visible()
        await site.start()
        await expect(chat.from_bot("Sanoit: sillä välin")).to_be_visible(timeout=45_000)
        await chat.ask("jälkeen")
        assert (await chat.heard())[1:] == [
            line for said in ("ennen", "sillä välin", "jälkeen") for line in (said, f"Sanoit: {said}")
        ]
        assert site.taken == ["ennen", "sillä välin", "jälkeen"]


async def test_two_tabs_of_one_conversation_show_the_same(context: OpenContext, site: Site) -> None:
    browser = await context()
    first = Widget(await browser.new_page(), site.url)
    await first.open()
    await first.ask("ensin")
    saved = await first.page.evaluate("JSON.stringify({...sessionStorage})")
    second = Widget(await browser.new_page(), site.url)
    await second.page.add_init_script(f"Object.assign(sessionStorage, {saved})")  # as "duplicate tab" does
    await second.open()
    await second.ask("sitten")
    await expect(first.from_bot("Sanoit: sitten")).to_be_visible()
    await first.ask("lopuksi")
    await expect(second.from_bot("Sanoit: lopuksi")).to_be_visible()
    told = ["ensin", "Sanoit: ensin", "sitten", "Sanoit: sitten", "lopuksi", "Sanoit: lopuksi"]
    assert (await first.heard())[1:] == told
    assert (await second.heard())[1:] == told


async def test_a_new_tab_is_a_conversation_of_its_own(context: OpenContext, site: Site) -> None:
    browser = await context()
    tabs = [Widget(await browser.new_page(), site.url) for _ in range(3)]
    for number, tab in enumerate(tabs):
        await tab.open()
        await tab.ask(f"asia {number}")
    for number, tab in enumerate(tabs):
        assert (await tab.heard())[1:] == [f"asia {number}", f"Sanoit: asia {number}"]


async def test_a_very_long_message_is_answered_and_one_too_long_comes_back(widget: OpenWidget) -> None:
    chat = await widget()
    await chat.say("pitkä " * 15_000)
    await expect(chat.from_bot("Sanoit: pitkä")).to_be_visible()
    await chat.say("ä" * 600_000)
    await expect(chat.log.get_by_text("Viestiä ei voitu ottaa vastaan")).to_be_visible()
    assert len(await chat.field.input_value()) == 600_000
    await chat.ask("lyhyesti")
