"""Messages that were not asked for: a wrong number, a complaint, and why one was sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.messages import Match, Session
from tests.unit.dialogs.nudges_desk import APPOINTMENT, CHECKIN, PROMISE, Desk, asked, told
from tests.unit.dialogs.talker import Talker, understand

WORDS = {"väärä": "wrong_number", "fel": "wrong_number", "wrong": "wrong_number", "häirintää": "message_complaint"}


def heard(text: str, session: Session) -> Match:
    found = understand(text, session)
    intents = [WORDS[word] for word in text.lower().split() if word in WORDS]
    return replace(found, intent=intents[0]) if intents else found


@pytest.fixture
def desk() -> Desk:
    return Desk()


def stranger(desk: Desk, **options: Any) -> Talker:
    return told(desk, understand=heard, **options)


@pytest.mark.parametrize("text", ["väärä numero", "fel nummer", "wrong person"])
async def test_who_got_a_message_of_somebody_elses_is_believed_at_once(desk: Desk, text: str) -> None:
    talker = stranger(desk, channel="sms")
    desk.write(talker, APPOINTMENT)
    said = await talker.say(text)
    assert asked(talker, "wrong_number") == [()]
    assert "START" in said
    assert not talker.open_runs


async def test_nothing_of_whom_it_was_meant_for_is_shown_or_kept(desk: Desk) -> None:
    talker = stranger(desk, channel="sms")
    desk.write(talker, APPOINTMENT)
    await talker.say("peru")
    await talker.say("ei")
    said = await talker.say("väärä numero")
    for word in ("aika", "Kallio", "ABCD"):
        assert word not in said
    assert not any(talker.state.get(name) for name in ("nudges", "recent", "runs", "human"))
    assert "Odotamme" not in await talker.say("tulen")


async def test_without_any_message_it_is_asked_whether_this_was_meant(desk: Desk) -> None:
    talker = stranger(desk)
    assert "Lopetetaanko viestit tähän" in await talker.say("väärä numero")
    await talker.say("ei")
    assert not talker.effects
    await talker.say("väärä numero")
    await talker.say("kyllä")
    assert asked(talker, "wrong_number") == [()]


async def test_start_takes_it_back(desk: Desk) -> None:
    talker = stranger(desk)
    desk.write(talker, APPOINTMENT)
    await talker.say("väärä numero")
    assert talker.state["opted_out"]
    assert "Saat taas" in await talker.say("START")
    assert asked(talker, "resumed") == [()]
    assert "opted_out" not in talker.state


async def test_a_wrong_number_in_the_middle_of_a_dialog_ends_it(desk: Desk) -> None:
    talker = stranger(desk)
    await talker.say("missä")
    desk.write(talker, CHECKIN)
    await talker.say("väärä numero")
    assert asked(talker, "wrong_number") == [()]
    assert not talker.open_runs


async def test_a_complaint_goes_to_people_who_answer_here(desk: Desk) -> None:
    talker = stranger(desk)
    desk.write(talker, APPOINTMENT)
    await talker.say("tämä on häirintää")
    assert "Välitän valituksesi" in await talker.say("1")
    assert asked(talker, "complained") == [("fi",)]
    assert "ihminen" in await talker.result(PROMISE)
    assert PROMISE["hours"] in talker.said


async def test_a_complaint_may_only_stop_the_messages_or_nothing(desk: Desk) -> None:
    talker = stranger(desk)
    await talker.say("tämä on häirintää")
    assert "Emme enää lähetä" in await talker.say("2")
    assert talker.effects[-1].name == "consents.end"
    assert not asked(talker, "complained")
    other = stranger(desk)
    await other.say("tämä on häirintää")
    await other.say("3")
    assert not other.effects
