"""The keys of a process: the vault over connections of its own, and where its secrets come from."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence

from bot.database import Database
from bot.secret_file import kept_secret
from bot.settings_fields import Settings
from mydata.vault import Masters, Vault, derived

LENGTH = 32
"""Bytes of a key."""
LEDGER = "consent ledger"
"""The use of the index key for the ledger's MACs."""
CHECKPOINTS = "consent checkpoints"
"""Its use for signing how the ledger ends."""


def new_key() -> str:
    """A new key, as the settings take it."""
    return base64.urlsafe_b64encode(os.urandom(LENGTH)).decode()


def read_key(value: str) -> bytes:
    """The bytes of a key that has been found right (``bot/settings_fields.py``)."""
    return base64.urlsafe_b64decode(value.strip())


class KeyStore(Vault):
    """The vault, with its own few connections: a turn that holds one of the database's may still need a key."""

    def __init__(self, url: str, master: bytes, index: bytes, *, older: Sequence[bytes] = ()) -> None:
        self.database = Database(url, size=4)
        self._index = index
        super().__init__(lambda: self.database.pool, Masters(master, older), index)

    def secret(self, use: str) -> bytes:
        """32 bytes for one more use of the index key."""
        return derived(self._index, use)

    async def open(self) -> None:
        """Make the pool."""
        await self.database.open()

    async def close(self) -> None:
        """Give all connections back."""
        await self.database.close()


def key_store(settings: Settings, database_url: str) -> KeyStore:
    """The store that is set; what is not set is made for this machine, for development alone.

    Raises ``bot.secret_file.UnusableSecret``.
    """
    master = settings.master_key.get_secret_value() if settings.master_key else _kept(settings, "master")
    return KeyStore(
        settings.keys_url or database_url,
        read_key(master),
        index_key(settings),
        older=[read_key(key.get_secret_value()) for key in settings.old_master_keys],
    )


def index_key(settings: Settings) -> bytes:
    """The key of the keyed hashes. Raises ``bot.secret_file.UnusableSecret``."""
    return read_key(settings.index_key.get_secret_value() if settings.index_key else _kept(settings, "index"))


def ledger_keys(settings: Settings) -> tuple[bytes, bytes]:
    """The key of the consent ledger's MACs, and the seed that signs its checkpoints.

    Raises ``bot.secret_file.UnusableSecret``.
    """
    secret = index_key(settings)
    return derived(secret, LEDGER), derived(secret, CHECKPOINTS)


def _kept(settings: Settings, name: str) -> str:
    return kept_secret(settings.var_dir, name, new_key)
