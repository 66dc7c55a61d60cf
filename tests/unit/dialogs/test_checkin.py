"""Check-ins: what is well, what people must hear of, what is another matter, and what is told of who comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.messages import EffectResult, Match, Safety, Session
from dialogs.buttons import nudge_payload
from tests.unit.dialogs.nudges_desk import APPOINTMENT, CHECKIN, PROMISE, Desk, asked, told
from tests.unit.dialogs.talker import Talker, understand


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def called_on(desk: Desk, language: str = "fi", **options: Any) -> tuple[Talker, str]:
    """Somebody of a language who is asked how they are."""
    talker = told(desk, **options)
    await talker.say("moi")
    talker.state["language"] = language
    return talker, desk.write(talker, CHECKIN, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fi", "1"), ("fi", "hyvin"), ("fi", "ihan ok"), ("fi", "1 kiitos"), ("fi", "Kaikki kunnossa täällä!"),
        ("fi", "hyvää huomenta, hyvin menee kiitos kysymästä"), ("fi", "ei hätää"), ("fi", "OK"),
        ("sv", "mår bra"), ("sv", "bara bra tack"), ("sv", "ingen fara"), ("sv", "jag mår fint i dag"),
        ("en", "fine"), ("en", "I'm good, thanks"), ("en", "not bad"), ("en", "all well here"),
    ],
)  # fmt: skip
async def test_what_says_that_all_is_well_is_recorded_and_thanked(desk: Desk, language: str, text: str) -> None:
    talker, nudge = await called_on(desk, language)
    said = await talker.say(text)
    assert {"fi": "Mukava kuulla", "sv": "Roligt att höra", "en": "Good to hear"}[language] in said
    assert asked(talker, "answered") == [(nudge, "well")]
    assert not asked(talker, "help")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fi", "2"), ("fi", "tarvitsen apua"), ("fi", "apua"), ("fi", "kaaduin"), ("fi", "en voi hyvin"),
        ("fi", "hyvin huono olo"), ("fi", "ok mutta kaaduin"), ("fi", "ei hyvin"), ("fi", "no ei kai tässä"),
        ("fi", "siinähän se"), ("fi", "ei"), ("fi", "1 mutta päätä särkee"), ("fi", "2 kiitos"),
        ("sv", "jag har ramlat"), ("sv", "inte bra"), ("sv", "hjälp"), ("sv", "så där"), ("sv", "nej"),
        ("en", "not good"), ("en", "I fell"), ("en", "help"), ("en", "could be better"), ("en", "no"),
        ("fi", "hyvin 😢"), ("fi", "ihan ok :("), ("fi", "😢"), ("fi", "🤒"),
        ("en", "fine, but my leg hurts"),
    ],
)  # fmt: skip
async def test_what_is_not_clearly_well_goes_to_people_with_the_number_for_emergencies(
    desk: Desk, language: str, text: str
) -> None:
    talker, nudge = await called_on(desk, language)
    assert "112" in await talker.say(text)
    assert asked(talker, "help") == [(nudge, talker.state["language"])]
    assert not asked(talker, "answered")
    said = await talker.result(PROMISE)
    assert PROMISE["hours"] in said
    assert "112" in said


async def test_outside_hours_it_is_said_when_somebody_comes(desk: Desk) -> None:
    talker, _ = await called_on(desk)
    await talker.say("kaaduin")
    said = await talker.result(PROMISE | {"status": "callback"})
    assert "kun palvelu aukeaa: ma-pe klo 8-16" in said
    assert "116 117" in said


async def test_a_message_that_did_not_get_through_is_said_with_numbers_to_call(desk: Desk) -> None:
    talker, _ = await called_on(desk)
    await talker.say("kaaduin")
    assert "Soita 112" in await talker.result(error="Down")


async def test_help_gets_through_though_the_look_up_is_away_or_the_message_is_old(desk: Desk) -> None:
    talker, nudge = await called_on(desk)
    desk.down = True
    await talker.say("2")
    desk.over.add(nudge)
    talker.now += timedelta(days=3)
    await talker.turn(payload=nudge_payload(nudge, "help"))
    assert len(asked(talker, "help")) == 2


async def test_another_matter_is_answered_and_the_question_put_again(desk: Desk) -> None:
    talker, nudge = await called_on(desk)
    said = await talker.say("kirjastokortti")
    assert "answer library_card" in said
    assert "miten voit?" in said
    assert not asked(talker, "help")
    await talker.say("1")
    assert asked(talker, "answered") == [(nudge, "well")]
    assert "miten voit?" not in await talker.say("kirjastokortti")


async def test_another_matter_that_tells_of_pain_goes_to_people(desk: Desk) -> None:
    talker, _ = await called_on(desk)
    await talker.say("kirjastokortti ja polveen särkee")
    assert asked(talker, "help")


async def test_a_doubt_about_safety_goes_to_people(desk: Desk) -> None:
    def worried(text: str, session: Session) -> Match:
        return replace(understand(text, session), concern=Safety.CRISIS)

    talker, _ = await called_on(desk, understand=worried)
    await talker.say("kirjastokortti")
    assert asked(talker, "help")


async def test_a_greeting_is_returned_and_the_question_put_again(desk: Desk) -> None:
    talker, _ = await called_on(desk)
    assert "miten voit?" in await talker.say("moi")
    assert not asked(talker, "help")


async def test_the_question_is_put_again_in_the_language_that_was_asked_for(desk: Desk) -> None:
    talker, nudge = await called_on(desk)
    said = await talker.say("på svenska")
    assert "hur mår du?" in said
    assert "Jag behöver hjälp" in said
    await talker.say("2")
    assert asked(talker, "help") == [(nudge, "sv")]


@pytest.mark.parametrize("word", ["STOP", "lopeta", "ihminen"])
async def test_a_command_is_obeyed_and_nothing_is_asked_after_it(desk: Desk, word: str) -> None:
    talker, _ = await called_on(desk)
    said = await talker.say(word)
    assert not asked(talker, "help")
    assert word == "ihminen" or "miten voit" not in said


async def test_safety_comes_first_and_people_hear_of_an_emergency(desk: Desk) -> None:
    talker, nudge = await called_on(desk)
    await talker.say("en hengitä", safety_answered=True)
    assert not talker.replies
    assert asked(talker, "help") == [(nudge, "fi")]
    assert not await talker.result(PROMISE)


async def test_a_crisis_is_in_the_queue_as_one_and_the_check_in_is_answered(desk: Desk) -> None:
    talker, nudge = await called_on(desk)
    await talker.say("en jaksa enää elää", safety_answered=True)
    assert asked(talker, "answered") == [(nudge, "help")]
    assert not asked(talker, "help")


async def test_an_open_question_keeps_words_of_ones_own_but_not_the_word_for_help(desk: Desk) -> None:
    talker = told(desk)
    await talker.say("missä")
    desk.write(talker, CHECKIN)
    await talker.say("kaaduin")
    assert not asked(talker, "help")
    desk.write(talker, CHECKIN)
    said = await talker.say("apua")
    assert asked(talker, "help")
    assert "Jatketaan" in said


async def test_a_day_later_words_of_ones_own_are_no_answer_any_more(desk: Desk) -> None:
    talker, _ = await called_on(desk)
    talker.now += timedelta(hours=25)
    await talker.say("siinähän se")
    assert not asked(talker, "help")


async def test_words_of_ones_own_are_no_answer_where_nobody_was_asked_how_they_are(desk: Desk) -> None:
    talker = told(desk)
    desk.write(talker, APPOINTMENT)
    await talker.say("kaaduin")
    assert not talker.effects


async def test_beside_a_person_nothing_is_said(desk: Desk) -> None:
    talker, _ = await called_on(desk)
    await talker.say("kaaduin")
    effect = next(effect for effect in talker.effects if effect.name == "nudges.help")
    result = EffectResult(effect_id=effect.id, value=PROMISE)
    assert not await talker.turn(result=result, owned=True)


@pytest.mark.parametrize(
    ("text", "intent"), [("not fine", "parking_fine"), ("en hyvin", "goodbye"), ("inte så bra", "thanks")]
)
async def test_not_well_is_no_other_matter_however_sure_that_is(desk: Desk, text: str, intent: str) -> None:
    def sure(said: str, session: Session) -> Match:
        return replace(understand(said, session), intent=intent, confidence=0.99)

    talker, nudge = await called_on(desk)
    talker.understand = sure
    assert "112" in await talker.say(text)
    assert [one[0] for one in asked(talker, "help")] == [nudge]


@pytest.mark.parametrize("sign", ["👍", "🙏👍", "👌🏽"])
async def test_a_thumb_up_is_a_yes(desk: Desk, sign: str) -> None:
    talker, nudge = await called_on(desk)
    assert "Mukava kuulla" in await talker.say(sign)
    assert asked(talker, "answered") == [(nudge, "well")]


async def test_stop_with_a_sad_face_is_stop(desk: Desk) -> None:
    talker, _ = await called_on(desk)
    await talker.say("STOP 😢")
    assert "opted_out" in talker.state
    assert not asked(talker, "help")


@pytest.mark.parametrize(
    ("language", "text"), [("fi", "kaaduin"), ("fi", "apua"), ("sv", "jag har ramlat"), ("en", "I fell")]
)
async def test_who_was_well_may_need_help_later(desk: Desk, language: str, text: str) -> None:
    talker, nudge = await called_on(desk, language)
    await talker.say("1")
    talker.now += timedelta(hours=5)
    await talker.say(text)
    assert [call[0] for call in asked(talker, "help")] == [nudge]


async def test_a_day_later_a_word_for_help_is_what_it_always_is(desk: Desk) -> None:
    talker, _ = await called_on(desk)
    await talker.say("1")
    talker.now += timedelta(hours=25)
    await talker.say("kaaduin")
    assert not asked(talker, "help")
