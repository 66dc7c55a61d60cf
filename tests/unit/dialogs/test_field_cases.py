"""Faults that people reported of systems such as this one, in dialogs: understanding is the real one where it decides.

Each test begins with the number of its case. The rules that are behind them are held by ``test_rules``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.messages import Match, Session
from tests.unit.dialogs.talker import Talker, city_talker, understand

if TYPE_CHECKING:
    from bot.city import City

LANGUAGES = ("fi", "sv", "en")


def real(city: City, **options: Any) -> Talker:
    """A citizen who is understood by the city's own model."""
    return city_talker(understand=city.understand, options={"safety_reply": city.safety_reply}, **options)


def torn(*intents: str) -> Talker:
    """A citizen whose word "lupa" may mean any of the intents."""

    def between(text: str, session: Session) -> Match:
        match = understand(text, session)
        return replace(match, intent=intents[0], suggestions=intents) if text == "lupa" else match

    return city_talker(understand=between)


def labels(talker: Talker) -> list[str]:
    return [choice.label for reply in talker.replies for choice in reply.choices]


# FI-12: what is close is asked


CLOSE = ("library_card", "dog_park", "opening_hours")


async def test_fi12_three_close_intents_are_offered_with_a_way_out() -> None:
    talker = torn(*CLOSE)
    await talker.say("lupa")
    assert labels(talker) == [*(f"title {intent} fi" for intent in CLOSE), "Ei mikään näistä"]
    assert "failed" not in talker.state


async def test_fi12_more_than_three_are_too_many() -> None:
    talker = torn(*CLOSE, "find_place")
    await talker.say("lupa")
    assert len(labels(talker)) == 4


@pytest.mark.parametrize("way", ["press", "number", "label"])
@pytest.mark.parametrize(("place", "said"), [(1, "answer library_card"), (2, "answer dog_park"), (3, "Minkä paikan")])
async def test_fi12_each_is_chosen_by_button_number_or_words(way: str, place: int, said: str) -> None:
    talker = torn(*CLOSE)
    await talker.say("lupa")
    label = labels(talker)[place - 1]
    heard = await (talker.press(label) if way == "press" else talker.say(str(place) if way == "number" else label))
    assert said in heard


async def test_fi12_none_of_them_twice_offers_a_human() -> None:
    talker = torn(*CLOSE)
    await talker.say("lupa")
    await talker.press("Ei mikään")
    await talker.say("lupa")
    assert "ihmisen" in await talker.press("Ei mikään")


async def test_fi12_questions_that_nobody_can_answer_lead_to_a_human(city: City) -> None:
    talker = real(city)
    await talker.say("Mitä meillä on tänään aamupalaksi?")
    assert "ihmisen" in await talker.say("Mikä on pääministerin suosikkiruoka")


# FI-09 and SO-02: opposite wishes, and words that only look like commands


@pytest.mark.parametrize(
    "text",
    ["haluan perua ajan", "mä en haluu varata aikaa vaan perua sen", "haluan varata ajan", "Haluan peruuttaa aikani"],
)
async def test_fi09_nothing_is_done_by_a_sentence_alone(city: City, text: str) -> None:
    talker = real(city)
    await talker.say(text)
    assert talker.effects == []
    assert "opted_out" not in talker.state


@pytest.mark.parametrize("channel", ["webchat", "sms"])
@pytest.mark.parametrize(
    "text", ["bussi ei pysähdy stop-pysäkillä", "Haluan peruuttaa aikani", "det är stopp i avloppet på gården"]
)
async def test_so02_a_word_inside_a_sentence_opts_nobody_out(city: City, text: str, channel: str) -> None:
    talker = real(city, channel=channel)
    await talker.say(text)
    assert "opted_out" not in talker.state
    assert "opt_out" not in [run["dialog"] for run in talker.open_runs]


@pytest.mark.parametrize("text", ["please stop texting me", "älkää enää lähettäkö viestejä"])
async def test_so02_a_wish_in_a_sentence_is_confirmed_and_then_done(city: City, text: str) -> None:
    talker = real(city)
    await talker.say(text)
    assert "opted_out" not in talker.state
    await talker.say("1")
    assert talker.state["opted_out"]


# SF-03: a cry for help in the middle of a form


@pytest.mark.parametrize(
    "text",
    [
        "en jaksa enää elää",
        "ystävä sanoi tappavansa ittensä",
        "vitsi vitsi, tapan itteni tähän jonoon",
        "mikä on korkein silta täällä, kaikki on ohi",
    ],
)
async def test_sf03_a_crisis_in_a_form_is_answered_first_and_the_form_is_kept(city: City, text: str) -> None:
    talker = real(city)
    await talker.open("feedback_report")
    await talker.say("1")
    before = talker.state["runs"]
    said = await talker.say(text)
    assert "112" in said
    assert "116 117" in said
    assert talker.state["crisis"]
    assert [run["journal"] for run in talker.state["runs"]] == [run["journal"] for run in before]
    assert text not in str(talker.state)
    await talker.say("Kalliossa")
    assert [run["dialog"] for run in talker.open_runs] == [run["dialog"] for run in before]


# LI-04: one language in an answer


@pytest.mark.parametrize(
    "text",
    [
        "mä tarviin dagisplatsen",
        "moi, I need a library card",
        "Onks bibban auki",
        "I need a pysäköintitunnus",
        "missä on närmaste bibban",
    ],
)
@pytest.mark.parametrize("asked_for", LANGUAGES)
async def test_li04_the_language_that_was_asked_for_is_kept(city: City, text: str, asked_for: str) -> None:
    talker = real(city)
    await talker.say({"fi": "suomeksi", "sv": "på svenska", "en": "in English"}[asked_for])
    await talker.say(text)
    assert {reply.language for reply in talker.replies} == {asked_for}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("moi, I need a library card", "en"),
        ("Onks bibban auki", "fi"),
        ("where is the lähin kirjasto", "en"),
        ("var finns närmaste kirjasto", "sv"),
    ],
)
async def test_li04_the_first_answer_is_in_one_language(city: City, text: str, language: str) -> None:
    talker = real(city)
    await talker.say(text)
    assert {reply.language for reply in talker.replies} == {language}


# RS-04: a process that ended (each turn of these tests is a process of its own)


async def test_rs04_a_button_of_an_intent_works_however_old_it_is() -> None:
    talker = torn(*CLOSE)
    await talker.say("lupa")
    payload = talker.button("title dog_park").payload
    for text in ("kirjastokortti", "in English", "lähin kirjasto", "cancel"):
        await talker.say(text)
    assert "answer dog_park en" in await talker.turn(payload=payload)


@pytest.mark.parametrize("payload", ["i|a_topic_of_last_year", "c|a_command_of_last_year", "d|gone|1|yes", "old"])
async def test_rs04_a_button_that_is_no_longer_known_gets_a_new_menu(payload: str) -> None:
    talker = city_talker()
    assert "vanhentunut" in await talker.turn(payload=payload)
    assert labels(talker)
    assert "failed" not in talker.state


# MG-01: dialogs that were renamed or dropped


async def test_mg01_a_form_that_is_no_longer_there_is_told_once_and_all_goes_on(city: City) -> None:
    talker = real(city)
    await talker.open("feedback_report")
    state = talker.state
    state["runs"][0]["dialog"] = "daycare_v1"
    assert "jota ei enää ole" in await talker.say("missä on lähin kirjasto")
    said = await talker.say("missä on lähin kirjasto")
    assert "jota ei enää ole" not in said
    assert said
