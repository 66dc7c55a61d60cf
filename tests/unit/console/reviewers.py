"""Members of staff over findings of health outreach."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.city import City
from bot.database import Database
from bot.health_console import HealthDesk
from tests.conftest import KNOWLEDGE
from tests.unit.console.staff import console
from tests.unit.health.programmes import content
from tests.unit.health.ward import Ward, warded
from tests.unit.turn.house import house
from tests.unit.turn.test_handoff import quiet_when_owned

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


@asynccontextmanager
async def reviewers(url: str, folder: Path, patients: int = 200) -> AsyncIterator[tuple[Ward, str]]:
    """A process with the pages of staff, findings to decide on, and the address of the pages."""
    async with warded(url, folder, patients) as ward, Database(url) as database:
        city = City.read(KNOWLEDGE)
        desk = HealthDesk(city, KNOWLEDGE, content(), database, ward.review, now=lambda: NOW)
        more: dict[str, Any] = {"health": desk}
        async with house(url, quiet_when_owned) as one, console(one, url, **more) as address:
            yield ward, address
