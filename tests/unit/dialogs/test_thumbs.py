"""Whether an answer helped: counted once, thanked for, and nothing that is open is disturbed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.messages import Match, Outcome, Rating, Session
from tests.unit.dialogs.talker import LANGUAGES, TEXTS, Talker, city_talker, understand


def outcome(talker: Talker) -> Outcome:
    assert talker.last is not None
    return talker.last


def rated(talker: Talker) -> Rating | None:
    return outcome(talker).rating


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("helped", [True, False])
async def test_a_press_is_counted_under_the_answers_topic_and_thanked_for(language: str, helped: bool) -> None:
    talker = city_talker()
    talker.state = {"version": 1, "language": language, "chosen": True, "introduced": True, "runs": []}
    await talker.say("kirjastokortti")
    name = "helped" if helped else "not_helped"
    said = await talker.press(TEXTS(f"button.{name}", language))
    assert said.startswith(TEXTS(f"talk.{name}", language))
    assert rated(talker) == Rating(intent="library_card", language=language, helped=helped)
    labels = [choice.label for choice in talker.replies[-1].choices]
    assert labels == ([] if helped else [TEXTS("button.human", language)])


async def test_it_counts_once_whatever_is_pressed_again() -> None:
    talker = city_talker()
    await talker.say("kirjastokortti")
    up, down = talker.button("👍"), talker.button("👎")
    await talker.say(up.label, payload=up.payload)
    assert rated(talker) is not None
    assert await talker.say(up.label, payload=up.payload) == TEXTS("talk.rated_already", "fi")
    assert rated(talker) is None
    assert "toisin sanoin" in await talker.say(down.label, payload=down.payload)
    assert rated(talker) is None


async def test_the_same_question_asked_again_is_another_answer() -> None:
    talker = city_talker()
    for _ in range(2):
        await talker.say("kirjastokortti")
        await talker.press("👍")
        assert rated(talker) is not None


async def test_the_buttons_have_no_numbers_and_stand_last() -> None:
    talker = city_talker()
    await talker.say("kirjastokortti")
    choices = talker.replies[-1].choices
    assert [choice.aside for choice in choices] == [False, True, True]
    await talker.say("2")
    assert rated(talker) is None
    await talker.say("kirjastokortti")
    assert "Kenelle kortti tulee?" in await talker.say("1")


@pytest.mark.parametrize(
    ("text", "helped"),
    [("Auttoi", True), ("ei auttanut", False), ("hjälpte inte", False), ("That didn't help!", False)],
)
async def test_words_say_the_same_right_after_an_answer(text: str, helped: bool) -> None:
    talker = city_talker()
    await talker.say("kirjastokortti")
    await talker.say(text)
    assert rated(talker) == Rating(intent="library_card", language="fi", helped=helped)


async def test_the_words_mean_nothing_elsewhere() -> None:
    talker = city_talker()
    await talker.say("moi")
    await talker.say("ei auttanut")
    assert rated(talker) is None


async def test_a_press_while_a_dialog_is_open_leaves_it_where_it_was() -> None:
    talker = city_talker()
    await talker.say("kirjastokortti")
    up = talker.button("👍")
    await talker.say("kuoppa")
    before: Any = talker.open_runs
    said = await talker.say(up.label, payload=up.payload)
    assert said.startswith(TEXTS("talk.helped", "fi"))
    assert "Missä vika on?" in said
    assert rated(talker) is not None
    [run], [was] = talker.open_runs, before
    assert (run["journal"], run["waiting"], run["serial"]) == (was["journal"], was["waiting"], was["serial"])


async def test_inside_a_dialog_an_answer_asks_for_nothing_beside_the_question() -> None:
    talker = city_talker()
    await talker.say("kuoppa")
    await talker.say("kirjastokortti")
    assert not [choice for reply in talker.replies for choice in reply.choices if choice.aside]


async def test_the_words_are_an_answer_inside_a_dialog() -> None:
    talker = city_talker()
    await talker.say("kirjastokortti")
    await talker.say("kuoppa")
    await talker.say("ei auttanut")
    assert rated(talker) is None


async def test_a_press_of_an_answer_long_gone_or_made_up_counts_nothing() -> None:
    talker = city_talker()
    await talker.say("kirjastokortti")
    up = talker.button("👍")
    for _ in range(9):
        await talker.say("kirjastokortti")
    for payload in (up.payload, "h|made-up|y", "h||y", "h|x|maybe", "h|"):
        await talker.say("👍", payload=payload)
        assert rated(talker) is None
        assert talker.replies


async def test_to_a_person_a_press_is_counted_and_nothing_is_said() -> None:
    talker = city_talker()
    await talker.say("kirjastokortti")
    up = talker.button("👍")
    assert not await talker.turn(text=up.label, payload=up.payload, owned=True)
    assert rated(talker) is not None


async def test_what_comes_of_a_wish_for_a_person_does_not_ask_again_whether_an_answer_helped() -> None:
    talker = city_talker()
    talker.services = {**talker.services, "handoff": object()}
    await talker.say("ihminen")
    await talker.say("kirjastokortti")
    await talker.result({"status": "waiting", "position": 1, "hours": "klo 9-15", "reason": "wish"})
    assert [choice.payload for choice in talker.replies[-1].choices] == ["i|guide_library_card"]


async def test_refused_close_intents_leave_the_text_that_they_were_offered_for() -> None:
    def close(text: str, session: Session) -> Match:
        match = understand(text, session)
        return replace(match, intent=match.suggestions[0]) if match.suggestions else match

    talker = city_talker(understand=close)
    await talker.say("joku epäselvä juttu")
    assert outcome(talker).missed is None
    await talker.press(TEXTS("button.none", "fi"))
    missed = outcome(talker).missed
    assert missed is not None
    assert (missed.text, missed.alternatives[0].intent) == ("joku epäselvä juttu", "library_card")
    await talker.say("ei mikään näistä", payload="c|none")
    assert outcome(talker).missed is None
