"""Linking a conversation to who logs in: a link goes from the chat to the browser, a code back from the browser.

Whoever asked for the link gets nothing by it: the conversation becomes a person's only when that person, logged in,
takes the code from the page into that conversation. A link that is sent to somebody else therefore links nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from portal.services import People

if TYPE_CHECKING:
    import asyncpg

LASTS = timedelta(minutes=15)
"""How long a link can be used, and then its code."""
TRIES = 5
"""Codes that may be said for a link; one of a million is right."""
DIGITS = 6
Ending = Literal["linked", "wrong", "early", "expired", "spent", "another"]

MAKE = """
INSERT INTO portal_links (id, conversation_id, expires_at) VALUES ($1, $2, now() + $3::interval)
ON CONFLICT (conversation_id) DO UPDATE
SET id = excluded.id, expires_at = excluded.expires_at, person_id = NULL, loa = NULL, code = NULL, tries = 0,
linked_at = NULL
"""
PRUNE = "DELETE FROM portal_links WHERE expires_at < now()"
READ = "SELECT conversation_id FROM portal_links WHERE id = $1 AND person_id IS NULL AND expires_at > now()"
USE = """
UPDATE portal_links SET person_id = $2, loa = $3, code = $4, expires_at = now() + $5::interval
WHERE id = $1 AND person_id IS NULL AND expires_at > now() RETURNING conversation_id
"""
USED = """
SELECT id, conversation_id, code FROM portal_links
WHERE person_id = $1 AND expires_at > now() AND linked_at IS NULL AND tries < $2
"""
FIND = """
SELECT id, person_id, code, linked_at FROM portal_links WHERE conversation_id = $1 AND expires_at > now()
"""
TRY = "UPDATE portal_links SET tries = tries + 1 WHERE id = $1 AND tries < $2 RETURNING id"
LINKED = "UPDATE portal_links SET linked_at = now() WHERE id = $1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """A link by which a person has logged in, whose code waits to be said."""

    conversation_id: UUID
    code: str


class Links:
    """The table. Methods raise what asyncpg raises when the database is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], people: People, home: str) -> None:
        """``home`` is our address as browsers see it, without a closing slash."""
        self._pool = pool
        self._people = people
        self._home = home

    async def begin(self, conversation_id: UUID, language: str) -> str:
        """A link for a conversation, to be given in it; every earlier one of it ends. For the dialog that logs in.

        The page is in ``language``, as the conversation is.
        """
        token = secrets.token_urlsafe(32)
        await self._pool().execute(PRUNE)
        await self._pool().execute(MAKE, digest_of(token), conversation_id, LASTS)
        return f"{self._home}/my/link/{token}?language={language}"

    async def finish(self, conversation_id: UUID, code: str) -> Ending:
        """What a code does that is said in a conversation. For the same dialog; said again, it ends the same.

        ``linked``: the conversation is the person's who has the code. ``early``: nobody has logged in by the link.
        ``wrong`` and ``spent``: not the code, and one too many. ``expired``: there is no link. ``another``: the
        conversation is gone or known to be another person's. Spaces and dashes do not count.
        """
        row = await self._pool().fetchrow(FIND, conversation_id)
        if row is None:
            return "expired"
        if row["person_id"] is None:
            return "early"
        right = hmac.compare_digest(_code_digest(row["id"], "".join(filter(str.isalnum, code))), row["code"])
        if row["linked_at"] is not None:
            return "linked" if right else "expired"
        if await self._pool().fetchval(TRY, row["id"], TRIES) is None:
            return "spent"
        return await self._link(conversation_id, row) if right else "wrong"

    async def _link(self, conversation_id: UUID, row: asyncpg.Record) -> Ending:
        if not await self._people.linked(conversation_id, row["person_id"]):
            return "another"
        await self._pool().execute(LINKED, row["id"])
        return "linked"

    async def read(self, token: str) -> UUID | None:
        """The conversation of a link that can still be used."""
        found: UUID | None = await self._pool().fetchval(READ, digest_of(token))
        return found

    async def use(self, link: bytes, person_id: UUID, loa: str, cookie: str) -> bool:
        """A person has logged in by a link, once; ``cookie`` is the session's. Whether it could still be used."""
        code = _code_digest(link, _code(cookie, link))
        return await self._pool().fetchval(USE, link, person_id, loa, code, LASTS) is not None

    async def used(self, person_id: UUID, cookie: str) -> Used | None:
        """The link that this session was begun by, with its code, for as long as the code can be said."""
        for row in await self._pool().fetch(USED, person_id, TRIES):
            code = _code(cookie, row["id"])
            if hmac.compare_digest(_code_digest(row["id"], code), row["code"]):
                return Used(conversation_id=row["conversation_id"], code=code)
        return None


def digest_of(token: str) -> bytes:
    """How a link is known here: SHA-256 of its secret."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()


def _code(cookie: str, link: bytes) -> str:
    """The code of a link for one session: the page can show it again, and nobody else can tell it."""
    drawn = hmac.digest(cookie.encode(), b"link " + link, "sha256")
    return f"{int.from_bytes(drawn[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def _code_digest(link: bytes, code: str) -> bytes:
    return hashlib.sha256(link + code.encode()).digest()
