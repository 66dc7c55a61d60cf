"""Letters of health outreach, bound for the citizen's pages: whose they are, and what follows on an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from bot.database import Database
from bot.health_content import HealthContent
from bot.health_records import ways_back
from bot.keys import KeyStore
from bot.messages import JSON
from bot.personal import Personal
from bot.portal_services import PORTAL, shown
from health.letter import ANSWERS, Letters
from mydata.ledger import Wish
from portal.services import Letter

Queue = Callable[[str, str, str, str, str], Awaitable[JSON]]
"""Puts a conversation into the queue of people: once for a key, for a reason, in a language, for a skill."""
SKILL = "health"


class OwnLetters:
    """``portal.services.Letters``."""

    def __init__(
        self,
        database: Database,
        keys: KeyStore,
        personal: Personal,
        content: HealthContent,
        queue: Queue | None,
    ) -> None:
        """``queue`` where people answer in the console."""
        self._letters = Letters(lambda: database.pool, ways_back(keys), content.programmes, content.sets)
        self._personal = personal
        self._queue = queue

    async def letters(self, person_id: UUID, language: str) -> Sequence[Letter]:
        """What the city wrote of to a person."""
        found = await self._letters.of(await self._personal.people.persons(person_id), language)
        return [
            Letter(
                id=one.id,
                title=one.title,
                reason=one.reason,
                facts=one.facts,
                steps=one.steps,
                offer=one.offer,
                ground=shown(self._personal.purposes.asked(one.ground)),
                at=one.decided_at,
                answer=one.answer,
            )
            for one in found
        ]

    async def answered(self, person_id: UUID, letter: UUID, answer: str, language: str) -> bool:
        """Take an answer. A no takes the consent back; a wish for a nurse waits in the console."""
        if answer not in ANSWERS:
            return False
        persons = await self._personal.people.persons(person_id)
        purpose = await self._letters.answer(persons, letter, answer)
        if purpose is None:
            return False
        if answer == "refused":
            await self._withdraw(persons, purpose, language)
        if answer == "nurse":
            await self._wait(person_id, letter, language)
        return True

    async def _withdraw(self, persons: Sequence[UUID], purpose: str, language: str) -> None:
        for person in persons:
            wish = Wish(purpose=purpose, channel=None, language=language, through=PORTAL)
            await self._personal.ledger.withdraw(await self._personal.pseudonym(person), wish)

    async def _wait(self, person_id: UUID, letter: UUID, language: str) -> None:
        """In the conversation that was used last, which is where the answer comes to."""
        places = [place for place in await self._personal.people.places(person_id) if place.level == "strong"]
        newest = max(places, key=lambda place: place.used or place.since, default=None)
        if newest is not None and self._queue is not None:
            await self._queue(f"letter:{letter.hex}", str(newest.id), "wish", language, SKILL)
