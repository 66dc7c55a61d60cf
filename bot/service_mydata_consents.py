"""The consents of the person of a conversation, on its channel."""

from __future__ import annotations

from uuid import UUID

from bot.database import DOWN
from bot.personal import Personal
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import Consent, Decision, Ended
from mydata.ledger import Change, NotAsked, Wish
from mydata.ledger_state import Standing
from mydata.people import RECYCLED, Place
from proactive.suppressions import EVERYTHING, Suppressions

AGREED = frozenset(("given", "outdated", "expired"))
"""States whose last entry is a yes."""


class ConsentDesk:
    """``dialogs.services_mydata.Consents``."""

    def __init__(self, personal: Personal, suppressions: Suppressions) -> None:
        """What is ended here is in the city's own list as well, which outlives whose the conversation is."""
        self._suppressions = suppressions
        self._ledger = personal.ledger
        self._purposes = personal.purposes
        self._people = personal.people
        self._pseudonym = personal.pseudonym

    async def standings(self, conversation: str, language: str) -> list[Consent]:
        """Every purpose that one can allow or refuse on this channel. Raises ``ServiceUnavailable``."""
        try:
            place = await self._place(conversation)
            if place is None:
                raise ServiceUnavailable("no such conversation")
            return [self._consent(stands, place, language) for stands in await self._standings(place)]
        except DOWN as error:
            raise ServiceUnavailable(type(error).__name__) from error

    async def give(self, _key: str, conversation: str, purpose: str, version: int, language: str) -> Decision:
        """Allow a purpose, in the version that was asked, at the level that it needs."""
        place = await self._place(conversation)
        known = self._purposes.purposes.get(purpose)
        if place is None or known is None or _needs(known.level, place):
            return Decision(outcome="refused", receipt="", at=None)
        if known.version != version:
            return Decision(outcome="changed", receipt="", at=None)
        try:
            made = await self._ledger.give(await self._pseudonym(place.person_id), _wish(purpose, place, language))
        except NotAsked:
            return Decision(outcome="refused", receipt="", at=None)
        await self._suppressions.lift(place.id, purpose)
        return _decision(made)

    async def withdraw(self, _key: str, conversation: str, purpose: str, language: str) -> Decision:
        """End a purpose on this channel."""
        place = await self._place(conversation)
        if place is None:
            return Decision(outcome="refused", receipt="", at=None)
        try:
            made = await self._ledger.withdraw(await self._pseudonym(place.person_id), _wish(purpose, place, language))
        except NotAsked:
            return Decision(outcome="refused", receipt="", at=None)
        await self._suppressions.add(place.id, "opted_out", purpose)
        return _decision(made)

    async def end(self, _key: str, conversation: str, purpose: str, language: str) -> list[Ended]:
        """End a purpose by its word, whether it was allowed or not; without one, all that was allowed here."""
        place = await self._place(conversation)
        if place is None:
            return []
        await self._suppressions.add(place.id, "opted_out", purpose or EVERYTHING)
        names = [purpose] if purpose else [one.purpose for one in await self._standings(place) if one.state in AGREED]
        pseudonym = await self._pseudonym(place.person_id)
        ended = []
        for name in names:
            made = await self._ledger.withdraw(pseudonym, _wish(name, place, language))
            titles = dict(self._purposes.purposes[name].title)
            ended.append(Ended(titles=titles, receipt=made.entry.receipt, at=made.entry.at.isoformat()))
        return ended

    async def standing(self, conversation: UUID, purpose: str) -> Standing | None:
        """What stands for a purpose here; nothing for one that nobody is asked about. Raises one of ``DOWN``."""
        place = await self._people.conversation(conversation)
        found = [] if place is None else await self._standings(place)
        return next((one for one in found if one.purpose == purpose), None)

    async def _place(self, conversation: str) -> Place | None:
        return await self._people.conversation(UUID(conversation))

    async def _standings(self, place: Place) -> list[Standing]:
        """On this channel: of the person, and of those who became part of them, what was said last."""
        found: dict[str, Standing] = {}
        for person in await self._people.persons(place.person_id):
            for one in await self._ledger.standings(await self._pseudonym(person)):
                if one.channel == place.channel and one.state not in {"by_law", "gone"}:
                    found[one.purpose] = _later(found.get(one.purpose), one)
        return list(found.values())

    def _consent(self, stands: Standing, place: Place, language: str) -> Consent:
        asked = self._purposes.asked(stands.purpose)
        return Consent(
            id=stands.purpose,
            version=asked.version,
            basis=asked.basis,
            state=stands.state,
            at=None if stands.entry is None else stands.entry.at.isoformat(),
            needs=_needs(asked.level, place),
            age=asked.age.alone,
            guardian=asked.age.guardian,
            title=asked.title[language],
            ask=asked.ask[language],
            for_me=asked.benefit.person[language],
            for_city=asked.benefit.city[language],
            data=", ".join(data.title[language] for data in asked.data),
            retention=asked.retention.text[language],
            words=list(asked.withdraw.get(language, ())),
        )


def _later(first: Standing | None, second: Standing) -> Standing:
    if first is None or first.entry is None:
        return second
    return second if second.entry is not None and second.entry.at > first.entry.at else first


def _needs(level: str, place: Place) -> str:
    """What is to be done before this can be allowed here: by a code only where the address is a number."""
    if level == "claimed" or place.level in {"strong", level}:
        return ""
    return "code" if level == "confirmed" and place.channel in RECYCLED else "strong"


def _wish(purpose: str, place: Place, language: str) -> Wish:
    return Wish(purpose=purpose, channel=place.channel, language=language, through=place.channel)


def _decision(made: Change) -> Decision:
    return Decision(outcome="done", receipt=made.entry.receipt, at=made.entry.at.isoformat())
