"""What is taken to be written, from whom and to whom, and what is refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import pytest

from bot.codec import Sealer
from proactive.nudges import TooMany
from proactive.wanted import ToAddress, ToPerson, ToPhone
from tests.unit.proactive.store import MAKER, NOW, PHONE, VALUES, Store, new_key, store, template, wanted


async def test_one_is_kept_sealed_with_its_template_pinned_and_somebody_is_woken(database_url: str) -> None:
    async with store(database_url) as there:
        created = await there.one(due_at=NOW + timedelta(hours=1))
        assert created.id is not None
        assert (created.status, created.fault, created.duplicate) == ("created", None, False)
        assert there.woken == [NOW + timedelta(hours=1)]
        found = await there.nudges.get(created.id)
        assert found is not None
        assert (found.template, found.version, found.purpose) == ("appointment_reminder", 1, "appointment_reminders")
        assert found.due_at == found.scheduled_at == NOW + timedelta(hours=1)
        assert found.expires_at == NOW + timedelta(days=1, hours=1)
        ((person, values),) = await there.rows('SELECT person_id, "values" FROM nudges')
        assert b"Aino" not in values
        assert (await Sealer(there.keys).of(person)).open_json(values) == VALUES
        assert [event.status for event in await there.nudges.events(created.id)] == ["created"]


async def test_a_number_is_one_conversation_however_it_is_written_and_only_its_hash_is_found(database_url: str) -> None:
    async with store(database_url) as there:
        for spelling in ("040 123 4567", "+358(0)401234567", "00358401234567"):
            assert (await there.one(to=ToPhone(spelling), language="sv")).fault is None
        ((channel, lookup, language),) = await there.rows("SELECT channel, address_lookup, language FROM conversations")
        assert (channel, lookup, language) == ("sms", there.keys.lookup(PHONE), "sv")
        assert await there.value("SELECT count(*) FROM persons") == 1
        assert await there.value("SELECT count(DISTINCT conversation_id) FROM nudges") == 1


async def test_somebody_who_has_written_is_written_to_as_who_they_are(database_url: str) -> None:
    async with store(database_url) as there:
        person = await there.person("sms", PHONE)
        await there.one()
        await there.one(to=ToPerson(person))
        await there.one(to=ToAddress("sms", PHONE))
        rows = await there.rows("SELECT person_id, conversation_id IS NULL FROM nudges ORDER BY created_at")
        assert rows == [(person, False), (person, True), (person, False)]


async def test_who_became_part_of_another_is_that_one(database_url: str) -> None:
    async with store(database_url) as there:
        old, new = await there.person("telegram", "1"), await there.person("telegram", "2")
        await there.database.pool.execute("UPDATE persons SET merged_into = $2 WHERE id = $1", old, new)
        assert (await there.one(to=ToPerson(old))).fault is None
        assert await there.value("SELECT person_id FROM nudges") == new


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"template": "unknown"}, "unknown_template", "template"),
        ({"version": 7}, "unknown_template", "template"),
        ({"values": {"name": "Aino"}}, "values", "values.time"),
        ({"values": {**VALUES, "street": "Kaivokatu"}}, "values", "values.street"),
        ({"values": {**VALUES, "time": "at half past two"}}, "values", "values.time"),
        ({"values": {**VALUES, "name": "A" * 41}}, "values", "values.name"),
        ({"to": ToPhone("18018")}, "phone", "to.phone"),
        ({"to": ToPhone("09 310 1691")}, "phone", "to.phone"),
        ({"to": ToPerson(UUID(int=1))}, "unknown_recipient", "to"),
        ({"to": ToAddress("telegram", "999")}, "unknown_recipient", "to"),
        ({"language": "de"}, "language", "language"),
        ({"channels": ["sms"]}, "channels", "channels"),
        ({"to": ToPerson(uuid4()), "channels": ["fax"]}, "channels", "channels"),
        ({"to": ToPerson(uuid4()), "channels": []}, "channels", "channels"),
        ({"to": ToPerson(uuid4()), "channels": ["sms", "sms"]}, "channels", "channels"),
        ({"due_at": NOW + timedelta(days=367)}, "too_far_ahead", "due_at"),
        ({"expires_at": NOW}, "expired", "expires_at"),
        ({"expires_at": NOW + timedelta(days=367)}, "too_far_ahead", "expires_at"),
        ({"due_at": datetime.max.replace(tzinfo=UTC)}, "too_far_ahead", "due_at"),
        ({"due_at": datetime.min.replace(tzinfo=timezone(timedelta(hours=14)))}, "passed", "due_at"),
        ({"due_at": NOW - timedelta(days=2)}, "passed", "due_at"),
        ({"due_at": NOW - timedelta(days=1)}, "expired", "expires_at"),
        ({"due_at": NOW + timedelta(hours=2), "expires_at": NOW + timedelta(hours=1)}, "expired", "expires_at"),
        ({"due_at": datetime(2027, 8, 2, 12)}, "times", "due_at"),  # noqa: DTZ001
        ({"ends_as": "delivered"}, "ends_as", "ends_as"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_what_is_wrong_is_refused_with_its_field_and_nothing_is_kept(
    database_url: str, changes: dict[str, Any], code: str, field: str
) -> None:
    """PA-10 among them: a missing placeholder is refused here, by its name, and not when it is sent."""
    async with store(database_url) as there:
        created = await there.one(**changes)
        assert created.fault is not None
        assert (created.id, created.fault.code, created.fault.field) == (None, code, field)
        assert there.woken == []
        assert await there.value("SELECT (SELECT count(*) FROM nudges) + (SELECT count(*) FROM persons)") == 0


async def test_a_bad_row_of_a_batch_does_not_stop_the_good_ones(database_url: str) -> None:
    async with store(database_url) as there:
        batch = [wanted(to=ToPhone(f"04012345{number:02}")) for number in range(20)]
        batch[7] = wanted(values={})
        created = await there.nudges.create(batch, maker=MAKER)
        assert [index for index, one in enumerate(created) if one.fault is not None] == [7]
        assert await there.value("SELECT count(*) FROM nudges") == 19
        assert len({one.id for one in created}) == 20
        assert len(there.woken) == 1


async def test_the_newest_version_is_pinned_and_an_older_one_can_be_asked_for(database_url: str) -> None:
    older = template(values={}, text={"fi": "Hei", "sv": "Hej", "en": "Hello"})
    async with store(database_url, [older, template(version=2)]) as there:
        first, second = await there.one(), await there.one(version=1, values={})
        assert first.id is not None and second.id is not None
        found = [await there.nudges.get(one) for one in (first.id, second.id)]
        assert [one.version for one in found if one is not None] == [2, 1]


async def test_the_same_name_of_one_maker_is_one_nudge(database_url: str) -> None:
    async with store(database_url) as there:
        first = await there.one(dedupe="order-1")
        again = await there.one(dedupe="order-1", values={**VALUES, "name": "Eino"})
        assert (again.id, again.status, again.duplicate) == (first.id, "created", True)
        (other,) = await there.nudges.create([wanted(dedupe="order-1")], maker=b"another")
        assert other.id != first.id
        both = await there.nudges.create([wanted(dedupe="two"), wanted(dedupe="two")], maker=MAKER)
        assert both[0].id == both[1].id
        assert sorted(one.duplicate for one in both) == [False, True]
        assert there.woken == [NOW] * 3
        unnamed = await there.nudges.create([wanted(), wanted()], maker=MAKER)
        assert unnamed[0].id != unnamed[1].id


async def test_two_batches_with_the_same_names_at_once_make_each_once(database_url: str) -> None:
    async with store(database_url) as there:
        names = [f"name-{number}" for number in range(300)]
        batches = [names, names[::-1], names[150:] + names[:150]]
        made = await asyncio.gather(
            *(there.nudges.create([wanted(dedupe=name) for name in batch], maker=MAKER) for batch in batches)
        )
        assert await there.value("SELECT count(*) FROM nudges") == 300
        by_name = [
            dict(zip(batch, (one.id for one in found), strict=True)) for batch, found in zip(batches, made, strict=True)
        ]
        assert by_name[0] == by_name[1] == by_name[2]


async def test_ten_thousand_are_one_batch_and_one_more_is_too_many(database_url: str) -> None:
    async with store(database_url) as there:
        batch = [wanted(dedupe=str(number)) for number in range(10_000)]
        created = await there.nudges.create(batch, maker=MAKER)
        assert all(one.status == "created" for one in created)
        assert len(await there.rows("SELECT id FROM nudges")) == len(await there.rows("SELECT id FROM nudge_events"))
        with pytest.raises(TooMany):
            await there.nudges.create([*batch, wanted()], maker=MAKER)


async def test_a_test_keeps_nothing_of_whom_it_named(database_url: str) -> None:
    async with store(database_url) as there:
        key = new_key()
        for to in (ToPhone(PHONE), ToPerson(uuid4()), ToAddress("telegram", "999")):
            created = await there.one(to=to, mode="test", key_id=key, ends_as="temporary-failure")
            assert created.fault is None
        rows = await there.rows("SELECT DISTINCT person_id, conversation_id, mode, ends_as FROM nudges")
        assert rows == [(key, None, "test", "temporary-failure")]
        assert await there.value("SELECT (SELECT count(*) FROM conversations) + (SELECT count(*) FROM persons)") == 0


async def test_a_list_of_addresses_is_kept_to(database_url: str) -> None:
    async with store(database_url) as there:
        theirs, other = await there.person("telegram", "1"), await there.person("telegram", "2")
        only = {there.keys.lookup(PHONE), there.keys.lookup("1")}

        async def code(**changes: Any) -> str | None:
            (created,) = await there.nudges.create([wanted(mode="team", **changes)], maker=MAKER, only=only)
            return None if created.fault is None else created.fault.code

        assert [await code(), await code(to=ToPerson(theirs)), await code(to=ToAddress("telegram", "1"))] == [None] * 3
        for to in (ToPhone("0501234567"), ToPerson(other), ToPerson(uuid4()), ToAddress("telegram", "2")):
            assert await code(to=to) == "not_on_the_list"
        assert await there.value("SELECT count(*) FROM conversations WHERE channel = 'sms'") == 1


async def test_where_no_text_messages_are_sent_a_number_is_refused(database_url: str) -> None:
    async with store(database_url, channels=["telegram"]) as there:
        created = await there.one()
        assert created.fault is not None
        assert created.fault.field == "to.phone"


async def test_it_is_cancelled_once_and_only_before_it_is_sent(database_url: str) -> None:
    async with store(database_url) as there:
        key = new_key()
        created = await there.one(key_id=key)
        assert created.id is not None
        assert not await there.nudges.cancel(created.id, key_id=new_key())
        assert await there.nudges.cancel(created.id, key_id=key)
        assert not await there.nudges.cancel(created.id, key_id=key)
        assert there.changed == [created.id]
        found = await there.nudges.get(created.id)
        assert found is not None
        assert (found.status, found.reason) == ("cancelled", "cancelled")
        assert found.ended_at is not None
        assert [event.status for event in await there.nudges.events(created.id)] == ["created", "cancelled"]
        for status, ended in (("sending", "NULL"), ("sent", "NULL"), ("delivered", "now()")):
            other = await there.one()
            assert other.id is not None
            await there.database.pool.execute(
                f"UPDATE nudges SET status = $2, ended_at = {ended} WHERE id = $1", other.id, status
            )
            assert not await there.nudges.cancel(other.id)
        assert not await there.nudges.cancel(uuid4())


async def test_a_cancellation_waits_for_the_claim_and_then_comes_too_late(database_url: str) -> None:
    async with store(database_url) as there:
        created = await there.one()
        assert created.id is not None
        async with there.database.pool.acquire() as claim:
            transaction = claim.transaction()
            await transaction.start()
            await claim.execute("UPDATE nudges SET status = 'sending' WHERE id = $1", created.id)
            cancelling = asyncio.create_task(there.nudges.cancel(created.id))
            await _waiting(there, cancelling)
            await transaction.commit()
        assert not await cancelling


async def _waiting(there: Store, work: asyncio.Task[Any]) -> None:
    """Until it waits for a lock, or has not waited."""
    while not work.done() and not await there.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_a_persons_erasure_and_a_new_nudge_leave_nothing_behind(database_url: str) -> None:
    async with store(database_url) as there:
        person = await there.person()
        async with there.database.pool.acquire() as erasure:
            transaction = erasure.transaction()
            await transaction.start()
            await erasure.execute("DELETE FROM conversations WHERE person_id = $1", person)
            await erasure.execute("DELETE FROM persons WHERE id = $1", person)
            creating = asyncio.create_task(there.one(to=ToPerson(person)))
            await _waiting(there, creating)
            await transaction.commit()
        created = await creating
        assert created.fault is not None
        assert created.fault.code == "unknown_recipient"
        assert await there.value("SELECT count(*) FROM nudges") == 0
        other = await there.person(key="2")
        await there.keys.destroy([str(other)])
        created = await there.one(to=ToPerson(other))
        assert created.fault is not None
        assert created.fault.code == "unknown_recipient"


async def test_a_keys_own_are_listed_from_the_newest_by_pages(database_url: str) -> None:
    async with store(database_url) as there:
        key = new_key()
        made = [await there.one(key_id=key) for _ in range(5)]
        await there.one(key_id=new_key())
        assert made[1].id is not None
        await there.nudges.cancel(made[1].id)
        page = await there.nudges.list(key, limit=3)
        rest = await there.nudges.list(key, after=(page[-1].created_at, page[-1].id), limit=3)
        assert [one.id for one in (*page, *rest)] == [one.id for one in reversed(made)]
        assert [one.id for one in await there.nudges.list(key, status="cancelled")] == [made[1].id]
        assert await there.nudges.list(key, template="another") == []
