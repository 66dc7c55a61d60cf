"""Who is who: strong logins, one-time codes, linking and unlinking, recycled numbers, guardians."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from bot.messages import Address, Reply
from mydata.confirmations import Bounds, Confirmations
from mydata.people import People
from tests.unit.mydata.office import Office, office
from tests.unit.turn.house import Wire

ISSUER = "https://login.example.fi/realms/citizens"
PHONE = Address(Wire.name, "+358401234567")
CODE_KEY = b"c" * 32


def words(code: str, language: str) -> Reply:
    return Reply(text=f"code {code}", language=language)


@dataclass
class Town:
    """An office with its people."""

    office: Office
    people: People
    codes: Confirmations

    async def say(self, text: str, by: str = "citizen") -> None:
        """Say something and wait for the answer."""
        await self.office.house.say(text, by=by)
        await self.office.house.engine.idle()

    async def here(self, by: str = "citizen") -> UUID:
        """The conversation at an address, which says something first."""
        await self.say("moi", by=by)
        return await self.office.conversation(by)

    def code(self, key: str = PHONE.key) -> str:
        """The newest code that an address was sent."""
        wire = self.office.house.wire
        texts = [text for address, text in zip(wire.addresses, wire.sent, strict=True) if address == key]
        return next(found[0] for text in reversed(texts) if (found := re.search(r"\d{6}", text)))

    async def person(self, conversation: UUID) -> UUID:
        """Whose a conversation is."""
        found: UUID = await self.office.house.value("SELECT person_id FROM conversations WHERE id = $1", conversation)
        return found


@asynccontextmanager
async def town(url: str, bounds: Bounds | None = None) -> AsyncIterator[Town]:
    async with office(url) as made:
        engine, pool = made.house.engine, made.house.database.pool
        people = People(lambda: pool, engine.sealer)
        codes = Confirmations(
            lambda: pool, engine.sealer, people, CODE_KEY, words=words, resume=engine.outbox.resume, bounds=bounds
        )
        yield Town(made, people, codes)


async def test_a_subject_is_one_person_and_only_a_keyed_hash_of_it_is_kept(database_url: str) -> None:
    async with town(database_url) as there:
        first = await there.people.identified(ISSUER, "subject-1", "substantial")
        assert await there.people.identified(ISSUER, "subject-1", "high") == first
        assert await there.people.of_subject(ISSUER, "subject-1") == first
        assert await there.people.identified(ISSUER, "subject-2", "low") != first
        assert await there.people.identified(f"{ISSUER}2", "subject-1", "low") != first
        assert await there.people.of_subject(ISSUER, "nobody") is None
        (row,) = await there.office.house.rows("SELECT subject_lookup, loa FROM persons WHERE id = $1", first)
        assert row[1] == "high"
        assert b"subject-1" not in row[0]


async def test_a_linked_conversation_goes_on_with_its_state_and_its_past_is_readable(database_url: str) -> None:
    async with town(database_url) as there:
        conversation = await there.here()
        person = await there.people.identified(ISSUER, "s", "substantial")
        assert await there.people.linked(conversation, person)
        assert await there.people.linked(conversation, person)
        (place,) = await there.people.places(person)
        assert (place.id, place.level, place.channel) == (conversation, "strong", Wire.name)
        await there.say("again")
        texts = there.office.house.wire.sent
        assert texts == ["moi 1", "again 2"]
        rows = await there.office.house.rows("SELECT person_id, body FROM transcript WHERE kind = 'reply' ORDER BY id")
        opened = [(await there.office.house.engine.sealer.of(who)).open_reply(body).text for who, body in rows]
        assert opened == texts
        assert {who for who, _ in rows} == set(await there.people.persons(person))


async def test_what_one_person_wrote_is_not_given_to_another_who_logs_in(database_url: str) -> None:
    async with town(database_url) as there:
        conversation = await there.here()
        first = await there.people.identified(ISSUER, "first", "substantial")
        second = await there.people.identified(ISSUER, "second", "substantial")
        assert await there.people.linked(conversation, first)
        assert not await there.people.linked(conversation, second)
        assert await there.people.places(second) == []
        assert not await there.people.linked(uuid4(), second)
        assert not await there.people.unlink(second, conversation)


async def test_a_code_makes_the_address_the_persons_and_confirms_it(database_url: str) -> None:
    async with town(database_url) as there:
        here, phone = await there.here(), await there.here(PHONE.key)
        assert await there.codes.send("k", here, PHONE, "fi") == "sent"
        assert await there.codes.send("k", here, PHONE, "fi") == "sent"  # the effect again: no second code
        sent = [text for text in there.office.house.wire.sent if "code" in text]
        assert len(sent) == 1
        assert await there.codes.check(here, "000000" if there.code() != "000000" else "000001") == "wrong"
        assert await there.codes.check(here, f" {there.code()} ") == "right"
        assert await there.person(here) == await there.person(phone)
        levels = {place.id: place.level for place in await there.people.places(await there.person(here))}
        assert levels == {here: "claimed", phone: "confirmed"}
        assert await there.codes.check(here, there.code()) == "none"
        stored = await there.office.house.rows("SELECT digest FROM confirmations")
        assert all(there.code().encode() not in digest for (digest,) in stored)


async def test_a_number_that_never_wrote_gets_its_code_too(database_url: str) -> None:
    async with town(database_url) as there:
        here = await there.here()
        assert await there.codes.send("k", here, PHONE, "sv") == "sent"
        assert await there.codes.check(here, there.code()) == "right"
        assert len(await there.people.places(await there.person(here))) == 2
        await there.say("hej", by=PHONE.key)
        assert there.office.house.wire.sent[-1] == "hej 1"


async def test_codes_are_bounded_in_number_tries_and_time(database_url: str) -> None:
    bounds = Bounds(here=2, there=3, tries=2)
    async with town(database_url, bounds) as there:
        here, other = await there.here(), await there.here("other")
        assert [await there.codes.send(key, here, PHONE, "fi") for key in "abc"] == ["sent", "sent", "limited"]
        assert [await there.codes.send(key, other, PHONE, "fi") for key in "abc"] == ["sent", "limited", "limited"]
        wrong = "000000" if there.code() != "000000" else "000001"
        assert [await there.codes.check(other, wrong) for _ in range(2)] == ["wrong", "spent"]
        assert await there.codes.check(other, there.code()) == "spent"
        await there.office.house.database.pool.execute("UPDATE confirmations SET expires_at = now()")
        assert await there.codes.check(here, there.code()) == "none"
        assert await there.codes.check(uuid4(), "123456") == "none"
        assert await there.codes.send("x", uuid4(), PHONE, "fi") == "gone"


async def test_an_address_that_wants_no_messages_gets_no_code(database_url: str) -> None:
    async with town(database_url) as there:
        here = await there.here()
        lookup = there.office.keys.lookup(PHONE.key)
        await there.office.house.database.pool.execute(
            "INSERT INTO reach (channel, address_lookup, opted_out) VALUES ($1, $2, true)", PHONE.channel, lookup
        )
        assert await there.codes.send("k", here, PHONE, "fi") == "stopped"


@pytest.mark.parametrize("both", [True, False])
async def test_a_code_joins_the_known_person_but_never_two_of_them(database_url: str, both: bool) -> None:
    async with town(database_url) as there:
        here, phone = await there.here(), await there.here(PHONE.key)
        owner = await there.people.identified(ISSUER, "owner", "substantial")
        assert await there.people.linked(phone, owner)
        if both:
            assert await there.people.linked(here, await there.people.identified(ISSUER, "other", "substantial"))
        assert await there.codes.send("k", here, PHONE, "fi") == "sent"
        assert await there.codes.check(here, there.code()) == ("another" if both else "right")
        assert (await there.person(here) == owner) is not both
        levels = {place.id: place.level for place in await there.people.places(owner)}
        assert levels == ({phone: "strong"} if both else {phone: "strong", here: "claimed"})


async def test_an_unlinked_address_begins_anew_and_sees_nothing_of_before(database_url: str) -> None:
    async with town(database_url) as there:
        conversation = await there.here()
        person = await there.people.identified(ISSUER, "s", "substantial")
        assert await there.people.linked(conversation, person)
        assert await there.people.unlink(person, conversation)
        assert not await there.people.unlink(person, conversation)
        assert await there.people.places(person) == []
        assert await there.people.conversation(conversation) is None
        await there.say("who are you")
        assert there.office.house.wire.sent[-1] == "who are you 1"
        fresh = await there.office.conversation()
        assert fresh != conversation
        assert await there.person(fresh) != person
        assert (
            await there.office.house.value("SELECT person_id FROM conversations WHERE id = $1", conversation) == person
        )


async def test_a_number_unused_for_long_is_nobodys_until_it_is_confirmed_again(database_url: str) -> None:
    async with town(database_url) as there:
        old, used = await there.here("+358400000001"), await there.here("+358400000002")
        person = await there.people.identified(ISSUER, "s", "substantial")
        for conversation in (old, used):
            assert await there.people.linked(conversation, person)
        await there.office.house.database.pool.execute(
            "UPDATE conversations SET created_at = now() - interval '2 years', level_at = now() - interval '2 years'"
        )
        await there.office.house.database.pool.execute(
            "UPDATE inbox SET accepted_at = now() - interval '2 years' WHERE conversation_id = $1", old
        )
        assert await there.people.expire(timedelta(days=365), [Wire.name]) == 1
        assert [place.id for place in await there.people.places(person)] == [used]


async def test_who_acts_for_a_child_does_so_until_an_end(database_url: str) -> None:
    async with town(database_url) as there:
        child = await there.people.identified(ISSUER, "child", "low")
        guardian = await there.people.identified(ISSUER, "guardian", "high")
        now = datetime.now(UTC)
        await there.people.guard(child, guardian, now + timedelta(days=1))
        assert await there.people.acts_for(guardian, child, now)
        assert not await there.people.acts_for(child, guardian, now)
        assert await there.people.children(guardian, now) == [child]
        assert not await there.people.acts_for(guardian, child, now + timedelta(days=2))
        await there.people.release(child, guardian)
        assert not await there.people.acts_for(guardian, child, now)


async def test_a_turn_that_was_held_while_its_conversation_moved_is_held_again(database_url: str) -> None:
    async with town(database_url) as there:
        conversation = await there.here()
        person = await there.people.identified(ISSUER, "s", "substantial")
        await there.office.house.keep("second")
        claim = await there.office.house.engine.inbox.claim(conversation)
        assert claim is not None
        assert await there.people.linked(conversation, person)
        assert await there.office.house.engine.inbox.claim(conversation) is not None  # the lease went with it
        await there.office.house.database.pool.execute("UPDATE conversations SET lease_until = NULL")
        await there.office.house.swept()
        assert there.office.house.wire.sent[-1] == "second 2"
