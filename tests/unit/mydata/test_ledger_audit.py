"""Whatever is done to the ledger behind its back is found; a real database, and one who may do everything to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli import main
from bot.database import Database
from bot.keys import ledger_keys, new_key
from bot.settings import load_settings
from mydata.ledger import Ledger
from mydata.ledger_audit import Report, verify
from mydata.ledger_chain import NAMES
from mydata.ledger_checkpoint import FIELDS, Checkpoint, Root, UnreadableCheckpoint, public_key
from mydata.ledger_heads import BrokenLedger, Checkpoints, keep
from tests.unit.mydata.ledgers import (
    ANNA,
    BERTIL,
    CECILIA,
    MAC_KEY,
    PURPOSES,
    SEED,
    administrator,
    fill,
    ledger,
    pseudonym,
    tamper,
    wish,
)

NO_LAG = timedelta(0)


async def written(url: str, *, seed: bytes = SEED, folder: Path | None = None) -> Checkpoint:
    async with Database(url) as database:
        return await Checkpoints(lambda: database.pool, seed, folder=folder, lag=NO_LAG).write()


async def audited(url: str, kept: Checkpoint | None = None, *, every: bool = False) -> Report:
    async with administrator(url) as connection:
        return await verify(connection, MAC_KEY, public_key(SEED), kept=kept, every=every)


async def filled(url: str) -> Checkpoint:
    async with ledger(url) as found:
        await fill(found)
    return await written(url)


def of(person: bytes, seq: int | None = None) -> str:
    return f"pseudonym = '\\x{person.hex()}'" + ("" if seq is None else f" AND seq = {seq}")


async def test_an_untouched_ledger_is_as_it_was_written(database_url: str) -> None:
    assert (await audited(database_url)).wrong == 0  # an empty one too
    first = await filled(database_url)
    assert (first.number, first.chains, first.entries) == (1, 3, 11)
    assert await written(database_url) == first  # nothing has changed since
    async with ledger(database_url) as found:
        await found.give(pseudonym("d"), wish())
    second = await written(database_url)
    assert (second.number, second.chains, second.entries, second.previous) == (2, 4, 12, first.digest())
    report = await audited(database_url, first, every=True)
    assert (report.findings, report.entries, report.chains, report.checkpoints) == ([], 12, 4, 2)


async def test_a_person_whose_key_was_destroyed_leaves_a_chain_that_verifies(database_url: str) -> None:
    # Nothing but the pseudonym's bytes ties the rows to a person, and checking needs no person's key.
    kept = await filled(database_url)
    async with ledger(database_url) as found:
        await found.give(BERTIL, wish())
    assert (await audited(database_url, kept)).findings == []


TOUCHES = {
    "a changed entry": ([f"UPDATE consent_ledger SET kind = 'withdrawn' WHERE {of(ANNA, 1)}"], "was changed"),
    "a deleted entry": ([f"DELETE FROM consent_ledger WHERE {of(ANNA, 2)}"], "entry 2 is missing"),
    "a deleted first entry": ([f"DELETE FROM consent_ledger WHERE {of(ANNA, 1)}"], "entry 1 is missing"),
    "a cut tail": ([f"DELETE FROM consent_ledger WHERE {of(ANNA, 5)}"], "checkpoint 1: it covered 11 entries in 3"),
    "a missing chain": ([f"DELETE FROM consent_ledger WHERE {of(BERTIL)}"], "the ledger now holds 8 in 2"),
    "all of it": (["DELETE FROM consent_ledger"], "the ledger now holds 0 in 0"),
    "reordered entries": (
        [
            f"UPDATE consent_ledger SET seq = 99 WHERE {of(ANNA, 2)}",
            f"UPDATE consent_ledger SET seq = 2 WHERE {of(ANNA, 3)}",
            f"UPDATE consent_ledger SET seq = 3 WHERE {of(ANNA, 99)}",
        ],
        "was changed, put in or moved",
    ),
    "an entry put in": (
        [
            "INSERT INTO consent_ledger SELECT pseudonym, seq + 1, at, purpose, version, digest, kind, language,"
            f" channel, through, decided_by, guardian, mac FROM consent_ledger WHERE {of(BERTIL, 3)}"
        ],
        "was changed, put in or moved",
    ),
    "a chain of somebody made up": (
        [
            f"INSERT INTO consent_ledger SELECT '\\x{pseudonym('x').hex()}', seq, at, purpose, version, digest, kind,"
            f" language, channel, through, decided_by, guardian, mac FROM consent_ledger WHERE {of(BERTIL)}"
        ],
        "was changed, put in or moved",
    ),
    "swapped chains": (
        [
            f"UPDATE consent_ledger SET pseudonym = '\\x{bytes(32).hex()}' WHERE {of(BERTIL)}",
            f"UPDATE consent_ledger SET pseudonym = '\\x{BERTIL.hex()}' WHERE {of(CECILIA)}",
            f"UPDATE consent_ledger SET pseudonym = '\\x{CECILIA.hex()}' WHERE {of(bytes(32))}",
        ],
        "was changed, put in or moved",
    ),
    "a changed text": (
        ["UPDATE consent_texts SET text = replace(text, 'Helsinki', 'Espoo')"],
        "not what was agreed to",
    ),
    "a deleted text": (["DELETE FROM consent_texts"], "the text that was agreed to is missing"),
    "a text of another name": (["UPDATE consent_texts SET purpose = 'x'"], "of another purpose or version"),
    "a changed checkpoint": (["UPDATE consent_checkpoints SET entries = 10"], "it is not as it was signed"),
    "a checkpoint of another number": (
        ["UPDATE consent_checkpoints SET number = 2"],
        "checkpoint 1 should stand there",
    ),
}


@pytest.mark.parametrize("what", TOUCHES)
async def test_it_is_found(database_url: str, what: str) -> None:
    statements, said = TOUCHES[what]
    await filled(database_url)
    await tamper(database_url, *statements)
    report = await audited(database_url)
    assert any(said in finding for finding in report.findings), report.findings
    assert report.wrong == len(report.findings) > 0


async def test_what_is_cut_along_with_its_checkpoint_is_told_by_the_one_kept_elsewhere(database_url: str) -> None:
    kept = await filled(database_url)
    await tamper(database_url, f"DELETE FROM consent_ledger WHERE {of(ANNA, 5)}", "DELETE FROM consent_checkpoints")
    assert (await audited(database_url)).wrong == 0  # no gap, and nothing left to tell it by
    found = (await audited(database_url, kept)).findings
    assert any("kept elsewhere is missing here" in words for words in found)
    assert any(
        "it covered 11 entries in 3 chains, and of these the ledger now holds 10 in 3" in words for words in found
    )


async def test_nothing_is_signed_over_a_ledger_that_lost_what_was_signed(database_url: str) -> None:
    await filled(database_url)
    await tamper(database_url, f"DELETE FROM consent_ledger WHERE {of(ANNA, 5)}")
    async with ledger(database_url) as found:
        await found.give(BERTIL, wish())
    with pytest.raises(BrokenLedger, match="no longer holds what checkpoint 1 signed"):
        await written(database_url)
    await tamper(database_url, "UPDATE consent_checkpoints SET entries = 10")
    with pytest.raises(BrokenLedger, match="is not as it was signed"):
        await written(database_url)


async def test_another_keys_signature_does_not_count(database_url: str) -> None:
    async with ledger(database_url) as found:
        await fill(found)
    await written(database_url, seed=bytes(32))
    assert any("not as it was signed" in words for words in (await audited(database_url)).findings)


async def test_what_is_younger_than_a_minute_is_left_to_the_next_checkpoint(database_url: str) -> None:
    async with ledger(database_url) as found:
        await fill(found)
    async with Database(database_url) as database:
        first = await Checkpoints(lambda: database.pool, SEED).write()
    assert (first.entries, first.chains) == (0, 0)
    assert (await audited(database_url)).findings == []


async def test_checkpoints_written_at_once_are_one(database_url: str, tmp_path: Path) -> None:
    async with ledger(database_url) as found:
        await fill(found)
    async with Database(database_url) as database:
        checkpoints = Checkpoints(lambda: database.pool, SEED, folder=tmp_path, lag=NO_LAG)
        made = await asyncio.gather(*(checkpoints.write() for _ in range(4)))
    assert {checkpoint.number for checkpoint in made} == {1}
    file = keep(made[0], tmp_path)
    assert list(tmp_path.iterdir()) == [file]  # noqa: ASYNC240  nothing else runs
    assert Checkpoint.imported(file.read_text(encoding="utf-8")) == made[0]


def test_a_file_that_is_no_checkpoint_is_told() -> None:
    for text in ("", "[]", "{}", '{"form": "x"}'):
        with pytest.raises(UnreadableCheckpoint):
            Checkpoint.imported(text)


def test_a_root_tells_every_part_of_every_end_and_their_order() -> None:
    def root(*ends: tuple[bytes, int, bytes]) -> bytes:
        found = Root.empty()
        for end in ends:
            found.add(*end)
        return found.digest()

    one, other = (ANNA, 2, BERTIL), (BERTIL, 2, ANNA)
    changed = [root((CECILIA, 2, BERTIL), other), root((ANNA, 3, BERTIL), other), root((ANNA, 2, CECILIA), other)]
    roots = [root(one, other), root(other, one), root(one), root(), *changed]
    assert len(set(roots)) == len(roots)


checkpoint_changes = st.sampled_from([name for name in FIELDS if name != "signature"])


@given(checkpoint_changes, st.integers(1, 9))
def test_every_field_of_a_checkpoint_is_signed(field: str, by: int) -> None:
    at = datetime(2026, 11, 26, tzinfo=UTC)
    change: dict[str, Any] = {}
    signed = Checkpoint(number=3, at=at, chains=2, entries=4, root=bytes(32), previous=bytes(32)).signed(SEED)
    assert signed.is_signed_by(public_key(SEED))
    value: Any = getattr(signed, field)
    other = (
        value + timedelta(microseconds=by)
        if field == "at"
        else value + by
        if isinstance(value, int)
        else bytes([by]) * 32
    )
    change[field] = other
    assert not replace(signed, **change).is_signed_by(public_key(SEED))


class Stage:
    """A filled ledger that is touched and put back again and again, with one loop for all examples."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self.connection: asyncpg.Connection[Any] = self._runner.run(self._open(url))
        self.rows = self._runner.run(self.connection.fetch("SELECT * FROM consent_ledger ORDER BY pseudonym, seq"))

    async def _open(self, url: str) -> asyncpg.Connection[Any]:
        await filled(url)
        connection = await asyncpg.connect(url.replace("//neuvo@", "//postgres@"))
        await connection.execute("ALTER TABLE consent_ledger DISABLE TRIGGER USER")
        checks = await connection.fetch(
            "SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = 'consent_ledger'::regclass"
        )
        for (name,) in checks:  # who can do everything can do this too
            await connection.execute(f"ALTER TABLE consent_ledger DROP CONSTRAINT {name}")
        return connection

    def touched(self, statement: str, *values: object) -> Report:
        """What is found after a statement, which is then undone."""

        async def run() -> Report:
            transaction = self.connection.transaction(isolation="repeatable_read")
            await transaction.start()
            try:
                await self.connection.execute(statement, *values)
                return await verify(Nested(self.connection), MAC_KEY, public_key(SEED))
            finally:
                await transaction.rollback()

        return self._runner.run(run())

    def close(self) -> None:
        self._runner.run(self.connection.close())
        self._runner.close()


class Nested:
    """A connection in whose transaction another one may begin: it takes no isolation of its own."""

    def __init__(self, connection: asyncpg.Connection[Any]) -> None:
        self.fetch, self.fetchrow, self.cursor = connection.fetch, connection.fetchrow, connection.cursor
        self._connection = connection

    def transaction(self, **_: object) -> Any:
        return self._connection.transaction()


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    found = Stage(database_url)
    yield found
    found.close()


def other_than(value: Any, draw: st.DataObject) -> Any:
    """Another value of the same type, or none."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=draw.draw(st.integers(-(10**9), 10**9).filter(bool)))
    if isinstance(value, int):
        return draw.draw(st.integers(0, 2**31 - 1).filter(lambda other: other != value))
    if isinstance(value, bytes):
        place, bit = draw.draw(st.integers(0, len(value) - 1)), draw.draw(st.integers(0, 7))
        return bytes(byte ^ (1 << bit) if at == place else byte for at, byte in enumerate(value))
    text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
    return draw.draw(text.filter(lambda other: other != value))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_single_change_of_any_field_of_any_entry_is_found(stage: Stage, data: st.DataObject) -> None:
    row = data.draw(st.sampled_from(stage.rows))
    name = data.draw(st.sampled_from(NAMES))
    where = "WHERE pseudonym = $1 AND seq = $2"
    taken = {(other["pseudonym"], other["seq"]) for other in stage.rows}
    if data.draw(st.integers(0, 9)) == 0:
        report = stage.touched(f"DELETE FROM consent_ledger {where}", row["pseudonym"], row["seq"])
    else:
        none = row[name] is None
        value: Any = data.draw(st.binary(min_size=1, max_size=32)) if name == "guardian" and none else None
        value = value if value is not None else other_than(row[name], data)
        if name == "seq" and (row["pseudonym"], value) in taken:
            return  # the table itself refuses it
        report = stage.touched(f"UPDATE consent_ledger SET {name} = $3 {where}", row["pseudonym"], row["seq"], value)
    assert report.wrong > 0


def test_a_field_that_is_taken_away_is_found(stage: Stage) -> None:
    for row in stage.rows:
        if row["channel"] is not None:
            where = "WHERE pseudonym = $1 AND seq = $2"
            report = stage.touched(f"UPDATE consent_ledger SET channel = NULL {where}", row["pseudonym"], row["seq"])
            assert report.wrong > 0


@pytest.fixture
def command(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("NEUVO_INDEX_KEY", new_key())

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, ["audit", *arguments])

    return run


def test_the_command_signs_verifies_and_tells(database_url: str, command: Any, tmp_path: Path) -> None:
    mac_key, _ = ledger_keys(load_settings())

    async def given_once() -> None:
        async with Database(database_url) as database:
            await Ledger(lambda: database.pool, mac_key, PURPOSES).give(ANNA, wish())

    asyncio.run(given_once())
    signed = command("checkpoint", "--to", str(tmp_path))
    assert (signed.exit_code, signed.output.startswith("checkpoint 1 covers 0 entries in 0 chains")) == (0, True)
    [file] = tmp_path.iterdir()
    good = command("verify", "--checkpoint", str(file))
    assert good.exit_code == 0, good.output
    assert "1 entries in 1 chains and 1 checkpoints are as they were written" in good.output
    asyncio.run(tamper(database_url, "UPDATE consent_ledger SET language = 'sv'"))
    bad = command("verify", "--every")
    assert bad.exit_code == 1
    assert f"chain {ANNA.hex()[:12]}, entry 1: the entry" in bad.output
    assert "1 faults in the ledger" in bad.output
    asyncio.run(tamper(database_url, "UPDATE consent_checkpoints SET chains = 9"))
    refused = command("checkpoint")
    assert refused.exit_code == 1
    assert "checkpoint 1 is not as it was signed. Nothing was signed" in refused.output


def test_the_command_says_what_it_lacks(command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "checkpoint.json"
    file.write_text("nothing", encoding="utf-8")
    unread = command("verify", "--checkpoint", str(file))
    assert (unread.exit_code, "is not a checkpoint" in unread.output) == (1, True)
    monkeypatch.delenv("NEUVO_INDEX_KEY")
    keyless = command("verify")
    assert (keyless.exit_code, "NEUVO_INDEX_KEY" in keyless.output) == (1, True)
