"""The only process of a database takes up at its start what a killed one held."""

from __future__ import annotations

from bot.leases import give_back
from tests.unit.turn.house import Counting, house

HELD = "UPDATE conversations SET lease_until = now() + interval '1 minute'"

SENDING = """UPDATE outbox
SET status = 'sending', provider_id = NULL, settled_at = NULL, due_at = now() + interval '1 minute'"""


async def test_a_message_that_a_killed_process_held_is_answered_at_once(database_url: str) -> None:
    respond = Counting()
    async with house(database_url, respond) as one:
        await one.keep("hei")
        await one.rows(HELD)
        await one.swept()
        assert respond.texts == []
        await give_back(database_url)
        await one.swept()
        assert respond.texts == ["hei"]


async def test_a_reply_that_a_killed_process_was_sending_goes_out(database_url: str) -> None:
    async with house(database_url, Counting()) as one:
        await one.say("hei")
        await one.engine.idle()
        await one.rows(SENDING)
        await one.swept()
        assert len(one.wire.sent) == 1
        await give_back(database_url)
        await one.swept()
        assert one.wire.sent == ["hei 1", "hei 1"]
