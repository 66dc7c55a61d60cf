"""From a wish to a person and back, over every channel, by two processes on one database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from bot.city import City
from bot.handoff import Handoffs
from bot.handoff_views import Views
from knowledge.service_desk import ServiceDesk
from tests.contract.provider import Row
from tests.contract.site import Site, process
from tests.contract.test_talk import Talk
from tests.unit.turn.house import until

AINO, EERO = "agent-aino", "agent-eero"


@dataclass
class Desk:
    """A citizen who writes to one process, and staff who answer at the other."""

    talk: Talk
    here: Site
    there: Site

    @property
    def people(self) -> Handoffs:
        """The staff's side of the other process."""
        return people_of(self.there)

    @property
    def views(self) -> Views:
        """What staff see at the other process."""
        assert self.there.app is not None
        return Views(self.there.app.database, self.there.app.engine.sealer)

    async def waiting(self, status: str) -> UUID:
        """The conversation that waits."""
        found: list[UUID] = []

        async def look() -> bool:
            found[:] = [row["conversation_id"] for row in await self.views.queue() if row["status"] == status]
            return bool(found)

        await until(look, every=0.1)
        return found[0]

    async def kept(self, conversation: UUID, text: str) -> None:
        """Wait until staff see a citizen's message."""

        async def look() -> bool:
            return any(said["text"] == text for said in await self.views.said(conversation))

        await until(look, every=0.1)

    async def count(self) -> int:
        """How many messages the citizen was shown."""
        return len(await self.talk.provider.shown())


def people_of(site: Site) -> Handoffs:
    assert site.app is not None
    return site.app.handoffs


def clock(city: City, hour: int, *, opened: bool) -> Callable[[], datetime]:
    """A clock that stands at an hour of the last day on which people answer at that hour, or do not."""
    desk, begun = ServiceDesk(city.content.city), datetime.now(UTC)
    at = begun.astimezone(city.zone).replace(hour=hour, minute=0, second=0)
    while at > begun or desk.open("fi", at) is not opened:
        at -= timedelta(days=1)
    return lambda: at.astimezone(UTC) + (datetime.now(UTC) - begun)


@asynccontextmanager
async def staffed(row: Row, city: City, url: str, now: Callable[[], datetime]) -> AsyncIterator[Desk]:
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(row.provider())
        there = await stack.enter_async_context(process(row, provider, city, url, now))
        here = await stack.enter_async_context(process(row, provider, city, url, now))
        yield Desk(Talk(row, provider, city, url, stack, site=here), here, there)


async def test_a_wish_a_place_a_person_and_the_bot_again(row: Row, city: City, database_url: str) -> None:
    async with staffed(row, city, database_url, clock(city, 10, opened=True)) as desk:
        await desk.talk.say("haluan puhua ihmisen kanssa", "jonossa")
        conversation = await desk.waiting("waiting")
        assert await desk.people.claim(conversation, AINO, "Aino")
        assert not await people_of(desk.here).claim(conversation, EERO, "Eero")  # one person, whichever process
        await desk.talk.hears("Aino vastaa")
        shown = await desk.count()
        await desk.here.say("hei oletko siellä")
        await desk.kept(conversation, "hei oletko siellä")
        await desk.here.say("missä on lähin kirjasto Kalliossa")
        await desk.kept(conversation, "missä on lähin kirjasto Kalliossa")
        assert await desk.count() == shown  # the bot is silent
        key = uuid4()
        for people in (desk.people, people_of(desk.here)):  # the form is sent twice, to two processes
            assert await people.say(conversation, AINO, "Täällä Aino, miten voin auttaa?", key)
        await desk.talk.hears("Täällä Aino, miten voin auttaa?")
        assert not await desk.people.say(conversation, EERO, "En ole vuorossa", uuid4())
        await desk.talk.say("apua täällä palaa", "112")  # safety answers beside a person
        assert await desk.people.close(conversation, AINO, "Aino", "solved")
        await desk.talk.hears("Aino poistui keskustelusta")
        await desk.talk.say("missä on lähin kirjasto Kalliossa", "Kallio")
        shown_all = "\n".join(await desk.talk.provider.shown())
        assert shown_all.count("Täällä Aino, miten voin auttaa?") == 1
        assert "En ole vuorossa" not in shown_all
        assert await desk.views.queue() == []


async def test_outside_hours_a_call_back_is_kept_and_the_bot_goes_on(row: Row, city: City, database_url: str) -> None:
    async with staffed(row, city, database_url, clock(city, 3, opened=False)) as desk:
        await desk.talk.say("haluan puhua ihmisen kanssa", "nyt ole kukaan paikalla")
        conversation = await desk.waiting("callback")
        await desk.talk.say("missä on lähin kirjasto Kalliossa", "Kallio")
        assert await desk.people.claim(conversation, AINO, "Aino")  # somebody goes on in the same conversation
        await desk.talk.hears("Aino vastaa")
        assert await desk.people.say(conversation, AINO, "Palaan asiaasi", uuid4())
        await desk.talk.hears("Palaan asiaasi")


async def test_who_owns_a_conversation_is_known_after_both_processes_have_ended(
    row: Row, city: City, database_url: str
) -> None:
    now = clock(city, 10, opened=True)
    async with staffed(row, city, database_url, now) as desk:
        await desk.talk.say("haluan puhua ihmisen kanssa", "jonossa")
        conversation = await desk.waiting("waiting")
        assert await desk.people.claim(conversation, AINO, "Aino")
        await desk.talk.hears("Aino vastaa")
    async with staffed(row, city, database_url, now) as desk:
        (owned,) = await desk.views.queue()
        assert (owned["status"], owned["agent"]) == ("owned", AINO)
        assert not await desk.people.claim(conversation, EERO, "Eero")
        assert await desk.people.close(conversation, AINO, "Aino", "solved")


@pytest.mark.parametrize("opened", [True, False])
def test_the_clock_of_these_tests_stands_at_the_hour_that_was_wanted(city: City, *, opened: bool) -> None:
    desk = ServiceDesk(city.content.city)
    assert desk.open("fi", clock(city, 10 if opened else 3, opened=opened)()) is opened
