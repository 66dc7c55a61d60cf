"""The order of a turn, the commands, side questions, effects, and what happens outside dialogs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from bot.messages import Match, Reply, Safety, Session
from tests.unit.dialogs.talker import City, Talker, city_talker, understand


async def at_the_place(**options: Any) -> Talker:
    """In the middle of a dialog: asked where."""
    talker = city_talker(**options)
    await talker.say("missä on lähin kirjasto")
    return talker


# Safety


@pytest.mark.parametrize("text", ["en jaksa enää elää", "en jaksa enää elää, vitsi vitsi"])
async def test_a_crisis_message_in_a_form_is_no_answer_and_the_form_is_kept(text: str) -> None:
    talker = await at_the_place()
    before = talker.state["runs"]
    assert await talker.say(text, safety_answered=True) == ""
    assert talker.state["runs"] == before
    assert talker.state["crisis"]
    assert "Haku:" in await talker.say("Kallio")


async def test_safety_that_the_guard_has_not_answered_is_answered_by_the_callable_alone() -> None:
    def reply(safety: Safety, language: str, now: datetime) -> Reply:
        return Reply(text=f"{safety} 112", language=language)

    talker = await at_the_place(options={"safety_reply": reply})
    assert await talker.say("mies ei hengitä") == "emergency 112"
    assert "crisis" not in talker.state
    silent = await at_the_place()
    assert await silent.say("mies ei hengitä") == ""
    assert silent.last is not None
    assert silent.last.intent == "emergency"


async def test_safety_is_kept_though_understanding_is_down() -> None:
    def down(text: str, session: Session) -> Match:
        raise RuntimeError

    talker = await at_the_place()
    talker.understand = down
    assert await talker.say("en jaksa enää elää", safety_answered=True) == ""
    assert talker.state["crisis"]


# Opt-out


@pytest.mark.parametrize(
    ("word", "language"),
    [("LOPETA", "fi"), ("SEIS", "fi"), ("SLUTA", "sv"), ("STOPP", "sv"), ("AVSLUTA", "sv"), ("unsubscribe", "en")],
)
async def test_one_word_opts_out_in_any_state_and_is_answered_in_its_language(word: str, language: str) -> None:
    talker = await at_the_place()
    before = talker.state["runs"]
    await talker.say(word)
    assert talker.replies[-1].language == language
    assert talker.state["opted_out"]
    assert talker.state["runs"] == before


async def test_start_undoes_the_opt_out_and_is_no_answer() -> None:
    talker = await at_the_place()
    await talker.say("STOP")
    said = await talker.say("START")
    assert "Saat taas" in said
    assert "Missä päin?" in said
    assert "opted_out" not in talker.state


@pytest.mark.parametrize("text", ["bussi ei pysähdy stop-pysäkillä", "det är stopp i avloppet på gården"])
async def test_a_keyword_in_a_sentence_does_not_opt_out(text: str) -> None:
    talker = city_talker()
    await talker.say(text)
    assert "opted_out" not in talker.state


async def test_an_opt_out_in_a_sentence_is_confirmed_first() -> None:
    talker = city_talker()
    assert "Haluatko" in await talker.say("älkää texting mulle")
    assert "opted_out" not in talker.state
    assert "Emme enää lähetä" in await talker.press("Kyllä")
    assert talker.state["opted_out"]


@pytest.mark.parametrize("word", ["CANCEL", "END", "QUIT", "STOP", "STOPALL", "REVOKE", "OPTOUT"])
async def test_on_sms_the_words_of_the_provider_opt_out(word: str) -> None:
    talker = await at_the_place(channel="sms")
    await talker.say(word)
    assert talker.state["opted_out"]


async def test_on_sms_yes_is_no_answer_and_one_is() -> None:
    talker = city_talker(channel="sms")
    await talker.say("älkää texting mulle")
    assert "1 (kyllä)" in await talker.say("YES")
    assert "opted_out" not in talker.state
    assert "Emme enää lähetä" in await talker.say("1")


async def test_peru_cancels_and_peruuta_asks_which() -> None:
    talker = await at_the_place()
    assert "Mitä haluat perua?" in await talker.say("PERUUTA")
    assert talker.open_runs
    assert "jätetään tämä" in await talker.say("PERU")
    assert not talker.open_runs


# Commands


async def test_help_in_a_dialog_asks_again() -> None:
    talker = await at_the_place()
    said = await talker.say("apua")
    assert "TAKAISIN" in said
    assert "Missä päin?" in said


async def test_a_wish_for_a_human_is_recorded_and_the_dialog_goes_on() -> None:
    talker = await at_the_place()
    said = await talker.say("ihminen")
    assert "09 310 22111" in said
    assert "Missä päin?" in said
    assert talker.state["human"]


@pytest.mark.parametrize("word", ["hjälp", "apua", "help"])
async def test_the_first_word_gives_the_language(word: str) -> None:
    talker = city_talker()
    await talker.say(word)
    assert {reply.language for reply in talker.replies} == {{"hjälp": "sv", "apua": "fi", "help": "en"}[word]}


@pytest.mark.parametrize("word", ["takaisin", "keskeytä"])
async def test_nothing_open_is_said(word: str) -> None:
    assert "Mitään ei ole kesken" in await city_talker().say(word)


async def test_commands_count_as_whole_messages_only() -> None:
    talker = await at_the_place()
    assert "Missä päin?" in await talker.say("mennään takaisin tuonne")
    assert talker.open_runs


# Language


async def test_a_language_asked_for_wins_and_changes_the_question_at_once() -> None:
    talker = await at_the_place()
    assert "Var ungefär?" in await talker.say("puhutko ruotsia")
    assert talker.state["language"] == "sv"
    assert "Sökning" in await talker.say("where is Kallio please")


async def test_the_language_of_a_whole_sentence_is_followed_until_one_is_asked_for() -> None:
    talker = city_talker()
    await talker.say("moi")
    assert talker.state["language"] == "fi"
    assert "Hello" in await talker.say("hello there")
    await talker.say("suomeksi")
    assert "Hei" in await talker.say("hello there")


async def test_a_language_switch_that_names_none_offers_them() -> None:
    def switch(text: str, session: Session) -> Match:
        return Match(text=text, language="en", intent="language_switch", confidence=0.9)

    talker = city_talker(understand=switch)
    assert "Svenska" in await talker.say("do you speak arabic")
    await talker.press("Svenska")
    assert talker.state["language"] == "sv"


# Side questions


async def test_a_topic_is_answered_and_the_question_repeated() -> None:
    talker = await at_the_place()
    said = await talker.say("miten saan kirjastokortti")
    assert "answer library_card fi" in said
    assert "Missä päin?" in said
    assert "Haku:" in await talker.say("Kallio")


async def test_another_dialog_opens_inside_and_returns() -> None:
    talker = await at_the_place()
    assert "Esittelytieto" in await talker.say("onko Oodi auki huomenna")
    assert "Missä päin?" in talker.said
    assert len(talker.open_runs) == 1


async def test_back_from_the_first_question_of_an_inner_dialog_returns() -> None:
    talker = await at_the_place()
    await talker.say("auki?")
    assert len(talker.open_runs) == 2
    assert "Missä päin?" in await talker.say("takaisin")
    assert len(talker.open_runs) == 1


async def test_dialogs_do_not_nest_without_end() -> None:
    talker = city_talker()
    for text in ["missä", "auki?", "kuoppa", "älkää texting", "missä", "auki?", "kuoppa"]:
        await talker.say(text)
        assert len(talker.state["runs"]) <= 4


async def test_the_same_wish_again_begins_anew() -> None:
    talker = await at_the_place()
    assert "Mitä paikkaa" in await talker.say("missä onkaan")
    assert len(talker.open_runs) == 1


# Answers not understood


async def test_a_helpful_repeat_then_a_way_out() -> None:
    talker = await at_the_place()
    assert "En tunnistanut paikkaa" in await talker.say("blaa")
    assert "Haluan ihmisen" in await talker.say("blaa blaa")
    assert "09 310" in await talker.say("2")


async def test_two_failed_turns_offer_a_human() -> None:
    talker = city_talker()
    assert "En tiedä" not in await talker.say("kuka on pääministeri")
    assert "puhua ihmisen kanssa" in await talker.say("kuka sitten")
    assert "09 310" in await talker.say("1")
    assert talker.state["human"]


async def test_close_intents_are_offered_and_a_number_chooses() -> None:
    talker = city_talker()
    said = await talker.say("epäselvä juttu")
    assert "title library_card fi" in said
    assert "title dog_park fi" in said
    assert "answer dog_park" in await talker.say("2")
    await talker.say("epäselvä juttu")
    assert "toisin sanoin" in await talker.press("Ei mikään")


@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u200d\u2060", "\x00", "???", "🤷", "\ud83d"])
async def test_an_empty_message_gets_short_help_and_does_not_count(text: str) -> None:
    talker = city_talker()
    assert "En saanut tekstiä" in await talker.say(text)
    assert "failed" not in talker.state
    asked = await at_the_place()
    assert "Missä päin?" in await asked.say(text)


async def test_a_thumb_is_an_acknowledgement_and_confirms_nothing() -> None:
    talker = city_talker()
    assert await talker.say("👍") != ""
    assert "failed" not in talker.state
    await talker.say("älkää texting")
    await talker.say("👍🏽")
    assert "opted_out" not in talker.state


@pytest.mark.parametrize(("text", "said"), [("kyllä", "Hyvä"), ("nej", "Selvä"), ("nope", "Selvä")])
async def test_yes_and_no_outside_a_question(text: str, said: str) -> None:
    talker = city_talker()
    assert said in await talker.say(text)
    assert "failed" not in talker.state


async def test_a_very_long_message_is_understood_by_its_beginning_and_answered() -> None:
    seen = []

    def counted(text: str, session: Session) -> Match:
        seen.append(len(text))
        return understand(text, session)

    talker = city_talker(understand=counted)
    assert await talker.say("kirjastokortti " * 10_000)
    assert seen == [2000]
    await talker.say("kuoppa Kallio")
    await talker.say("1")
    assert "liian pitkä" in await talker.say("x" * 100_000)


async def test_another_language_gets_a_line_in_all_of_ours_and_the_way_to_a_person() -> None:
    def other(text: str, session: Session) -> Match:
        return Match(text=text, language=session.language or "fi", intent="other_language", confidence=0.99)

    talker = city_talker(understand=other)
    said = await talker.say("как получить библиотечную карту")
    assert all(language in said for language in ("suomea", "svenska", "English"))
    assert talker.button("")
    assert "failed" not in talker.state


async def test_understanding_may_take_a_thought() -> None:
    async def later(text: str, session: Session) -> Match:
        return understand(text, session)

    talker = city_talker(understand=later)
    assert await talker.say("kirjastokortti") == await city_talker().say("kirjastokortti")


# What the bot is


async def test_the_first_thing_said_tells_that_it_is_automatic() -> None:
    talker = city_talker()
    assert "automaattinen" in await talker.say("kirjastokortti")
    assert "automaattinen" not in await talker.say("kirjastokortti")
    greeted = city_talker()
    assert (await greeted.say("moi")).count("automaattinen") == 1
    about = await greeted.say("oletko robotti")
    assert "tallentaa" in about
    assert "IHMINEN" in about


async def test_thanks_and_greeting_in_a_dialog_ask_again() -> None:
    talker = await at_the_place()
    said = await talker.say("kiitos")
    assert "Ole hyvä" in said
    assert "Missä päin?" in said


# Topics that are really places


async def test_a_topic_with_a_service_opens_the_nearest_when_near_is_asked() -> None:
    talker = city_talker()
    assert "Missä päin?" in await talker.say("onko tässä lähellä koirapuistoa")
    await talker.say("Kallio")
    assert talker.services["directory"].asked[0][:2] == ("nearest", "dog_park")  # type: ignore[attr-defined]


async def test_a_topic_with_a_service_offers_the_nearest_in_the_place_named() -> None:
    talker = city_talker()
    said = await talker.say("koirapuistoa Kalliossa")
    assert "answer dog_park" in said
    assert "Haku: dog_park-fi, kallio-fi" in await talker.press("Näytä lähin")


# Effects


async def sending(city: City | None = None) -> Talker:
    talker = city_talker(city)
    await talker.say("Kalliossa on iso kuoppa tiellä")
    await talker.press("Lähetä")
    return talker


async def test_while_something_is_sent_messages_are_answered() -> None:
    talker = await sending()
    assert "vielä kesken" in await talker.say("no?")
    assert "answer library_card" in await talker.say("kirjastokortti")
    assert "Mitä paikkaa" in await talker.say("missä")
    said = await talker.result({"number": "N-1", "demonstration": False})
    assert "N-1" in said
    assert "Mitä paikkaa" in said
    assert len(talker.effects) == 1


@pytest.mark.parametrize("word", ["keskeytä", "alusta"])
async def test_one_who_leaves_while_it_is_sent_hears_of_its_end(word: str) -> None:
    talker = await sending()
    assert "pysyy lähetettynä" in await talker.say(word)
    assert "Mitään ei ole kesken" in await talker.say("takaisin")
    assert "N-1" in await talker.result({"number": "N-1", "demonstration": False})
    assert talker.state.get("runs", []) == []


async def test_a_result_that_comes_twice_or_for_nobody_is_silent() -> None:
    talker = await sending()
    effect = talker.effects[0]
    assert "N-1" in await talker.result({"number": "N-1", "demonstration": False})
    assert await talker.result({"number": "N-1", "demonstration": False}, effect=effect) == ""
