"""What is committed goes out in its order, and each kind of error has its own end."""

from __future__ import annotations

import asyncio

import pytest

from bot.messages import Outcome, Turn
from bot.outbox import SendPolicy
from channels.base import OptedOut, Refused, RetryAfter, SendError, UnknownOutcome, Unreachable
from tests.unit.turn.house import Counting, House, Wire, answer, house

DUE = "UPDATE outbox SET due_at = now() WHERE status IN ('waiting', 'sending')"
STATUS = "SELECT status, reason, attempts FROM outbox ORDER BY id"
NUDGE = """
WITH said AS (
    INSERT INTO transcript (conversation_id, person_id, kind, body)
    SELECT id, person_id, 'nudge', '1:{"text":"nudge","language":"fi"}' FROM conversations RETURNING id, conversation_id
)
INSERT INTO outbox (id, conversation_id, channel, kind, status, attempts, due_at)
SELECT id, conversation_id, 'wire', 'nudge', $1, $2, now() FROM said
"""


async def parts(turn: Turn) -> Outcome:
    return answer(*(f"{turn.incoming.text} {part}" for part in "abc"), state={})


async def _delay(one: House) -> float:
    return float(await one.value("SELECT extract(epoch FROM max(due_at) - now()) FROM outbox WHERE status = 'waiting'"))


async def _said(one: House, text: str = "hei") -> None:
    await one.say(text)
    await one.engine.idle()


@pytest.mark.parametrize(
    ("error", "status"),
    [(Unreachable(), "unreachable"), (OptedOut(), "opted_out"), (Refused(), "refused")],
)
async def test_an_error_that_is_final_is_not_tried_again_and_holds_nothing_up(
    database_url: str, error: Exception, status: str
) -> None:
    async with house(database_url, parts) as one:
        one.wire.trouble.append(error)
        await _said(one)
        await one.rows(DUE)
        await one.swept()
        assert one.wire.sent == ["hei b", "hei c"]
        assert await one.rows(STATUS) == [(status, type(error).__name__, 1), ("sent", None, 1), ("sent", None, 1)]


@pytest.mark.parametrize("error", [RetryAfter(30), RetryAfter(), SendError(), UnknownOutcome(), RuntimeError()])
async def test_what_may_work_later_waits_and_all_that_follows_waits_behind(database_url: str, error: Exception) -> None:
    policy = SendPolicy(first_delay=10)
    async with (
        house(database_url, parts, sending=policy) as one,
        house(database_url, parts, wire=one.wire, sending=policy) as other,
    ):
        one.wire.trouble += [None, error]
        await _said(one)
        assert 1 <= await _delay(one) <= 33
        await _said(one, "next")
        for each in (one, other):
            await each.swept()
        assert one.wire.sent == ["hei a"]
        await one.rows(DUE)
        await other.swept()
        assert one.wire.sent == ["hei a", "hei b", "hei c", "next a", "next b", "next c"]
        assert len(dict(one.wire.tried)) == 6  # tried again under the same key


async def test_the_provider_is_not_asked_again_sooner_than_it_wants(database_url: str) -> None:
    async with house(database_url, parts) as one:
        one.wire.trouble.append(RetryAfter(1000))
        await _said(one)
        assert await _delay(one) > 900


async def test_delays_grow_until_it_is_given_up(database_url: str) -> None:
    policy = SendPolicy(first_delay=100, longest_delay=500, give_up_after=3600)
    async with house(database_url, Counting(), sending=policy) as one:
        one.wire.trouble += [SendError()] * 10
        await _said(one)
        delays = []
        for _ in range(5):
            delays.append(await _delay(one))
            await one.rows(DUE)
            await one.swept()
        for place, most in enumerate((100, 200, 400, 500, 500)):
            assert most * 0.4 <= delays[place] <= most
        await one.rows("UPDATE outbox SET created_at = now() - interval '2 hours', due_at = now()")
        await one.swept()
        assert await one.rows(STATUS) == [("failed", "SendError", 7)]


async def test_a_reply_of_unknown_outcome_is_in_doubt_at_last(database_url: str) -> None:
    async with house(database_url, Counting(), sending=SendPolicy(unknown_attempts=3)) as one:
        one.wire.trouble += [UnknownOutcome(), TimeoutError(), KeyError("who"), None]
        await _said(one)
        for _ in range(4):
            await one.rows(DUE)
            await one.swept()
        assert await one.rows(STATUS) == [("in_doubt", "KeyError", 3)]


async def test_a_send_without_an_end_is_cut_off(database_url: str) -> None:
    wire = Wire()
    wire.open.clear()
    async with house(database_url, Counting(), wire=wire, sending=SendPolicy(timeout=0.05)) as one:
        await _said(one)
        assert await one.rows(STATUS) == [("waiting", "TimeoutError", 1)]


async def test_a_nudge_of_unknown_outcome_is_not_sent_twice(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        await _said(one)
        await one.rows(NUDGE, "waiting", 0)
        one.wire.trouble.append(UnknownOutcome())
        await one.swept()
        await one.rows(NUDGE, "sending", 1)  # whose sender was lost
        await one.swept()
        assert [text for _, text in one.wire.tried] == ["hei 1", "nudge"]
        assert (await one.rows(STATUS))[1:] == [("in_doubt", "UnknownOutcome", 1), ("in_doubt", "sender lost", 1)]


async def test_the_sweep_takes_up_what_a_lost_sender_left(database_url: str) -> None:
    lost = Wire()
    lost.open.clear()
    async with house(database_url, parts, wire=lost) as one, house(database_url, parts) as other:
        await one.say("hei")
        await lost.called.wait()
        await other.swept()
        assert other.wire.tried == []  # not while it has its lease
        await one.rows(DUE)
        await other.swept()
        assert other.wire.sent == ["hei a", "hei b", "hei c"]
        assert other.wire.tried[0] == lost.tried[0]
        lost.trouble.append(Refused())  # the lost one comes to itself, and its word counts no more
        lost.open.set()
        await one.engine.idle()
        assert await one.rows(STATUS) == [("sent", None, 2)] * 3


async def test_a_sender_whose_lease_was_taken_over_sends_nothing_more(database_url: str) -> None:
    lost = Wire()
    lost.open.clear()
    policy = SendPolicy(timeout=5, lease=10)  # renewed before every send, since nothing of it is to spare
    async with house(database_url, parts, wire=lost, sending=policy) as one, house(database_url, parts) as other:
        await one.say("hei")
        await lost.called.wait()
        await one.rows(DUE)
        await other.swept()
        lost.open.set()
        await one.engine.idle()
        assert [text for _, text in lost.tried] == ["hei a"]


async def test_what_was_sent_is_settled_when_the_lease_cannot_be_renewed(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.outbox_sql.RENEW", "SELECT * FROM a_table_that_is_away")
    # Renewed when a twentieth of a second has gone since the last time, which the first send takes.
    async with house(database_url, parts, sending=SendPolicy(timeout=5, lease=10.05)) as one:
        one.wire.open.clear()
        await one.say("hei")
        await one.wire.called.wait()
        asyncio.get_running_loop().call_later(0.1, one.wire.open.set)
        await one.engine.idle()
        assert one.wire.sent == ["hei a"]
        assert await one.rows(STATUS) == [("sent", None, 1), ("sending", None, 1), ("sending", None, 1)]


async def test_a_nudge_whose_sender_was_lost_is_not_taken_for_a_turns_sake(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        await _said(one)
        await one.rows(NUDGE, "sending", 1)
        await _said(one, "next")  # it looks for the oldest message that is not out yet
        assert one.wire.sent == ["hei 1"]
        await one.swept()
        assert one.wire.sent == ["hei 1", "next 2"]


async def test_a_turn_during_a_send_waits_for_it(database_url: str) -> None:
    wire = Wire()
    wire.open.clear()
    async with house(database_url, parts, wire=wire) as one, house(database_url, parts, wire=wire) as other:
        await one.say("hei")
        await wire.called.wait()
        await other.say("next")
        await other.engine.idle()
        assert len(wire.tried) == 1
        wire.open.set()
        await asyncio.gather(one.engine.idle(), other.engine.idle())
        assert wire.sent == ["hei a", "hei b", "hei c", "next a", "next b", "next c"]
