"""A word or two: when they change the language, answer a question, or name a place in a list."""

from __future__ import annotations

import pytest

from tests.unit.dialogs.talker import WORDS, city_talker


@pytest.mark.parametrize(
    ("text", "place"),
    [("2", 2), ("numero 2", 2), ("the first one", 1), ("den andra", 2), ("se kolmas", 3), ("ensimmainen", 1),
     ("forsta", 1), ("1 kiitos", 1), ("2 tack", 2), ("1 please", 1), ("kiitos", None), ("first of May", None),
     ("numero", None), ("2 tai 3", None)],
)  # fmt: skip
def test_an_ordinal_may_have_small_words_beside_it(text: str, place: int | None) -> None:
    assert WORDS.ordinal(text) == place


async def test_an_unknown_word_does_not_change_the_language() -> None:
    talker = city_talker()
    await talker.say("moi")
    assert "Where" not in await talker.say("is epäselvä")
    assert talker.state["language"] == "fi"


async def test_a_second_greeting_is_shorter() -> None:
    talker = city_talker()
    assert "ohjelma" in await talker.say("moi")
    assert (await talker.say("moi")).startswith("Hei taas!")


async def test_the_number_of_a_house_is_kept_in_a_report() -> None:
    talker = city_talker()
    await talker.say("kuoppa")
    await talker.say("Hämeentie 31")
    assert "Paikka: Hämeentie 31" in await talker.say("iso kuoppa suojatien kohdalla")


async def test_a_short_name_that_nobody_knows_is_where_a_fault_is() -> None:
    talker = city_talker()
    await talker.say("kuoppa")
    assert "Kuvaile" in await talker.say("Tokoinranta")


@pytest.mark.parametrize("text", ["kyllä", "joo kiitos", "yes please", "ja tack"])
async def test_a_yes_to_the_offer_of_a_human_takes_it(text: str) -> None:
    talker = city_talker()
    await talker.say("moi")
    await talker.say("qwerty")
    assert "Haluatko, että kirjaan" in await talker.say("zxcvb")
    await talker.say(text)
    assert talker.state["human"]


async def test_a_wish_for_a_human_is_no_description_of_a_fault() -> None:
    talker = city_talker()
    await talker.say("kuoppa")
    await talker.say("Tokoinranta")
    said = await talker.say("haluan puhua ihmisen kanssa")
    assert "Kirjasin" in said
    assert "Kuvaile" in said
    assert "Kuvaus" not in said


async def test_a_language_that_is_not_spoken_is_not_spoken() -> None:
    talker = city_talker()
    await talker.say("moi")
    said = await talker.say("the ruotsia I do not speak please")
    assert talker.state["language"] == "en"
    assert "English" in said
