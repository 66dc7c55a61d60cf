"""Every test that asks for ``row`` runs once for each channel."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.contract.provider import Row
from tests.contract.rows import ROWS
from tests.contract.site import Site, alone


@pytest.fixture(params=ROWS, ids=lambda row: row.kind.name)
def row(request: pytest.FixtureRequest) -> Row:
    """One channel."""
    found: Row = request.param
    return found


@pytest_asyncio.fixture
async def site(row: Row, database_url: str) -> AsyncIterator[Site]:
    """The channel with a recorder behind it."""
    async with alone(row, database_url) as found:
        yield found
