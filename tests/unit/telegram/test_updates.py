"""What citizens send, and what it becomes."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from telegram import Update

from bot.messages import Address, Incoming, Location, Reach
from channels.telegram.buttons import EXPIRED
from dialogs.buttons import Meant
from dialogs.buttons import read as read_payload
from tests.contract import telegram_stand as tg
from tests.contract.telegram_stand import CITIZEN
from tests.unit.telegram.house import ADDRESS, Server, asked, eventually, house_and_stand


def test_what_the_stand_in_sends_is_an_update_to_the_library_too() -> None:
    for data in tg.genuine():
        found = Update.de_json(data, None)
        assert found.update_id == data["update_id"]
        assert any(getattr(found, kind) is not None for kind in data if kind != "update_id"), data


async def test_a_text_is_a_message_of_its_chat(server: Server) -> None:
    data = tg.said("Missä on kirjasto? <b>&")
    found = await server.message(data)
    assert (found.address, found.text, found.payload, found.language) == (
        ADDRESS,
        "Missä on kirjasto? <b>&",
        None,
        "fi",
    )
    assert found.message_id == f"{CITIZEN}:{data['message']['message_id']}"


async def test_a_message_that_waited_at_telegram_keeps_its_age(server: Server) -> None:
    # RS-03: what was written twenty hours ago must not look new, or it would be answered in a burst.
    found = await server.message(tg.said("hei", date=int(time.time()) - 72_000))
    assert found.received_at.timestamp() == pytest.approx(time.time() - 72_000, abs=5)


async def test_the_language_of_the_app_is_a_hint(server: Server) -> None:
    for code, language in (("sv", "sv"), ("pt-br", "pt"), (None, None), ("<x>", None), ("", None)):
        found = await server.message(tg.said("hej", **{"from": tg.person(language=code)}))
        assert found.language == language


async def test_an_edited_message_is_not_answered_again(server: Server) -> None:
    # TG-01
    first = tg.said("kirjasto")
    await server.message(first)
    edited = tg.update("edited_message", {**first["message"], "text": "kirjastokortti", "edit_date": int(time.time())})
    assert await server.hears(edited) is None
    assert len(server.taken) == 1


async def test_the_same_update_twice_has_one_id(server: Server) -> None:
    # DU-01: the inbox keeps a message id once.
    data = tg.said("joo")
    first, second = await server.message(data), await server.message(data)
    assert first.message_id == second.message_id
    other = await server.message(tg.said("joo"))
    assert other.message_id != first.message_id


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("/start library_card", "library_card"),
        ("/start@HelsinkiBot kirje-1", "kirje-1"),
        ("/start " + "a" * 64, "a" * 64),
    ],
)
async def test_a_deep_link_opens_its_topic(server: Server, text: str, intent: str) -> None:
    found = await server.message(tg.said(text))
    assert read_payload(found.payload) == Meant(intent)
    assert found.text == ""


async def test_other_commands_are_words(server: Server) -> None:
    others = ("/start", "/start ä", "/start a b", "/help", "/started now", "/ohje@HelsinkiBot", "/start " + "a" * 65)
    for text in others:
        found = await server.message(tg.said(text))
        assert (found.text, found.payload) == (text, None)


async def test_a_place_on_the_map_is_a_location(server: Server) -> None:
    place = {"latitude": 60.1699, "longitude": 24.9384}
    found = await server.message(tg.update("message", tg.message(location=place)))
    assert (found.location, found.text) == (Location(60.1699, 24.9384), "")
    venue = {"location": place, "title": "Oodi", "address": "Töölönlahdenkatu 4"}
    found = await server.message(tg.update("message", tg.message(venue=venue, location=place)))
    assert found.location == Location(60.1699, 24.9384)


async def test_a_photo_is_its_largest_size_that_we_take(server: Server) -> None:
    sizes = [
        {"file_id": name, "file_unique_id": name, "width": width, "height": width, "file_size": size}
        for name, width, size in [("s", 90, 1000), ("m", 800, 90_000), ("x", 5000, 6_000_000)]
    ]
    found = await server.message(tg.update("message", tg.message(photo=sizes, caption="kuoppa")))
    assert [photo.source for photo in found.photos] == ["m"]
    assert found.text == "kuoppa"


async def test_an_image_sent_as_a_file_is_a_photo_and_another_file_is_not(server: Server) -> None:
    file = {"file_id": "f", "file_unique_id": "u"}
    found = await server.message(tg.update("message", tg.message(document={**file, "mime_type": "image/png"})))
    assert [photo.source for photo in found.photos] == ["f"]
    found = await server.message(tg.update("message", tg.message(document={**file, "mime_type": "application/pdf"})))
    assert (found.photos, found.text) == ((), "")


async def test_photos_are_acknowledged_before_they_are_downloaded_and_keep_their_order(server: Server) -> None:
    # OR-04: a slow photo is not overtaken by the words that follow it.
    server.stand.faults["getFile"].append(tg.Fault(hang=3))
    began = time.monotonic()
    await server.message(tg.photo("kuoppa"))
    await server.message(tg.said("tästä kuopasta"))
    assert time.monotonic() - began < 1
    assert [bool(event.photos) for event in server.taken if isinstance(event, Incoming)] == [True, False]
    assert server.stand.count("getFile") == 0


async def test_what_has_no_words_is_still_answered(server: Server) -> None:
    # FI-13: the dialogs answer an empty message with help, and an emoji as what it says.
    for data in tg.genuine():
        content = data.get("message", {})
        if "voice" in content:
            assert (await server.message(data)).text == ""
        if "sticker" in content:
            assert (await server.message(data)).text == "👍"
        if "contact" in content:
            assert (await server.message(data)).text == "+358401234567"


async def test_what_telegram_says_itself_is_not_answered(server: Server) -> None:
    for content in (
        {"new_chat_members": [tg.person(5)]},
        {"pinned_message": tg.message(text="x")},
        {"group_chat_created": True},
    ):
        assert await server.hears(tg.update("message", tg.message(**content))) is None
    assert await server.hears(tg.said("hei", **{"from": {**tg.BOT, "id": 9}})) is None
    post = {**tg.message({"id": -100, "title": "Kanava", "type": "channel"}, text="hei")}
    del post["from"]
    assert await server.hears(tg.update("channel_post", post)) is None


async def test_a_press_is_answered_at_once_and_brings_its_payload(server: Server) -> None:
    await server.say(asked("Kyllä", "d|run|1|yes"))
    shown = server.stand.messages[-1]
    data = tg.pressed(server.stand.key("Kyllä"), shown)
    found = await server.message(data)
    assert (found.payload, found.address, found.text) == ("d|run|1|yes", ADDRESS, "")
    await eventually(lambda: server.stand.answered == [data["callback_query"]["id"]])


async def test_two_quick_presses_of_one_button_are_one_turn(server: Server) -> None:
    # TG-09
    await server.say(asked("Vahvista", "ok"))
    key, shown = server.stand.key("Vahvista"), server.stand.messages[-1]
    await asyncio.gather(*(server.deliver(tg.pressed(key, shown)) for _ in range(2)))
    assert len({event.message_id for event in server.taken if isinstance(event, Incoming)}) == 1


async def test_a_button_pressed_again_later_is_a_turn_of_its_own(server: Server) -> None:
    # Or a menu would be dead after its first use.
    await server.say(asked("Kirjastot", "i|library"))
    key, shown = server.stand.key("Kirjastot"), server.stand.messages[-1]
    first = await server.message(tg.pressed(key, shown))
    await server.pool.execute("UPDATE telegram_buttons SET pressed_at = now() - interval '11 seconds'")
    later = tg.pressed(key, shown)
    second = await server.message(later)
    assert (second.payload, second.message_id != first.message_id) == ("i|library", True)
    await server.pool.execute("UPDATE telegram_buttons SET pressed_at = now() - interval '11 seconds'")
    assert (await server.message(later)).message_id == second.message_id  # Telegram brought it again


@pytest.mark.parametrize("shown", [None, {"message_id": 1, "date": 0, "chat": tg.private()}])
async def test_a_press_under_a_message_that_is_gone_still_works(server: Server, shown: dict[str, Any] | None) -> None:
    await server.say(asked("Kyllä", "yes"))
    found = await server.message(tg.pressed(server.stand.key("Kyllä"), shown))
    assert (found.payload, found.address) == ("yes", ADDRESS)


async def test_a_press_that_nobody_knows_is_said_to_be_old(server: Server) -> None:
    # RS-04: the dialogs answer a payload that is none of theirs with the menu as it is now.
    data = tg.pressed("what?", tg.message())
    found = await server.message(data)
    assert found.payload == EXPIRED
    assert read_payload(found.payload) is None
    await eventually(lambda: data["callback_query"]["id"] in server.stand.answered)


async def test_a_key_means_nothing_in_another_chat(server: Server) -> None:
    await server.say(asked("Kyllä", "d|run|1|yes"))
    key = server.stand.key("Kyllä")
    other = tg.pressed(key, tg.message(tg.private(5)))
    found = await server.message(other)
    assert (found.payload, found.address.key) == (EXPIRED, "5")


async def test_a_press_that_is_no_button_or_comes_too_late_is_answered_and_harms_nothing(server: Server) -> None:
    data = tg.pressed(None, tg.message())
    data["callback_query"]["game_short_name"] = "x"
    assert await server.hears(data) is None
    await eventually(lambda: server.stand.answered == [data["callback_query"]["id"]])
    server.stand.answered.append("late")
    await server.message(tg.pressed("key", tg.message(), query="late"))


async def test_buttons_outlive_the_process(database_url: str) -> None:
    # RS-04
    async with house_and_stand(database_url) as first:
        await first.say(asked("Kyllä", "yes"))
        key, shown = first.stand.key("Kyllä"), first.stand.messages[-1]
    async with house_and_stand(database_url) as second:
        assert (await second.message(tg.pressed(key, shown))).payload == "yes"


async def test_who_blocks_us_cannot_be_reached_and_who_comes_back_can(server: Server) -> None:
    # TG-03: reaching is not consent; that is the dialogs' matter.
    assert await server.reach(tg.member("kicked")) == Reach(address=ADDRESS, reachable=False)
    assert await server.reach(tg.member("member")) == Reach(address=ADDRESS, reachable=True)


async def test_a_group_that_moves_is_told_once(server: Server) -> None:
    # TG-02: both messages, in any order and repeated.
    to = tg.update("message", tg.message(tg.group(-77), migrate_to_chat_id=-1001))
    came = tg.update("message", tg.message(tg.group(-1001), migrate_from_chat_id=-77))
    server.unavailable = True
    assert await server.deliver(came) == 503
    server.unavailable = False
    for data in (came, to, to, came):
        assert await server.deliver(data) == 200
    assert [event for event in server.taken if isinstance(event, Reach)] == [
        Reach(address=Address("telegram", "-77"), moved_to="-1001")
    ]


async def test_telegram_is_told_to_come_again_when_nothing_can_be_kept(server: Server) -> None:
    server.unavailable = True
    assert await server.deliver(tg.said("hei")) == 503
    server.unavailable = False
    assert await server.deliver(tg.said("hei")) == 200


async def test_a_press_comes_again_when_the_database_is_away(server: Server) -> None:
    await server.pool.execute("ALTER TABLE telegram_buttons RENAME TO away")
    data = tg.pressed("key", tg.message())
    assert await server.deliver(data) == 503
    assert server.taken == []
    await eventually(lambda: data["callback_query"]["id"] in server.stand.answered)
