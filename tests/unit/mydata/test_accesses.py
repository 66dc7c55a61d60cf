"""Who used a person's data, and what staff did."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from bot.database import Database
from bot.texts import Texts
from mydata import audit
from mydata.accesses import Accesses, Actor
from mydata.audit import Event

LANGUAGES = ("fi", "sv", "en")
TEXTS = Texts.load(Path(__file__).resolve().parents[3] / "knowledge" / "texts", LANGUAGES)
AGENT = Actor(kind="staff", name="auth0|aino.virtanen")


async def somebody(database: Database) -> UUID:
    """A person."""
    person = uuid4()
    await database.pool.execute("INSERT INTO persons (id) VALUES ($1)", person)
    return person


async def test_a_page_opened_again_and_again_is_one_reading(database_url: str) -> None:
    async with Database(database_url) as database:
        person, conversation = await somebody(database), uuid4()
        accesses = Accesses(lambda: database.pool, TEXTS, LANGUAGES)
        for _ in range(3):
            await accesses.note(person, AGENT, purpose="desk", what="conversation", conversation_id=conversation)
        await database.pool.execute("UPDATE accesses SET at = at - interval '16 minutes'")
        await accesses.note(person, AGENT, purpose="desk", what="conversation", conversation_id=conversation)
        other = Actor(kind="staff", name="other")
        await accesses.note(person, other, purpose="desk", what="conversation", conversation_id=conversation)
        await accesses.note(person, AGENT, purpose="desk", what="conversation", conversation_id=uuid4())
        assert len(await accesses.of(person)) == 4
        assert await accesses.of(await somebody(database)) == []


async def test_the_person_hears_what_why_and_when_but_no_name_of_staff(database_url: str) -> None:
    async with Database(database_url) as database:
        person = await somebody(database)
        accesses = Accesses(lambda: database.pool, TEXTS, LANGUAGES, purposes={"scam": {"en": "warnings of scams"}})
        await accesses.note(person, AGENT, purpose="desk", what="conversation")
        await database.pool.execute("UPDATE accesses SET at = at - interval '1 hour'")
        await accesses.note(person, Actor(kind="programme", name="scam"), purpose="scam", what="address")
        newest, oldest = await accesses.of(person)
        assert newest.purpose == {"en": "warnings of scams"}
        assert oldest.purpose["fi"] == "sinulle vastaaminen"
        assert oldest.actor["sv"] == "En av stadens servicerådgivare"
        assert oldest.at < newest.at <= datetime.now(UTC)
        assert "virtanen" not in repr((newest, oldest))
        with pytest.raises(KeyError):
            await accesses.note(person, AGENT, purpose="whim", what="all")


async def test_of_a_conversation_that_is_gone_there_is_no_reading(database_url: str) -> None:
    async with Database(database_url) as database:
        accesses = Accesses(lambda: database.pool, TEXTS, LANGUAGES)
        await accesses.note_conversation(uuid4(), AGENT, purpose="desk")
        await accesses.note(uuid4(), AGENT, purpose="desk", what="all")
        assert await database.pool.fetchval("SELECT count(*) FROM accesses") == 0


async def test_what_staff_did_is_in_the_citys_shape(database_url: str) -> None:
    async with Database(database_url) as database:
        conversation = uuid4()
        digest = audit.of_person(conversation)
        read = Event(role="agent", actor="u1", operation="READ", target_type="conversation", target_id=digest)
        await audit.write(database.pool, read)
        refused = Event(
            role="agent", actor="u2", operation="UPDATE", target_type="topic", status="FORBIDDEN", ip_address="10.0.0.7"
        )
        await audit.write(database.pool, refused)
        lines = [(number, orjson.loads(line)) async for number, line in audit.exported(lambda: database.pool)]
        event = lines[0][1]["audit_event"]
        assert event["actor"] == {"role": "agent", "user_id": "u1", "ip_address": ""}
        assert event["target"] == {"type": "conversation", "id": digest}
        assert str(conversation) not in str(event)
        moment = datetime.fromisoformat(event["date_time"])
        assert abs(moment.timestamp() * 1000 - event["date_time_epoch"]) < 1
        assert event["date_time"].endswith("Z")
        assert lines[1][1]["audit_event"]["status"] == "FORBIDDEN"
        later = [line async for line in audit.exported(lambda: database.pool, after=lines[0][0])]
        assert len(later) == 1
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert [line async for line in audit.exported(lambda: database.pool, since=tomorrow)] == []


@pytest.mark.parametrize(
    "change", ["UPDATE audit_events SET actor_id = ''", "DELETE FROM audit_events", "TRUNCATE audit_events"]
)
async def test_what_was_written_stays_for_a_year(database_url: str, change: str) -> None:
    async with Database(database_url) as database:
        await audit.write(database.pool, Event(role="agent", actor="u1", operation="READ", target_type="queue"))
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.pool.execute(change)
        assert await database.pool.fetchval("SELECT count(*) FROM audit_events") == 1


async def test_an_event_goes_with_its_action(database_url: str) -> None:
    async with Database(database_url) as database:
        with pytest.raises(ZeroDivisionError):
            async with database.pool.acquire() as connection, connection.transaction():
                await audit.write(connection, Event(role="agent", actor="u1", operation="READ", target_type="queue"))
                raise ZeroDivisionError
        assert await database.pool.fetchval("SELECT count(*) FROM audit_events") == 0
