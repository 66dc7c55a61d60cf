"""Direct Line as a client sees it."""

from __future__ import annotations

import asyncio

import pytest

from bot.messages import Reply
from tests.unit.webchat.server import Server, next_texts


async def test_a_message_is_echoed_and_answered(server: Server) -> None:
    citizen = await server.begin()
    posted = await citizen.say("moi", locale="fi-FI")
    await server.neighbour.settled()
    page = await citizen.read()
    echo, answer = page["activities"]
    assert (echo["id"], echo["text"], echo["from"]["role"], echo["textFormat"]) == (posted, "moi", "user", "plain")
    assert (answer["text"], answer["replyToId"], answer["from"]["role"]) == ("Kuulin: moi", posted, "bot")
    assert answer["suggestedActions"]["actions"][0]["value"] == {"payload": "yes"}
    assert page["watermark"] == "2"
    assert await citizen.texts("2") == []
    assert await citizen.texts("1") == ["Kuulin: moi"]
    [incoming] = server.neighbour.kept.values()
    assert (incoming.text, incoming.language, incoming.address.key) == ("moi", "fi", citizen.id)


async def test_a_socket_shows_the_past_and_then_what_comes(server: Server) -> None:
    citizen = await server.begin()
    await citizen.say("yksi")
    await server.neighbour.settled()
    socket = await citizen.socket()
    await socket.send_str("")
    assert [a["text"] for a in await next_texts(socket, 2)] == ["yksi", "Kuulin: yksi"]
    await citizen.say("kaksi")
    assert [a["text"] for a in await next_texts(socket, 2)] == ["kaksi", "Kuulin: kaksi"]
    await socket.close()


async def test_several_replies_keep_their_order_in_two_tabs_and_in_polls(server: Server) -> None:
    citizen = await server.begin()
    server.neighbour.replies = lambda incoming: [Reply(text=f"{incoming.text}{n}", language="fi") for n in range(3)]
    sockets = [await citizen.socket(), await citizen.socket()]
    await asyncio.gather(citizen.say("a"), citizen.say("b"))
    seen = [await next_texts(socket, 8) for socket in sockets]
    assert seen[0] == seen[1] == (await citizen.read())["activities"]
    ids = [activity["id"] for activity in seen[0]]
    assert ids == sorted(ids)
    for name in "ab":
        assert [a["text"] for a in seen[0] if a["text"].startswith(name)] == [name, f"{name}0", f"{name}1", f"{name}2"]


@pytest.mark.parametrize("watermark", ["undefined", "-5", "999999", "", "1e9", "٣", "0.7", "9" * 40, "null"])
async def test_no_watermark_skips_a_message(server: Server, watermark: str) -> None:
    citizen = await server.begin()
    await citizen.say("moi")
    await server.neighbour.settled()
    assert await citizen.texts(watermark) == ["moi", "Kuulin: moi"]
    async with server.http.get(citizen.url, headers=citizen.headers, params={"watermark": watermark}) as response:
        citizen.opened = await response.json()
    socket = await citizen.socket()
    assert [a["text"] for a in await next_texts(socket, 2)] == ["moi", "Kuulin: moi"]
    await socket.close()


async def test_a_socket_with_a_watermark_of_the_future_in_an_empty_conversation(server: Server) -> None:
    citizen = await server.begin()
    async with server.http.get(citizen.url, headers=citizen.headers, params={"watermark": "999999"}) as response:
        citizen.opened = await response.json()
    socket = await citizen.socket()
    await citizen.say("moi")
    assert [a["text"] for a in await next_texts(socket, 2)] == ["moi", "Kuulin: moi"]
    await socket.close()


async def test_a_resend_is_dropped_and_gets_the_same_id(server: Server) -> None:
    citizen = await server.begin()
    first = await citizen.say("moi", channelData={"clientActivityID": "abc"})
    assert await citizen.say("moi", channelData={"clientActivityID": "abc"}) == first
    await server.neighbour.settled()
    assert await citizen.texts() == ["moi", "Kuulin: moi"]
    assert len(server.neighbour.kept) == 1


async def test_a_second_send_of_a_key_is_dropped(server: Server) -> None:
    citizen = await server.begin()
    await citizen.say("moi")
    await server.neighbour.settled()
    [incoming] = server.neighbour.kept.values()
    await server.neighbour.answer(incoming)
    assert await citizen.texts() == ["moi", "Kuulin: moi"]


async def test_what_cannot_be_kept_is_not_shown_and_may_be_sent_again(server: Server) -> None:
    citizen = await server.begin()
    server.neighbour.unavailable = True
    async with server.http.post(
        f"{citizen.url}/activities", headers=citizen.headers, json={"type": "message", "text": "moi"}
    ) as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "5")
        assert (await response.json())["error"]["code"] == "Unavailable"
    assert await citizen.texts() == []
    server.neighbour.unavailable = False
    await citizen.say("moi")


async def test_a_safety_answer_stands_behind_its_question(server: Server) -> None:
    citizen = await server.begin()
    posted = await citizen.say("112 apua")
    echo, answer = (await citizen.read())["activities"]
    assert (echo["text"], answer["text"], answer["replyToId"]) == ("112 apua", "Soita 112", posted)


async def test_a_safety_answer_needs_no_database(server: Server) -> None:
    await server.pool.close()
    citizen = await server.begin()
    socket = await citizen.socket()
    posted = await citizen.say("112 apua", channelData={"clientActivityID": "abc"})
    assert await citizen.say("112 apua", channelData={"clientActivityID": "abc"}) == posted
    echo, answer = await next_texts(socket, 2)
    assert (echo["id"], answer["text"], answer["replyToId"]) == (posted, "Soita 112", posted)
    page = await citizen.read()
    assert page["activities"] == [echo, answer]
    assert await citizen.texts(page["watermark"]) == []
    await socket.close()


async def test_typing_and_events_are_taken_and_not_kept(server: Server) -> None:
    citizen = await server.begin()
    for kind in ("typing", "event", "endOfConversation", "conversationUpdate"):
        status, body = await citizen.post({"type": kind, "name": "x"})
        assert status == 200
        assert body["id"]
    assert await server.rows() == 0


async def test_a_button_comes_as_its_payload_and_shows_its_words(server: Server) -> None:
    citizen = await server.begin()
    button = {"channelData": {"messageBack": {"displayText": "Kyllä"}}, "text": "Kyllä", "value": {"payload": "yes"}}
    await citizen.post({"type": "message", **button})
    await citizen.post({"type": "message", "value": {"a": 1}, "displayText": "Ei"})
    await citizen.post({"type": "message", "text": "secret", "channelData": {"postBack": True}})
    await server.neighbour.settled()
    kept = list(server.neighbour.kept.values())
    assert [(k.text, k.payload) for k in kept] == [("Kyllä", "yes"), ("Ei", '{"a":1}'), ("", "secret")]
    shown = [a for a in (await citizen.read())["activities"] if a["from"]["role"] == "user"]
    assert [a["text"] for a in shown] == ["Kyllä", "Ei", ""]
    assert not any("value" in a for a in shown)
