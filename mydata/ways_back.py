"""Whose the pseudonyms of health outreach are. The table stands beside the keys: to contact and to erase somebody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

import asyncpg

_KEEP = """
INSERT INTO keys.health (pseudonym, person) SELECT * FROM unnest($1::bytea[], $2::uuid[])
ON CONFLICT (pseudonym) DO UPDATE SET person = excluded.person
"""
_PERSONS = "SELECT pseudonym, person FROM keys.health WHERE pseudonym = ANY($1)"
_OF = "SELECT pseudonym FROM keys.health WHERE person = ANY($1)"
_FORGET = "DELETE FROM keys.health WHERE person = ANY($1)"


class WaysBack:
    """The table ``keys.health``. Methods raise what asyncpg raises when the database of keys is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]]) -> None:
        self._pool = pool

    async def keep(self, persons: Mapping[bytes, UUID]) -> None:
        """Keep whose pseudonyms are."""
        await self._pool().execute(_KEEP, list(persons), list(persons.values()))

    async def persons(self, pseudonyms: Collection[bytes]) -> Mapping[bytes, UUID]:
        """Whose they are; those of nobody are left out."""
        rows = await self._pool().fetch(_PERSONS, list(pseudonyms))
        return {row["pseudonym"]: row["person"] for row in rows}

    async def pseudonyms(self, persons: Collection[UUID]) -> list[bytes]:
        """The pseudonyms of persons."""
        return [row["pseudonym"] for row in await self._pool().fetch(_OF, list(persons))]

    async def forget(self, persons: Collection[UUID]) -> None:
        """Forget the way back from all pseudonyms of persons, for good."""
        await self._pool().execute(_FORGET, list(persons))
