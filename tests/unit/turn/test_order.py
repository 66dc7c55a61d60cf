"""One turn at a time in a conversation, in the order of arrival, whichever processes take part."""

from __future__ import annotations

import asyncio
import random

from bot.messages import Outcome, Turn
from bot.turns import Timing
from tests.unit.turn.house import Counting, Wire, answer, house, until


class Slow(Counting):
    """Takes its time, and notes when two turns of a conversation are open at once."""

    def __init__(self) -> None:
        super().__init__()
        self.open: set[str] = set()
        self.overlaps = 0

    async def __call__(self, turn: Turn) -> Outcome:
        self.overlaps += turn.conversation_id in self.open
        self.open.add(turn.conversation_id)
        await asyncio.sleep(random.uniform(0, 0.01))
        outcome = await super().__call__(turn)
        self.open.discard(turn.conversation_id)
        return outcome


async def test_several_processes_keep_the_order_of_arrival(database_url: str) -> None:
    respond, wire = Slow(), Wire()
    async with (
        house(database_url, respond, wire=wire) as a,
        house(database_url, respond, wire=wire) as b,
        house(database_url, respond, wire=wire) as c,
    ):
        houses = [a, b, c]

        async def write(by: str) -> None:
            for number in range(1, 21):
                await random.choice(houses).say(f"{by} {number}", by=by)

        await asyncio.gather(*(write(by) for by in "stuv"))

        async def done() -> bool:
            await asyncio.gather(*(each.swept() for each in houses))
            return not await a.value("SELECT count(*) FROM inbox WHERE status = 'waiting'")

        await until(done)
        await asyncio.gather(*(each.engine.idle() for each in houses))
        assert respond.overlaps == 0
        for by in "stuv":
            assert [text for text in respond.texts if text[0] == by] == [f"{by} {n}" for n in range(1, 21)]
            assert [text for text in wire.sent if text[0] == by] == [f"{by} {n} {n}" for n in range(1, 21)]


async def test_a_quick_second_message_does_not_overtake_a_slow_first(database_url: str) -> None:
    release = asyncio.Event()
    respond = Counting()

    async def slow(turn: Turn) -> Outcome:
        if turn.incoming.text == "photo":
            await release.wait()
        return await respond(turn)

    async with house(database_url, slow) as one, house(database_url, slow, wire=one.wire) as other:
        await one.say("photo")
        await other.say("this hole")
        await one.say("and that one")
        assert await other.swept() == 0  # the oldest is held, so nothing of this conversation is due
        assert respond.texts == []
        release.set()
        await one.engine.idle()
        assert one.wire.sent == ["photo 1", "this hole 2", "and that one 3"]


async def test_the_oldest_is_claimed_even_by_the_process_that_brought_a_later_one(database_url: str) -> None:
    respond = Counting()
    async with house(database_url, respond) as lost, house(database_url, respond) as other:
        await lost.keep("first")
        await other.say("second")
        await other.engine.idle()
        assert respond.texts == ["first", "second"]
        assert other.wire.sent == ["first 1", "second 2"]


async def test_a_message_that_waits_for_another_try_is_not_overtaken(database_url: str) -> None:
    respond = Counting()
    failures = [RuntimeError(), RuntimeError()]

    async def fails(turn: Turn) -> Outcome:
        if turn.incoming.text == "first" and failures:
            raise failures.pop()
        return await respond(turn)

    timing = Timing(retry=0.05)
    async with (
        house(database_url, fails, timing=timing) as one,
        house(database_url, fails, wire=one.wire, timing=timing) as other,
    ):
        await one.say("first")
        await until(lambda: len(failures) == 1)
        await other.say("second")
        await other.swept()
        await one.engine.idle()
        assert one.wire.sent == ["first 1", "second 2"]


async def test_conversations_do_not_wait_for_one_another(database_url: str) -> None:
    release = asyncio.Event()

    async def slow(turn: Turn) -> Outcome:
        if turn.incoming.text == "slow":
            await release.wait()
        return answer(turn.incoming.text)

    async with house(database_url, slow) as one:
        for number in range(30):  # more than there are connections
            await one.say("slow", by=f"slow-{number}")
        await one.say("quick", by="other")
        await until(lambda: one.wire.sent == ["quick"])
        release.set()
        await one.engine.idle()
        assert len(one.wire.sent) == 31
