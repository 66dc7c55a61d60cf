"""A key of each person's own: what is sealed by it can be read by nobody once it is destroyed, in no copy either.

An owner is a person's id, or what a channel calls a conversation. Its key is random, wrapped by the master key
(AES-256-GCM, NIST SP 800-38D), and kept in the schema ``keys``, which backups of the database leave out.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mydata import vault_sql as sql

FORM = b"\x01"
"""The first byte of what is sealed: form, key id (4 bytes), nonce (12 bytes), ciphertext and tag."""
REMEMBERED = 10_000
"""Keys that a process holds in memory."""
RECENT = 30.0
"""Seconds for which a key in memory is used without asking whether it is still there."""
_NONCE = 12


class KeyDestroyed(Exception):
    """The owner has no key (any more): nothing of theirs can be read or written."""


class Undecipherable(Exception):
    """The bytes were not sealed by this owner's key, or are damaged."""


class UnknownMaster(OSError):
    """A key is wrapped by a master key that is not set; the words name it. It passes, as when the store is away."""


def derived(secret: bytes, use: str) -> bytes:
    """32 bytes for one use of a secret, from which nothing of another use can be told (HMAC-SHA256, as in HKDF)."""
    return hmac.digest(secret, use.encode(), "sha256")


@dataclass(frozen=True, slots=True)
class Own:
    """What is done with one owner's key."""

    _owner: bytes
    _key: bytes = field(repr=False)
    _cipher: AESGCM = field(repr=False)
    _head: bytes

    @classmethod
    def of(cls, owner: str, key: bytes) -> Own:
        """An owner's key of 32 bytes."""
        return cls(owner.encode(), key, AESGCM(key), FORM + derived(key, "key id")[:4])

    def encode(self, data: bytes, /) -> bytes:
        """Seal; 33 bytes longer than the data."""
        nonce = os.urandom(_NONCE)
        return self._head + nonce + self._cipher.encrypt(nonce, data, self._owner)

    def decode(self, data: bytes, /) -> bytes:
        """What ``encode`` was given. Raises ``Undecipherable``."""
        start = len(self._head)
        if data[:start] != self._head:
            raise Undecipherable("another key or form")
        try:
            return self._cipher.decrypt(data[start : start + _NONCE], data[start + _NONCE :], self._owner)
        except (InvalidTag, ValueError):
            raise Undecipherable("damaged") from None

    def pseudonym(self, use: str) -> bytes:
        """32 bytes that stand for the owner in one use; nobody can tell whose they are once the key is destroyed."""
        return derived(self._key, f"pseudonym {use}")


class Masters:
    """The master keys by id: the one that wraps, and older ones that still unwrap."""

    def __init__(self, current: bytes, older: Sequence[bytes] = ()) -> None:
        """Keys of 32 bytes."""
        self.current = master_id(current)
        self._ciphers: Mapping[str, AESGCM] = {master_id(key): AESGCM(key) for key in (*older, current)}

    def wrap(self, owner: UUID, key: bytes) -> bytes:
        """By the current one."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ciphers[self.current].encrypt(nonce, key, owner.bytes)

    def unwrap(self, owner: UUID, master: str, wrapped: bytes) -> bytes:
        """The key. Raises ``UnknownMaster`` and ``Undecipherable``."""
        if master not in self._ciphers:
            raise UnknownMaster(
                f"a key is wrapped by the master key {master}, which is not set: add it to NEUVO_OLD_MASTER_KEYS"
            )
        try:
            return self._ciphers[master].decrypt(wrapped[:_NONCE], wrapped[_NONCE:], owner.bytes)
        except InvalidTag:
            raise Undecipherable("damaged") from None


def master_id(key: bytes) -> str:
    """How a master key is named: 8 characters that tell nothing of it."""
    return hashlib.blake2s(key, digest_size=4, person=b"master").hexdigest()


class Vault:
    """The keys of all owners. Methods raise what asyncpg raises when the database of keys is away."""

    lost: tuple[type[Exception], ...] = (KeyDestroyed, Undecipherable)
    """What is raised where an owner has no key any more, or another one."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], masters: Masters, index_key: bytes) -> None:
        """``index_key``, of 32 bytes, is for the keyed hashes, and never changes."""
        self._pool = pool
        self._masters = masters
        self._lookup = derived(index_key, "address lookup")
        self._owners = derived(index_key, "owner of a key")
        self._held: OrderedDict[str, tuple[float, Own]] = OrderedDict()

    def lookup(self, value: str) -> bytes:
        """32 bytes under which a value is found again without being stored (HMAC-SHA256)."""
        return hmac.digest(self._lookup, value.encode(errors="surrogatepass"), "sha256")

    async def own(self, owner: str, /, *, make: bool = False) -> Own:
        """The owner's key; with ``make`` a new one where there is none. Raises ``KeyDestroyed``."""
        at, own = self._held.get(owner, (0.0, None))
        if own is not None and time.monotonic() - at < RECENT:
            return own
        key = await self._read(owner) or (await self._make(owner) if make else None)
        if key is None:
            self._held.pop(owner, None)
            raise KeyDestroyed
        return self._hold(Own.of(owner, key), owner)

    async def warm(self, owners: Collection[str], *, make: bool = False) -> None:
        """Read many owners' keys at once, for ``own`` to find in memory; ``make`` them for those who have none."""
        now = time.monotonic()
        wanted = {
            self._id(owner): owner for owner in owners if now - self._held.get(owner, (-RECENT, None))[0] >= RECENT
        }
        if make and wanted:
            names = sorted(wanted)  # in one order everywhere, so that nobody waits in a circle
            wrapped = [self._masters.wrap(name, AESGCM.generate_key(256)) for name in names]
            await self._pool().execute(sql.MAKE_MANY, self._masters.current, names, wrapped)
        rows = await self._pool().fetch(sql.READ_MANY, list(wanted)) if wanted else []
        for row in rows:
            owner = wanted[row["owner"]]
            self._hold(Own.of(owner, self._masters.unwrap(row["owner"], row["master"], row["wrapped"])), owner)

    async def check(self) -> None:
        """Read as a key is read; nothing where that can be done."""
        await self._pool().fetchrow(sql.READ, UUID(int=0))

    async def destroy(self, owners: Collection[str]) -> int:
        """Destroy keys, for good; how many there were. Other processes stop using them within ``RECENT`` seconds."""
        for owner in owners:
            self._held.pop(owner, None)
        return len(await self._pool().fetch(sql.DESTROY, [self._id(owner) for owner in owners]))

    async def note_erased(self, person: UUID) -> None:
        """Remember here, where no backup of the database reaches, that a person was erased."""
        await self._pool().execute(sql.NOTE_ERASED, person)

    async def erased(self) -> list[UUID]:
        """Everybody who was erased, to be erased again where an older copy of the database was brought back."""
        return [row["person"] for row in await self._pool().fetch(sql.ERASED)]

    async def count_old(self) -> int:
        """How many keys are wrapped by another master key than the current one."""
        return int(await self._pool().fetchval(sql.COUNT_OLD, self._masters.current))

    async def rewrap(self, limit: int = 500) -> int:
        """Wrap some keys by the current master key; how many. Raises ``UnknownMaster`` and ``Undecipherable``."""
        async with self._pool().acquire() as connection, connection.transaction():
            rows = await connection.fetch(sql.OLD, self._masters.current, limit)
            keys = [self._masters.unwrap(row["owner"], row["master"], row["wrapped"]) for row in rows]
            owners = [row["owner"] for row in rows]
            wrapped = [self._masters.wrap(owner, key) for owner, key in zip(owners, keys, strict=True)]
            await connection.execute(sql.REWRAP, self._masters.current, owners, wrapped)
        return len(rows)

    def _id(self, owner: str) -> UUID:
        return UUID(bytes=hmac.digest(self._owners, owner.encode(errors="surrogatepass"), "sha256")[:16])

    async def _read(self, owner: str) -> bytes | None:
        row = await self._pool().fetchrow(sql.READ, self._id(owner))
        return None if row is None else self._masters.unwrap(self._id(owner), row["master"], row["wrapped"])

    async def _make(self, owner: str) -> bytes | None:
        name, key = self._id(owner), AESGCM.generate_key(256)
        values = (name, self._masters.current, self._masters.wrap(name, key))
        made = await self._pool().fetchval(sql.MAKE, *values)
        return key if made else await self._read(owner)  # another process was quicker

    def _hold(self, own: Own, owner: str) -> Own:
        self._held[owner] = (time.monotonic(), own)
        self._held.move_to_end(owner)
        if len(self._held) > REMEMBERED:
            self._held.popitem(last=False)
        return own
