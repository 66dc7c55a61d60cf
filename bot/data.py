"""What is done with people's data, bound to the server: who used it, taking it along, erasing it, what runs out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

from bot.codec import UNREADABLE, Codec, Sealer
from bot.database import Database
from bot.health_records import records
from bot.keys import KeyStore
from bot.messages import Address, Reply
from bot.texts import Texts
from mydata.accesses import Accesses
from mydata.erasure import Erasures
from mydata.export import Consents, Exports
from mydata.export_page import Readable
from mydata.holds import Holds
from mydata.retention import Retention
from mydata.retention_rules import Rules

Purposes = Mapping[str, Mapping[str, str]]
"""Titles of the city's purposes by id and language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """All of it, over one database and the store of its keys."""

    pool: Callable[[], asyncpg.Pool[Any]]
    holds: Holds
    accesses: Accesses
    exports: Exports
    readable: Readable
    erasures: Erasures
    retention: Retention


def data(
    database: Database,
    codec: Codec,
    keys: KeyStore,
    *,
    texts: Texts,
    languages: Sequence[str],
    zone: ZoneInfo,
    rules: Rules,
    purposes: Purposes | None = None,
    consents: Consents | None = None,
) -> Data:
    """Bind it. ``codec`` opens what ``keys`` can destroy."""
    holds = Holds(lambda: database.pool, rules.holds)
    erasures = erasing(database, codec, keys, holds, texts)
    return Data(
        pool=lambda: database.pool,
        holds=holds,
        accesses=Accesses(lambda: database.pool, texts, languages, purposes=purposes),
        exports=Exports(
            lambda: database.pool,
            Sealer(codec),
            unreadable=UNREADABLE,
            consents=consents,
            health=records(database, keys).of,
        ),
        readable=Readable(texts, languages, zone, purposes=purposes),
        erasures=erasures,
        retention=Retention(lambda: database.pool, rules, erasures),
    )


def erasing(database: Database, codec: Codec, keys: KeyStore, holds: Holds, texts: Texts) -> Erasures:
    """The part that erases."""

    def farewell(language: str | None) -> Reply:
        spoken = language or texts.first
        return Reply(text=texts("data.erased", spoken), language=spoken)

    return Erasures(
        lambda: database.pool, Sealer(codec), keys, holds, farewell, lost=UNREADABLE, apart=records(database, keys)
    )


async def forget(erasures: Erasures, codec: Codec, address: Address) -> None:
    """Forget the conversation at an address that its citizen has ended; none there is no error. Raises ``DOWN``.

    What must be kept by law is kept.
    """
    await erasures.forget(address.channel, codec.lookup(address.key), address.key)
