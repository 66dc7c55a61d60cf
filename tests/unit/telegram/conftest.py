"""A running Telegram channel for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.unit.telegram.house import Server, house_and_stand


@pytest.fixture
async def server(database_url: str) -> AsyncIterator[Server]:
    async with house_and_stand(database_url) as found:
        yield found
