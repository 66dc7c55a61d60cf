"""What the dialogs do about what the city wrote first: its choices, and who wants no more of it."""

from __future__ import annotations

from typing import Protocol, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.database import DOWN
from bot.messages import JSON
from dialogs.services import ServiceUnavailable
from dialogs.services_nudges import Offer, Promise
from mydata.people import People
from proactive.answers import Answers, Asked
from proactive.checkins import skill_of
from proactive.render import line
from proactive.suppressions import Suppressions
from proactive.template import ByLanguage, Templates


class Queue(Protocol):
    """People behind the bot."""

    async def request(
        self, key: str, conversation_id: str, reason: str, language: str, skill: str | None = None
    ) -> JSON:
        """Put a conversation into their queue, once for each key."""


class NudgeDesk:
    """``dialogs.services_nudges.Nudges``."""

    def __init__(
        self,
        answers: Answers,
        suppressions: Suppressions,
        *,
        templates: Templates,
        people: People,
        queue: Queue,
        zone: ZoneInfo,
    ) -> None:
        self._answers = answers
        self._suppressions = suppressions
        self._templates = templates
        self._people = people
        self._queue = queue
        self._zone = zone

    async def choice(self, conversation: str, nudge: str, choice: str, language: str) -> Offer | None:
        """A choice as it is now. Raises ``ServiceUnavailable``."""
        found = _id(nudge)
        try:
            asked = None if found is None else await self._answers.asked(UUID(conversation), found)
        except DOWN as error:
            raise ServiceUnavailable(type(error).__name__) from error
        chosen = None if asked is None else asked.template.choice(choice)
        if asked is None or chosen is None:
            return None
        return Offer(
            label=chosen.label.get(language) or next(iter(chosen.label.values())),
            opens=chosen.opens,
            entities=[
                [kind, str(asked.values[name])] for kind, name in chosen.entities.items() if name in asked.values
            ],
            confirm=self._said(asked, chosen.confirm, language),
            thanks=self._said(asked, chosen.thanks, language),
            alarm=chosen.alarm,
            answered=asked.answer,
        )

    async def answered(self, key: str, conversation: str, nudge: str, choice: str) -> bool:
        """Record a choice."""
        found = _id(nudge)
        return found is not None and await self._answers.record(key, UUID(conversation), found, choice)

    async def help(self, key: str, conversation: str, nudge: str, language: str) -> Promise:
        """Put the conversation into the care team's queue; nobody is told of a silence any more."""
        found = _id(nudge)
        template = None if found is None else await self._answers.alarmed(key, UUID(conversation), found)
        skill = None if template is None else skill_of(self._templates, template)
        return await self._wait(key, conversation, "checkin", language, skill)

    async def wrong_number(self, _key: str, conversation: str) -> None:
        """Write here no more, and part the address from its person. Done again, it does nothing."""
        await self._suppressions.add(UUID(conversation), "wrong_number")
        place = await self._people.conversation(UUID(conversation))
        if place is not None:
            await self._people.unlink(place.person_id, place.id)

    async def complained(self, key: str, conversation: str, language: str) -> Promise:
        """Write here no more until somebody has answered."""
        await self._suppressions.add(UUID(conversation), "complaint")
        return await self._wait(key, conversation, "complaint", language)

    async def resumed(self, _key: str, conversation: str) -> None:
        """Take back what stopped messages here."""
        await self._suppressions.lift(UUID(conversation))

    async def _wait(self, key: str, conversation: str, reason: str, language: str, skill: str | None = None) -> Promise:
        place = await self._queue.request(key, conversation, reason, language, skill)
        return cast(Promise, {name: place[name] for name in ("status", "position", "hours")})

    def _said(self, asked: Asked, said: ByLanguage | None, language: str) -> str:
        if said is None:
            return ""
        return line(asked.template, said, asked.values, language=language, zone=self._zone)


def _id(nudge: str) -> UUID | None:
    """The id in a payload, which anybody may have written."""
    try:
        return UUID(nudge)
    except ValueError:
        return None
