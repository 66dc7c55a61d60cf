"""Who used a person's data: an entry for each reading, and what the person is told of it.

The person sees what kind of actor it was, why, what and when. Which member of staff it was is kept for the city's own
control and is not shown: an employee who acts for the controller is no recipient (Court of Justice, C-579/21), and a
name in a list invites a visit. A member of staff who talks with a citizen says their name in the talk itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

import asyncpg

Kind = Literal["staff", "programme", "interface", "person"]

NOTE = """
INSERT INTO accesses (person_id, conversation_id, actor_kind, actor, purpose, what)
SELECT p.id, $2, $3, $4, $5, $6 FROM persons p WHERE p.id = $1 AND NOT EXISTS (
    SELECT FROM accesses a
    WHERE a.person_id = p.id AND a.conversation_id IS NOT DISTINCT FROM $2 AND a.actor_kind = $3 AND a.actor = $4
    AND a.purpose = $5 AND a.what = $6 AND a.at > now() - $7::interval
)
RETURNING true
"""
"""person, conversation or none, kind of the actor, actor, purpose, what, how long one reading lasts."""

OF_CONVERSATION = "SELECT person_id FROM conversations WHERE id = $1"
"""conversation."""

FIND = """
SELECT at, actor_kind, purpose, what FROM accesses
WHERE person_id = $1 AND ($3::uuid IS NULL OR conversation_id = $3) ORDER BY at DESC, id DESC LIMIT $2
"""
"""person, limit, conversation or none."""


WITHIN = timedelta(minutes=15)
"""Readings within this time of one another are one."""


class Texts(Protocol):
    """The city's sentences."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key. Raises ``KeyError``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who reads: a member of staff by the subject of their login, or a programme or interface by its name."""

    kind: Kind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One reading, in words of each language."""

    at: datetime
    actor: Mapping[str, str]
    purpose: Mapping[str, str]
    what: Mapping[str, str]


class Accesses:
    """The table. Methods raise what asyncpg raises when the database is away: then nothing may be read either."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        texts: Texts,
        languages: Sequence[str],
        *,
        purposes: Mapping[str, Mapping[str, str]] | None = None,
        within: timedelta = WITHIN,
    ) -> None:
        """``purposes`` has words for purposes of the city's own; readings ``within`` of one another are one."""
        self._pool = pool
        self._texts = texts
        self._languages = languages
        self._purposes = purposes or {}
        self._within = within

    async def note(
        self, person_id: UUID, actor: Actor, *, purpose: str, what: str, conversation_id: UUID | None = None
    ) -> None:
        """Write down a reading, before it is done. ``what`` is ``conversation``, ``all`` or ``address``.

        ``purpose`` is ``desk``, ``export``, ``profile``, ``control``, ``law``, or one of the city's. Raises
        ``KeyError`` for one that there are no words for.
        """
        self._words("what", what)
        self._purpose(purpose)
        values = (person_id, conversation_id, actor.kind, actor.name, purpose, what, self._within)
        await self._pool().execute(NOTE, *values)

    async def note_conversation(self, conversation_id: UUID, actor: Actor, *, purpose: str) -> None:
        """Write down that a conversation is read; nothing where it is gone. Raises ``KeyError`` as ``note`` does."""
        self._purpose(purpose)
        await record(self._pool(), conversation_id, actor, purpose=purpose, within=self._within)

    async def of(self, person_id: UUID, limit: int = 200, conversation_id: UUID | None = None) -> list[Use]:
        """Who used a person's data, the newest first; or that of one conversation alone."""
        return [
            Use(
                at=row["at"],
                actor=self._words("actor", row["actor_kind"]),
                purpose=self._purpose(row["purpose"], known=False),
                what=self._words("what", row["what"]),
            )
            for row in await self._pool().fetch(FIND, person_id, limit, conversation_id)
        ]

    def _words(self, group: str, name: str) -> Mapping[str, str]:
        return {language: self._texts(f"data.{group}.{name}", language) for language in self._languages}

    def _purpose(self, name: str, *, known: bool = True) -> Mapping[str, str]:
        if name in self._purposes:
            return self._purposes[name]
        try:
            return self._words("purpose", name)
        except KeyError:
            if known:
                raise
            return dict.fromkeys(self._languages, name)  # a purpose that the city has dropped since


async def record(
    pool: asyncpg.Pool[Any], conversation_id: UUID, actor: Actor, *, purpose: str, within: timedelta = WITHIN
) -> bool:
    """Write down that a conversation is read; whether it is a reading of its own, and not one that goes on."""
    person = await pool.fetchval(OF_CONVERSATION, conversation_id)
    values = (person, conversation_id, actor.kind, actor.name, purpose, "conversation", within)
    return person is not None and await pool.fetchval(NOTE, *values) is not None
