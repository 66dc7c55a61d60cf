"""People, what they have allowed and what is held of them, over one database and one store of keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from bot.city import City
from bot.codec import Codec, Sealer
from bot.data import Data, data
from bot.database import Database
from bot.keys import LEDGER, KeyStore
from bot.messages import Reply
from mydata.confirmations import Confirmations
from mydata.ledger import Ledger
from mydata.ledger_carry import carry
from mydata.ledger_chain import Entry
from mydata.people import People
from mydata.purposes import Purposes

CONSENTS = "consents"
"""The use of a person's key under which they stand in the ledger."""
CODES = "one-time codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """All of it. ``pseudonym`` gives under what a person stands in the ledger."""

    people: People
    data: Data
    ledger: Ledger
    purposes: Purposes
    pseudonym: Callable[[UUID], Awaitable[bytes]]
    codes: Confirmations


def personal(
    city: City, database: Database, keys: KeyStore, codec: Codec, resume: Callable[[UUID], Awaitable[None]]
) -> Personal:
    """Bind it. ``codec`` opens what ``keys`` can destroy; ``resume`` sends what waits in a conversation."""
    sealer = Sealer(codec)
    ledger = Ledger(lambda: database.pool, keys.secret(LEDGER), city.purposes)

    async def pseudonym(person: UUID) -> bytes:
        return (await keys.own(str(person))).pseudonym(CONSENTS)

    async def joined(old: UUID, new: UUID) -> None:
        await carry(ledger, await pseudonym(old), await pseudonym(new))

    people = People(lambda: database.pool, sealer, joined=joined)

    async def consents(person: UUID) -> list[Mapping[str, Any]]:
        # Also what was said in a conversation before it was known whose that is.
        said = [await ledger.history(await pseudonym(one)) for one in await people.persons(person)]
        return [_written(entry) for entry in sorted(chain.from_iterable(said), key=lambda entry: entry.at)]

    def code_words(code: str, language: str) -> Reply:
        return Reply(text=city.texts("phone_confirm.message", language, code=code), language=language)

    return Personal(
        people=people,
        data=data(
            database,
            codec,
            keys,
            texts=city.texts,
            languages=city.languages,
            zone=city.zone,
            rules=city.retention,
            purposes={name: dict(purpose.title) for name, purpose in city.purposes.purposes.items()},
            consents=consents,
        ),
        ledger=ledger,
        purposes=city.purposes,
        pseudonym=pseudonym,
        codes=Confirmations(lambda: database.pool, sealer, people, keys.secret(CODES), words=code_words, resume=resume),
    )


def _written(entry: Entry) -> Mapping[str, Any]:
    """An entry of the ledger as a copy of a person's data holds it."""
    return {
        "at": entry.at,
        "purpose": entry.purpose,
        "version": entry.version,
        "kind": entry.kind,
        "channel": entry.channel,
        "through": entry.through,
        "language": entry.language,
        "decided_by": entry.decided_by,
        "receipt": entry.receipt,
    }
