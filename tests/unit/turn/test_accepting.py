"""A message is kept once, whoever brings it and however often; its conversation has a person from the first one."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from bot.keys import KeyStore
from bot.messages import Incoming, Reply
from bot.turns import Timing
from channels.base import Unavailable
from tests.databases import Databases
from tests.keys import INDEX, opened_keys
from tests.unit.turn.house import Counting, Wire, house, incoming, until


async def test_a_redelivery_is_acknowledged_and_changes_nothing(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        for _ in range(3):
            await one.say("hei", message_id="same")
            await one.engine.idle()
        assert one.wire.sent == ["hei 1"]
        assert await one.rows("SELECT number, status FROM inbox") == [(1, "done")]


async def test_deliveries_at_the_same_moment_make_one_turn(database_url: str) -> None:
    respond = Counting()
    async with house(database_url, respond) as one, house(database_url, respond, wire=one.wire) as other:
        for _ in range(10):
            await one.say("first")  # the conversation is there or not yet: both ways must hold
            deliveries = [incoming("hei", message_id=f"same-{_}", by=f"citizen-{_ % 5}")] * 8
            await asyncio.gather(*(each.engine.handle(m) for m in deliveries for each in (one, other)))
            await one.engine.idle()
            await other.engine.idle()
        assert respond.texts.count("hei") == 10
        assert sum(text.startswith("hei") for text in one.wire.sent) == 10
        assert await one.value("SELECT count(*) FROM conversations") == 6
        assert await one.value("SELECT count(*) FROM persons") == 6  # none for those that came second
        assert await one.value("SELECT bool_and(arrived = done) FROM conversations")


async def test_an_id_that_came_from_another_address_makes_no_empty_conversation(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        await one.say("hei", message_id="same", by="a")
        await one.say("hei", message_id="same", by="b")
        await one.engine.idle()
        assert await one.value("SELECT count(*) FROM conversations") == 1
        assert await one.value("SELECT count(*) FROM persons") == 1


async def test_a_conversation_belongs_to_one_person_from_its_first_message(database_url: str) -> None:
    respond = Counting()
    async with house(database_url, respond) as one, house(database_url, respond) as other:
        for each in (one, other, one):
            for by in ("a", "b"):
                await each.say("hei", by=by)
                await each.engine.idle()
        persons = [{turn.person_id for turn in respond.turns[place::2]} for place in (0, 1)]
        assert all(len(found) == 1 for found in persons)
        assert persons[0] != persons[1]
        stored = {str(row[0]) for row in await one.rows("SELECT person_id FROM transcript")}
        assert stored == persons[0] | persons[1]


@pytest.mark.parametrize("message_id", ["x" * 100_000, "a\0b", "half \ud800 pair"])
async def test_ids_that_no_index_takes_are_told_apart_all_the_same(database_url: str, message_id: str) -> None:
    async with house(database_url, Counting()) as one:
        for given in (message_id, message_id, message_id + "!"):
            await one.say("hei", message_id=given)
            await one.engine.idle()
        assert one.wire.sent == ["hei 1", "hei 2"]


async def test_texts_that_are_no_utf8_or_very_long_are_kept_and_answered(database_url: str) -> None:
    respond = Counting()
    async with house(database_url, respond) as one:
        for text in ("half \ud83d pair", "nul \0 inside", "ä" * 100_000, ""):
            await one.say(text)
        await one.engine.idle()
        assert respond.texts == ["half � pair", "nul \0 inside", "ä" * 100_000, ""]
        assert len(one.wire.sent) == 4


async def test_without_a_database_a_message_is_refused(databases: Databases) -> None:
    async with house(databases.url_of("not_there"), Counting()) as one:
        with pytest.raises(Unavailable):
            await one.say("hei")
        assert one.wire.sent == []


def _guard(message: Incoming) -> Reply | None:
    return Reply(text="112", language="fi") if "apua" in message.text else None


async def test_safety_is_answered_without_a_database_and_recorded_when_it_is_back(
    databases: Databases, database_url: str
) -> None:
    respond = Counting()
    name = database_url.partition("@/")[2].partition("?")[0]
    admin = await asyncpg.connect(databases.url_of("postgres"))
    await admin.execute(f"ALTER DATABASE {name} RENAME TO {name}_away")
    timing = Timing(keep_later=(0.01,) * 500)
    async with house(database_url, respond, guard=_guard, timing=timing) as one:
        await one.say("apua", message_id="m")
        assert one.wire.tried == [("safety-m", "112")]
        await admin.execute(f"ALTER DATABASE {name}_away RENAME TO {name}")
        await admin.close()
        await until(lambda: respond.turns)
        await one.engine.idle()
        assert [turn.safety_answered for turn in respond.turns] == [True]
        said = await one.rows("SELECT kind FROM transcript ORDER BY id")
        assert [kind for (kind,) in said] == ["message", "safety", "reply"]
        kept = await one.rows("SELECT status, provider_id FROM outbox WHERE kind = 'safety'")
        assert kept == [("sent", "sent-safety-m")]
        assert one.wire.sent == ["112", "apua 1"]  # the safety answer went out once


async def test_a_safety_answer_that_does_not_get_out_is_left_to_the_turn(database_url: str) -> None:
    respond, wire = Counting(), Wire()
    wire.trouble.append(RuntimeError("no way out"))
    async with house(database_url, respond, guard=_guard, wire=wire) as one:
        await one.say("apua")
        await one.engine.idle()
        assert [turn.safety_answered for turn in respond.turns] == [False]


async def test_a_broken_guard_keeps_no_message_out(database_url: str) -> None:
    def broken(_message: Incoming) -> Reply | None:
        raise ValueError

    async with house(database_url, Counting(), guard=broken) as one:
        await one.say("hei")
        await one.engine.idle()
        assert one.wire.sent == ["hei 1"]


async def test_safety_does_not_wait_for_turns_in_front_of_it(database_url: str) -> None:
    release = asyncio.Event()
    respond = Counting()

    async def slow(turn):  # type: ignore[no-untyped-def]
        if turn.incoming.text == "slow":
            await release.wait()
        return await respond(turn)

    async with house(database_url, slow, guard=_guard) as one:
        await one.say("slow")
        await one.say("apua")
        assert one.wire.sent == ["112"]
        release.set()
        await one.engine.idle()
        assert one.wire.sent == ["112", "slow 1", "apua 2"]


async def test_a_message_whose_key_cannot_be_opened_here_is_left_to_the_provider(database_url: str) -> None:
    async with opened_keys(database_url) as keys, house(database_url, Counting(), codec=keys) as one:
        await one.say("moi")
        await one.engine.idle()
    without = KeyStore(database_url, b"n" * 32, INDEX)
    await without.open()
    try:
        async with house(database_url, Counting(), codec=without) as one:
            with pytest.raises(Unavailable):
                await one.say("hei")
    finally:
        await without.close()
