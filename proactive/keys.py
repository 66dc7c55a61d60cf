"""Keys of the programs that use the API. Only a digest of a key is kept: who lost one makes another.

A key is ``neuvo_<mode>_`` and 256 random bits, so that secret scanners know one when they see it.
"""

from __future__ import annotations

import base64
import hashlib
import math
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, cast
from uuid import UUID, uuid4

import asyncpg

from proactive import keys_sql as sql
from proactive.wanted import Mode

Scope = Literal["nudges:write", "nudges:read", "templates:read"]
SCOPES: tuple[Scope, ...] = ("nudges:write", "nudges:read", "templates:read")
MODES: tuple[Mode, ...] = ("live", "team", "test")
PER_MINUTE = 600
"""Requests of a new key."""


class Content(Protocol):
    """What is sealed by one owner's key."""

    def text(self, value: str) -> bytes:
        """Seal a short text."""


class Sealer(Protocol):
    """The content of every owner, and the keyed hash of an address."""

    async def of(self, person: UUID, *, make: bool = False) -> Content:
        """One owner's; ``make`` for somebody new."""

    def lookup(self, value: str) -> bytes:
        """What a value is found by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key without its secret. ``recipients``, of a team's key, are lookups of the addresses it may write to."""

    id: UUID
    name: str
    team: str
    mode: Mode
    scopes: frozenset[str]
    recipients: frozenset[bytes] | None
    per_minute: int
    webhook_url: str | None
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """What is shown once: the key, and the secret that its webhooks are signed by, where it has any."""

    id: UUID
    secret: str
    webhook_secret: str | None


@dataclass(frozen=True, slots=True)
class TooOften:
    """The key has used up its requests; ``seconds`` until the next one is taken."""

    seconds: int


class ApiKeys:
    """The table ``api_keys``. Methods raise what asyncpg raises when the database is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], sealer: Sealer) -> None:
        self._pool = pool
        self._sealer = sealer

    async def make(
        self,
        *,
        name: str,
        team: str,
        mode: Mode,
        scopes: Collection[str] = SCOPES,
        recipients: Collection[str] = (),
        per_minute: int = PER_MINUTE,
        webhook_url: str | None = None,
    ) -> NewKey:
        """Make one. ``recipients`` are addresses as channels know them, for a team's key alone."""
        new = NewKey(
            uuid4(), f"neuvo_{mode}_{secrets.token_urlsafe(32)}", None if webhook_url is None else webhook_secret()
        )
        sealed = None
        if new.webhook_secret is not None:
            sealed = (await self._sealer.of(new.id, make=True)).text(new.webhook_secret)
        lookups = [self._sealer.lookup(address) for address in recipients] if mode == "team" else None
        values = (name, team, mode, list(scopes), digest(new.secret), lookups, per_minute, webhook_url, sealed)
        await self._pool().execute(sql.MAKE, new.id, *values)
        return new

    async def use(self, secret: str) -> ApiKey | TooOften | None:
        """The key of a request, which is counted; ``None`` for one that there is not, or not any more."""
        row = await self._pool().fetchrow(sql.USE, digest(secret))
        if row is None:
            return None
        if row["wait"] > 0:
            return TooOften(math.ceil(row["wait"]))
        return _key(row)

    async def list(self) -> Sequence[ApiKey]:
        """All that there have been, the oldest first."""
        return [_key(row) for row in await self._pool().fetch(sql.LIST)]

    async def revoke(self, key_id: UUID) -> bool:
        """It opens nothing from now on, and nobody is told of its nudges. False where it was revoked before."""
        return await self._pool().fetchval(sql.REVOKE, key_id) is not None


def digest(secret: str) -> bytes:
    """What is kept of a key: it is random, so that a plain hash tells nothing."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()


def webhook_secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _key(row: asyncpg.Record) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        team=row["team"],
        mode=cast(Mode, row["mode"]),
        scopes=frozenset(row["scopes"]),
        recipients=None if row["recipients"] is None else frozenset(row["recipients"]),
        per_minute=row["per_minute"],
        webhook_url=row["webhook_url"],
        created_at=row["created_at"],
        used_at=row["used_at"],
        revoked_at=row["revoked_at"],
    )
