"""What is too old goes, what is needed or held stays, and the report says how much went."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.codec import KeyDestroyed
from bot.database import Database
from mydata.retention import Retention
from mydata.retention_rules import CATEGORIES, Rules
from mydata.retention_sql import OLD
from tests.unit.mydata.office import Office, office

DAYS = dict.fromkeys(CATEGORIES, 100) | {
    "attachments": 20,
    "conversations": 150,
    "audit": 366,
    "reports": 9999,
    "erasures": 9999,
}
RULES = Rules(keep={name: timedelta(days=days) for name, days in DAYS.items()}, holds={})


def retention(found: Office, *, after: int) -> Retention:
    """As it will run in so many days."""
    pool = found.house.database.pool
    return Retention(lambda: pool, RULES, found.erasures, now=lambda: datetime.now(UTC) + timedelta(days=after))


async def removed(found: Office, *, after: int) -> dict[str, int]:
    """What goes in so many days, as was said before."""
    job = retention(found, after=after)
    due = {one.category: one.rows for one in await job.due()}
    done = {one.category: one.rows for one in await job.run()}
    assert {name: rows for name, rows in due.items() if name != "conversations"} == {
        name: rows for name, rows in done.items() if name != "conversations"
    }
    reported = {row["category"]: row["removed"] for row in await job.last()}
    assert reported == done
    return {name: rows for name, rows in done.items() if rows}


async def talk(found: Office, by: str = "citizen") -> UUID:
    """A citizen who has written, with a picture."""
    await found.house.say("moi", by=by)
    await found.house.engine.idle()
    person = await found.person(by)
    content = await found.house.engine.sealer.of(person)
    await found.house.database.pool.execute(
        "INSERT INTO attachments (id, conversation_id, person_id, content_type, body) VALUES ($1, $2, $3, 'x', $4)",
        uuid4(),
        await found.conversation(by),
        person,
        content.file(b"picture"),
    )
    return person


async def test_each_category_goes_at_its_time_and_the_person_with_the_last(database_url: str) -> None:
    async with office(database_url) as found:
        person = await talk(found)
        assert await removed(found, after=19) == {}
        assert await removed(found, after=21) == {"attachments": 1}
        assert await removed(found, after=101) == {"transcript": 2, "inbox": 1, "state": 1}
        assert (await found.left(person)).keys() == {"conversations", "persons"}
        assert (await removed(found, after=151))["conversations"] == 1
        assert await found.left(person) == {}
        with pytest.raises(KeyDestroyed):
            await found.house.engine.sealer.of(person)
        assert await found.house.value("SELECT way FROM erasures") == "retention"


@pytest.mark.parametrize(
    "open_",
    [
        "UPDATE conversations SET arrived = arrived + 1",
        "UPDATE outbox SET status = 'waiting', settled_at = NULL, due_at = now() + interval '1 year'",
        "INSERT INTO effects (conversation_id, person_id, effect_id, name, arguments, due_at, woken_at) "
        "SELECT id, person_id, 'e', 'n', '', now(), now() FROM conversations",
        "INSERT INTO handoffs (id, conversation_id, person_id, channel, language, reason, status) "
        "SELECT gen_random_uuid(), id, person_id, 'wire', 'en', 'wish', 'callback' FROM conversations",
        "INSERT INTO legal_holds (person_id, reason, placed_by) SELECT person_id, 'claim', 'x' FROM conversations",
    ],
)
async def test_what_is_open_or_held_stays(database_url: str, open_: str) -> None:
    async with office(database_url) as found:
        person = await talk(found)
        await found.house.database.pool.execute(open_)
        before = await found.left(person)
        assert await removed(found, after=1000) == {}
        assert await found.left(person) == before
        if "legal_holds" in open_:
            await found.house.database.pool.execute("UPDATE legal_holds SET released_at = now()")
            assert (await removed(found, after=1000))["transcript"] == 2


async def test_a_hold_that_has_run_out_holds_no_more(database_url: str) -> None:
    async with office(database_url) as found:
        person = await talk(found)
        await found.house.database.pool.execute(
            "INSERT INTO legal_holds (person_id, reason, placed_by, until) VALUES ($1, 'claim', 'x', now())", person
        )
        await removed(found, after=1000)
        assert await found.left(person) == {}


async def test_who_writes_now_and_then_keeps_the_dialog(database_url: str) -> None:
    async with office(database_url) as found:
        await talk(found)
        pool = found.house.database.pool
        await pool.execute("UPDATE conversations SET created_at = now() - interval '1 year'")
        assert "state" not in await removed(found, after=30)
        assert await found.house.state() == {"count": 1}


async def test_channels_sessions_and_reports_of_providers(database_url: str) -> None:
    async with office(database_url) as found:
        for statement in (
            "INSERT INTO webchat_activities (conversation, number, key, inbound, body) "
            "VALUES ('\\x01', 1, 'k', true, '')",
            "INSERT INTO telegram_buttons (chat, key, payload) VALUES ('\\x01', 'k', '')",
            "INSERT INTO teams_references (lookup, reference) VALUES ('\\x01', '')",
            "INSERT INTO deliveries (channel, provider_id, state) VALUES ('sms', '1', 'sent')",
            "INSERT INTO reach (channel, address_lookup, reachable) VALUES ('sms', '\\x01', false)",
            "INSERT INTO reach (channel, address_lookup, opted_out) VALUES ('sms', '\\x02', true)",
            "INSERT INTO misses (language, channel, text) VALUES ('fi', 'sms', 'höh')",
            "INSERT INTO console_logins (id, state, nonce, verifier, language, expires_at) "
            "VALUES ('\\x01', '', '', '', 'fi', now())",
        ):
            await found.house.database.pool.execute(statement)
        assert await removed(found, after=99) == {}
        gone = await removed(found, after=101)
        assert gone == {"channels": 3, "deliveries": 1, "reach": 1, "misses": 1, "sessions": 1}
        assert await found.house.value("SELECT opted_out FROM reach") is True


NUDGE = """
INSERT INTO nudges (
    id, person_id, template, version, purpose, urgency, values, scheduled_at, due_at, expires_at,
    status, sent_at, ended_at
)
SELECT gen_random_uuid(), $1, 't', 1, 'p', 'routine', '', now(), now(), now(), $2, $3, $4
"""
"""person, status, when it was sent, when it ended."""


async def test_what_the_city_wrote_goes_after_its_end_and_keeps_its_person_until_then(database_url: str) -> None:
    async with office(database_url) as found:
        person, now = await talk(found), datetime.now(UTC)
        late = now + timedelta(days=60)
        rows = (("held", None, None), ("sent", now, None), ("delivered", now, late), ("cancelled", None, now))
        for row in rows:
            await found.house.database.pool.execute(NUDGE, person, *row)
        await found.house.database.pool.execute(
            "INSERT INTO nudge_events (nudge_id, status) SELECT id, status FROM nudges"
        )
        assert "nudges" not in await removed(found, after=99)
        assert (await removed(found, after=101))["nudges"] == 2
        left = await found.house.rows(
            "SELECT n.status FROM nudges n JOIN nudge_events e ON e.nudge_id = n.id ORDER BY 1"
        )
        assert left == [("delivered",), ("held",)]
        assert await removed(found, after=161) == {"nudges": 1}
        await found.house.database.pool.execute("DELETE FROM nudges")
        assert (await removed(found, after=161))["conversations"] == 1


async def test_who_has_ordered_something_stays_and_what_has_ended_goes(database_url: str) -> None:
    async with office(database_url) as found:
        person = await talk(found)
        await found.house.database.pool.execute(
            "INSERT INTO subscriptions (id, person_id, conversation_id, channel, kind, purpose, language, details) "
            "SELECT gen_random_uuid(), person_id, id, channel, 'k', 'p', 'fi', '' FROM conversations"
        )
        gone = await removed(found, after=1000)
        assert "nudges" not in gone and "conversations" not in gone
        assert (await found.left(person))["subscriptions"] == 1
        await found.house.database.pool.execute("UPDATE subscriptions SET status = 'ended', ended_at = now()")
        assert await removed(found, after=99) == {}
        assert await removed(found, after=1000) == {"nudges": 1}
        assert await removed(found, after=1000) == {"conversations": 1}


async def test_many_go_in_batches(database_url: str) -> None:
    async with office(database_url) as found:
        await found.house.database.pool.execute(
            "INSERT INTO misses (language, channel, text) SELECT 'fi', 'sms', 'x' FROM generate_series(1, 2500)"
        )
        assert await removed(found, after=101) == {"misses": 2500}


async def test_every_category_has_its_statements(database_url: str) -> None:
    assert OLD.keys() | {"conversations"} == set(CATEGORIES)
    async with Database(database_url) as database:
        for old in (one for several in OLD.values() for one in several):
            values: Any = datetime.now(UTC)
            assert await database.pool.fetchval(old.count, values) == 0
            assert await database.pool.fetch(old.remove, values) == []
