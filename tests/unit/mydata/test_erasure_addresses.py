"""What is erased at an address that was parted or written from again, and what is not: it is another one's by then."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from bot.codec import KeyDestroyed
from mydata.erasure import Patience
from mydata.people import People
from tests.unit.mydata.office import Office, office

ISSUER = "https://login.example.fi/realms/citizens"
SHOW = """
INSERT INTO webchat_activities (conversation, number, key, inbound, body)
VALUES ($1, (SELECT count(*) + 1 FROM webchat_activities WHERE conversation = $1), $2, false, 'sealed')
"""
NEVER_SAID = Patience(saying=timedelta(days=1))


def people_of(found: Office) -> People:
    return People(lambda: found.house.database.pool, found.house.engine.sealer)


async def chat(found: Office, shown: str) -> UUID:
    """Somebody writes from the address, in a channel that keeps a copy of its own under a key of its own."""
    await found.house.say("moi")
    await found.house.engine.idle()
    conversation = await found.conversation()
    await found.house.database.pool.execute(SHOW, found.keys.lookup("citizen"), shown)
    await found.keys.own("citizen", make=True)
    return conversation


async def as_webchat(found: Office) -> None:
    """The conversations are in the channel whose table is there."""
    statement = "UPDATE conversations SET channel = 'webchat' WHERE address_lookup = $1 OR detached_at IS NOT NULL"
    await found.house.database.pool.execute(statement, found.keys.lookup("citizen"))


async def shown_at(found: Office) -> list[str]:
    rows = await found.house.rows("SELECT key FROM webchat_activities ORDER BY number")
    return [row[0] for row in rows]


async def test_an_address_that_was_parted_goes_with_its_key(database_url: str) -> None:
    async with office(database_url) as found:
        conversation = await chat(found, "first")
        await as_webchat(found)
        person = await found.person()
        assert await people_of(found).unlink(person, conversation)
        assert await found.erasures.ask(person, "portal") == ()
        assert await shown_at(found) == []
        with pytest.raises(KeyDestroyed):
            await found.keys.own("citizen")


async def test_who_has_a_parted_address_now_keeps_what_is_theirs(database_url: str) -> None:
    async with office(database_url) as found:
        conversation = await chat(found, "first")
        person = await found.person()
        assert await people_of(found).unlink(person, conversation)
        await chat(found, "second")
        await as_webchat(found)
        assert await found.person() != person
        assert await found.erasures.ask(person, "portal") == ()
        assert await shown_at(found) == ["second"]
        assert await found.keys.own("citizen")
        assert (await found.left(await found.person()))["transcript"] == 2


async def test_who_writes_again_while_the_confirmation_can_be_read_keeps_what_came_since(database_url: str) -> None:
    async with office(database_url) as found:
        conversation = await chat(found, "first")
        person = await found.person()
        await found.erasing(patience=NEVER_SAID).ask(person, "dialog", conversation_id=conversation)
        await chat(found, "second")
        await as_webchat(found)
        await found.house.database.pool.execute("UPDATE erasures SET channels = '{webchat}'")
        await found.finish()
        assert await shown_at(found) == ["second"]
        assert await found.keys.own("citizen")


async def test_a_login_while_an_erasure_goes_on_is_somebody_new(database_url: str) -> None:
    async with office(database_url) as found:
        people = people_of(found)
        conversation = await chat(found, "first")
        person = await people.identified(ISSUER, "aino", "substantial")
        assert await people.linked(conversation, person)
        await found.erasing(patience=NEVER_SAID).ask(person, "dialog", conversation_id=conversation)
        await found.house.say("hei")
        await found.house.engine.idle()
        again = await found.conversation()
        assert not await people.linked(again, person)  # a login that had begun before
        new = await people.identified(ISSUER, "aino", "substantial")
        assert new != person
        assert await people.linked(again, new)
        await found.finish()
        assert (await found.left(new))["transcript"] == 2
