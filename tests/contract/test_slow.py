"""An acknowledgement waits for nothing but that the message is kept: no dialog, no send, no picture. By order alone."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from bot.messages import Outcome, Reply, Turn
from tests.contract.provider import Row
from tests.contract.site import Site, slow
from tests.unit.turn.house import until

ACKNOWLEDGED = 30.0
"""Seconds after which an acknowledgement counts as waiting for the dialog, which ends only when the test says so."""


@dataclass
class Thinker:
    """Answers with what was said, but not before it may."""

    may: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)

    async def __call__(self, turn: Turn) -> Outcome:
        text = turn.incoming.text
        if turn.incoming.payload:  # what opening the page asks
            return Outcome(state=None, language="fi")
        self.asked.append(text)
        await self.may.wait()
        self.answered.append(text)
        return Outcome(state=None, language="fi", replies=(Reply(text=f"vastaus: {text}", language="fi"),))


async def acknowledged(site: Site, text: str, by: int = 0) -> None:
    async with asyncio.timeout(ACKNOWLEDGED):
        await site.say(text, by=by)


async def answers(site: Site, by: int = 0) -> list[str]:
    """What was answered, in its order."""
    lines = "\n".join(await site.provider.shown(by)).splitlines()
    return [line.partition("vastaus: ")[2].strip() for line in lines if "vastaus: " in line]


async def test_messages_are_acknowledged_while_the_dialog_thinks_and_are_answered_in_order(
    row: Row, database_url: str
) -> None:
    thinker = Thinker()
    async with slow(row, database_url, thinker) as site:
        await acknowledged(site, "eka")
        await until(lambda: thinker.asked == ["eka"])
        await acknowledged(site, "toka")
        await acknowledged(site, "kolmas")
        await acknowledged(site, "muu", by=1)
        await until(lambda: "muu" in thinker.asked)  # another citizen waits for nobody
        assert (thinker.answered, await answers(site), await answers(site, 1)) == ([], [], [])
        assert thinker.asked == ["eka", "muu"]  # the second turn of a conversation begins when the first has ended
        thinker.may.set()
        await until(lambda: _count(site, 3), every=0.1)
        assert await answers(site) == ["eka", "toka", "kolmas"]
        await until(lambda: _count(site, 1, by=1), every=0.1)


async def test_a_message_is_acknowledged_while_an_answer_is_still_on_its_way(row: Row, database_url: str) -> None:
    thinker = Thinker()
    thinker.may.set()
    async with slow(row, database_url, thinker) as site:
        site.provider.hang(hanging=True)
        await acknowledged(site, "eka")
        await until(lambda: thinker.answered == ["eka"])
        await acknowledged(site, "toka")


async def test_a_message_is_acknowledged_before_its_picture_has_been_fetched(row: Row, database_url: str) -> None:
    thinker = Thinker()
    async with slow(row, database_url, thinker) as site:
        site.provider.hang(hanging=True)
        post = site.provider.shows()
        if post is None:
            return  # a channel whose pictures come with the message
        async with asyncio.timeout(ACKNOWLEDGED):
            assert 200 <= await site.post(post) < 300
        await until(site.provider.asked_for_pictures)
        await acknowledged(site, "toka")
        assert thinker.asked == []  # the turn waits for the picture, and nobody waits for the turn


async def _count(site: Site, count: int, by: int = 0) -> bool:
    return len(await answers(site, by)) >= count
