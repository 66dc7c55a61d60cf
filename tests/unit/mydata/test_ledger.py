"""The consent ledger: what stands follows from entries that nobody can change, over a real database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.database import Database
from mydata.ledger import Ledger, NotAsked
from mydata.ledger_chain import START, Entry
from mydata.ledger_state import expires, last_of, months_after, standing
from mydata.purposes import Purposes
from tests.unit.mydata.ledgers import (
    ANNA,
    BERTIL,
    MAC_KEY,
    PURPOSES,
    administrator,
    fill,
    ledger,
    pseudonym,
    wish,
)

TABLES = ("consent_ledger", "consent_texts", "consent_checkpoints")


def raised(purposes: Purposes, name: str) -> Purposes:
    """The same with one purpose's text at the next version."""
    purpose = purposes.purposes[name]
    versions = {**purpose.versions, str(purpose.version + 1): "changed"}
    changed = purpose.model_copy(update={"versions": versions})
    return purposes.model_copy(update={"purposes": {**purposes.purposes, name: changed}})


async def test_what_was_given_stands_for_its_purpose_and_channel_alone(database_url: str) -> None:
    async with ledger(database_url) as found:
        change = await found.give(ANNA, wish())
        assert (change.new, change.entry.seq, change.entry.kind, change.entry.version) == (True, 1, "given", 1)
        assert (await found.standing(ANNA, "library_reminders", "sms")).allowed
        for person, purpose, channel in (
            (ANNA, "library_reminders", "telegram"),
            (ANNA, "events_nearby", "sms"),
            (BERTIL, "library_reminders", "sms"),
        ):
            other = await found.standing(person, purpose, channel)
            assert (other.state, other.allowed) == ("never", False)


async def test_a_withdrawal_ends_its_channel_and_one_without_a_channel_all(database_url: str) -> None:
    async with ledger(database_url) as found:
        for channel in ("sms", "telegram"):
            await found.give(ANNA, wish(channel=channel))
        await found.withdraw(ANNA, wish(channel="sms"))
        assert (await found.standing(ANNA, "library_reminders", "sms")).state == "withdrawn"
        assert (await found.standing(ANNA, "library_reminders", "telegram")).allowed
        await found.withdraw(ANNA, wish(channel=None, through="telegram"))
        assert (await found.standing(ANNA, "library_reminders", "telegram")).state == "withdrawn"
        await found.give(ANNA, wish(channel="telegram"))
        assert (await found.standing(ANNA, "library_reminders", "telegram")).allowed
        assert not (await found.standing(ANNA, "library_reminders", "sms")).allowed


async def test_the_same_wish_twice_is_one_entry(database_url: str) -> None:
    async with ledger(database_url) as found:
        first = await found.give(ANNA, wish())
        again = await found.give(ANNA, wish())
        assert (again.new, again.entry) == (False, first.entry)
        await found.withdraw(ANNA, wish(channel=None))
        assert not (await found.withdraw(ANNA, wish(channel="sms"))).new
        assert not (await found.withdraw(ANNA, wish(channel=None))).new
        assert len(await found.history(ANNA)) == 2


async def test_a_no_from_the_start_is_kept(database_url: str) -> None:
    async with ledger(database_url) as found:
        assert (await found.withdraw(ANNA, wish())).new
        assert (await found.standing(ANNA, "library_reminders", "sms")).state == "withdrawn"


async def test_everything_ends_at_once(database_url: str) -> None:
    async with ledger(database_url) as found:
        await found.give(ANNA, wish())
        await found.give(ANNA, wish("events_nearby", "telegram"))
        await found.give(ANNA, wish("waste_reminders", "sms"))
        await found.withdraw(ANNA, wish("waste_reminders", "sms"))
        on_sms = await found.withdraw_all(ANNA, wish("", "sms"))
        assert [change.entry.purpose for change in on_sms] == ["library_reminders"]
        ended = await found.withdraw_all(ANNA, wish("", None))
        assert [change.entry.purpose for change in ended] == ["events_nearby"]
        assert not any(s.allowed for s in await found.standings(ANNA) if s.entry is not None)
        assert await found.withdraw_all(ANNA, wish("", None)) == ()


async def test_a_changed_text_is_asked_again(database_url: str) -> None:
    async with ledger(database_url) as found:
        first = (await found.give(ANNA, wish())).entry
    async with ledger(database_url, raised(PURPOSES, "library_reminders")) as later:
        stands = await later.standing(ANNA, "library_reminders", "sms")
        assert (stands.state, stands.allowed, stands.entry) == ("outdated", False, first)
        again = await later.give(ANNA, wish())
        assert (again.new, again.entry.version) == (True, 2)
        assert (await later.standing(ANNA, "library_reminders", "sms")).allowed
        assert (await later.asked(first)).version == 1  # what was asked then is still there
        assert (await later.asked(again.entry)).version == 2


async def test_what_stood_at_a_moment(database_url: str) -> None:
    async with ledger(database_url) as found:
        given_at = (await found.give(ANNA, wish())).entry.at
        ended_at = (await found.withdraw(ANNA, wish(channel=None))).entry.at
        states = [
            (await found.standing(ANNA, "library_reminders", "sms", at=at)).state
            for at in (given_at - timedelta(microseconds=1), given_at, ended_at - timedelta(microseconds=1), ended_at)
        ]
        assert states == ["never", "given", "given", "withdrawn"]
        then = {
            s.channel: s.state for s in await found.standings(ANNA, at=given_at) if s.purpose == "library_reminders"
        }
        assert then == {"sms": "given", "webchat": "never", "telegram": "never", "teams": "never"}


def test_consent_ends_by_time_too() -> None:
    purpose = PURPOSES.purposes["events_nearby"]
    at = datetime(2024, 2, 29, 12, tzinfo=UTC)
    entry = Entry(
        pseudonym=ANNA, seq=1, at=at, purpose="events_nearby", version=purpose.version, digest=START, kind="given",
        language="fi", channel="sms", through="sms",
    )  # fmt: skip
    ends = expires(entry, purpose)
    assert ends == datetime(2025, 2, 28, 12, tzinfo=UTC)
    before, after = ends - timedelta(seconds=1), ends
    assert standing("events_nearby", "sms", purpose, entry, now=before).allowed
    late = standing("events_nearby", "sms", purpose, entry, now=after)
    assert (late.state, late.allowed) == ("expired", False)
    assert months_after(datetime(2026, 11, 30, tzinfo=UTC), 3) == datetime(2027, 2, 28, tzinfo=UTC)
    assert months_after(datetime(2026, 12, 31, tzinfo=UTC), 12) == datetime(2027, 12, 31, tzinfo=UTC)


async def test_a_public_task_runs_until_somebody_objects(database_url: str) -> None:
    async with ledger(database_url) as found:
        assert (await found.standing(ANNA, "service_improvement", "sms")).allowed
        await found.withdraw(ANNA, wish("service_improvement", None))
        assert not (await found.standing(ANNA, "service_improvement", "sms")).allowed
        await found.give(ANNA, wish("service_improvement", "sms"))
        assert (await found.standing(ANNA, "service_improvement", "sms")).allowed


async def test_what_the_law_orders_cannot_be_given_or_ended(database_url: str) -> None:
    async with ledger(database_url) as found:
        assert (await found.standing(ANNA, "proof_of_consent", "sms")).state == "by_law"
        for change in (found.give, found.withdraw):
            with pytest.raises(NotAsked):
                await change(ANNA, wish("proof_of_consent", "sms"))


async def test_only_what_is_asked_on_a_channel_can_be_given(database_url: str) -> None:
    async with ledger(database_url) as found:
        for purpose, channel in (("nothing", "sms"), ("senior_checkins", "teams"), ("library_reminders", None)):
            with pytest.raises(NotAsked):
                await found.give(ANNA, wish(purpose, channel))
        with pytest.raises(NotAsked):
            await found.withdraw(ANNA, wish("nothing", None))
        assert (await found.standing(ANNA, "senior_checkins", "teams")).state == "gone"
        assert await found.history(ANNA) == ()


async def test_a_purpose_that_is_gone_can_still_be_ended(database_url: str) -> None:
    async with ledger(database_url) as found:
        first = (await found.give(ANNA, wish())).entry
    async with ledger(database_url, PURPOSES.model_copy(update={"purposes": {}})) as later:
        assert not (await later.standing(ANNA, "library_reminders", "sms")).allowed
        ended = (await later.withdraw(ANNA, wish(channel=None))).entry
        assert (ended.version, ended.digest) == (first.version, first.digest)


async def test_who_decided_is_kept(database_url: str) -> None:
    async with ledger(database_url) as found:
        await found.give(ANNA, wish(by="guardian", guardian=BERTIL))
        await found.withdraw(ANNA, wish(by="staff", through="console"))
        assert [(e.decided_by, e.guardian) for e in await found.history(ANNA)] == [
            ("guardian", BERTIL),
            ("staff", None),
        ]
        with pytest.raises(asyncpg.CheckViolationError):
            await found.give(ANNA, wish(by="guardian"))


async def test_many_writers_to_one_chain_and_to_many(database_url: str) -> None:
    people = [pseudonym(str(number)) for number in range(20)]
    async with ledger(database_url) as found:
        purposes = PURPOSES.on("sms")
        await asyncio.gather(*(found.give(ANNA, wish(purpose, "sms")) for purpose in purposes for _ in range(4)))
        await asyncio.gather(*(found.give(person, wish()) for person in people))
        chain = await found.history(ANNA)
        assert [entry.seq for entry in chain] == list(range(1, len(purposes) + 1))
        assert {entry.purpose for entry in chain} == set(purposes)
        before = START
        for entry in chain:
            assert entry.mac == entry.mac_after(before, MAC_KEY)
            before = entry.mac
        assert [entry.at for entry in chain] == sorted(entry.at for entry in chain)
        assert [len(await found.history(person)) for person in people] == [1] * len(people)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET purpose = 'x'", "DELETE FROM {}", "TRUNCATE {}"])
async def test_nobody_changes_a_row(database_url: str, table: str, change: str) -> None:
    statement = change.format(table).replace("purpose", "number" if table == "consent_checkpoints" else "purpose")
    statement = statement.replace("'x'", "1") if table == "consent_checkpoints" else statement
    async with ledger(database_url) as found:
        await fill(found)
    async with Database(database_url) as database:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):  # its own rights
            await database.pool.execute(statement)
        await database.pool.execute(f"GRANT ALL ON {table} TO CURRENT_USER")
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="rows are only ever added"):  # the trigger
            await database.pool.execute(statement)
        async with database.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL ROLE neuvo_ledger")
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                async with connection.transaction():
                    await connection.execute(statement)
    async with administrator(database_url) as boss:
        await boss.execute("SET session_replication_role = replica")  # ordinary triggers are off
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="rows are only ever added"):
            await boss.execute(statement)


async def test_rows_are_added_in_the_role_alone_and_never_for_the_past(database_url: str) -> None:
    row = (
        "INSERT INTO consent_ledger SELECT pseudonym, seq + 1, {}, purpose, version, digest, kind, language,"
        " channel, through, decided_by, guardian, mac FROM consent_ledger"
    )
    async with ledger(database_url) as found:
        await found.give(ANNA, wish())
    async with Database(database_url) as database:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.pool.execute(row.format("clock_timestamp()"))
        async with database.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL ROLE neuvo_ledger")
            with pytest.raises(asyncpg.CheckViolationError):
                async with connection.transaction():
                    await connection.execute(row.format("clock_timestamp() - interval '31 seconds'"))
            await connection.execute(row.format("clock_timestamp()"))


async def test_the_role_ends_with_the_transaction(database_url: str) -> None:
    async with Database(database_url, size=1) as database:
        await Ledger(lambda: database.pool, MAC_KEY, PURPOSES).give(ANNA, wish())
        assert await database.pool.fetchval("SELECT current_user::text") == "neuvo"


async def test_a_look_up_reads_one_index_and_no_table(database_url: str) -> None:
    async with ledger(database_url) as found:
        await fill(found)
    async with Database(database_url) as database:
        plan = await database.pool.fetch(
            "EXPLAIN SELECT seq FROM consent_ledger WHERE pseudonym = $1 AND purpose = $2"
            " AND (channel = $3 OR channel IS NULL) ORDER BY seq DESC LIMIT 1", ANNA, "library_reminders", "sms"
        )  # fmt: skip
    text = "\n".join(row[0] for row in plan)
    assert "Index Scan Backward using consent_ledger_pseudonym_purpose_seq_idx" in text
    assert "Sort" not in text


fields = st.fixed_dictionaries(
    {
        "seq": st.integers(1, 2**40),
        "at": st.datetimes(timezones=st.just(UTC)),
        "purpose": st.text(max_size=4),
        "version": st.integers(1, 99),
        "digest": st.binary(min_size=32, max_size=32),
        "kind": st.sampled_from(["given", "withdrawn"]),
        "language": st.text(max_size=2),
        "channel": st.none() | st.text(max_size=4),
        "through": st.text(max_size=4),
        "decided_by": st.sampled_from(["self", "guardian", "staff"]),
        "guardian": st.none() | st.binary(max_size=4),
        "pseudonym": st.binary(min_size=32, max_size=32),
    }
)


@given(fields, fields)
def test_two_entries_are_encoded_alike_only_if_they_are_alike(one: dict[str, object], other: dict[str, object]) -> None:
    first, second = Entry(**one), Entry(**other)  # type: ignore[arg-type]
    assert (first.encoded() == second.encoded()) == (first == second)
    assert replace(first, mac=b"x").encoded() == first.encoded()
    assert first.mac_after(START, MAC_KEY) != first.mac_after(b"\1" + START[1:], MAC_KEY)


wishes = st.lists(
    st.tuples(
        st.sampled_from(["given", "withdrawn"]),
        st.sampled_from(["library_reminders", "events_nearby"]),
        st.sampled_from(["sms", "webchat", None]),
    ),
    max_size=8,
)


@given(wishes)
def test_what_stands_is_the_last_word_said_of_it(said: list[tuple[str, str, str | None]]) -> None:
    entries = [
        Entry(
            pseudonym=ANNA, seq=seq, at=datetime.now(UTC), purpose=purpose, version=1, digest=START,
            kind=kind, language="fi", channel=channel, through="sms",  # type: ignore[arg-type]
        )
        for seq, (kind, purpose, channel) in enumerate(said, start=1)
        if kind == "withdrawn" or channel is not None
    ]  # fmt: skip
    allowed: set[tuple[str, str]] = set()
    for entry in entries:
        channels = [entry.channel] if entry.channel else ["sms", "webchat"]
        pairs = {(entry.purpose, channel) for channel in channels}
        allowed = allowed | pairs if entry.kind == "given" else allowed - pairs
    for name in ("library_reminders", "events_nearby"):
        for channel in ("sms", "webchat"):
            last = last_of(entries, name, channel)
            found = standing(name, channel, PURPOSES.purposes[name], last, now=datetime.now(UTC))
            assert found.allowed == ((name, channel) in allowed)
