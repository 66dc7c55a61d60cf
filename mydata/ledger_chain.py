"""One entry of the consent ledger, and what chains it to the entry before: pure."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Self
from uuid import UUID

Kind = Literal["given", "withdrawn"]
Decider = Literal["self", "guardian", "staff"]

START = bytes(32)
"""What stands before the first entry of a chain."""
_FORM = b"neuvo consent entry 1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody agreed to a purpose on a channel, or ended it; a withdrawal without a channel is for all of them.

    ``pseudonym``, ``digest`` (of the text that was asked) and ``mac`` have 32 bytes; ``through`` is the channel that
    it was said on; ``guardian`` is the pseudonym of the guardian who decided, where one did.
    """

    pseudonym: bytes
    seq: int
    at: datetime
    purpose: str
    version: int
    digest: bytes
    kind: Kind
    language: str
    channel: str | None
    through: str
    decided_by: Decider = "self"
    guardian: bytes | None = None
    mac: bytes = b""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """From a row of the table."""
        return cls(**{name: row[name] for name in NAMES})

    @property
    def receipt(self) -> str:
        """The id of its receipt: a UUID of version 8 (RFC 9562) made of its MAC."""
        number = int.from_bytes(self.mac[:16], "big") & ~(0xF000 << 64) & ~(0xC000 << 48)
        return str(UUID(int=number | (0x8000 << 64) | (0x8000 << 48)))

    def encoded(self) -> bytes:
        """Every field but the MAC, each with its length before it, so that no two entries have the same bytes."""
        return _framed(_plain(getattr(self, name)) for name in NAMES if name != "mac")

    def mac_after(self, before: bytes, key: bytes) -> bytes:
        """Its MAC, after an entry whose MAC is ``before``: HMAC-SHA256, 32 bytes."""
        return hmac.digest(key, _framed((_FORM, before)) + self.encoded(), "sha256")


NAMES = tuple(field.name for field in fields(Entry))


def _plain(value: object) -> bytes | None:
    if isinstance(value, datetime):
        value = (value - _EPOCH) // _MICROSECOND
    if isinstance(value, int):
        value = str(value)
    return value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else None


def _framed(parts: Iterable[bytes | None]) -> bytes:
    return b"".join(b"-" if part is None else b"+" + len(part).to_bytes(4, "big") + part for part in parts)
