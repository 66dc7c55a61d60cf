"""What the city wrote first, and where an answer goes: to it, to the question that is open, or to neither."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dialogs.buttons import PAYLOAD_LIMIT, Nudged, nudge_payload, read
from dialogs.dialog import Dialog
from dialogs.prompts import Text
from dialogs.talk import Talk
from tests.unit.dialogs.nudges_desk import APPOINTMENT, CHECKIN, PRESCHOOL, WASTE, Desk, asked, told
from tests.unit.dialogs.talker import Talker
from tests.unit.dialogs.test_appointments import MINE


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def reminded(desk: Desk, language: str = "fi", **options: Any) -> tuple[Talker, str]:
    """A citizen of a language who has got a reminder of an appointment."""
    talker = told(desk, **options)
    await talker.say({"fi": "moi", "sv": "hej", "en": "hello"}[language])
    talker.state["language"] = language
    return talker, desk.write(talker, APPOINTMENT, language)


def test_a_payload_fits_every_channel() -> None:
    payload = nudge_payload("f" * 32, "c" * 29)
    assert len(payload.encode()) <= PAYLOAD_LIMIT
    assert read(payload) == Nudged(nudge="f" * 32, choice="c" * 29)


@pytest.mark.parametrize("word", ["1", "Tulen paikalle", "tulen", "kyllä", "joo", "ok", "YES", "👍"])
async def test_a_choice_is_taken_by_its_number_its_label_a_word_or_a_yes(desk: Desk, word: str) -> None:
    talker, nudge = await reminded(desk)
    assert "Kiitos! Odotamme sinua" in await talker.say(word)
    assert asked(talker, "answered") == [(nudge, "confirm")]


@pytest.mark.parametrize("word", ["YES", "yes"])
async def test_yes_by_text_message_is_an_answer_and_no_restart_of_messages(desk: Desk, word: str) -> None:
    talker, nudge = await reminded(desk, "en", channel="sms")
    assert "We expect you" in await talker.say(word)
    assert asked(talker, "answered") == [(nudge, "confirm")]


@pytest.mark.parametrize(
    ("language", "word"),
    [("fi", "PERU"), ("fi", "ei"), ("fi", "en pääse"), ("fi", "3"), ("sv", "nej"), ("sv", "avboka"), ("en", "no"),
     ("en", "cancel"), ("fi", "peru aika")],
)  # fmt: skip
async def test_no_and_cancel_are_meant_of_the_appointment_and_are_no_opt_out(
    desk: Desk, language: str, word: str
) -> None:
    talker, nudge = await reminded(desk, language)
    said = await talker.say(word)
    assert {"fi": "Perunko tämän", "sv": "Ska jag avboka", "en": "Shall I cancel"}[language] in said
    assert MINE in said
    assert asked(talker, "answered") == [(nudge, "cancel")]
    assert "opted_out" not in talker.state


async def test_the_appointment_of_the_nudge_is_cancelled_after_a_yes_that_names_it(desk: Desk) -> None:
    talker, _ = await reminded(desk)
    await talker.say("PERU")
    await talker.say("kyllä")
    assert talker.effects[-1].name == "appointments.cancel"
    assert talker.effects[-1].arguments == (MINE,)


async def test_peruuta_may_be_the_appointment_or_the_messages_and_is_asked(desk: Desk) -> None:
    talker, nudge = await reminded(desk)
    said = await talker.say("PERUUTA")
    assert "Mitä haluat perua" in said
    assert "Peru aika" in said
    assert "health_booking_cancel" not in said
    assert not asked(talker, "answered")
    assert "Perunko tämän" in await talker.say("1")
    assert asked(talker, "answered") == [(nudge, "cancel")]


@pytest.mark.parametrize("word", ["STOP", "lopeta", "SLUTA", "stop 12345", "UNSUBSCRIBE"])
async def test_a_word_that_stops_messages_always_does(desk: Desk, word: str) -> None:
    talker, _ = await reminded(desk, channel="sms")
    await talker.say(word)
    assert talker.state["opted_out"]
    assert not asked(talker, "answered")
    assert talker.effects[-1].name == "consents.end"


async def test_who_stopped_messages_starts_them_with_yes_by_text_message(desk: Desk) -> None:
    talker, _ = await reminded(desk, channel="sms")
    await talker.say("STOP")
    await talker.say("YES")
    assert "opted_out" not in talker.state
    assert asked(talker, "resumed") == [()]
    assert not asked(talker, "answered")


@pytest.mark.parametrize("word", ["1", "joo", "iso kuoppa tässä", "ei"])
async def test_an_open_question_gets_its_answer_whatever_came_beside_it(desk: Desk, word: str) -> None:
    talker = told(desk)
    await talker.say("kuoppa")
    await talker.say("Kallio")
    desk.write(talker, APPOINTMENT)
    await talker.say(word)
    assert not asked(talker, "answered")
    assert talker.open_runs
    assert len(talker.state["nudges"]) == 1


@pytest.mark.parametrize("word", ["Tulen paikalle", "tulen"])
async def test_by_its_label_or_a_word_that_the_question_does_not_take_it_is_answered_and_the_question_comes_again(
    desk: Desk, word: str
) -> None:
    talker = told(desk)
    await talker.say("missä")
    first = talker.replies[-1].text.split("\n\n")[-1]
    nudge = desk.write(talker, APPOINTMENT)
    said = await talker.say(word)
    assert "Odotamme sinua" in said
    assert first in said
    assert "Jatketaan" in said
    assert asked(talker, "answered") == [(nudge, "confirm")]


async def test_a_label_written_out_wins_over_a_question_that_takes_every_text(desk: Desk) -> None:
    async def t(talk: Talk) -> None:
        await talk.say("end", text=await talk.ask("words", Text()))

    talker = told(desk)
    talker.dialogs = {**talker.dialogs, "t": Dialog(name="t", run=t, code="1")}
    await talker.open("t")
    nudge = desk.write(talker, APPOINTMENT)
    assert "<t.words" in await talker.say("Tulen paikalle")
    assert asked(talker, "answered") == [(nudge, "confirm")]
    assert "text=tulen kyllä" in await talker.say("tulen kyllä")


async def test_a_press_opens_its_dialog_inside_the_one_that_is_open(desk: Desk) -> None:
    talker = told(desk)
    await talker.say("missä")
    first = talker.replies[-1].text.split("\n\n")[-1]
    nudge = desk.write(talker, APPOINTMENT)
    assert "Perunko tämän" in await talker.turn(payload=nudge_payload(nudge, "cancel"))
    said = await talker.say("ei")
    assert "Jatketaan" in said
    assert first in said


async def test_peru_in_an_open_dialog_means_what_was_written_last(desk: Desk) -> None:
    talker = told(desk)
    await talker.say("missä")
    desk.write(talker, APPOINTMENT)
    assert "Perunko tämän" in await talker.say("PERU")
    assert len(talker.open_runs) == 2


async def test_peru_in_an_open_dialog_is_asked_where_the_question_came_last(desk: Desk) -> None:
    talker = told(desk)
    await talker.say("missä")
    desk.write(talker, APPOINTMENT)
    await talker.say("hmm")
    said = await talker.say("PERU")
    assert "Mitä haluat perua" in said
    assert "Peru aika" in said
    assert len(talker.open_runs) == 1


async def test_without_a_nudge_peru_leaves_the_dialog(desk: Desk) -> None:
    talker = told(desk)
    await talker.say("missä")
    await talker.say("PERU")
    assert not talker.open_runs


@pytest.mark.parametrize("turn", ["owned", "safety", "result", "failed"])
async def test_every_turn_keeps_what_came_beside_it(desk: Desk, turn: str) -> None:
    async def t(talk: Talk) -> None:
        raise ZeroDivisionError

    talker = told(desk)
    await talker.say("moi")
    desk.write(talker, APPOINTMENT)
    if turn == "owned":
        await talker.say("kiitos", owned=True)
    elif turn == "safety":
        await talker.say("en jaksa enää elää", safety_answered=True)
    elif turn == "failed":
        talker.dialogs = {**talker.dialogs, "t": Dialog(name="t", run=t, code="1")}
        await talker.open("t")
        assert talker.failures
    else:
        await talker.say("STOP")
        talker.state["nudges"] = []
        desk.write(talker, APPOINTMENT)
        await talker.result([])
    assert [row["title"] for row in talker.state["nudges"]]
    assert "Perunko tämän" in await talker.say("peru")


async def test_five_are_kept_the_newest_first_and_for_a_week(desk: Desk) -> None:
    talker = told(desk)
    for _ in range(7):
        desk.write(talker, WASTE)
        talker.now += timedelta(minutes=1)
    await talker.say("moi")
    kept = [row["id"] for row in talker.state["nudges"]]
    assert kept == list(reversed(desk.sent))[:5]
    talker.now += timedelta(days=7)
    await talker.say("moi")
    assert not talker.state.get("nudges")


async def test_a_number_means_the_last_reply_and_the_nudge_where_that_offers_nothing(desk: Desk) -> None:
    talker, nudge = await reminded(desk)
    await talker.say("kiitos")
    assert not asked(talker, "answered")
    assert "Odotamme" in await talker.say("1")
    other, _ = await reminded(desk)
    await other.say("moi")
    await other.say("1")
    assert not asked(other, "answered")
    assert asked(talker, "answered") == [(nudge, "confirm")]


async def test_a_day_later_a_number_is_no_answer_to_what_was_written_before_the_last_reply(desk: Desk) -> None:
    talker, _ = await reminded(desk)
    await talker.say("kiitos")
    talker.now += timedelta(days=1, minutes=1)
    await talker.say("kiitos")
    await talker.say("1")
    assert not asked(talker, "answered")
    assert "Odotamme" in await talker.say("tulen")


async def test_a_no_after_something_else_was_said_is_no_answer_to_a_nudge_that_has_no_such_word(desk: Desk) -> None:
    talker = told(desk)
    desk.write(talker, PRESCHOOL, "en")
    await talker.say("hello")
    await talker.say("nope")
    assert not talker.open_runs


async def test_a_button_works_after_a_week_and_says_kindly_when_it_is_over(desk: Desk) -> None:
    talker, nudge = await reminded(desk)
    await talker.say("moi")
    talker.now += timedelta(days=9)
    assert "Odotamme" in await talker.turn(payload=nudge_payload(nudge, "confirm"))
    desk.over.add(nudge)
    said = await talker.turn(payload=nudge_payload(nudge, "confirm"))
    assert "ei ole enää voimassa" in said
    assert "ihmistä" in said
    assert not talker.open_runs


async def test_a_payload_that_somebody_made_up_answers_nothing(desk: Desk) -> None:
    talker = told(desk)
    assert "ei ole enää voimassa" in await talker.turn(payload="n|x|y")
    assert not talker.effects


async def test_a_service_that_is_away_is_said_and_the_answer_is_not_lost_as_given(desk: Desk) -> None:
    talker, _ = await reminded(desk)
    desk.down = True
    assert "hetken päästä" in await talker.say("1")
    assert not talker.effects
    desk.down = False
    assert "Odotamme" in await talker.say("tulen")


async def test_an_answer_that_could_not_be_recorded_is_said(desk: Desk) -> None:
    talker, _ = await reminded(desk)
    await talker.say("1")
    assert "ei saatu kirjatuksi" in await talker.result(error="Down")
    assert "ei ole enää voimassa" in await talker.result(value=False)
    assert not await talker.result(value=True)


async def test_the_same_answer_once_more_is_said_to_be_there_and_recorded_once(desk: Desk) -> None:
    talker, nudge = await reminded(desk)
    await talker.say("1")
    desk.taken[nudge] = "confirm"
    await talker.say("kyllä")
    assert "jo kirjattu: Tulen paikalle" in await talker.turn(payload=nudge_payload(nudge, "confirm"))
    assert asked(talker, "answered") == [(nudge, "confirm")]


async def test_a_yes_after_the_answer_is_no_second_one(desk: Desk) -> None:
    talker, nudge = await reminded(desk)
    await talker.say("peru")
    await talker.say("ei")
    await talker.say("kyllä")
    assert asked(talker, "answered") == [(nudge, "cancel")]


async def test_the_buttons_of_an_open_question_stay_those_that_a_number_means(desk: Desk) -> None:
    talker = told(desk)
    await talker.say("missä")
    shown = talker.state["offered"]
    desk.write(talker, APPOINTMENT)
    await talker.say("hetki", owned=True)
    assert talker.state["offered"] == shown


async def test_a_place_is_not_binding_before_a_yes_to_its_question(desk: Desk) -> None:
    talker = told(desk)
    nudge = desk.write(talker, PRESCHOOL)
    said = await talker.say("1")
    assert "sitoo vasta, kun vahvistat" in said
    assert not talker.effects
    await talker.say("ei")
    assert not talker.effects
    await talker.say("otan paikan")
    await talker.say("kyllä")
    assert asked(talker, "answered") == [(nudge, "accept")]
    assert "otatte" in await talker.result(value=True)


async def test_another_answer_may_be_given_later_and_the_same_one_is_said_to_be_there(desk: Desk) -> None:
    talker = told(desk)
    nudge = desk.write(talker, PRESCHOOL)
    desk.taken[nudge] = "accept"
    assert "jo kirjattu: Otan paikan vastaan" in await talker.say("1")
    assert "Kieltäydytkö" in await talker.turn(payload=nudge_payload(nudge, "decline"))


async def test_a_place_that_has_gone_meanwhile_is_not_thanked_for(desk: Desk) -> None:
    talker = told(desk)
    desk.write(talker, PRESCHOOL)
    await talker.say("1")
    await talker.say("kyllä")
    assert "ei ole enää voimassa" in await talker.result(value=False)


async def test_who_never_wrote_is_answered_in_the_language_of_the_nudge(desk: Desk) -> None:
    talker = told(desk, channel="sms")
    desk.write(talker, APPOINTMENT, "sv")
    assert "Tack! Vi väntar dig" in await talker.say("1")
    assert talker.state["language"] == "sv"


async def test_a_change_of_language_changes_what_is_said_of_it(desk: Desk) -> None:
    talker = told(desk)
    desk.write(talker, PRESCHOOL)
    await talker.say("1")
    assert "Tar du emot platsen" in await talker.say("på svenska")
    await talker.say("ja")
    assert "Tack! Jag har antecknat" in await talker.result(value=True)


async def test_two_reminders_and_a_word_go_to_the_newest_that_has_it(desk: Desk) -> None:
    talker = told(desk)
    await talker.say("moi")
    older = desk.write(talker, APPOINTMENT)
    talker.now += timedelta(minutes=5)
    newer = desk.write(talker, PRESCHOOL)
    await talker.say("peru")
    assert asked(talker, "answered") == [(older, "cancel")]
    await talker.say("ei")
    assert "Otatko" in await talker.say("otan")
    await talker.say("kyllä")
    assert asked(talker, "answered")[-1] == (newer, "accept")


async def test_a_nudge_without_choices_leaves_the_numbers_to_what_was_asked(desk: Desk) -> None:
    talker = told(desk)
    await talker.say("epäselvä")
    desk.write(talker, WASTE)
    assert "answer library_card" in await talker.say("1")


async def test_a_check_in_is_no_choice_of_a_forgotten_dialog(desk: Desk) -> None:
    talker = told(desk)
    await talker.say("missä")
    talker.now += timedelta(days=2)
    nudge = desk.write(talker, CHECKIN)
    assert "Mukava kuulla" in await talker.say("1")
    assert asked(talker, "answered") == [(nudge, "well")]
