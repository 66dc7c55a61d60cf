"""What the citizen's pages need, out of what there is: people's data, the ledger of consents, and receipts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.data import Data
from bot.texts import Texts
from mydata.accesses import Actor
from mydata.ledger import Ledger, NotAsked, Wish
from mydata.ledger_state import Standing as Stands
from mydata.people import People
from mydata.purposes import Asked, Purposes
from mydata.receipt import receipt_bytes
from mydata.receipt_lines import readable
from portal.services import Changed, Choice, Part, Purpose, Receipt, Refused, Row, Section, Standing, Words

PORTAL = "portal"
"""How a decision was made, in the ledger, and who asked, in the log of accesses."""
REMAINS = ("opted_out", "ledger", "control", "counts", "backups")
"""What an erasure leaves: keys of our sentences."""

Pseudonym = Callable[[UUID], Awaitable[bytes]]
"""Under which a person stands in the ledger."""


class OwnData:
    """``portal.services.MyData``: what is held on a person."""

    def __init__(self, data: Data, texts: Texts, languages: Sequence[str]) -> None:
        self._data = data
        self._texts = texts
        self._languages = languages

    async def view(self, person_id: UUID) -> Sequence[Section]:
        """All of it, to be read."""
        return [
            Section(
                name=section.name,
                title=section.title,
                why=section.why,
                rows=tuple(Row(label=line.label, value=line.value, at=line.at) for line in section.rows),
                more=section.more,
            )
            for section in await self._data.readable.sections(self._data.exports, person_id)
        ]

    async def export(self, person_id: UUID) -> AsyncIterator[bytes]:
        """All of it, as JSON; that it was taken along is written down before, and so is in it."""
        await self._data.accesses.note(person_id, Actor(kind="person", name=PORTAL), purpose="export", what="all")
        async for piece in self._data.exports.document(person_id):
            yield piece

    async def correct(self, person_id: UUID, name: str, value: str) -> None:  # noqa: ARG002  the protocol's
        """Nothing that is held now is a person's to write anew: what was said stays as it was said."""
        raise KeyError(name)

    async def obstacles(self, person_id: UUID) -> Sequence[Words]:
        """What stands against an erasure."""
        return [refusal.message for refusal in await self._data.erasures.may_erase(person_id)]

    async def remains(self, person_id: UUID) -> Sequence[Words]:  # noqa: ARG002  the same for everybody
        """What an erasure leaves."""
        return [self._words(f"data.remains.{name}") for name in REMAINS]

    async def erase(self, person_id: UUID) -> None:
        """Erase all of it. Raises ``Refused``."""
        refusals = await self._data.erasures.ask(person_id, PORTAL)
        if refusals:
            raise Refused(refusals[0].message)

    def _words(self, key: str) -> Words:
        return {language: self._texts(key, language) for language in self._languages}


class OwnConsents:
    """``portal.services.Consents``: the ledger, for a person who is strongly identified."""

    def __init__(
        self, ledger: Ledger, purposes: Purposes, people: People, pseudonym: Pseudonym, zone: ZoneInfo
    ) -> None:
        self._ledger = ledger
        self._purposes = purposes
        self._people = people
        self._pseudonym = pseudonym
        self._zone = zone

    async def standing(self, person_id: UUID) -> Sequence[Standing]:
        """Every purpose that a person decides on, on the channels that are theirs."""
        channels = await self._channels(person_id)
        chains = [await self._ledger.standings(one) for one in await self._pseudonyms(person_id)]
        found: dict[tuple[str, str], Stands] = {}
        for stands in (one for chain in chains for one in chain):
            at = (stands.purpose, stands.channel)
            if at not in found or found[at].state == "never":  # what the person said last is under their own
                found[at] = stands
        return [
            Standing(
                purpose=shown(self._purposes.asked(name)),
                choices=tuple(_choice(found[name, channel]) for channel in purpose.channels if channel in channels),
            )
            for name, purpose in self._purposes.purposes.items()
            if purpose.refusable
        ]

    async def decide(
        self, person_id: UUID, purpose: str, version: int, channel: str, *, given: bool, language: str
    ) -> str:
        """Write a decision down; the id of its receipt. Raises ``Changed``, and ``KeyError`` for what is unknown."""
        if channel not in await self._channels(person_id):
            raise KeyError(channel)
        if self._purposes.purposes[purpose].version != version:
            raise Changed
        wish = Wish(purpose=purpose, channel=channel, language=language, through=PORTAL)
        pseudonym = await self._pseudonym(person_id)
        try:
            change = await (self._ledger.give if given else self._ledger.withdraw)(pseudonym, wish)
        except NotAsked:
            raise KeyError(purpose) from None
        return change.entry.receipt

    async def receipt(self, person_id: UUID, receipt_id: str, language: str) -> Receipt | None:
        """A receipt of this person's."""
        for pseudonym in await self._pseudonyms(person_id):
            entry = await self._ledger.of_receipt(pseudonym, receipt_id)
            if entry is not None:
                asked = await self._ledger.asked(entry)
                read = readable(entry, asked, language, self._zone)
                parts = tuple(
                    Part(title=part.title, lines=tuple((line.name, line.value) for line in part.lines))
                    for part in read.sections
                )
                return Receipt(id=receipt_id, document=receipt_bytes(entry, asked, language), parts=parts)
        return None

    async def _channels(self, person_id: UUID) -> set[str]:
        return {place.channel for place in await self._people.places(person_id)}

    async def _pseudonyms(self, person_id: UUID) -> list[bytes]:
        """The person's, and those of who became part of them."""
        return [await self._pseudonym(one) for one in await self._people.persons(person_id)]


def shown(asked: Asked) -> Purpose:
    """A purpose as the pages show it."""
    return Purpose(
        id=asked.id,
        version=asked.version,
        basis=asked.basis,
        title=asked.title,
        ask=asked.ask,
        for_me=asked.benefit.person,
        for_city=asked.benefit.city,
        controller=asked.controller,
        data=tuple(data.title for data in asked.data),
        recipients=tuple(one.title for one in asked.recipients),
        retention=asked.retention.text,
    )


def _choice(stands: Stands) -> Choice:
    entry = stands.entry
    given: Literal[True, False] | None = stands.allowed or None
    if stands.state == "withdrawn":
        given = False
    return Choice(
        channel=stands.channel,
        given=given,
        at=None if entry is None else entry.at,
        receipt=None if entry is None else entry.receipt,
    )
