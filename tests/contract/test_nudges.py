"""What the city writes first, over every channel: read, answered, confirmed, and not again after "no more"."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest_asyncio

from bot.app import App
from bot.city import City
from proactive.wanted import ToPerson, Wanted
from tests.contract.provider import Row
from tests.contract.site import process
from tests.contract.test_talk import Talk
from tests.unit.turn.house import until

OFFER = "preschool_place"
"""Needs nobody's consent, and asks back before an answer counts."""


def _ahead() -> timedelta:
    now = datetime.now(ZoneInfo("Europe/Helsinki"))
    return now.replace(hour=12, minute=0) - now


AHEAD = _ahead()


def noon() -> datetime:
    """Today, from when on nobody sleeps."""
    return datetime.now(UTC) + AHEAD


@dataclass
class Post:
    """A citizen who has written before, and the city."""

    talk: Talk
    app: App
    person: UUID

    @property
    def served(self) -> bool:
        """Whether the purpose has this channel."""
        return self.talk.row.kind.name in self.app.personal.purposes.purposes["preschool_places"].channels

    async def write(self, template: str = OFFER) -> UUID:
        """The city writes; the nudge's id."""
        values = self.talk.city.nudges.get(template).examples
        wanted = Wanted(template=template, to=ToPerson(self.person), values=values)
        (made,) = await self.app.nudging.store.create([wanted], maker=b"contract")
        assert made.id is not None, made.fault
        return made.id

    async def ended(self, nudge: UUID, *statuses: str) -> str | None:
        """Wait until it has one of these statuses; the reason."""

        async def look() -> bool:
            found = await self.app.nudging.store.get(nudge)
            return found is not None and found.status in statuses

        await until(look, every=0.1)
        found = await self.app.nudging.store.get(nudge)
        assert found is not None
        return found.reason

    async def answered(self, nudge: UUID, choice: str) -> None:
        """Wait until an answer is recorded."""

        async def look() -> bool:
            found = await self.app.nudging.store.get(nudge)
            return found is not None and found.answer == choice

        await until(look, every=0.1)


@pytest_asyncio.fixture
async def post(row: Row, city: City, database_url: str) -> AsyncIterator[Post]:
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(row.provider())
        site = await stack.enter_async_context(process(row, provider, city, database_url, noon))
        talk = Talk(row, provider, city, database_url, stack, site)
        await talk.say("hei, puhutaan suomea", "suomeksi")
        assert site.app is not None
        person = await site.app.database.pool.fetchval(
            "SELECT person_id FROM transcript WHERE kind = 'message' ORDER BY id DESC LIMIT 1"
        )
        yield Post(talk, site.app, person)


async def test_an_offer_is_read_and_answered(post: Post) -> None:
    if not post.served:
        assert await post.ended(await post.write(), "cancelled") == "no_purpose"
        return
    post.talk.heard = len(await post.talk.provider.shown())
    nudge = await post.write()
    await post.talk.hears("esiopetuspaikkaa")
    await post.ended(nudge, "sent", "delivered")
    await post.talk.press("Otan paikan vastaan", "Vastauksesi sitoo vasta")
    found = await post.app.nudging.store.get(nudge)
    assert found is not None
    assert found.answer is None, "nothing is binding before the yes"
    await post.talk.say("kyllä", "Kirjasin")
    await post.answered(nudge, "accept")


async def test_after_no_more_nothing_is_sent(post: Post) -> None:
    if not post.served:
        await post.talk.say("lopeta esiopetus", "lopetettu")
        assert await post.ended(await post.write(), "cancelled") == "opted_out"
        return
    first = await post.write()
    await post.talk.hears("esiopetuspaikkaa")
    await post.ended(first, "sent", "delivered")
    await post.talk.say("lopeta esiopetus", "lopetettu")
    second = await post.write()
    assert await post.ended(second, "cancelled") in {"withdrawn", "opted_out"}
