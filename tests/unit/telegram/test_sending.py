"""What is sent, how it looks, and what becomes of errors."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages import Address, Card, Choice, Image, Link, Reach, Reply
from channels.base import Refused, RetryAfter, UnknownOutcome, Unreachable
from channels.telegram.markup import parts
from channels.telegram.outbound import rows
from tests.contract.telegram_stand import Fault, readable, standing, units
from tests.unit.telegram.house import ADDRESS, Server, asked, house_and_stand, serving

OODI = Card(
    title="Keskustakirjasto <Oodi>", lines=("Töölönlahdenkatu 4", "Auki klo 8–21"), latitude=60.1739, longitude=24.9382
)


async def test_text_of_citizens_is_never_markup(server: Server) -> None:
    # TG-06
    await server.say("Kirjasin: <Matti /> kuoppa > 10 cm & vettä <<syvä>>")
    assert server.stand.texts() == ["Kirjasin: <Matti /> kuoppa > 10 cm & vettä <<syvä>>"]
    assert server.stand.count("sendMessage") == 1


async def test_light_markdown_becomes_telegrams_html(server: Server) -> None:
    await server.say(
        '# Otsikko\n\n**Lainat:** katso [Helmet](https://helmet.finna.fi/a_(b)?x=1&y="2")\n- yksi\n- \\*kaksi\\*'
    )
    sent = server.stand.calls[-1].values["text"]
    assert sent.startswith('<b>Otsikko</b>\n\n<b>Lainat:</b> katso <a href="https://helmet.finna.fi/a_(b)?x=1&amp;y=')
    assert server.stand.texts() == ["Otsikko\n\nLainat: katso Helmet\n• yksi\n• *kaksi*"]


async def test_links_that_telegram_does_not_know_are_words(server: Server) -> None:
    await server.say("[Soita](tel:+358931010023) tai [x](javascript:alert(1)) ![kuva](https://x.fi/a.png)")
    assert server.stand.texts() == ["Soita (+358931010023) tai x kuva"]


async def test_html_that_telegram_cannot_read_is_sent_once_as_plain_text(server: Server) -> None:
    # TG-06
    server.stand.faults["sendMessage"].append(Fault.of(400, "Bad Request: can't parse entities: byte offset 3"))
    await server.say(replace(asked("Kyllä", "yes"), text="**Katso** [Helmet](https://helmet.finna.fi)"))
    assert server.stand.texts() == ["Katso Helmet (https://helmet.finna.fi)"]
    assert "parse_mode" not in server.stand.calls[-1].values
    assert server.stand.key("Kyllä")
    server.stand.faults["sendMessage"] += [Fault.of(400, "Bad Request: can't parse entities")] * 2
    with pytest.raises(Refused):
        await server.say("x", key="2")
    assert server.stand.count("sendMessage") == 4


@pytest.mark.parametrize(
    "text",
    [
        "😀" * 2049,
        "&" * 4096,
        "a<" * 3000,
        "**" + "sana " * 2000 + "loppu**",
        "[" + "sana " * 1500 + "](https://x.fi/" + "a" * 900 + ")",
        "kirjasto&amp;" * 900,
    ],
)
async def test_long_texts_are_sent_in_parts_that_telegram_takes(server: Server, text: str) -> None:
    # TG-07: the stand-in refuses what is longer, or whose tags are not whole.
    await server.say(text)
    sent = [call.values["text"] for call in server.stand.calls]
    assert len(sent) > 1
    assert all(units(part) <= 4096 for part in sent)
    plain = re.sub(r"\*\*|\[|\]\(.*\)", "", text)
    assert "".join("".join(server.stand.texts()).split()) == "".join(plain.split())


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "**",
                "[a b](https://x.fi)",
                "sana ",
                "😀",
                "&",
                "<b>",
                "\n\n",
                "\\*",
                "- ",
                "ä",
                "👨‍👩‍👧",
                "x" * 500,
                "](",
            ]
        )
    ).map("".join)
)
def test_every_text_gives_parts_that_telegram_takes(text: str) -> None:
    for part in parts(text):
        assert units(part.html) <= 4096
        assert readable(part.html).strip()
        assert units(part.plain) <= 4096


def test_a_part_ends_between_words() -> None:
    words = random.Random(1).choices(["kirjasto", "Käpylässä", "**auki**", "&", "😀"], k=3000)
    found = parts(" ".join(words))
    assert " ".join(readable(part.html) for part in found).split() == [word.strip("*") for word in words]


async def test_choices_are_buttons_with_short_keys(server: Server) -> None:
    # TG-08
    label = "Yhteispalvelun ja sosiaali- ja terveyspalveluiden asiakasneuvonta Itäkeskuksessa äöäöäö"
    choices = (Choice("Kyllä", "d|" + "ä" * 200), Choice("Ei", "no"), Choice(label, "long"))
    await server.say(Reply(text="Valitse:", language="fi", choices=choices))
    keyboard = server.stand.messages[-1]["reply_markup"]["inline_keyboard"]
    assert [button["text"] for button in keyboard[0]] == ["Kyllä", "Ei"]
    assert keyboard[1][0]["text"].startswith("Yhteispalvelun") and keyboard[1][0]["text"].endswith("…")
    assert all(len(button["callback_data"].encode()) <= 64 for row in keyboard for button in row)


async def test_buttons_stand_under_the_last_part(server: Server) -> None:
    await server.say(replace(asked("Kyllä", "yes"), text="sana " * 1500))
    assert ["reply_markup" in message for message in server.stand.messages] == [False, True]


def test_short_labels_stand_side_by_side() -> None:
    found = rows(
        [Choice(label, "") for label in ("Kyllä", "Ei", "Takaisin", "Ohje", "Lähin kirjasto Kalliossa", "Ei mikään")]
    )
    assert [[label for _, label in row] for row in found] == [
        ["Kyllä", "Ei", "Takaisin"],
        ["Ohje", "Lähin kirjasto Kalliossa"],
        ["Ei mikään"],
    ]
    assert len([each for row in rows([Choice("x", "")] * 300) for each in row]) == 100


async def test_a_reply_sent_again_makes_no_new_buttons(server: Server) -> None:
    server.stand.faults["sendMessage"].append(Fault.of(500, "Internal Server Error"))
    with pytest.raises(UnknownOutcome):
        await server.say(asked("Kyllä", "yes"))
    await server.say(asked("Kyllä", "yes"))
    assert await server.rows() == 1


async def test_one_place_is_a_venue_and_words(server: Server) -> None:
    await server.say(Reply(text="Lähin kirjasto:", language="fi", cards=(OODI,), choices=(Choice("Kiitos", "x"),)))
    venue, words = server.stand.messages
    assert venue["venue"]["title"] == "Keskustakirjasto <Oodi>"
    assert words["text"].startswith(
        "Lähin kirjasto:\n\nKeskustakirjasto <Oodi>\nTöölönlahdenkatu 4\nAuki klo 8–21\nNäytä kartalla"
    )
    assert "reply_markup" in words and "reply_markup" not in venue
    assert "openstreetmap.org/?mlat=60.173900&amp;mlon=24.938200" in server.stand.calls[-1].values["text"]


async def test_a_place_that_telegram_does_not_take_is_in_the_words(server: Server) -> None:
    server.stand.faults["sendVenue"].append(Fault.of(400, "Bad Request: VENUE_INVALID"))
    await server.say(Reply(text="Lähin:", language="sv", cards=(OODI,)))
    assert len(server.stand.messages) == 1
    assert "Visa på kartan" in server.stand.texts()[0]


async def test_several_places_are_one_text(server: Server) -> None:
    wrong = replace(OODI, latitude=999.0, url="https://x.fi/1")
    await server.say(Reply(text="Kirjastot:", language="en", cards=(OODI, wrong, replace(OODI, url="javascript:x"))))
    assert len(server.stand.messages) == 1
    assert server.stand.texts()[0].count("Show on map") == 2
    assert server.stand.texts()[0].count("More information") == 1


async def test_links_are_in_the_words(server: Server) -> None:
    links = (Link("Helmet [x]", "https://helmet.finna.fi"), Link("Paha", "javascript:alert(1)"))
    await server.say(Reply(text="Katso:", language="fi", links=links))
    assert server.stand.texts() == ["Katso:\n\n• Helmet [x]\n• Paha"]
    assert '<a href="https://helmet.finna.fi">' in server.stand.calls[-1].values["text"]


async def test_a_picture_comes_with_its_words(server: Server) -> None:
    await server.say(Reply(text="Kuva:", language="fi", image=Image("https://x.fi/kuva.png", "Talo 😀 " * 300)))
    assert [call.method for call in server.stand.calls] == ["sendPhoto", "sendMessage"]
    assert server.stand.texts()[0].startswith("Talo 😀")
    await server.say(Reply(text="Ei kuvaa", language="fi", image=Image("http://x.fi/kuva.png", "")), key="2")
    assert server.stand.texts()[-1] == "Ei kuvaa"


async def test_nothing_is_previewed(server: Server) -> None:
    await server.say("https://hel.fi")
    assert server.stand.calls[-1].values["link_preview_options"] == {"is_disabled": True}


async def test_the_id_of_a_message_does_not_tell_its_chat(server: Server) -> None:
    assert await server.say("hei") == str(server.stand.messages[-1]["message_id"])


async def test_a_key_that_was_sent_is_dropped(server: Server) -> None:
    first = await server.say("hei", key="7")
    assert await server.say("hei", key="7") == first
    assert server.stand.texts() == ["hei"]


async def test_a_reply_broken_off_goes_on_where_it_was(server: Server) -> None:
    server.stand.faults["sendMessage"] += [Fault(), Fault.of(429, "Too Many Requests: retry after 1", retry_after=1)]
    text = "eka " * 1000 + "toka " * 800
    with pytest.raises(RetryAfter):
        await server.say(text)
    await server.clock.sleep(1.5)
    await server.say(text)
    assert "".join("".join(server.stand.texts()).split()) == "".join(text.split())


async def test_who_has_blocked_us_is_unreachable_whatever_the_words(server: Server) -> None:
    # TG-03
    server.stand.blocked.add(2)
    for chat in (1, 2, 3):
        if chat == 2:
            with pytest.raises(Unreachable):
                await server.say("hei", key=str(chat), chat=chat)
        else:
            await server.say("hei", key=str(chat), chat=chat)
    server.stand.faults["sendMessage"].append(Fault.of(403, "Forbidden: bot was kicked from the supergroup chat"))
    with pytest.raises(Unreachable):
        await server.say("hei", key="x")
    assert server.stand.count("sendMessage") == 4


async def test_what_telegram_refuses_is_never_sent_again(server: Server) -> None:
    with pytest.raises(Refused):
        await server.say("hei", chat=404)
    assert server.stand.count("sendMessage") == 1
    with pytest.raises(Refused):
        await server.channel.send(Address("telegram", "matti"), Reply(text="hei", language="fi"), key="2")
    assert server.stand.count("sendMessage") == 1


async def test_a_wait_that_telegram_asks_for_is_kept(server: Server) -> None:
    # TG-04
    server.stand.faults["sendMessage"] += [Fault.of(429, "Too Many Requests", retry_after=35)]
    with pytest.raises(RetryAfter) as found:
        await server.say("hei")
    assert found.value.seconds == 35
    await server.clock.sleep(30)
    with pytest.raises(RetryAfter) as found:
        await server.say("hei")
    assert found.value.seconds == pytest.approx(5)
    assert server.stand.count("sendMessage") == 1
    await server.say("muille", key="2", chat=5)
    await server.clock.sleep(5.1)
    await server.say("hei")
    assert server.stand.texts() == ["hei"]


async def test_a_safety_answer_waits_for_nothing(server: Server) -> None:
    server.stand.faults["sendMessage"] += [Fault.of(429, "Too Many Requests", retry_after=35)]
    with pytest.raises(RetryAfter):
        await server.say("hei")
    await server.pool.execute("DROP TABLE telegram_buttons")
    slept = len(server.clock.slept)
    await server.say(replace(asked("Ihminen", "c|human"), text="Soita 112"), key="safety-1")
    assert server.stand.texts() == ["Soita 112"]
    assert len(server.clock.slept) == slept


async def test_the_database_away_is_no_refusal(server: Server) -> None:
    await server.pool.execute("DROP TABLE telegram_buttons")
    with pytest.raises(RetryAfter):
        await server.say(asked("Kyllä", "yes"))
    assert server.stand.count("sendMessage") == 0


async def test_a_chat_gets_one_message_a_second_and_others_do_not_wait_for_it(server: Server) -> None:
    for number in range(4):
        await server.say("hei", key=str(number))
    assert server.clock.slept == pytest.approx([1.0, 1.0, 1.0])
    for number in range(25):
        await server.say("hei", key=f"c{number}", chat=number + 1)
    assert len(server.clock.slept) == 3


async def test_all_chats_together_get_thirty_messages_a_second(server: Server) -> None:
    for number in range(61):
        await server.say("hei", key=str(number), chat=number + 1)
    assert sum(server.clock.slept) == pytest.approx(2.0)


async def test_a_group_gets_twenty_messages_a_minute(server: Server) -> None:
    for number in range(20):
        await server.say("hei", key=str(number), chat=-1001)
    with pytest.raises(RetryAfter) as found:
        await server.say("hei", key="more", chat=-1001)
    assert found.value.seconds == pytest.approx(41)
    await server.clock.sleep(41)
    await server.say("hei", key="more", chat=-1001)


async def test_a_group_that_has_moved_gets_its_message_at_its_new_place(server: Server) -> None:
    # TG-02
    server.stand.moved[-77] = -1001
    await server.say("hei", chat=-77)
    await server.say("hei taas", chat=-77, key="2")
    assert server.stand.texts(-1001) == ["hei", "hei taas"]
    assert server.taken == [Reach(address=Address("telegram", "-77"), moved_to="-1001")]
    assert server.stand.count("sendMessage") == 3


async def test_a_call_without_an_answer_may_have_arrived(database_url: str) -> None:
    async with house_and_stand(database_url, patience=0.2) as server:
        server.stand.faults["sendMessage"] += [Fault(hang=1), Fault(cut=True)]
        with pytest.raises(UnknownOutcome):
            await server.say("hei")
        with pytest.raises(UnknownOutcome):
            await server.say("hei", key="2")


async def test_an_answer_that_means_nothing_may_have_arrived(server: Server) -> None:
    bodies = (
        "<html>",
        "[]",
        "{}",
        '{"ok": true}',
        '{"ok": true, "result": 5}',
        '{"ok": true, "result": {}}',
        "5",
        "null",
    )
    for body in (*bodies, ""):
        server.stand.faults["sendMessage"].append(Fault(body=body))
        with pytest.raises(UnknownOutcome):
            await server.say("hei", key=body)


async def test_an_error_of_telegram_may_have_arrived(server: Server) -> None:
    for status in (500, 502, 503):
        server.stand.faults["sendMessage"].append(Fault(status=status, body="<html>Bad Gateway</html>"))
        with pytest.raises(UnknownOutcome):
            await server.say("hei", key=str(status))


async def test_a_call_that_never_left_is_made_again(database_url: str) -> None:
    async with standing() as stand, serving(database_url, stand) as server:
        stand.url = ""
    async with standing() as stand:
        gone = stand
    async with serving(database_url, gone) as server:
        with pytest.raises(RetryAfter):
            await server.say("hei")


async def test_a_wrong_token_loses_nothing(database_url: str) -> None:
    async with house_and_stand(database_url, token="4242:wrong") as server:
        with pytest.raises(RetryAfter):
            await server.say("hei")


async def test_sends_side_by_side_keep_their_pace_and_all_arrive(server: Server) -> None:
    await asyncio.gather(*(server.say("hei", key=str(number), chat=number + 1) for number in range(40)))
    assert len(server.stand.messages) == 40
    assert ADDRESS.channel == server.channel.name
