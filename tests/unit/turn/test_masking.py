"""What nobody needs once a message has been answered is not kept of it."""

from __future__ import annotations

import pytest

from bot.hearing import masked
from bot.messages import Outcome, Turn
from tests.unit.turn.house import answer, house

SAID = "hetuni on 131052-308T, tili FI21 1234 5600 0007 85, soita 040 123 4567 tai aino@example.com"
SECRETS = ("131052-308T", "FI21 1234")
CONTACTS = ("040 123 4567", "aino@example.com")


@pytest.mark.parametrize("shown", [False, True])
async def test_the_record_is_masked_and_the_turn_is_not(database_url: str, shown: bool) -> None:
    heard: list[str] = []

    async def respond(turn: Turn) -> Outcome:
        heard.append(turn.incoming.text)
        return answer("noted", shown=shown)

    async with house(database_url, respond, masked=masked) as there:
        await there.say(SAID)
        await there.engine.idle()
        assert heard == [SAID]
        ((person, body),) = await there.rows("SELECT person_id, body FROM transcript WHERE kind = 'message'")
        kept = (await there.engine.sealer.of(person)).open_incoming(body).text
        assert not [secret for secret in SECRETS if secret in kept]
        assert [contact in kept for contact in CONTACTS] == [shown, shown]
        assert kept.startswith("hetuni on ‹identity code›")


async def test_a_message_that_is_given_up_is_masked_too(database_url: str) -> None:
    async def respond(_: Turn) -> Outcome:
        raise RuntimeError

    async with house(database_url, respond, masked=masked) as there:
        await there.say(SAID)
        while await there.value("SELECT status FROM inbox") == "waiting":
            await there.engine.idle()
        ((person, body),) = await there.rows("SELECT person_id, body FROM transcript WHERE kind = 'message'")
        kept = (await there.engine.sealer.of(person)).open_incoming(body).text
        assert not [secret for secret in (*SECRETS, *CONTACTS) if secret in kept]


async def test_what_is_said_to_a_person_keeps_how_to_be_reached(database_url: str) -> None:
    async def respond(_: Turn) -> Outcome:
        return answer("noted")

    async with house(database_url, respond, masked=masked) as there:
        await there.say("moi")
        await there.engine.idle()
        await there.database.pool.execute("UPDATE conversations SET owner = 'agent'")
        await there.say(SAID)
        await there.engine.idle()
        rows = await there.rows("SELECT person_id, body FROM transcript WHERE kind = 'message' ORDER BY id")
        kept = (await there.engine.sealer.of(rows[1][0])).open_incoming(rows[1][1]).text
        assert all(contact in kept for contact in CONTACTS)
        assert not [secret for secret in SECRETS if secret in kept]
