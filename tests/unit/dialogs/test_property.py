"""Random dialogs, random messages, restarts at every turn and edits of the code: no conversation is ever corrupted.

A dialog is made from a list of steps; an edit makes a new list and a new code. After every message it must hold that
something is said, that the state is JSON of a known shape, that no effect is asked for twice or without its "yes", and
that commands still work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.messages import Effect
from dialogs.dialog import Dialog
from dialogs.errors import Diverged, EffectFailed, EffectPassed
from dialogs.nudge_answer import NUDGE_ANSWER
from dialogs.prompts import Text
from dialogs.services import ServiceUnavailable
from dialogs.speech import Option
from dialogs.talk import Talk
from tests.unit.dialogs.nudges_desk import APPOINTMENT, CHECKIN, PRESCHOOL, WASTE, Desk
from tests.unit.dialogs.talker import LANGUAGES, Talker

KINDS = ("ask", "choose", "confirm", "read", "say", "do", "each", "call", "now", "random", "branch", "fails")
OPTIONS = tuple(Option(name, lambda language, name=name: f"{name}-{language}") for name in "abc")  # type: ignore[misc]
WORDS = (
    "yksi", "1", "2", "kyllä", "ei", "a-fi", "b-sv", "takaisin", "alusta", "keskeytä", "apua", "ihminen", "på svenska",
    "in english", "suomeksi", "STOP", "START", "peruuta", "kirjastokortti", "epäselvä", "moi", "", "👍", "\x00\ud800",
    "x" * 3000,
    "missä Kalliossa", "toinen", "en jaksa enää elää", "tulen", "PERU", "otan paikan", "kaaduin", "hyvin menee",
)  # fmt: skip

PLAIN = ("yksi", "1", "2", "kyllä", "ei", "toinen", "kaaduin", "hyvin menee")
"""What never answers a nudge while another question is open."""
NUDGES = (APPOINTMENT, PRESCHOOL, CHECKIN, WASTE)

Step = tuple[str, int]
steps = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 6)), min_size=1, max_size=8, unique_by=lambda s: s[1])
messages = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(WORDS)),
    st.tuples(st.just("press"), st.integers(0, 30)),
    st.tuples(st.just("open"), st.sampled_from(("t_one", "t_two"))),
    st.tuples(st.just("result"), st.integers(0, 3)),
    st.tuples(st.just("late"), st.just(0)),
    st.tuples(st.just("edit"), steps),
    st.tuples(st.just("nudge"), st.sampled_from(NUDGES)),
)


@dataclass
class World:
    """What the generated dialogs touch. ``agreed`` counts the confirmations that were answered yes by run and step."""

    looked: int = 0
    calls: list[str] = field(default_factory=list)

    async def look(self, argument: str) -> Any:
        self.looked += 1
        if argument == "5":
            raise ServiceUnavailable("down")
        return {"argument": argument, "pair": (1, None)}


@dataclass
class Made:
    """A dialog of a list of steps; each kind of step is a method."""

    plan: Sequence[Step]
    world: World
    inner: Dialog | None

    async def run(self, talk: Talk) -> Any:
        said: list[Any] = []
        for kind, number in self.plan:
            await getattr(self, kind)(talk, f"{kind}{number}", number, said)
        return {"said": len(said)}

    async def ask(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        said.append(await talk.ask(step, Text(max_length=100, opening=number if number > 4 else None)))

    async def choose(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        said.append(await talk.choose(step, OPTIONS[: 1 + number % 3]))

    async def confirm(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        said.append(await talk.confirm(step, last=said[-1] if said else None))

    async def read(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        try:
            said.append(await talk.read(step, self.world.look, str(number)))
        except ServiceUnavailable:
            await talk.say(f"{step}_down")

    async def say(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        await talk.say(step, said=len(said))

    async def do(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        if not await talk.confirm(f"{step}_sure", what=len(said)):
            return
        try:
            said.append(await talk.do(step, "world.act", len(said)))
        except EffectFailed:
            await talk.say(f"{step}_failed")

    async def each(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        for item in talk.each(step, range(number % 3)):
            said.append(await talk.ask("item", Text(max_length=50), item=item))

    async def call(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        if self.inner is not None:
            said.append(await talk.call(step, self.inner))

    async def now(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        said.append(talk.now(step).isoformat())

    async def random(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        said.append(talk.random(step))

    async def branch(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        if said and said[-1] in (True, "a", "yksi"):
            said.append(await talk.ask(step, Text()))

    async def fails(self, talk: Talk, step: str, number: int, said: list[Any]) -> None:
        if said and said[-1] in (False, "b"):
            raise RuntimeError


def made(name: str, plan: Sequence[Step], code: str, world: World, inner: Dialog | None = None) -> Dialog:
    return Dialog(name=name, run=Made(plan, world, inner).run, code=code)


async def drive(plans: Sequence[Sequence[Step]], said: Sequence[tuple[str, Any]]) -> None:
    world = World()
    inner = made("t_inner", [("ask", 1), ("say", 2)], "inner", world)
    desk = Desk()
    pair = (made(f"t_{n}", p, "v0", world, inner) for n, p in zip(("one", "two"), plans, strict=True))
    talker = Talker.of(*pair, NUDGE_ANSWER, services={"nudges": desk})
    await talker.open("t_one")
    seen: set[str] = set()
    payloads: list[str] = []
    for number, (kind, value) in enumerate(said):
        before = len(talker.effects)
        if kind == "edit":
            talker.dialogs = {**talker.dialogs, "t_one": made("t_one", value, f"v{number + 1}", world, inner)}
            continue
        if kind == "nudge":
            desk.write(talker, value)
            continue
        asking = [run["dialog"] for run in talker.open_runs]
        await act(talker, kind, value, payloads)
        payloads += [choice.payload for reply in talker.replies for choice in reply.choices]
        hold(talker, kind, value, seen, talker.effects[before:])
        if kind == "say" and value in PLAIN and asking and asking[-1] != NUDGE_ANSWER.name:
            assert not [effect for effect in talker.effects[before:] if effect.name.startswith("nudges.")]
    assert await talker.say("alusta")
    assert not talker.open_runs
    assert await talker.say("moi")


async def act(talker: Talker, kind: str, value: Any, payloads: list[str]) -> None:
    if kind == "say":
        await talker.say(value, safety_answered="elää" in value)
    elif kind == "press" and payloads:
        await talker.turn(payload=payloads[-1 - value % len(payloads)])
    elif kind == "open":
        await talker.open(value)
    elif kind == "result" and talker.effects:
        effect = talker.effects[-1 - value % len(talker.effects)]
        await talker.result({"n": 1}, error="refused" if value == 2 else None, effect=effect)
    else:
        talker.now = talker.now.replace(year=talker.now.year + 1)
        await talker.say("kyllä")


def hold(talker: Talker, kind: str, value: Any, seen: set[str], effects: Sequence[Effect]) -> None:
    assert talker.last is not None
    silent = kind == "result" or (kind == "say" and "elää" in value)
    assert silent or talker.replies, (kind, value)
    assert all(reply.language in LANGUAGES and reply.text for reply in talker.replies)
    assert all(len(choice.payload.encode()) <= 64 for reply in talker.replies for choice in reply.choices)
    for effect in effects:
        assert effect.id not in seen, "an effect was asked for twice"
        seen.add(effect.id)
    runs = talker.state.get("runs", [])
    assert len({run["id"] for run in runs}) == len(runs)
    for run in runs:
        rows = run.get("journal", [])
        assert len({(row["k"], row["p"]) for row in rows}) == len(rows), "a step was recorded twice"
        done = [row["p"] for row in rows if row["k"] == "e"]
        yes = {row["p"] for row in rows if row["k"] == "a" and row["v"] is True}
        sure = {"record": "sure"}  # of the answer to a nudge
        assert all(sure.get(path, f"{path}_sure") in yes for path in done), "something was done without a yes"
    broken = [failure.__cause__ for failure in talker.failures]
    known = (RuntimeError, EffectPassed, Diverged)
    assert all(isinstance(cause, known) for cause in broken), broken


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.tuples(steps, steps), st.lists(messages, max_size=14))
def test_no_conversation_is_ever_corrupted(plans: tuple[list[Step], list[Step]], said: list[tuple[str, Any]]) -> None:
    asyncio.run(drive(plans, said))


@settings(max_examples=60, deadline=None)
@given(steps, st.lists(st.sampled_from(WORDS[:6]), max_size=12))
def test_the_same_code_never_diverges(plan: list[Step], said: list[str]) -> None:
    async def drive_one() -> None:
        world = World()
        inner = made("t_inner", [("ask", 1)], "inner", world)
        talker = Talker.of(made("t_one", plan, "v0", world, inner))
        await talker.open("t_one")
        for text in said:
            await talker.say(text)
            if talker.effects:
                await talker.result({"n": 1})
        assert not [f for f in talker.failures if not isinstance(f.__cause__, RuntimeError)]

    asyncio.run(drive_one())


def test_dialogs_are_frozen_values() -> None:
    one = made("t_one", [("ask", 1)], "v0", World())
    assert replace(one, code="v1") != one
