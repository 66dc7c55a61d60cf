"""A turn commits once or not at all; what fails is tried again, then parked; what is newer is left alone."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.claims import Ending
from bot.codec import Message
from bot.messages import Effect, EffectResult, Outcome, Reply, Turn
from bot.turns import Respond, Timing
from channels.base import Unavailable
from dialogs.errors import NewerState
from tests.unit.turn.house import Counting, House, Wire, answer, house, incoming, until

EXPIRE = "UPDATE conversations SET lease_until = now() - interval '1 second'"


async def test_a_turn_whose_lease_ended_commits_nothing(database_url: str) -> None:
    release, begun, second = asyncio.Event(), asyncio.Event(), Counting()

    async def slow(turn: Turn) -> Outcome:
        begun.set()
        await release.wait()
        effects = (Effect(id="e", name="s.m"),)
        return answer("too late", state={"count": 100}, effects=effects)

    async with house(database_url, slow) as one, house(database_url, second, wire=one.wire) as other:
        await one.say("hei")
        await begun.wait()
        await one.rows(EXPIRE)
        assert await other.swept() == 1
        release.set()
        await one.engine.idle()
        assert one.wire.sent == ["hei 1"]
        assert await one.state() == {"count": 1}
        assert await one.value("SELECT count(*) FROM transcript") == 2
        assert await one.value("SELECT count(*) FROM effects") == 0


async def test_a_turn_whose_lease_ended_writes_nothing_while_another_holds_the_message(database_url: str) -> None:
    released = {"one": asyncio.Event(), "other": asyncio.Event()}
    begun = {"one": asyncio.Event(), "other": asyncio.Event()}

    def slow(name: str) -> Respond:
        async def respond(_turn: Turn) -> Outcome:
            begun[name].set()
            await released[name].wait()
            return answer(name, state={"by": name})

        return respond

    async with house(database_url, slow("one")) as one, house(database_url, slow("other"), wire=one.wire) as other:
        await one.say("hei")
        await begun["one"].wait()
        await one.rows(EXPIRE)
        await other.engine.sweep()
        await begun["other"].wait()
        released["one"].set()
        await one.engine.idle()
        assert await one.value("SELECT count(*) FROM transcript") == 0
        released["other"].set()
        await other.engine.idle()
        assert one.wire.sent == ["other"]
        assert await one.state() == {"by": "other"}


async def test_a_commit_that_is_sent_twice_counts_once(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        inbox, message = one.engine.inbox, Message(incoming=incoming("hei"))
        accepted = await inbox.accept(message, ready=lambda _: True)
        assert accepted is not None
        assert accepted.claim is not None
        outcome = answer("hei", state={})
        ending = Ending(status="done", state=outcome.state, language="en", replies=outcome.replies)
        sealed = inbox.seal(accepted.claim, message, ending)
        await one.keep("next")
        assert await inbox.commit(sealed) is not None
        assert await inbox.commit(sealed) is None  # the answer to the first was lost with its connection
        assert await one.rows("SELECT arrived, done FROM conversations") == [(2, 1)]
        assert await one.value("SELECT count(*) FROM outbox") == 1


async def test_a_failed_turn_changes_nothing_and_is_tried_again(database_url: str) -> None:
    respond = Counting()
    failures = [RuntimeError("a"), OSError("not the database's"), TimeoutError()]

    async def fails(turn: Turn) -> Outcome:
        if turn.incoming.text == "second" and len(failures) > 1:
            raise failures.pop()
        return await respond(turn)

    async with house(database_url, fails) as one:
        for text in ("first", "second", "third"):
            await one.say(text)
        await one.engine.idle()
        assert one.wire.sent == ["first 1", "second 2", "third 3"]
        assert len(failures) == 1


@pytest.mark.parametrize("trouble", ["raises", "no JSON", "too slow", "no text"])
async def test_a_poison_message_is_parked_with_an_apology_and_the_next_goes_on(database_url: str, trouble: str) -> None:
    respond = Counting()
    tries = 0

    async def poisoned(turn: Turn) -> Outcome:
        nonlocal tries
        if turn.incoming.text != "poison":
            return await respond(turn)
        tries += 1
        if trouble == "raises":
            raise RuntimeError
        if trouble == "too slow":
            await asyncio.Event().wait()
        if trouble == "no text":
            return answer("\ud800", state={"count": 100})
        return answer("said", state={"day": datetime.now(UTC)})

    async with house(database_url, poisoned, timing=Timing(retry=0.001, turn=0.05)) as one:
        for text in ("first", "poison", "last"):
            await one.say(text, language="fi")
        await one.engine.idle()
        assert one.wire.sent == ["first 1", "apology en", "last 2"]  # in the language that the conversation had
        assert tries == 3
        assert await one.rows("SELECT status FROM inbox ORDER BY number") == [("done",), ("parked",), ("done",)]
        assert await one.state() == {"count": 2}


async def test_a_message_that_takes_its_process_along_is_parked_without_another_try(database_url: str) -> None:
    respond = Counting()
    begun = asyncio.Event()

    async def hangs(_turn: Turn) -> Outcome:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with house(database_url, hangs) as lost, house(database_url, hangs) as lost_too:
        await lost.say("deadly")
        for each in (lost_too, lost_too):
            await begun.wait()
            begun.clear()
            await lost.rows(EXPIRE)
            each.engine._locks.clear()  # as if it were yet another process
            await each.engine.sweep()
        await begun.wait()
        await lost.rows(EXPIRE)
        async with house(database_url, respond) as one:
            await one.say("next")
            await one.engine.idle()
            assert respond.texts == ["next"]
            assert one.wire.sent == ["apology fi", "next 1"]


async def test_what_cannot_be_read_is_parked(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        one.engine.start = lambda _: None  # type: ignore[assignment, method-assign]  # the message is kept, and no more
        await one.say("hei")
        await one.rows("UPDATE inbox SET body = '1:no JSON'")
        await one.rows(EXPIRE)
        await one.swept()
        assert one.wire.sent == ["apology fi"]


async def _left_alone(one: House, before: object) -> None:
    assert one.wire.sent == ["first 1"]
    assert await one.rows("SELECT status FROM inbox ORDER BY number") == [("done",), ("waiting",), ("waiting",)]
    assert await one.value("SELECT state FROM conversations") == before
    assert await one.value("SELECT attempts FROM conversations") == 0
    assert await one.swept() == 0  # not looked at again at once


@pytest.mark.parametrize("where", ["the dialogs' version", "the codec's version"])
async def test_a_newer_state_is_left_alone_until_a_release_that_knows_it(database_url: str, where: str) -> None:
    respond = Counting()

    async def old(turn: Turn) -> Outcome:
        if where == "the dialogs' version" and turn.incoming.text != "first":
            raise NewerState("version 7")
        return await respond(turn)

    async with house(database_url, old, newer=(NewerState,)) as one:
        await one.say("first")
        await one.engine.idle()
        before = await one.value("SELECT state FROM conversations")
        if where == "the codec's version":
            before = b"2:" + before[2:]
            await one.rows("UPDATE conversations SET state = $1", before)
        for _ in range(5):  # however often it is met, no attempt counts
            await one.say("second", message_id="second")
            await one.engine.idle()
            await one.rows(EXPIRE)
            await one.swept()
        await one.say("third")
        await one.engine.idle()
        await _left_alone(one, before)
        await one.rows(EXPIRE)
        await one.rows("UPDATE conversations SET state = $1", b"1:" + before[2:])
        async with house(database_url, respond, wire=one.wire) as later:
            await later.swept()
            assert one.wire.sent == ["first 1", "second 2", "third 3"]


async def test_an_older_state_is_given_as_it_is_and_what_it_became_is_kept(database_url: str) -> None:
    async def migrating(turn: Turn) -> Outcome:
        assert turn.state in (None, {"version": 1, "slots": {"area": None}})
        return answer("ok", state={"version": 2, "slots": {"area": None}})

    async with house(database_url, Counting()) as one:
        await one.say("hei")
        await one.engine.idle()
        await one.rows("UPDATE conversations SET state = $1", b'1:{"version":1,"slots":{"area":null}}')
        async with house(database_url, migrating) as later:
            await later.say("hei")
            await later.engine.idle()
            assert await later.state() == {"version": 2, "slots": {"area": None}}


async def test_old_messages_get_one_answer_and_fresh_ones_their_own(database_url: str) -> None:
    respond = Counting()
    old = datetime.now(UTC) - timedelta(hours=20)

    def guard(message: object) -> Reply | None:
        return Reply(text="112", language="fi") if "apua" in str(message) else None

    def stops(message: object) -> bool:
        return "stop" in str(message)

    async with house(database_url, respond, always=stops, guard=guard) as one:
        for text in ("old 1", "old 2", "apua", "old 3"):
            await one.say(text, received_at=old)
        for text in ("stop", "fresh"):
            await one.say(text, received_at=old if text == "stop" else datetime.now(UTC))
        await one.engine.idle()
        assert sorted(one.wire.sent) == ["112", "fresh 2", "late fi", "stop 1"]
        assert respond.texts == ["stop", "fresh"]


async def test_an_old_result_is_no_old_message(database_url: str) -> None:
    respond = Counting()
    async with house(database_url, respond) as one:
        result = EffectResult(effect_id="e", value=1)
        await one.engine.handle(incoming("", received_at=datetime(2020, 1, 1, tzinfo=UTC), result=result))
        await one.engine.idle()
        assert [turn.incoming.result for turn in respond.turns] == [result]


async def test_a_graceful_stop_ends_the_turn_in_hand_and_refuses_more(database_url: str) -> None:
    release, begun, respond = asyncio.Event(), asyncio.Event(), Counting()

    async def slow(turn: Turn) -> Outcome:
        begun.set()
        await release.wait()
        return await respond(turn)

    async with house(database_url, slow) as one:
        await one.say("hei")
        await one.say("next")
        await begun.wait()
        stopping = asyncio.create_task(one.engine.stop())
        await asyncio.sleep(0)
        with pytest.raises(Unavailable):
            await one.say("later")
        assert not stopping.done()
        release.set()
        await stopping
        assert one.wire.sent == ["hei 1"]
        assert await one.rows("SELECT status FROM outbox") == [("sent",)]
        async with house(database_url, respond, wire=one.wire) as other:
            assert await other.swept() == 1  # at once: nobody holds it
            assert one.wire.sent == ["hei 1", "next 2"]


async def test_what_does_not_end_in_time_is_given_back_at_once_and_uncounted(database_url: str) -> None:
    begun = asyncio.Event()

    async def hangs(_turn: Turn) -> Outcome:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    respond = Counting()
    async with house(database_url, hangs) as one, house(database_url, respond) as other:
        await one.say("hei")
        await begun.wait()
        await one.engine.stop(within=0.01)
        assert await other.rows("SELECT attempts FROM conversations") == [(0,)]
        assert await other.swept() == 1
        assert other.wire.sent == ["hei 1"]


async def test_a_reply_in_hand_at_the_end_is_given_back_for_the_next_process(database_url: str) -> None:
    wire = Wire()
    wire.open.clear()
    async with house(database_url, Counting(), wire=wire) as one, house(database_url, Counting()) as other:
        await one.say("hei")
        await wire.called.wait()
        await one.engine.stop(within=0.01)
        await other.swept()
        assert other.wire.tried == wire.tried  # the same key
        assert other.wire.sent == ["hei 1"]


async def test_a_commit_waits_for_a_database_that_is_away_for_a_moment(database_url: str) -> None:
    respond = Counting()

    async def cut(turn: Turn) -> Outcome:
        outcome = await respond(turn)
        await until(lambda: _cut(one))
        return outcome

    async with house(database_url, cut) as one:
        await one.say("hei")
        await one.engine.idle()
        assert one.wire.sent == ["hei 1"]
        assert len(respond.turns) == 1


async def _cut(one: House) -> bool:
    statement = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    try:
        await one.rows(statement + " AND pid <> pg_backend_pid()")
        await one.rows(statement)
    except Exception:  # it has cut itself off, as was asked
        return True
    return True
