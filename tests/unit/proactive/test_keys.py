"""API keys: what is kept of them, what they open, how often."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from bot.codec import Sealer
from bot.database import Database
from proactive.keys import SCOPES, ApiKey, ApiKeys, NewKey, TooOften
from proactive.wanted import Mode
from tests.keys import lookup, opened_keys


@asynccontextmanager
async def api_keys(url: str) -> AsyncIterator[tuple[ApiKeys, Database]]:
    async with opened_keys(url) as keys, Database(url) as database:
        yield ApiKeys(lambda: database.pool, Sealer(keys)), database


@pytest.mark.parametrize("mode", ["live", "team", "test"])
async def test_a_key_tells_its_mode_and_opens_what_it_was_made_for(database_url: str, mode: Mode) -> None:
    async with api_keys(database_url) as (keys, database):
        new = await keys.make(name="library", team="Libraries", mode=mode, scopes=["nudges:read"])
        assert re.fullmatch(rf"neuvo_{mode}_[\w-]{{43}}", new.secret)
        found = await keys.use(new.secret)
        assert isinstance(found, ApiKey)
        assert (found.id, found.mode, set(found.scopes)) == (new.id, mode, {"nudges:read"})
        (row,) = await database.pool.fetch("SELECT * FROM api_keys")
        assert new.secret.encode() not in repr(dict(row)).encode()
        for wrong in ("", new.secret[:-1], new.secret.upper(), f"neuvo_{mode}_", "ö", "\ud800"):
            assert await keys.use(wrong) is None


async def test_a_revoked_key_opens_nothing(database_url: str) -> None:
    async with api_keys(database_url) as (keys, _):
        new = await keys.make(name="library", team="Libraries", mode="live")
        assert await keys.revoke(new.id)
        assert not await keys.revoke(new.id)
        assert not await keys.revoke(uuid4())
        assert await keys.use(new.secret) is None
        (listed,) = await keys.list()
        assert listed.revoked_at is not None
        assert listed.scopes == set(SCOPES)


async def test_only_a_teams_key_has_a_list_and_addresses_are_hashes_there(database_url: str) -> None:
    async with api_keys(database_url) as (keys, _):
        team = await keys.make(name="try", team="Libraries", mode="team", recipients=["+358401234567"])
        live = await keys.make(name="real", team="Libraries", mode="live", recipients=["+358401234567"])
        by_id = {key.id: key for key in await keys.list()}
        assert by_id[team.id].recipients == frozenset({lookup("+358401234567")})
        assert by_id[live.id].recipients is None


async def test_the_secret_of_webhooks_is_kept_sealed(database_url: str) -> None:
    async with api_keys(database_url) as (keys, database):
        new = await keys.make(name="a", team="b", mode="live", webhook_url="https://library.example/hook")
        assert new.webhook_secret is not None
        assert new.webhook_secret.startswith("whsec_")
        sealed = await database.pool.fetchval("SELECT webhook_secret FROM api_keys")
        assert new.webhook_secret.encode() not in sealed
        without = await keys.make(name="a", team="b", mode="live")
        assert without.webhook_secret is None


async def test_requests_are_counted_by_key_over_all_processes(database_url: str) -> None:
    async with api_keys(database_url) as (keys, database):
        new = await keys.make(name="a", team="b", mode="live", per_minute=5)
        other = await keys.make(name="a", team="b", mode="live", per_minute=5)
        answers = await asyncio.gather(*(keys.use(new.secret) for _ in range(20)))
        assert sum(isinstance(answer, ApiKey) for answer in answers) == 5
        refused = next(answer for answer in answers if isinstance(answer, TooOften))
        assert 0 < refused.seconds <= 12
        assert isinstance(await keys.use(other.secret), ApiKey)
        await _later(database, new, "12 seconds")
        assert isinstance(await keys.use(new.secret), ApiKey)
        assert isinstance(await keys.use(new.secret), TooOften)
        await _later(database, new, "1 hour")
        taken = [await keys.use(new.secret) for _ in range(6)]
        assert sum(isinstance(answer, ApiKey) for answer in taken) == 5


async def _later(database: Database, key: NewKey, time: str) -> None:
    """Let time pass for a key."""
    await database.pool.execute(
        f"UPDATE api_keys SET spent_until = spent_until - interval '{time}' WHERE id = $1", key.id
    )
