"""Health outreach, bound to the city's people: whose a record is, what each allows, and how both are found again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from bot.health_records import ways_back
from bot.keys import KeyStore
from bot.personal import Personal
from health.evaluation import Connection
from health.import_people import Match
from mydata.vault import KeyDestroyed

HEALTH = "health"
"""The use of a person's key under which the person's records are kept."""


class Persons:
    """The city's people, as an import and an evaluation ask for them."""

    def __init__(self, connection: Connection, personal: Personal, keys: KeyStore, issuer: str) -> None:
        """``connection`` is for what was allowed; ``issuer`` names the login's provider."""
        self._connection = connection
        self._personal = personal
        self._keys = keys
        self._ways = ways_back(keys)
        self._issuer = issuer

    async def match(self, subjects: Sequence[str], purposes: Collection[str]) -> Mapping[str, Match]:
        """See `health.import_people.Matcher`."""
        persons = await self._personal.people.of_subjects(self._issuer, subjects)
        pseudonyms = await self._pseudonyms(persons.values())
        allowed = {purpose: await self._allowed(list(pseudonyms), purpose) for purpose in purposes}
        return {
            subject: Match(
                person=person,
                pseudonym=pseudonyms[person],
                grounds=frozenset(purpose for purpose, persons in allowed.items() if person in persons),
            )
            for subject, person in persons.items()
            if person in pseudonyms
        }

    async def remember(self, matches: Collection[Match]) -> None:
        """See `health.import_people.Matcher`."""
        await self._ways.keep({match.pseudonym: match.person for match in matches})

    async def erased(self, pseudonyms: Collection[bytes]) -> Collection[bytes]:
        """See `health.import_people.Matcher`."""
        return set(pseudonyms) - (await self._ways.persons(pseudonyms)).keys()

    async def allowed(self, pseudonyms: Collection[bytes], purpose: str) -> Collection[bytes]:
        """See `health.evaluation.Grounds`."""
        persons = await self._ways.persons(pseudonyms)
        await self._keys.warm([str(person) for person in persons.values()])
        allowed = await self._allowed(list(persons.values()), purpose)
        return [pseudonym for pseudonym, person in persons.items() if person in allowed]

    async def _pseudonyms(self, persons: Collection[UUID]) -> dict[UUID, bytes]:
        """Of those who have a key."""
        await self._keys.warm([str(person) for person in persons])
        found: dict[UUID, bytes] = {}
        for person in persons:
            with suppress(KeyDestroyed):
                found[person] = (await self._keys.own(str(person))).pseudonym(HEALTH)
        return found

    async def _allowed(self, persons: Sequence[UUID], purpose: str) -> set[UUID]:
        """Who allows a purpose on one of its channels, by the ledger."""
        channels = self._personal.purposes.purposes[purpose].channels
        asked, of = [], []
        for person in persons:
            with suppress(KeyDestroyed):
                pseudonym = await self._personal.pseudonym(person)
                asked += [(pseudonym, purpose, channel) for channel in channels]
                of += [person] * len(channels)
        standings = await self._personal.ledger.standing_of(self._connection, asked)
        return {person for person, standing in zip(of, standings, strict=True) if standing.allowed}
