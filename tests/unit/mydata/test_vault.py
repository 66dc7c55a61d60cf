"""Keys: made once, wrapped by the master key, rotated, destroyed; what they sealed is nothing without them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bot.cli import main
from bot.database import migrate
from bot.keys import KeyStore, new_key, read_key
from mydata import vault
from mydata.vault import KeyDestroyed, Own, Undecipherable, UnknownMaster, derived
from tests.databases import Databases
from tests.keys import INDEX, MASTER, keys_over, opened_keys


@given(st.binary(max_size=2000))
def test_what_is_sealed_is_opened_by_its_key_alone(data: bytes) -> None:
    own, other = Own.of("a", b"1" * 32), Own.of("a", b"2" * 32)
    sealed = own.encode(data)
    assert own.decode(sealed) == data
    assert len(sealed) == len(data) + 33
    with pytest.raises(Undecipherable):
        other.decode(sealed)
    with pytest.raises(Undecipherable):
        Own.of("b", b"1" * 32).decode(sealed)


def test_any_change_of_what_is_sealed_is_found() -> None:
    own = Own.of("a", b"1" * 32)
    sealed = own.encode(b"moi")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(Undecipherable):
            own.decode(bytes(changed))
    for cut in range(len(sealed)):
        with pytest.raises(Undecipherable):
            own.decode(sealed[:cut])


def test_nothing_of_a_key_is_told() -> None:
    own = Own.of("a", b"secret-secret-secret-secret-secr")
    assert "secret" not in repr(own)
    assert own.pseudonym("ledger") == Own.of("b", b"secret-secret-secret-secret-secr").pseudonym("ledger")
    assert own.pseudonym("ledger") != own.pseudonym("other")
    assert derived(b"1" * 32, "a") != derived(b"1" * 32, "b")


async def test_a_key_is_made_once_whoever_is_first(database_url: str) -> None:
    async with opened_keys(database_url) as one, opened_keys(database_url) as other:
        made = await asyncio.gather(*(store.own("p", make=True) for store in (one, other) * 3))
        assert all(own.decode(made[0].encode(b"moi")) == b"moi" for own in made)
        rows = await one.database.pool.fetch("SELECT owner, wrapped FROM keys.keys")
        assert len(rows) == 1


async def test_without_a_key_nothing_is_made_up(database_url: str) -> None:
    async with opened_keys(database_url) as keys:
        with pytest.raises(KeyDestroyed):
            await keys.own("nobody")


async def test_a_destroyed_key_is_gone_for_every_process(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened_keys(database_url) as one, opened_keys(database_url) as other:
        sealed = (await one.own("p", make=True)).encode(b"moi")
        assert (await other.own("p")).decode(sealed) == b"moi"
        assert await one.destroy(["p", "never there"]) == 1
        with pytest.raises(KeyDestroyed):
            await one.own("p")
        monkeypatch.setattr(vault, "RECENT", 0.0)  # as after half a minute
        with pytest.raises(KeyDestroyed):
            await other.own("p")
        fresh = await other.own("p", make=True)
        with pytest.raises(Undecipherable):
            fresh.decode(sealed)


async def test_who_was_erased_is_remembered_once(database_url: str) -> None:
    async with opened_keys(database_url) as keys:
        person = uuid4()
        for _ in range(2):
            await keys.note_erased(person)
        assert await keys.erased() == [person]


async def test_a_store_that_was_copied_is_worth_nothing_without_the_master_key(database_url: str) -> None:
    async with opened_keys(database_url) as keys:
        sealed = (await keys.own("p", make=True)).encode(b"moi")
        stored = b"".join(row["wrapped"] for row in await keys.database.pool.fetch("SELECT wrapped FROM keys.keys"))
        assert all(key not in stored for key in (MASTER, INDEX))
        async with _opened(KeyStore(database_url, os.urandom(32), INDEX)) as thief:
            with pytest.raises(UnknownMaster, match="NEUVO_OLD_MASTER_KEYS"):
                await thief.own("p")
        async with _opened(KeyStore(database_url, MASTER, os.urandom(32))) as thief:
            with pytest.raises(KeyDestroyed):  # without the index key it cannot tell whose a key is
                await thief.own("p")
        assert (await keys.own("p")).decode(sealed) == b"moi"


@asynccontextmanager
async def _opened(store: KeyStore) -> AsyncIterator[KeyStore]:
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def test_the_master_key_is_changed_by_a_command(
    databases: Databases, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a store of its own, with servers running, and again where it was broken off."""
    apart = databases.url_of(name := databases.create(template="template1"))
    migrate(database_url, apart)
    first, second, index = new_key(), new_key(), new_key()

    async def sealed() -> bytes:
        async with _opened(KeyStore(apart, read_key(first), read_key(index))) as store:
            for number in range(1200):
                own = await store.own(f"p{number}", make=True)
            return own.encode(b"moi")

    async def opened(data: bytes) -> bytes:
        async with _opened(KeyStore(apart, read_key(second), read_key(index))) as store:
            return (await store.own("p1199")).decode(data)

    data = asyncio.run(sealed())
    for variable, value in {
        "DATABASE_URL": database_url,
        "NEUVO_KEYS_URL": apart,
        "NEUVO_MASTER_KEY": second,
        "NEUVO_INDEX_KEY": index,
    }.items():
        monkeypatch.setenv(variable, value)
    lacking = CliRunner().invoke(main, ["keys", "rotate"])
    assert lacking.exit_code != 0
    assert "NEUVO_OLD_MASTER_KEYS" in lacking.output
    monkeypatch.setenv("NEUVO_OLD_MASTER_KEYS", first)
    done = CliRunner().invoke(main, ["keys", "rotate"])
    assert done.exit_code == 0, done.output
    assert "1200 keys" in done.output
    assert "0 keys" in CliRunner().invoke(main, ["keys", "rotate"]).output
    assert asyncio.run(opened(data)) == b"moi"
    databases.drop(name)


def test_a_server_does_not_start_without_its_keys(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("NEUVO_WEBCHAT_SECRET", "w" * 48)
    monkeypatch.setenv("NEUVO_MASTER_KEY", new_key())
    for command in ("serve", "worker"):
        refused = CliRunner().invoke(main, [command])
        assert refused.exit_code != 0
        assert "NEUVO_INDEX_KEY" in refused.output
        assert "NEUVO_KEYS_URL" in refused.output
        assert "NEUVO_MASTER_KEY" not in refused.output
        assert "neuvo keys new" in refused.output


@pytest.mark.parametrize("value", ["x", "AAAA", "ä" * 43, "AAAA" * 10, "AAAA" * 12])
def test_half_a_key_is_refused_in_words(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEUVO_MASTER_KEY", value)
    refused = CliRunner().invoke(main, ["keys", "rotate"])
    assert refused.exit_code != 0
    assert "no key" in refused.output
    assert value not in refused.output


def test_a_new_key_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made = CliRunner().invoke(main, ["keys", "new"]).output.strip()
    assert len(read_key(made)) == 32
    monkeypatch.setenv("NEUVO_MASTER_KEY", made)
    assert keys_over("postgresql://nobody@127.0.0.1:1/none").lookup("a") != made.encode()


async def test_many_keys_are_fetched_and_made_at_once_and_each_only_once(database_url: str) -> None:
    owners = [f"owner {number}" for number in range(500)]
    async with opened_keys(database_url) as one, opened_keys(database_url) as other:
        sealed = (await one.own(owners[0], make=True)).encode(b"moi")
        await other.warm(owners)
        assert (await other.own(owners[0])).decode(sealed) == b"moi"
        with pytest.raises(KeyDestroyed):
            await other.own(owners[1])
        await asyncio.gather(one.warm(owners, make=True), other.warm(owners[::-1], make=True))
        assert await one.database.pool.fetchval("SELECT count(*) FROM keys.keys") == 500
        for owner in owners:
            assert (await other.own(owner)).decode((await one.own(owner)).encode(b"hei")) == b"hei"
        assert (await one.own(owners[0])).decode(sealed) == b"moi"
        await one.destroy(owners)
        await one.warm(owners)
        with pytest.raises(KeyDestroyed):
            await one.own(owners[0])
