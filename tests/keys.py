"""Keys for tests: the real store over a test's database, the same in every process of the test."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.keys import KeyStore

MASTER, INDEX = hashlib.sha256(b"master of tests").digest(), hashlib.sha256(b"index of tests").digest()


def keys_over(url: str) -> KeyStore:
    """The store, which an ``App`` opens."""
    return KeyStore(url, MASTER, INDEX)


@asynccontextmanager
async def opened_keys(url: str) -> AsyncIterator[KeyStore]:
    """The store where no ``App`` opens it."""
    keys = keys_over(url)
    await keys.open()
    try:
        yield keys
    finally:
        await keys.close()


def lookup(value: str) -> bytes:
    """Under what an address is found."""
    return keys_over("postgresql://nobody@127.0.0.1:1/none").lookup(value)
