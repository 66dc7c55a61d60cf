"""A person owns a conversation: the bot is silent, two never own one, and what is said arrives once and in order."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from bot.database import Database
from bot.engine import Engine
from bot.handoff import Handoffs, Patience
from bot.messages import Incoming, Outcome, Reply, Turn
from tests.unit.turn.house import House, Wire, answer, house, until


class Hours:
    """People who answer always, or never."""

    def __init__(self, *, always: bool = True) -> None:
        self._always = always

    def open(self, language: str, now: datetime) -> bool:
        return self._always

    def words(self, language: str) -> str:
        return "9-16"


def said(key: str, language: str, **values: object) -> str:
    return f"{key} {values.get('name', '')}".strip()


def handoffs(database: Database, engine: Engine) -> Handoffs:
    return Handoffs(database, engine, said, Hours())


def desk(one: House, *, always: bool = True, patience: Patience | None = None) -> Handoffs:
    return Handoffs(one.database, one.engine, said, Hours(always=always), patience=patience)


async def quiet_when_owned(turn: Turn) -> Outcome:
    if turn.owned:
        return Outcome(state=turn.state, language=None, release=turn.incoming.text == "back")
    return answer(f"bot: {turn.incoming.text}")


async def waiting(one: House, people: Handoffs, key: str = "1") -> UUID:
    """A conversation that waits for a person."""
    await one.say("hello")
    await one.engine.idle()
    conversation: UUID = await one.value("SELECT id FROM conversations")
    await people.request(key, str(conversation), "wish", "en")
    return conversation


async def test_the_bot_is_silent_while_a_person_owns_the_conversation_and_speaks_after(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one:
        people = desk(one)
        conversation = await waiting(one, people)
        assert await people.claim(conversation, "a1", "Anna")
        await one.say("hei oletko siellä")
        await one.engine.idle()
        assert await people.say(conversation, "a1", "Anna here", uuid4())
        assert await people.close(conversation, "a1", "Anna", "done")
        await one.say("auki?")
        await one.engine.idle()
        assert one.wire.sent == ["bot: hello", "human.joined Anna", "Anna here", "human.left Anna", "bot: auki?"]
        kinds = await one.rows("SELECT kind, author FROM transcript ORDER BY id")
        assert [kind for kind, _ in kinds] == [
            *("message", "reply", "reply", "message", "agent", "reply"),
            *("message", "reply"),
        ]
        assert [author for _, author in kinds if author] == ["a1"]


async def test_a_safety_answer_goes_out_whoever_owns_the_conversation(database_url: str) -> None:
    def guard(incoming: Incoming) -> Reply | None:
        return Reply(text="112", language="en") if incoming.text == "fire" else None

    async with house(database_url, quiet_when_owned, guard=guard) as one:
        people = desk(one)
        conversation = await waiting(one, people)
        await people.claim(conversation, "a1", "Anna")
        await one.say("fire")
        await one.engine.idle()
        assert one.wire.sent[-1] == "112"


async def test_of_many_agents_in_two_processes_one_owns_the_conversation(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, house(database_url, quiet_when_owned) as other:
        desks = [desk(one), desk(other)]
        conversation = await waiting(one, desks[0])
        claims = [desks[i % 2].claim(conversation, f"a{i}", f"Agent {i}") for i in range(10)]
        won = [i for i, taken in enumerate(await asyncio.gather(*claims)) if taken]
        assert len(won) == 1
        winner = f"a{won[0]}"
        assert await one.value("SELECT owner FROM conversations") == winner
        others = [f"a{i}" for i in range(10) if f"a{i}" != winner]
        assert not any([await desks[0].say(conversation, agent, "mine", uuid4()) for agent in others])
        assert not any([await desks[1].close(conversation, agent, "x", "done") for agent in others])
        await until(lambda: one.wire.sent + other.wire.sent)
        joined = [text for text in one.wire.sent + other.wire.sent if text.startswith("human.joined")]
        assert joined == [f"human.joined Agent {won[0]}"]


async def test_a_turn_that_was_being_held_when_a_person_came_says_nothing(database_url: str) -> None:
    entered, go = asyncio.Event(), asyncio.Event()
    asked: list[bool] = []

    async def slow(turn: Turn) -> Outcome:
        asked.append(turn.owned)
        if turn.incoming.text == "slow" and not turn.owned:
            entered.set()
            await go.wait()
        return await quiet_when_owned(turn)

    async with house(database_url, slow) as one:
        people = desk(one)
        conversation = await waiting(one, people)
        await one.say("slow")
        await entered.wait()
        assert await people.claim(conversation, "a1", "Anna")
        go.set()
        await one.engine.idle()
        assert asked == [False, False, True]
        assert one.wire.sent == ["bot: hello", "human.joined Anna"]
        assert await one.value("SELECT done = arrived FROM conversations")


async def test_the_citizen_goes_back_to_the_bot(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one:
        people = desk(one)
        conversation = await waiting(one, people)
        await people.claim(conversation, "a1", "Anna")
        await one.say("back")
        await one.say("and now?")
        await one.engine.idle()
        assert one.wire.sent[-1] == "bot: and now?"
        assert await one.rows("SELECT status, close_reason FROM handoffs") == [("closed", "citizen")]
        assert not await people.say(conversation, "a1", "too late", uuid4())


async def test_the_same_form_sent_twice_is_said_once(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one, house(database_url, quiet_when_owned) as other:
        people, key = desk(one), uuid4()
        conversation = await waiting(one, people)
        await people.claim(conversation, "a1", "Anna")
        await asyncio.gather(*(desk(at).say(conversation, "a1", "once", key) for at in (one, other, one)))
        await until(lambda: "once" in one.wire.sent + other.wire.sent)
        assert await one.value("SELECT count(*) FROM outbox WHERE kind = 'agent'") == 1
        assert (one.wire.sent + other.wire.sent).count("once") == 1


async def test_what_a_person_said_is_sent_by_another_process_when_its_own_is_lost(database_url: str) -> None:
    async with house(database_url, quiet_when_owned, wire=Wire()) as one:
        people = desk(one)
        conversation = await waiting(one, people)
        await people.claim(conversation, "a1", "Anna")
        # As a process that is killed between its commit and the sending.
        person = await one.value("SELECT person_id FROM conversations")
        async with one.database.pool.acquire() as connection, connection.transaction():
            reply = Reply(text="from the lost one", language="en")
            await people._speak(connection, conversation, person, reply, author="a1", key=uuid4())
    async with house(database_url, quiet_when_owned) as other:
        await other.swept()
        assert other.wire.sent == ["from the lost one"]


async def test_a_wish_is_queued_once_whatever_is_run_again(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one:
        people = desk(one)
        conversation = await waiting(one, people)
        again = await people.request("1", str(conversation), "wish", "en")
        other = await people.request("2", str(conversation), "wish", "en")
        assert again == other == {"status": "waiting", "position": 1, "hours": "9-16", "reason": "wish"}
        await people.claim(conversation, "a1", "Anna")
        await people.close(conversation, "a1", "Anna", "done")
        late = await people.request("1", str(conversation), "wish", "en")  # a run that died after its insert
        assert late["status"] == "closed"
        assert await one.value("SELECT count(*) FROM handoffs") == 1


async def test_outside_hours_a_call_back_is_noted(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one:
        people = desk(one, always=False)
        await waiting(one, people)
        assert await one.rows("SELECT status FROM handoffs") == [("callback",)]


async def test_who_waits_too_long_is_told_once_and_who_is_forsaken_gets_the_bot_back(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one:
        people = desk(one, patience=Patience(queue=timedelta(0), answer=timedelta(0)))
        conversation = await waiting(one, people)
        assert [await people.sweep(), await people.sweep()] == [1, 0]
        assert one.wire.sent[-1] == "human.nobody"
        await people.claim(conversation, "a1", "Anna")
        await one.say("are you there")
        await one.engine.idle()
        assert await people.sweep() == 1
        assert one.wire.sent[-1] == "human.silent"
        await one.say("and you?")
        await one.engine.idle()
        assert one.wire.sent[-1] == "bot: and you?"


async def test_crisis_goes_first_in_the_queue(database_url: str) -> None:
    async with house(database_url, quiet_when_owned) as one:
        people = desk(one)
        for by in ("first", "second"):
            await one.say("hello", by=by)
        await one.engine.idle()
        first, second = [row[0] for row in await one.rows("SELECT id FROM conversations ORDER BY created_at")]
        await people.request("1", str(first), "wish", "en")
        urgent = await people.request("1", str(second), "crisis", "en")
        assert urgent["position"] == 1
        assert (await people.request("1", str(first), "wish", "en"))["position"] == 2
