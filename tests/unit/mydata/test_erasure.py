"""A person is erased: at once, everywhere, once, and through every interruption."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.codec import KeyDestroyed
from bot.messages import Effect, Outcome, Photo, Turn
from mydata.holds import UnknownReason
from tests.databases import Databases
from tests.unit.mydata.office import AT_ONCE, Office, farewell, office
from tests.unit.turn.house import answer

PICTURE = Photo(content_type="image/png", data=b"\x89PNG picture of a pothole")


async def asking(turn: Turn) -> Outcome:
    """Answers, and asks for an effect whenever the citizen reports."""
    effects = (Effect(id=f"e{turn.incoming.message_id}", name="desk.report", arguments=("a secret place",)),)
    return answer(f"heard {turn.incoming.text}", state={"draft": turn.incoming.text}, effects=effects)


async def history(found: Office, by: str = "citizen") -> UUID:
    """A citizen with something in every table of the turn."""
    house = found.house
    await house.say("there is a hole", by=by, photos=(PICTURE,))
    await house.engine.idle()
    person, conversation = await found.person(by), await found.conversation(by)
    content = await house.engine.sealer.of(person)
    await house.database.pool.execute(
        "INSERT INTO handoffs (id, conversation_id, person_id, channel, language, reason, status) "
        "VALUES ($1, $2, $3, 'wire', 'en', 'wish', 'waiting')",
        uuid4(),
        conversation,
        person,
    )
    await house.database.pool.execute(
        "INSERT INTO handoff_notes (conversation_id, person_id, author, body) VALUES ($1, $2, 'Aino', $3)",
        conversation,
        person,
        content.text("calls often"),
    )
    await house.database.pool.execute(
        "INSERT INTO deliveries (channel, provider_id, state) SELECT channel, provider_id, 'delivered' FROM outbox "
        "WHERE conversation_id = $1 AND provider_id IS NOT NULL",
        conversation,
    )
    await house.database.pool.execute(
        "INSERT INTO accesses (person_id, actor_kind, actor, purpose, what) VALUES ($1, 'staff', 'u1', 'desk', 'all')",
        person,
    )
    return person


async def test_nothing_is_left_and_the_next_message_is_somebody_elses(database_url: str) -> None:
    async with office(database_url, respond=asking) as found:
        person = await history(found)
        assert {"transcript", "attachments", "effects", "handoff_notes", "deliveries"} <= (
            await found.left(person)
        ).keys()
        assert await found.erasures.ask(person, "portal") == ()
        assert await found.left(person) == {}
        with pytest.raises(KeyDestroyed):
            await found.house.engine.sealer.of(person)
        row = await found.house.rows("SELECT step, person_id, owners, lookups, done_at IS NOT NULL FROM erasures")
        assert row == [("done", None, None, None, True)]
        assert await found.keys.erased() == [person]
        await found.house.say("moi")
        await found.house.engine.idle()
        assert await found.person() != person
        assert found.house.wire.sent[-1] == "heard moi"


async def test_what_is_queued_is_not_sent_and_the_confirmation_is_once(database_url: str) -> None:
    async with office(database_url) as found:
        wire = found.house.wire
        wire.open.clear()
        await found.house.say("one")
        await wire.called.wait()
        for text in ("two", "three"):
            await found.house.keep(text)
        person, conversation = await found.person(), await found.conversation()
        assert await found.erasures.ask(person, "dialog", conversation_id=conversation) == ()
        assert await found.left(person) == {"conversations": 1, "outbox": 1, "persons": 1, "transcript": 1}
        wire.open.set()
        await found.finish()
        assert wire.sent == ["one 1", farewell("en").text]  # what the provider had already, and the confirmation
        await found.erasures.ask(person, "dialog", conversation_id=conversation)
        await found.finish()
        assert len(wire.sent) == 2
        assert await found.left(person) == {}


async def test_an_effect_in_flight_ends_without_a_word(database_url: str) -> None:
    found: Office

    class Desk:
        async def report(self, _key: str, _place: str) -> str:
            await found.erasures.ask(await found.person(), "dialog", conversation_id=await found.conversation())
            return "ticket 17"

    async with office(database_url, respond=asking, services={"desk": Desk()}) as found:
        person = await history(found)
        await found.house.run_effects()
        await found.finish()
        assert await found.left(person) == {}
        assert found.house.wire.sent == ["heard there is a hole", farewell("en").text]


async def test_a_confirmation_that_cannot_be_said_holds_nothing_up(database_url: str) -> None:
    async with office(database_url) as found:
        await found.house.say("moi")
        await found.house.engine.idle()
        person, conversation = await found.person(), await found.conversation()
        found.house.wire.open.clear()
        await found.erasing(patience=AT_ONCE).ask(person, "dialog", conversation_id=conversation)
        assert await found.left(person) == {}


class Cut(Exception):
    """The process ended here."""


class Cutting:
    """A pool, a connection or the keys, whose process ends before the ``left``-th call of any of them."""

    def __init__(self, inner: Any, left: list[int]) -> None:
        self.inner, self.left = inner, left

    def count(self) -> None:
        self.left[0] -= 1
        if self.left[0] < 0:
            raise Cut

    async def execute(self, *values: Any, **more: Any) -> Any:
        self.count()
        return await self.inner.execute(*values, **more)

    async def fetch(self, *values: Any) -> Any:
        self.count()
        return await self.inner.fetch(*values)

    async def fetchrow(self, *values: Any) -> Any:
        self.count()
        return await self.inner.fetchrow(*values)

    async def fetchval(self, *values: Any) -> Any:
        self.count()
        return await self.inner.fetchval(*values)

    @asynccontextmanager
    async def acquire(self) -> AsyncIterator[Any]:
        async with self.inner.acquire() as connection:
            yield Cutting(connection, self.left)

    def transaction(self) -> Any:
        return self.inner.transaction()

    async def destroy(self, owners: Collection[str]) -> Any:
        self.count()
        return await self.inner.destroy(owners)

    async def note_erased(self, person: UUID) -> None:
        self.count()
        await self.inner.note_erased(person)


async def test_cut_off_before_any_step_it_is_finished(database_url: str) -> None:
    async with office(database_url, respond=asking) as found:
        ended, cuts = False, 0
        while not ended:
            person, conversation = await history(found), await found.conversation()
            left = [cuts]
            pool = Cutting(found.house.database.pool, left)
            process = found.erasing(pool=lambda p=pool: p, keys=Cutting(found.keys, left), patience=AT_ONCE)
            try:
                await process.ask(person, "dialog", conversation_id=conversation)
                ended = True
            except Cut:
                await found.finish()
                if cuts == 0:  # the wish itself was lost, and is asked for again
                    await found.erasures.ask(person, "dialog", conversation_id=conversation)
            await found.finish()
            assert await found.left(person) == {}, f"after {cuts} calls"
            assert person in await found.keys.erased()
            with pytest.raises(KeyDestroyed):
                await found.house.engine.sealer.of(person)
            cuts += 1
        assert cuts > 30  # every statement of every step
        assert await found.house.rows("SELECT DISTINCT step FROM erasures") == [("done",)]


async def test_who_must_be_kept_is_kept_and_hears_whom_to_ask(database_url: str) -> None:
    async with office(database_url) as found:
        await found.house.say("moi")
        await found.house.engine.idle()
        person = await found.person()
        with pytest.raises(UnknownReason):
            await found.holds.place(person, "whim", by="clerk")
        number = await found.holds.place(person, "claim", by="clerk")
        assert number is not None
        (refusal,) = await found.erasures.ask(person, "profile")
        assert refusal.code == "claim" and refusal.message["sv"] == "Fråga registratorn."
        assert await found.erasures.may_erase(person) == (refusal,)
        assert await found.erasures.forget("wire", found.keys.lookup("citizen"), "citizen") == (refusal,)
        assert await found.house.rows("SELECT step FROM erasures") == []
        assert [row["reason"] for row in await found.holds.find()] == ["claim"]
        assert await found.holds.release(number) and not await found.holds.release(number)
        assert await found.erasures.ask(person, "profile") == ()
        assert await found.left(person) == {}


async def test_one_conversation_of_several_is_forgotten_alone(database_url: str) -> None:
    async with office(database_url) as found:
        for by in ("citizen", "chat"):
            await found.house.say("moi", by=by)
        await found.house.engine.idle()
        person, other, conversation = await found.person(), await found.person("chat"), await found.conversation("chat")
        await link(found, conversation, other, person)
        assert await found.erasures.forget("wire", found.keys.lookup("chat"), "chat") == ()
        assert (await found.left(person))["conversations"] == 1
        assert await found.house.value("SELECT count(*) FROM transcript") == 2
        assert await found.house.value("SELECT count(*) FROM persons") == 1  # the key of who was linked is gone too
        with pytest.raises(KeyDestroyed):
            await found.house.engine.sealer.of(other)
        await found.house.say("still here")
        await found.house.engine.idle()
        assert found.house.wire.sent[-1] == "still here 2"


async def test_content_sealed_by_another_persons_key_goes_with_that_key(database_url: str) -> None:
    async with office(database_url) as found:
        for by in ("citizen", "chat"):
            await found.house.say("moi", by=by)
        await found.house.engine.idle()
        person, other, conversation = await found.person(), await found.person("chat"), await found.conversation("chat")
        await link(found, conversation, other, person)
        assert await found.erasures.ask(person, "portal") == ()
        assert await found.house.rows("SELECT id FROM persons") == []
        assert set(await found.keys.erased()) == {person, other}


async def test_a_key_by_which_others_content_is_sealed_stays(database_url: str) -> None:
    async with office(database_url) as found:
        for by in ("citizen", "chat"):
            await found.house.say("moi", by=by)
        await found.house.engine.idle()
        person, other, conversation = await found.person(), await found.person("chat"), await found.conversation("chat")
        await link(found, conversation, other, person)
        assert await found.erasures.ask(other, "portal") == ()
        await found.house.engine.sealer.of(other)
        assert (await found.left(person))["conversations"] == 2


async def link(found: Office, conversation: UUID, other: UUID, person: UUID) -> None:
    """The conversation is the person's from now on; what was said in it stays sealed by the other's key."""
    sealer = found.house.engine.sealer
    address = (await sealer.of(other)).open_text(
        await found.house.value("SELECT address FROM conversations WHERE id = $1", conversation)
    )
    await found.house.database.pool.execute(
        "UPDATE conversations SET person_id = $1, address = $2, state = NULL WHERE id = $3",
        person,
        (await sealer.of(person)).text(address),
        conversation,
    )


async def test_a_backup_brought_back_is_unreadable_and_erased_again(databases: Databases, database_url: str) -> None:
    async with office(database_url) as found:
        await found.house.say("moi")
        await found.house.say("hei", by="neighbour")
        await found.house.engine.idle()
        person, neighbour = await found.person(), await found.person("neighbour")
    backup = databases.create(database_url.partition("@/")[2].partition("?")[0])
    try:
        async with office(database_url) as found:
            await found.erasures.ask(person, "portal")
        async with office(databases.url_of(backup), keys_url=database_url) as restored:
            assert (await restored.left(person))["transcript"] == 2
            with pytest.raises(KeyDestroyed):
                await restored.house.engine.sealer.of(person)
            assert await restored.erasures.replay() == 1
            assert await restored.left(person) == {}
            assert (await restored.left(neighbour))["transcript"] == 2
            assert await restored.erasures.replay() == 1  # again is as good
    finally:
        databases.drop(backup)


async def test_nobody_is_erased_in_peace(database_url: str) -> None:
    async with office(database_url) as found:
        assert await found.erasures.ask(uuid4(), "profile") == ()
        assert await found.erasures.forget("wire", found.keys.lookup("nobody"), "nobody") == ()
        assert await found.erasures.sweep() == 0
