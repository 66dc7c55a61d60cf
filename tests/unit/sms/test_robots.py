"""SO-11: two robots do not answer each other for ever, and people are not taken for robots."""

from __future__ import annotations

import random

import pytest

from channels.sms.robots import Patience, Robots
from tests.contract.twilio_stand import CITIZEN, incoming
from tests.unit.sms.rig import Rig

OTHER = "+358409999999"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_robot_is_answered_a_few_times_only(rig: Rig) -> None:
    for number in range(12):
        assert await rig.post(incoming(number, f"Olen lomalla, palaan 1.8.  Viesti {number}")) == 200
    assert len(rig.received.messages) == Patience().most


async def test_who_writes_differently_is_still_served(rig: Rig) -> None:
    for number in range(12):
        await rig.post(incoming(number, "Olen lomalla, palaan 1.8."))
    rig.received.events.clear()
    await rig.post(incoming(20, "Missä on lähin kirjasto?"))
    await rig.post(incoming(21, "Olen lomalla, palaan 1.8.", sender=OTHER))
    assert [(kept.address.key, kept.text) for kept in rig.received.messages] == [
        (CITIZEN, "Missä on lähin kirjasto?"),
        (OTHER, "Olen lomalla, palaan 1.8."),
    ]


async def test_a_call_for_help_is_heard_however_often(rig: Rig) -> None:
    for number in range(30):
        await rig.post(incoming(number, "Soittakaa 112, talo palaa!"))
    assert len(rig.received.messages) == 30


async def test_a_message_that_twilio_sends_again_is_no_sign_of_a_robot(rig: Rig) -> None:
    rig.received.unavailable = True
    for _ in range(12):
        assert await rig.post(incoming(1, "Olen lomalla, palaan 1.8.")) == 503
    rig.received.unavailable = False
    assert await rig.post(incoming(1, "Olen lomalla, palaan 1.8.")) == 200
    assert await rig.post(incoming(2, "Olen lomalla, palaan 1.8.")) == 200
    assert len(rig.received.messages) == 2


async def test_the_last_word_on_stopping_is_told_even_of_a_robot(rig: Rig) -> None:
    for number in range(30):
        await rig.post(incoming(number, "STOP STOP STOP STOP", OptOutType="STOP"))
    assert len(rig.received.reaches) == 30


@pytest.mark.parametrize("answer", ["1", "joo", "seuraava", "Kallio"])
def test_people_give_the_same_short_answer_often(answer: str) -> None:
    robots = Robots(clock=Clock())
    assert not any(robots.repeats(CITIZEN, str(number), answer) for number in range(20))
    assert robots.repeats(CITIZEN, "21", answer)


def test_a_conversation_of_a_person_is_none_of_a_robots() -> None:
    robots = Robots(clock=Clock())
    said = [
        "Missä on lähin kirjasto?",
        "Kallio",
        "Milloin Kallion kirjasto on auki?",
        "entä huomenna",
        "Missä on uimahalli?",
    ]
    assert not any(robots.repeats(CITIZEN, f"{turn}-{line}", line) for turn in range(4) for line in said)


def test_after_the_window_everyone_begins_anew() -> None:
    clock = Clock()
    robots = Robots(clock=clock)
    for number in range(12):
        robots.repeats(CITIZEN, str(number), "Olen lomalla, palaan 1.8.")
    assert robots.repeats(CITIZEN, "12", "Olen lomalla, palaan 1.8.")
    clock.now += Patience().window + 1
    assert not robots.repeats(CITIZEN, "13", "Olen lomalla, palaan 1.8.")


def test_the_memory_is_bounded() -> None:
    robots = Robots(senders=50, clock=Clock())
    chance = random.Random(1)
    for number in range(1000):
        robots.repeats(f"+35840{chance.randrange(500):07}", str(number), "x" * 5000)
    assert len(robots._heard) == 50
    assert all(len(each.text) <= 1600 for seen in robots._heard.values() for each in seen)
    for number in range(1000):
        robots.repeats(CITIZEN, str(number), "moi")
    assert len(robots._heard[CITIZEN]) <= 2 * Patience().most_short
