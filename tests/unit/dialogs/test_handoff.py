"""The way to a person, as a citizen sees it: asked for, told the place in the queue, silence, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.city import City
from bot.messages import EffectResult
from knowledge.service_desk import ServiceDesk
from tests.unit.dialogs.talker import Talker, city_talker


def staffed() -> Talker:
    """A citizen of a city with people who can join."""
    talker = city_talker()
    talker.services = {**talker.services, "handoff": object()}
    return talker


async def queued(talker: Talker, status: str = "waiting", **more: object) -> str:
    """The answer to the wish that was made last."""
    reason = talker.effects[-1].arguments[1]
    return await talker.result({"status": status, "position": 3, "hours": "klo 9-15", "reason": reason, **more})


async def test_a_wish_asks_a_person_to_join_and_gives_the_numbers_too() -> None:
    talker = staffed()
    said = await talker.say("ihminen")
    assert "pyydän virkailijaa" in said
    assert "09 310 22111" in said
    assert [(effect.name, effect.arguments) for effect in talker.effects] == [("handoff.request", ("c1", "wish", "fi"))]


async def test_without_people_the_wish_is_noted_and_nobody_is_asked() -> None:
    talker = city_talker()
    assert "ei vielä vastaa" in await talker.say("ihminen")
    assert talker.effects == []


async def test_the_place_in_the_queue_and_the_hours_are_told() -> None:
    talker = staffed()
    await talker.say("ihminen")
    said = await queued(talker)
    assert "sijalla 3" in said
    assert "klo 9-15" in said


async def test_outside_hours_a_call_back_is_told() -> None:
    talker = staffed()
    await talker.say("ihminen")
    assert "Pyyntösi on tallessa" in await queued(talker, "callback")


async def test_when_nobody_could_be_asked_the_numbers_are_told() -> None:
    talker = staffed()
    await talker.say("ihminen")
    assert "09 310 22111" in await talker.result(error="TimeoutError")


async def test_an_open_question_can_be_answered_after_the_place_in_the_queue() -> None:
    talker = staffed()
    await talker.open("feedback_report")
    before = talker.replies[-1].choices
    await talker.say("ihminen")
    await queued(talker)
    assert talker.replies[-1].choices == before
    await talker.press(before[0].label)
    assert talker.open_runs[0]["journal"]


async def test_a_crisis_asks_for_a_person_and_nothing_is_said_after_the_numbers() -> None:
    talker = staffed()
    await talker.say("en jaksa enää elää", safety_answered=True)
    assert talker.effects[-1].arguments[1] == "crisis"
    assert await queued(talker) == ""


async def test_the_bot_says_nothing_to_a_message_for_the_person_who_answers() -> None:
    talker = staffed()
    await talker.say("ihminen")
    for text in ("hei oletko siellä", "missä on lähin kirjasto", "apua", "ihminen"):
        assert await talker.say(text, owned=True) == ""
        assert talker.last is not None
        assert not talker.last.release
    assert len(talker.effects) == 1


async def test_a_late_answer_of_the_queue_is_not_told_beside_a_person() -> None:
    talker = staffed()
    await talker.say("ihminen")
    result = talker.effects[-1]
    assert await talker.turn(result=_ended(result.id), owned=True) == ""


@pytest.mark.parametrize("word", ["botti", "BOT", "takaisin botille", "till boten", "back to the bot"])
async def test_the_citizen_goes_back_to_the_bot(word: str) -> None:
    talker = staffed()
    await talker.say("ihminen")
    await talker.say(word, owned=True)
    assert talker.last is not None
    assert talker.last.release
    assert talker.said
    assert await talker.say("apua")


async def test_no_more_messages_is_honoured_beside_a_person() -> None:
    talker = staffed()
    await talker.say("lopeta", owned=True)
    assert talker.state["opted_out"]


async def test_the_way_back_where_nobody_answers_withdraws_the_wish() -> None:
    talker = staffed()
    await talker.say("ihminen")
    assert "peruttu" in await talker.say("botti")
    assert talker.last is not None
    assert talker.last.release
    assert "human" not in talker.state


def test_people_answer_on_weekdays_but_not_on_holidays(city: City) -> None:
    desk = ServiceDesk(city.content.city)
    assert desk.open("fi", datetime(2026, 11, 26, 7, 0, tzinfo=UTC))  # Thursday 9:00 in Helsinki
    assert not desk.open("fi", datetime(2026, 11, 26, 6, 59, tzinfo=UTC))
    assert not desk.open("sv", datetime(2026, 11, 26, 13, 0, tzinfo=UTC))
    assert not desk.open("fi", datetime(2026, 11, 28, 10, 0, tzinfo=UTC))  # Saturday
    assert not desk.open("en", datetime(2026, 12, 25, 10, 0, tzinfo=UTC))  # Friday, Christmas
    assert "9–15" in desk.words("sv")


def _ended(effect_id: str) -> EffectResult:
    value = {"status": "waiting", "position": 1, "hours": "9-15", "reason": "wish"}
    return EffectResult(effect_id=effect_id, value=value)
