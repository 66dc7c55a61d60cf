"""The ten rules of replay: each test fails when its rule is broken."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dialogs.check import faults
from dialogs.dialog import Dialog
from dialogs.errors import (
    DialogFault,
    Diverged,
    EffectFailed,
    EffectPassed,
    NameUsedTwice,
    NewerState,
    NotJson,
    StateTooLarge,
    StepAfterSuspension,
    TooManySteps,
)
from dialogs.prompts import Text
from dialogs.services import ServiceUnavailable
from dialogs.speech import Option, Spoken
from dialogs.talk import Talk
from tests.unit.dialogs.talker import ROOT, TEXTS, Talker, changed

OPTIONS = (Option("a", lambda language: f"Apple-{language}"), Option("b", lambda language: f"Pear-{language}"))


def made(run: Any, name: str = "t", code: str = "v1", **fields: Any) -> Dialog:
    return Dialog(name=name, run=run, code=code, **fields)


def cause(talker: Talker) -> BaseException | None:
    return talker.failures[-1].__cause__ if talker.failures else None


# 1. Names, scopes, budget


async def test_a_name_used_twice_is_an_error_at_once() -> None:
    async def run(talk: Talk) -> None:
        await talk.say("one")
        await talk.say("one")

    talker = Talker.of(made(run))
    assert "virhe" in await talker.open("t")
    assert isinstance(cause(talker), NameUsedTwice)


async def test_an_author_cannot_catch_a_broken_rule_away() -> None:
    async def run(talk: Talk) -> None:
        await talk.say("one")
        try:
            await talk.say("one")
        except DialogFault:
            await asyncio.sleep(0)

    talker = Talker.of(made(run))
    await talker.open("t")
    assert isinstance(cause(talker), NameUsedTwice)


async def test_loops_and_nested_dialogs_are_scopes_for_names() -> None:
    async def inner(talk: Talk) -> str:
        return str(await talk.ask("word", Text()))

    nested = made(inner, name="t_inner")

    async def run(talk: Talk) -> None:
        words = []
        for item in talk.each("items", ["x", "y", "z"]):
            if item == "z":
                break
            words.append(await talk.ask("word", Text(), item=item))
        words.append(await talk.call("sub", nested))
        words.append(await talk.ask("word", Text()))
        await talk.say("end", words="+".join(words))

    talker = Talker.of(made(run))
    assert "<t.word|fi|item=x>" in await talker.open("t")
    assert "item=y" in await talker.say("yksi")
    assert "<t_inner.word" in await talker.say("kaksi")
    assert "<t.word|fi|>" in await talker.say("kolme")
    paths = [row["p"] for row in talker.state["runs"][0]["journal"]]
    assert paths == ["items.0.word", "items.1.word", "sub.word"]
    assert talker.state["runs"][0]["waiting"][0] == "word"
    assert "words=yksi+kaksi+kolme+neljä" in await talker.say("neljä")


async def test_a_step_budget_ends_a_runaway_loop() -> None:
    async def run(talk: Talk) -> None:
        number = 0
        while True:
            number += 1
            await talk.say(f"x{number}")

    talker = Talker.of(made(run))
    await talker.open("t")
    assert isinstance(cause(talker), TooManySteps)


# 2. One journal, as JSON


async def test_first_run_and_replay_see_the_same_types() -> None:
    seen = []

    async def run(talk: Talk) -> None:
        seen.append(await talk.read("look", lambda: {1: ("a", None), "n": 2**60}))
        await talk.ask("word", Text())

    talker = Talker.of(made(run))
    await talker.open("t")
    await talker.say("sana")
    assert seen[0] == {"1": ["a", None], "n": 2**60}
    assert all(value == seen[0] for value in seen)


async def test_a_value_that_is_no_json_is_an_error() -> None:
    async def run(talk: Talk) -> None:
        await talk.read("look", lambda: datetime(2026, 1, 1, tzinfo=UTC))

    talker = Talker.of(made(run))
    await talker.open("t")
    assert isinstance(cause(talker), NotJson)


async def test_a_dialog_that_changes_an_answer_does_not_change_the_journal() -> None:
    seen = []

    async def run(talk: Talk) -> None:
        found = await talk.read("look", lambda: ["a", "b"])
        seen.append(list(found))
        found.clear()
        await talk.ask("word", Text())
        await talk.ask("more", Text())

    talker = Talker.of(made(run))
    await talker.open("t")
    await talker.say("sana")
    assert seen == [["a", "b"]] * len(seen)


async def test_a_look_up_is_kept_bound_to_its_arguments_and_dropped_by_back() -> None:
    asked: list[str] = []

    def look(word: str, language: str) -> str:
        asked.append(f"{word}-{language}")
        return word

    async def run(talk: Talk) -> None:
        word = await talk.ask("word", Text())
        await talk.read("look", look, word, talk.language)
        await talk.ask("more", Text())

    talker = Talker.of(made(run))
    await talker.open("t")
    await talker.say("yksi")
    await talker.say("help")
    assert asked == ["yksi-fi"]
    await talker.say("på svenska")
    assert asked == ["yksi-fi", "yksi-sv"]
    await talker.say("tillbaka")
    await talker.say("yksi")
    assert asked == ["yksi-fi", "yksi-sv", "yksi-sv"]


async def test_a_failed_look_up_fails_at_each_replay_too() -> None:
    calls = []

    def look() -> None:
        calls.append(1)
        raise ServiceUnavailable("down")

    async def run(talk: Talk) -> None:
        try:
            await talk.read("look", look)
        except ServiceUnavailable:
            await talk.say("down")
        await talk.ask("word", Text())
        await talk.say("end")

    talker = Talker.of(made(run))
    assert "<t.down" in await talker.open("t")
    assert "<t.end" in await talker.say("sana")
    assert calls == [1]


async def test_a_look_up_has_a_time_limit() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async def run(talk: Talk) -> None:
        with pytest.raises(ServiceUnavailable):
            await talk.read("look", never, seconds=0.01)
        await talk.say("late")

    assert "<t.late" in await Talker.of(made(run)).open("t")


async def test_say_speaks_once_and_clock_and_chance_stand_still() -> None:
    seen = []

    async def run(talk: Talk) -> None:
        await talk.say("hello")
        seen.append((talk.now(), talk.random()))
        await talk.ask("word", Text())

    talker = Talker.of(made(run))
    assert "<t.hello" in await talker.open("t")
    assert "<t.hello" not in await talker.say("help")
    assert len(seen) > 1
    assert len(set(seen)) == 1


# 3. Back


async def three(talk: Talk) -> None:
    for name in ("first", "second", "third"):
        await talk.ask(name, Text())
    await talk.say("end")


async def test_back_cuts_the_last_answer() -> None:
    talker = Talker.of(made(three))
    await talker.open("t")
    await talker.say("yksi")
    await talker.say("kaksi")
    assert "<t.second" in await talker.say("takaisin")
    assert "<t.first" in await talker.say("takaisin")
    assert "ensimmäinen kysymys" in await talker.say("takaisin")
    assert "<t.second" in await talker.say("uusi")


async def test_back_never_goes_past_an_effect() -> None:
    async def run(talk: Talk) -> None:
        await talk.ask("first", Text())
        await talk.do("act", "s.act")
        await talk.ask("second", Text())
        await talk.ask("third", Text())

    talker = Talker.of(made(run))
    await talker.open("t")
    await talker.say("yksi")
    await talker.result("done")
    await talker.say("kaksi")
    assert "<t.second" in await talker.say("takaisin")
    said = await talker.say("takaisin")
    assert "ei voi perua" in said
    assert "<t.second" in said
    assert len(talker.effects) == 1


async def test_start_over_ends_the_run_and_says_that_what_was_sent_stays_sent() -> None:
    async def run(talk: Talk) -> None:
        await talk.do("act", "s.act")
        await talk.ask("second", Text())

    talker = Talker.of(made(run))
    await talker.open("t")
    await talker.result("done")
    assert "Jo lähetetty pysyy lähetettynä" in await talker.say("alusta")
    assert talker.state.get("runs", []) == []


# 4. Suspension


async def test_suspension_passes_an_except_exception() -> None:
    async def run(talk: Talk) -> None:
        try:
            await talk.ask("first", Text())
        except Exception:
            await talk.say("caught")

    assert "<t.first" in await Talker.of(made(run)).open("t")


async def step_in_finally(talk: Talk) -> None:
    try:
        await talk.ask("first", Text())
    finally:
        await talk.say("after")


async def bare_except(talk: Talk) -> None:
    try:
        await talk.ask("first", Text())
    except BaseException:
        return


async def bare_except_and_step(talk: Talk) -> None:
    try:
        await talk.ask("first", Text())
    except BaseException:
        await talk.ask("second", Text())


async def gathered(talk: Talk) -> None:
    await asyncio.gather(talk.ask("first", Text()), talk.ask("second", Text()))


async def grouped(talk: Talk) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(talk.ask("first", Text()))
        group.create_task(talk.ask("second", Text()))


async def looked_up_together(talk: Talk) -> None:
    await asyncio.gather(talk.read("first", dict), talk.read("second", dict))


BESIDE = (step_in_finally, bare_except, bare_except_and_step, gathered, grouped, looked_up_together)


@pytest.mark.parametrize("run", BESIDE)
async def test_a_step_after_a_suspension_or_beside_another_fails_the_turn(run: Any) -> None:
    talker = Talker.of(made(run))
    assert "virhe" in await talker.open("t")
    assert isinstance(cause(talker), StepAfterSuspension)


# 5. Code


async def test_the_same_code_on_another_path_has_diverged_and_goes_to_a_human() -> None:
    moods = ["first"]

    async def run(talk: Talk) -> None:
        await talk.ask(moods[0], Text())
        await talk.ask("then", Text())

    talker = Talker.of(made(run))
    await talker.open("t")
    await talker.say("yksi")
    moods[0] = "other"
    said = await talker.say("kaksi")
    assert "Anteeksi" in said
    assert "ihmistä" in said
    assert isinstance(cause(talker), Diverged)
    assert talker.state["human"]
    assert talker.state.get("runs", []) == []


async def test_an_inserted_question_is_asked_and_the_recorded_answers_are_kept() -> None:
    async def longer(talk: Talk) -> None:
        await talk.ask("first", Text())
        await talk.ask("inserted", Text())
        second = await talk.ask("second", Text())
        await talk.ask("third", Text())
        await talk.say("end", second=second)

    old = made(three)
    talker = Talker.of(old)
    await talker.open("t")
    await talker.say("yksi")
    await talker.say("kaksi")
    talker.dialogs = {"t": changed(old, longer)}
    assert "<t.inserted" in await talker.say("kolme")
    assert "<t.third" in await talker.say("väliin")
    assert "second=kaksi" in await talker.say("kolme")


async def test_a_renamed_question_is_asked_again() -> None:
    async def renamed(talk: Talk) -> None:
        await talk.ask("first", Text())
        await talk.ask("zweite", Text())
        await talk.ask("third", Text())

    old = made(three)
    talker = Talker.of(old)
    await talker.open("t")
    await talker.say("yksi")
    await talker.say("kaksi")
    talker.dialogs = {"t": changed(old, renamed)}
    assert "<t.zweite" in await talker.say("kolme")


async def test_an_answer_that_its_prompt_no_longer_accepts_is_asked_again() -> None:
    async def stricter(talk: Talk) -> None:
        await talk.ask("first", Text(min_length=10))
        await talk.ask("second", Text())
        await talk.ask("third", Text())

    old = made(three)
    talker = Talker.of(old)
    await talker.open("t")
    await talker.say("yksi")
    await talker.say("kaksi")
    talker.dialogs = {"t": changed(old, stricter)}
    assert "<t.first" in await talker.say("kolme")
    assert "<t.third" in await talker.say("pitkä vastaus tähän")


async def acts(talk: Talk) -> None:
    await talk.ask("first", Text())
    await talk.do("act", "s.act")
    await talk.ask("second", Text())
    await talk.say("end")


async def without_effect(talk: Talk) -> None:
    await talk.ask("first", Text())
    await talk.ask("second", Text())
    await talk.ask("third", Text())


async def renamed_effect(talk: Talk) -> None:
    await talk.ask("first", Text())
    await talk.do("send", "s.act")
    await talk.ask("second", Text())


async def ends_early(talk: Talk) -> None:
    await talk.ask("first", Text())


@pytest.mark.parametrize("run", [without_effect, renamed_effect, ends_early])
async def test_changed_code_never_passes_by_an_effect_or_does_it_again(run: Any) -> None:
    old = made(acts)
    talker = Talker.of(old)
    await talker.open("t")
    await talker.say("yksi")
    await talker.result("done")
    await talker.say("help")
    talker.state["runs"][0]["journal"].append({"k": "a", "p": "second", "v": "x", "c": "v1"})
    talker.dialogs = {"t": changed(old, run)}
    assert "ihmistä" in await talker.say("kaksi")
    assert isinstance(cause(talker), EffectPassed)
    assert len(talker.effects) == 1


async def test_an_effect_is_found_under_an_alias() -> None:
    async def aliased(talk: Talk) -> None:
        await talk.ask("first", Text())
        value = await talk.do("send", "s.act", was=["act"])
        await talk.ask("second", Text())
        await talk.say("end", value=value)

    old = made(acts)
    talker = Talker.of(old)
    await talker.open("t")
    await talker.say("yksi")
    await talker.result("done")
    talker.dialogs = {"t": changed(old, aliased)}
    assert "value=done" in await talker.say("kaksi")
    assert len(talker.effects) == 1


async def test_a_yes_holds_only_for_what_it_was_said_to() -> None:
    async def asks_more(talk: Talk) -> None:
        word = await talk.ask("word", Text(min_length=6))
        if await talk.confirm("send", word=Spoken(word, lambda _: "words")):
            await talk.do("act", "s.act", word)

    async def run(talk: Talk) -> None:
        word = await talk.ask("word", Text())
        if await talk.confirm("send", word=Spoken(word, lambda _: "words")):
            await talk.ask("phone", Text())
            await talk.do("act", "s.act", word)

    old = made(run)
    talker = Talker.of(old)
    await talker.open("t")
    await talker.say("yksi")
    await talker.say("kyllä")
    talker.dialogs = {"t": changed(old, asks_more)}
    assert "<t.word" in await talker.say("040")
    assert "<t.send" in await talker.say("toinen sana")
    assert talker.effects == []


async def test_a_failed_effect_is_raised_at_each_replay() -> None:
    async def run(talk: Talk) -> None:
        try:
            await talk.do("act", "s.act")
        except EffectFailed:
            await talk.say("sorry")
        await talk.ask("word", Text())
        await talk.say("end")

    talker = Talker.of(made(run))
    await talker.open("t")
    assert "<t.sorry" in await talker.result(error="refused")
    assert "<t.end" in await talker.say("sana")


# 6. The waiting message


async def test_the_waiting_message_is_not_taken_for_the_answer_to_an_inserted_question() -> None:
    async def inserted(talk: Talk) -> None:
        await talk.confirm("urgent")
        await talk.ask("first", Text())

    old = made(three)
    talker = Talker.of(old)
    await talker.open("t")
    talker.dialogs = {"t": changed(old, inserted)}
    said = await talker.say("kyllä")
    assert "kysymys muuttui" in said
    assert "<t.urgent" in said
    assert talker.open_runs[0].get("journal", []) == []
    assert "<t.first" in await talker.say("kyllä")


async def test_a_number_is_not_taken_for_another_option_after_the_options_changed() -> None:
    async def run(talk: Talk) -> None:
        await talk.say("end", got=await talk.choose("fruit", OPTIONS))

    async def other(talk: Talk) -> None:
        await talk.say("end", got=await talk.choose("fruit", OPTIONS[::-1]))

    old = made(run)
    talker = Talker.of(old)
    await talker.open("t")
    talker.dialogs = {"t": changed(old, other)}
    assert "kysymys muuttui" in await talker.say("1")
    assert "got=b" in await talker.say("1")


# 7. Buttons


async def sends(talk: Talk) -> None:
    word = await talk.ask("word", Text())
    if await talk.confirm("send", word=word):
        await talk.do("act", "s.act", word)
        await talk.say("sent")


async def test_an_old_yes_never_confirms_something_else() -> None:
    talker = Talker.of(made(sends))
    await talker.open("t")
    await talker.say("yksi")
    old = talker.button("Kyllä").payload
    await talker.say("takaisin")
    assert "word=kaksi" in await talker.say("kaksi")
    assert "vanhasta valikosta" in await talker.turn(payload=old)
    assert talker.effects == []
    await talker.press("Kyllä")
    assert talker.effects[0].arguments == ("kaksi",)


async def test_a_button_of_another_run_is_out_of_date() -> None:
    talker = Talker.of(made(sends))
    await talker.open("t")
    await talker.say("yksi")
    old = talker.button("Kyllä").payload
    await talker.say("alusta")
    assert "vanhentunut" in await talker.turn(payload=old)
    await talker.open("t")
    await talker.say("yksi")
    assert "vanhasta valikosta" in await talker.turn(payload=old)
    assert talker.effects == []


async def test_a_button_of_the_question_before_changed_code_is_out_of_date() -> None:
    async def inserted(talk: Talk) -> None:
        word = await talk.ask("word", Text())
        if await talk.confirm("erase"):
            await talk.do("erase_all", "s.erase", word)

    old = made(sends)
    talker = Talker.of(old)
    await talker.open("t")
    await talker.say("yksi")
    pressed = talker.button("Kyllä").payload
    talker.dialogs = {"t": changed(old, inserted)}
    for _ in range(2):
        assert "<t.erase" in await talker.turn(payload=pressed)
    assert talker.effects == []


async def test_pressing_twice_acts_once() -> None:
    talker = Talker.of(made(sends))
    await talker.open("t")
    await talker.say("yksi")
    payload = talker.button("Kyllä").payload
    await talker.turn(payload=payload)
    assert "vielä kesken" in await talker.turn(payload=payload)
    assert len(talker.effects) == 1
    assert "<t.sent" in await talker.result("ok")
    assert "vanhentunut" in await talker.turn(payload=payload)


FOREIGN = ("x", "d|1|2", "d|a|b|c", "i", "c|rm", "i|nothing", "{}", "d|f|999999999999|y", "|")


@pytest.mark.parametrize("payload", FOREIGN)
async def test_a_foreign_payload_is_no_answer(payload: str) -> None:
    talker = Talker.of(made(sends))
    await talker.open("t")
    await talker.say("yksi")
    assert "<t.send" in await talker.turn(payload=payload)
    assert talker.effects == []


async def test_payloads_fit_the_smallest_channel() -> None:
    long = Option("ä" * 100, lambda _: "Long")

    async def run(talk: Talk) -> None:
        await talk.say("end", got=await talk.choose("fruit", (long, *OPTIONS)))

    talker = Talker.of(made(run))
    await talker.open("t")
    assert all(len(choice.payload.encode()) <= 64 for reply in talker.replies for choice in reply.choices)
    assert "got=ää" in await talker.press("Long")


# 8. A failed turn, expiry, size


async def test_a_failed_turn_changes_nothing() -> None:
    broken = [True]

    async def run(talk: Talk) -> None:
        await talk.ask("first", Text())
        await talk.say("spoken")
        await talk.do("act", "s.act") if not broken[0] else json.loads("{")

    talker = Talker.of(made(run))
    await talker.open("t")
    before = talker.state["runs"][0].get("journal", [])
    said = await talker.say("yksi")
    assert "Anteeksi" in said
    assert "<t.spoken" not in said
    assert talker.state["runs"][0].get("journal", []) == before
    broken[0] = False
    await talker.say("yksi")
    assert len(talker.effects) == 1


async def test_a_dialog_that_fails_again_is_given_up_and_does_not_loop() -> None:
    async def run(talk: Talk) -> None:
        await talk.ask("first", Text())
        json.loads("{")

    talker = Talker.of(made(run))
    await talker.open("t")
    await talker.say("yksi")
    await talker.say("kaksi")
    assert talker.state.get("runs", []) == []
    assert talker.state["human"]


async def test_a_result_is_kept_though_its_turn_failed() -> None:
    broken = [True]

    async def run(talk: Talk) -> None:
        value = await talk.do("act", "s.act")
        if broken[0]:
            json.loads("{")
        await talk.ask("more", Text())
        await talk.say("end", value=value)

    talker = Talker.of(made(run))
    await talker.open("t")
    await talker.result("T-1")
    broken[0] = False
    await talker.say("jotain")
    assert "value=T-1" in await talker.say("jotain")


async def test_a_forgotten_dialog_expires_with_a_kind_word() -> None:
    talker = Talker.of(made(three))
    await talker.open("t")
    talker.now += timedelta(days=2)
    said = await talker.say("kirjastokortti")
    assert "jäi viimeksi asia kesken" in said
    assert "answer library_card" in said
    assert talker.state.get("runs", []) == []


async def test_a_run_that_waits_for_a_result_does_not_expire() -> None:
    talker = Talker.of(made(sends))
    await talker.open("t")
    await talker.say("yksi")
    await talker.say("kyllä")
    talker.now += timedelta(days=9)
    await talker.say("moi")
    assert "<t.sent" in await talker.result("ok")


async def test_the_state_has_a_size_limit() -> None:
    async def run(talk: Talk) -> None:
        await talk.ask("first", Text())
        await talk.read("look", lambda: "x" * 100_000)
        await talk.ask("second", Text())

    talker = Talker.of(made(run))
    await talker.open("t")
    assert "Anteeksi" in await talker.say("yksi")
    assert isinstance(cause(talker), StateTooLarge)


async def test_a_newer_state_is_left_alone() -> None:
    talker = Talker.of(made(three))
    talker.state = {"version": 7, "whatever": 1}
    with pytest.raises(NewerState):
        await talker.say("moi")


async def test_a_renamed_dialog_is_mapped_and_a_dropped_one_is_apologised_for() -> None:
    talker = Talker.of(made(three, name="t"))
    await talker.open("t")
    await talker.say("yksi")
    renamed = made(three, name="t_new", was=("t",))
    talker.dialogs = {"t_new": renamed}
    assert "<t_new.third" in await talker.say("kaksi")
    talker.dialogs = {}
    assert "jota ei enää ole" in await talker.say("kolme")
    assert "jota ei enää ole" not in await talker.say("kolme")


# 9. Words at the edge


async def test_a_change_of_language_changes_the_labels_and_not_the_journal() -> None:
    async def run(talk: Talk) -> None:
        fruit = await talk.choose("fruit", OPTIONS)
        await talk.confirm("send", fruit=Spoken(fruit, lambda language: f"fruit-{language}"))

    talker = Talker.of(made(run))
    assert "Apple-fi" in await talker.open("t")
    assert "Apple-sv" in await talker.say("på svenska")
    assert "fruit=fruit-sv" in await talker.say("apple-sv")
    journal = talker.state["runs"][0]["journal"]
    assert [row["v"] for row in journal] == ["a"]
    said = await talker.say("in english")
    assert "fruit=fruit-en" in said
    assert "Yes" in said
    assert talker.state["runs"][0]["journal"] == journal


# 10. The syntax tree

BAD = {
    "import aiohttp": "imports aiohttp",
    "import random": "imports random",
    "from bot.engine import Engine": "imports bot.engine",
    "from knowledge.units import Directory": "imports knowledge.units",
    "    x = datetime.now()": "reads the clock",
    "    x = datetime.date.today()": "reads the clock",
    "    x = open('f')": "calls open()",
    "    print('x')": "calls print()",
    "    try:\n        pass\n    except:\n        pass": "catches more",
    "    try:\n        pass\n    except Exception:\n        pass": "catches more",
    "    try:\n        pass\n    finally:\n        await talk.say('hello')": "finally",
    "    await talk.do('act', 's.act')": "nobody confirmed",
    "    await talk.say('unwritten')": "t.unwritten",
}


@pytest.mark.parametrize("line", BAD)
def test_the_check_finds_what_a_dialog_may_not_do(line: str, tmp_path: Path) -> None:
    imports, body = ("", line) if line.startswith(" ") else (line, "    pass")
    source = f"import datetime\n{imports}\nasync def t(talk: Talk) -> None:\n{body}\nT = dialog(t)\n"
    (tmp_path / "t.py").write_text(source)
    (tmp_path / "helper.py").write_text("import random\n")
    found = faults(tmp_path, {"t.hello"})
    assert [BAD[line] in fault[2] for fault in found] == [True], found
    assert found[0][1] > 1


def test_helpers_of_dialogs_are_checked_too(tmp_path: Path) -> None:
    (tmp_path / "t.py").write_text("from dialogs.helper import x\nasync def t(talk: Talk) -> None: ...\n")
    (tmp_path / "helper.py").write_text("import random\n")
    assert [Path(fault[0]).name for fault in faults(tmp_path)] == ["helper.py"]


def test_our_dialogs_pass_the_check() -> None:
    assert faults(ROOT / "dialogs", TEXTS.keys()) == []


# Cost


async def test_thirty_steps_are_kept_in_little_and_replayed_without_a_look_up() -> None:
    async def run(talk: Talk) -> None:
        for number in range(30):
            await talk.ask(f"q{number}", Text())
        await talk.ask("last", Text())

    talker = Talker.of(made(run))
    await talker.open("t")
    for _ in range(30):
        await talker.say("vastaus")
    journal = talker.state["runs"][0]["journal"]
    assert len(journal) == 30
    assert len(json.dumps(journal, separators=(",", ":"))) < 2600


def test_the_code_of_a_dialog_counts_what_it_calls() -> None:
    one = made(three)
    assert replace(one, code="v2").code != one.code
