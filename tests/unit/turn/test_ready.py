"""A process says that it is ready where messages can be kept, which needs the database and the keys of persons."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

from aiohttp.test_utils import make_mocked_request

from bot.app import App
from bot.database import Database
from bot.http import Health
from tests.keys import opened_keys


async def test_without_the_keys_no_message_can_be_kept(database_url: str) -> None:
    async with Database(database_url) as database, opened_keys(database_url) as keys:
        health = Health(cast(App, SimpleNamespace(database=database, keys=keys)))
        request = make_mocked_request("GET", "/readyz")
        assert (await health.ready(request)).status == 200
        await database.pool.execute("ALTER SCHEMA keys RENAME TO elsewhere")
        assert (await health.ready(request)).status == 503
        await database.pool.execute("ALTER SCHEMA elsewhere RENAME TO keys")
        assert (await health.ready(request)).status == 200
