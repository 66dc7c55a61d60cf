"""A ledger of a test: its keys, persons who are nobody, and an administrator of the server."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from bot.database import Database
from bot.purposes import load_purposes
from mydata.ledger import Ledger, Wish
from mydata.purposes import Purposes

MAC_KEY = hashlib.sha256(b"mac").digest()
SEED = hashlib.sha256(b"seed").digest()
PURPOSES: Purposes = load_purposes(Path("knowledge"), ("fi", "sv", "en"))


def pseudonym(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()


ANNA, BERTIL, CECILIA = map(pseudonym, ("anna", "bertil", "cecilia"))


def wish(purpose: str = "library_reminders", channel: str | None = "sms", **more: Any) -> Wish:
    return Wish(**({"purpose": purpose, "channel": channel, "language": "fi", "through": "sms"} | more))


@asynccontextmanager
async def ledger(url: str, purposes: Purposes = PURPOSES) -> AsyncIterator[Ledger]:
    async with Database(url) as database:
        yield Ledger(lambda: database.pool, MAC_KEY, purposes)


@asynccontextmanager
async def administrator(url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """A superuser, who can turn the triggers off: the one who is to be found out."""
    connection = await asyncpg.connect(url.replace("//neuvo@", "//postgres@"))
    try:
        yield connection
    finally:
        await connection.close()


async def tamper(url: str, *statements: str) -> None:
    """Change rows as one who may do everything."""
    async with administrator(url) as connection, connection.transaction():
        for table in ("consent_ledger", "consent_texts", "consent_checkpoints"):
            await connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            await connection.execute(statement)
        for table in ("consent_ledger", "consent_texts", "consent_checkpoints"):
            await connection.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuse_change")
        await connection.execute("ALTER TABLE consent_ledger ENABLE TRIGGER consent_ledger_refuse_old")


async def fill(found: Ledger) -> None:
    """Three persons with a few entries each."""
    for person in (ANNA, BERTIL, CECILIA):
        await found.give(person, wish())
        await found.give(person, wish("events_nearby", "webchat", through="webchat", language="sv"))
        await found.withdraw(person, wish(channel=None))
    await asyncio.gather(*(found.give(ANNA, wish("waste_reminders", channel)) for channel in ("sms", "telegram")))
