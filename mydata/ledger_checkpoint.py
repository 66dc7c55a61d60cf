"""A signed checkpoint: how every chain of the ledger ended at one moment, in 32 bytes. Pure.

The root is SHA-256 over the ends (pseudonym, number, MAC) of all chains in the order of pseudonyms, from the last to
the first. The signature (Ed25519, RFC 8032) covers all fields, and ``previous`` chains one checkpoint to the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FIRST = bytes(32)
"""What stands before the first checkpoint."""
FORM = "neuvo consent checkpoint 1"
FIELDS = ("number", "at", "chains", "entries", "root", "previous", "signature")
"""Columns and parameters in their order."""


class UnreadableCheckpoint(Exception):
    """A file is no checkpoint; the words say why."""


@dataclass(slots=True)
class Root:
    """Takes the ends of chains one by one, from the last pseudonym to the first."""

    _hash: Any
    chains: int = 0
    entries: int = 0

    @classmethod
    def empty(cls) -> Self:
        """Of no chains."""
        return cls(hashlib.sha256())

    def add(self, pseudonym: bytes, seq: int, mac: bytes) -> None:
        """The end of one chain; numbers count from 1, so they are its entries."""
        self._hash.update(pseudonym + seq.to_bytes(8, "big") + mac)
        self.chains += 1
        self.entries += seq

    def digest(self) -> bytes:
        """32 bytes."""
        return bytes(self._hash.digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Covers all entries up to ``at``; ``root`` and ``previous`` have 32 bytes, ``signature`` has 64."""

    number: int
    at: datetime
    chains: int
    entries: int
    root: bytes
    previous: bytes
    signature: bytes = b""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row of the table."""
        return cls(**{name: row[name] for name in FIELDS})

    def signed(self, seed: bytes) -> Self:
        """With its signature. ``seed`` has 32 bytes."""
        return replace(self, signature=Ed25519PrivateKey.from_private_bytes(seed).sign(self._told()))

    def is_signed_by(self, public: bytes) -> bool:
        """Whether it stands as it was signed, by the key of which ``public`` is the public half (32 bytes)."""
        try:
            Ed25519PublicKey.from_public_bytes(public).verify(self.signature, self._told())
        except InvalidSignature:
            return False
        return True

    def digest(self) -> bytes:
        """32 bytes that the next checkpoint names."""
        return hashlib.sha256(self._told() + self.signature).digest()

    def same_ends(self, root: Root) -> bool:
        """Whether the chains end as they did."""
        return (self.root, self.chains, self.entries) == (root.digest(), root.chains, root.entries)

    def exported(self) -> str:
        """As JSON, to be kept elsewhere."""
        return json.dumps(self._fields() | {"signature": self.signature.hex()}, indent=2) + "\n"

    @classmethod
    def imported(cls, text: str) -> Self:
        """What ``exported`` gave. Raises ``UnreadableCheckpoint``."""
        try:
            data = json.loads(text)
            if data["form"] != FORM:
                raise UnreadableCheckpoint(f"its form is “{data['form']}”, and “{FORM}” is known")
            return cls(
                number=int(data["number"]),
                at=datetime.fromisoformat(data["at"]),
                chains=int(data["chains"]),
                entries=int(data["entries"]),
                **{name: bytes.fromhex(data[name]) for name in ("root", "previous", "signature")},
            )
        except (ValueError, TypeError, KeyError) as error:
            raise UnreadableCheckpoint(f"it is not a checkpoint ({type(error).__name__})") from None

    def _fields(self) -> dict[str, str | int]:
        return {
            "form": FORM,
            "number": self.number,
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "chains": self.chains,
            "entries": self.entries,
            "root": self.root.hex(),
            "previous": self.previous.hex(),
        }

    def _told(self) -> bytes:
        return json.dumps(self._fields(), sort_keys=True, separators=(",", ":")).encode()


def public_key(seed: bytes) -> bytes:
    """The public half of the key of a seed: 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
