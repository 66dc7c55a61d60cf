"""What Teams tells: messages, mentions, presses, pictures, and who added or removed the bot."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bot.messages import Address, Photo, Reach
from channels.teams.mentions import Mention, without_mentions
from tests.contract.teams_stand import BOT, CHAT, PERSON, TEAM, TENANT, mention
from tests.unit.teams.server import serving

ME = mention(BOT, "Helsinki-botti")
COLLEAGUE = mention("29:colleague", "Kollega")


async def test_a_message_of_a_personal_chat(database_url: str) -> None:
    async with serving(database_url) as server:
        said = await server.say("Milloin kirjasto on auki?", id="m1")
        assert said.address == Address("teams", f"{TENANT}|{CHAT}")
        assert (said.text, said.payload, said.language, said.photos) == ("Milloin kirjasto on auki?", None, "fi", ())
        assert said.received_at.tzinfo is not None
        assert await server.rows() == 1


async def test_the_same_activity_is_one_message_and_another_is_another(database_url: str) -> None:
    # DU-01, DU-02
    async with serving(database_url) as server:
        for name in ("m1", "m1", "m2"):
            await server.say("Hei", id=name)
        elsewhere = {"conversationType": "personal", "tenantId": TENANT, "id": "a:other"}
        await server.say("Hei", id="m1", conversation=elsewhere)
        assert len(server.neighbour.messages) == 3
        assert all(PERSON not in name and CHAT not in name for name in server.neighbour.messages)


@pytest.mark.parametrize(
    ("text", "entities", "said"),
    [
        # TM-01
        ("<at>Helsinki-botti</at>&nbsp;milloin kirjasto on auki?\n", [ME], "milloin kirjasto on auki?"),
        ("<at>Helsinki-botti</at> \u00a0 milloin\r\nkirjasto on auki?\r\n", [ME], "milloin\nkirjasto on auki?"),
        ("milloin <at>Helsinki-botti</at> on auki?", [ME], "milloin on auki?"),
        ("<at>Helsinki-botti</at>, a &lt; b &amp; c", [ME], ", a < b & c"),
        ('<at id="0">Helsinki-botti</at> hei', [{**ME, "text": '<at id="0">Helsinki-botti</at>'}], "hei"),
        # TM-02
        (
            "<at>Helsinki-botti</at> kysy <at>Kollega</at> pysäköinnistä",
            [ME, COLLEAGUE],
            "kysy Kollega pysäköinnistä",
        ),
        # A colleague of the bot's name keeps it.
        (
            "<at>Helsinki-botti</at> kuka on <at>Helsinki-botti</at>?",
            [ME, mention("29:colleague", "Helsinki-botti")],
            "kuka on Helsinki-botti?",
        ),
        # A mention without its text, and a mark that nothing explains.
        ("<at>Helsinki-botti</at> moi <AT>Kuka vain</AT>", [{**ME, "text": None}], "moi Kuka vain"),
    ],
)
async def test_mentions(database_url: str, text: str, entities: list[dict[str, Any]], said: str) -> None:
    async with serving(database_url) as server:
        assert (await server.post(server.stand.in_team(text, *entities)))[0] == 200
        assert server.neighbour.last.text == said


async def test_a_mention_alone_asks_what_can_be_asked(database_url: str) -> None:
    # TM-01
    async with serving(database_url, house={"welcome_payload": "c|help"}) as server:
        await server.post(server.stand.in_team("<at>Helsinki-botti</at>&nbsp;\n", ME, locale="sv-FI"))
        said = server.neighbour.last
        assert (said.text, said.payload, said.language) == ("", "c|help", "sv")


async def test_who_adds_the_bot_is_welcomed_once(database_url: str) -> None:
    async with serving(database_url, house={"welcome_payload": "c|help"}) as server:
        for _ in range(2):
            # The one that names no language may come first.
            await server.post(
                server.stand.activity("conversationUpdate", membersAdded=[{"id": BOT}], locale=None, entities=[])
            )
            await server.post(server.stand.activity("installationUpdate", action="add", locale="sv-FI"))
        await server.post(server.stand.activity("installationUpdate", action="remove"))
        welcomes = [(message.payload, message.language) for message in server.neighbour.messages.values()]
        assert welcomes == [("c|help", "sv")]
        assert [reach.reachable for reach in server.neighbour.reaches] == [True] * 4 + [False]


def test_a_mention_that_is_not_in_the_text_takes_nothing_out_of_it() -> None:
    assert (
        without_mentions("hei", [Mention("28:x", "", ""), Mention("28:x", "Botti", "<at>Botti</at>")], "28:x") == "hei"
    )
    assert without_mentions("<at>A</at> <at>B</at>", [Mention("1", "", "<at>A</at>")], "2") == "A B"


@pytest.mark.parametrize("kind", ["channel", "groupChat"])
async def test_people_who_talk_with_one_another_are_left_alone(database_url: str, kind: str) -> None:
    async with serving(database_url) as server:
        for entities in ([], [COLLEAGUE]):
            status, _ = await server.post(server.stand.in_team("Lounas?", *entities, kind=kind))
            assert status == 200
        assert server.neighbour.calls == 0
        assert await server.rows() == 0


async def test_every_question_of_a_team_is_a_conversation_of_its_own(database_url: str) -> None:
    # What was asked of one must not be told to the next; pictures of a team are not for us.
    async with serving(database_url) as server:
        picture = {
            "contentType": "image/png",
            "contentUrl": server.stand.service_url + "v3/attachments/a/views/original",
        }
        for name in ("m1", "m2", "m2"):
            await server.post(
                server.stand.in_team("<at>Helsinki-botti</at> hei", ME, id=name, attachments=[picture], value="x")
            )
        keys = [message.address.key for message in server.neighbour.messages.values()]
        assert len(set(keys)) == 2
        assert all(key.startswith(f"{TENANT}|{TEAM}|") for key in keys)
        assert all(message.photos == () and message.payload is None for message in server.neighbour.messages.values())
        assert await server.rows() == 1


@pytest.mark.parametrize(
    "kind",
    ["messageUpdate", "messageDelete", "messageReaction", "typing", "event", "trace", "endOfConversation", "new"],
)
async def test_what_asks_nothing_is_taken_and_forgotten(database_url: str, kind: str) -> None:
    async with serving(database_url) as server:
        assert (await server.post(server.stand.activity(kind, text="Hei")))[0] == 200
        assert server.neighbour.calls == 0


async def test_our_own_words_and_other_bots_are_not_answered(database_url: str) -> None:
    async with serving(database_url) as server:
        senders: list[dict[str, Any]] = [{"id": BOT}, {"id": "28:other", "role": "bot"}, {}]
        for sender in senders:
            assert (await server.post({**server.stand.activity(), "from": sender}))[0] == 200
        assert server.neighbour.calls == 0


async def test_a_press_shows_its_label_and_carries_its_payload(database_url: str) -> None:
    async with serving(database_url) as server:
        await server.post(server.stand.pressed("d|run|1|yes", "Kyllä"))
        assert (server.neighbour.last.text, server.neighbour.last.payload) == ("Kyllä", "d|run|1|yes")
        await server.post(server.stand.activity(text=None, value={"b": 1, "a": "x"}))
        assert (server.neighbour.last.text, server.neighbour.last.payload) == ("", '{"a":"x","b":1}')
        await server.say("Kyllä")  # a suggested action (imBack) is what was written on it
        assert (server.neighbour.last.text, server.neighbour.last.payload) == ("Kyllä", None)


async def test_an_executed_action_is_answered_at_once_and_done_once(database_url: str) -> None:
    # TM-07
    async with serving(database_url) as server:
        started = time.monotonic()
        answers = [await server.post(server.stand.executed("d|run|1|yes")) for _ in range(2)]
        assert time.monotonic() - started < 3
        told = {"statusCode": 200, "type": "application/vnd.microsoft.activity.message", "value": "Selvä."}
        assert answers == [(200, told)] * 2
        assert [message.payload for message in server.neighbour.messages.values()] == ["d|run|1|yes"]
        await server.post(server.stand.executed("d|run|1|yes", card="card-2"))
        await server.post(server.stand.executed("d|run|1|no"))
        assert len(server.neighbour.messages) == 3


async def test_a_button_can_be_pressed_again_later(database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("channels.teams.channel.TWICE", 0.0)
    async with serving(database_url) as server:
        for _ in range(2):
            await server.post(server.stand.pressed("c|help", "Ohje"))
        assert len(server.neighbour.messages) == 2


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"name": "fileConsent/invoke"}, 404),
        ({"name": None}, 404),
        ({"value": None}, 400),
        ({"value": {"action": {"verb": 7}}}, 400),
        ({"value": {"action": {"verb": "help"}}}, 200),
    ],
)
async def test_other_invokes(database_url: str, changes: dict[str, Any], status: int) -> None:
    async with serving(database_url) as server:
        assert (await server.post(server.stand.executed("x", **changes)))[0] == status


async def test_who_adds_and_removes_the_bot_is_told(database_url: str) -> None:
    # TM-04
    key = f"{TENANT}|{CHAT}"
    async with serving(database_url) as server:
        for activity in (
            server.stand.activity("installationUpdate", action="add"),
            server.stand.activity("installationUpdate", action="remove"),
            server.stand.activity("conversationUpdate", membersAdded=[{"id": PERSON}, {"id": BOT}]),
            server.stand.activity("conversationUpdate", membersRemoved=[{"id": BOT}]),
            server.stand.activity("conversationUpdate", membersAdded=[{"id": PERSON}]),
            server.stand.activity("installationUpdate", action="add-upgrade"),
            server.stand.in_team("", kind="channel") | {"type": "installationUpdate", "action": "remove"},
        ):
            assert (await server.post(activity))[0] == 200
        told = [(reach.address.key, reach.reachable) for reach in server.neighbour.reaches]
        assert told == [(key, True), (key, False), (key, True), (key, False)]
        assert server.neighbour.reaches[0] == Reach(address=Address("teams", key), reachable=True)


async def test_pictures_are_told_of_and_left_where_they_are(database_url: str) -> None:
    async with serving(database_url) as server:
        inline = server.stand.service_url + "v3/attachments/a/views/original"
        said = await server.say(
            "",
            attachments=[
                {"contentType": "text/html", "content": "<p>x</p>"},
                {"contentType": "image/*", "contentUrl": inline},
                {
                    "contentType": "application/vnd.microsoft.teams.file.download.info",
                    "content": {"downloadUrl": "https://city.sharepoint.com/x?t=1", "fileType": "JPG"},
                },
                {
                    "contentType": "application/vnd.microsoft.teams.file.download.info",
                    "content": {"downloadUrl": "https://city.sharepoint.com/y", "fileType": "docx"},
                },
            ],
        )
        assert said.text == ""
        assert said.photos == (
            Photo(content_type="image/*", source=inline),
            Photo(source="https://city.sharepoint.com/x?t=1"),
        )
        assert server.stand.file_authorizations == []


async def test_a_long_address_of_a_picture_is_kept_and_one_beyond_all_reason_leaves_the_words(
    database_url: str,
) -> None:
    async with serving(database_url) as server:
        long = "https://city.sharepoint.com/x?tempauth=" + "t" * 4_000
        for url, known in ((long, (Photo(source=long),)), (long * 5, ())):
            content = {"downloadUrl": url, "fileType": "jpg"}
            attachment = {"contentType": "application/vnd.microsoft.teams.file.download.info", "content": content}
            said = await server.say("täällä palaa", attachments=[attachment])
            assert (said.text, said.photos) == ("täällä palaa", known)


async def test_the_language_of_the_client(database_url: str) -> None:
    async with serving(database_url) as server:
        assert (await server.say("Hej", locale="sv-FI")).language == "sv"
        assert (await server.say("Hei", locale=None)).language == "fi"
        assert (await server.say("Hei", locale="not a locale", entities=None)).language is None


async def test_an_acknowledgement_waits_for_the_inbox_and_not_for_the_turn(database_url: str) -> None:
    async with serving(database_url) as server:
        server.neighbour.delay = 0.2
        waiting = asyncio.create_task(server.post(server.stand.activity()))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        assert (await waiting)[0] == 200
