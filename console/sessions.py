"""Who is logged in. The browser holds a random cookie; what it stands for is in the database, and ends there."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiohttp import web

from bot.oidc import Pending

COOKIE = "neuvo_console"
LOGIN_COOKIE = "neuvo_console_login"
LASTS = timedelta(hours=8)
LOGIN_LASTS = timedelta(minutes=10)
"""How long a person has at the provider."""

BEGIN = """
INSERT INTO console_sessions (id, agent, name, roles, language, id_token, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, now() + $7::interval)
"""
READ = "SELECT agent, name, roles, language FROM console_sessions WHERE id = $1 AND expires_at > now()"
END = "DELETE FROM console_sessions WHERE id = $1 RETURNING id_token"
SPEAK = "UPDATE console_sessions SET language = $2 WHERE id = $1"
AGENTS = """
SELECT DISTINCT ON (agent) agent, name FROM console_sessions
WHERE expires_at > now() AND roles && ARRAY['agent', 'admin'] ORDER BY agent, created_at DESC
"""
EXPECT = """
INSERT INTO console_logins (id, state, nonce, verifier, language, expires_at)
VALUES ($1, $2, $3, $4, $5, now() + $6::interval)
"""
EXPECTED = """
DELETE FROM console_logins WHERE id = $1 RETURNING state, nonce, verifier, language, expires_at > now() AS fresh
"""
PRUNE = (
    "DELETE FROM console_sessions WHERE expires_at < now()",
    "DELETE FROM console_logins WHERE expires_at < now()",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A member of staff: ``agent`` is the subject of the login, ``name`` what citizens are told."""

    agent: str
    name: str
    roles: frozenset[str]
    language: str


class Sessions:
    """The sessions of all processes."""

    def __init__(self, pool: Callable[[], Any], *, secure: bool) -> None:
        """``pool`` is asyncpg's; ``secure``: the cookies travel over HTTPS alone."""
        self._pool = pool
        self._secure = secure

    async def begin(self, response: web.StreamResponse, session: Session, id_token: str | None = None) -> None:
        """Log in, under a cookie that nobody has had before."""
        value = secrets.token_urlsafe(32)
        await self._prune()
        who = (session.agent, session.name, sorted(session.roles), session.language)
        await self._pool().execute(BEGIN, _digest(value), *who, id_token, LASTS)
        self._set(response, COOKIE, value, LASTS)

    async def end(self, request: web.Request, response: web.StreamResponse) -> None:
        """Log out."""
        await self._pool().execute(END, _digest(request.cookies.get(COOKIE, "")))
        response.del_cookie(COOKIE, path="/console")

    async def id_token(self, request: web.Request) -> str | None:
        """The provider's token of a session."""
        query = "SELECT id_token FROM console_sessions WHERE id = $1"
        found: str | None = await self._pool().fetchval(query, _digest(request.cookies.get(COOKIE, "")))
        return found

    async def read(self, request: web.Request) -> Session | None:
        """Who is logged in, if anybody is."""
        value = request.cookies.get(COOKIE)
        row = await self._pool().fetchrow(READ, _digest(value)) if value else None
        if row is None:
            return None
        return Session(agent=row["agent"], name=row["name"], roles=frozenset(row["roles"]), language=row["language"])

    async def agents(self) -> list[tuple[str, str]]:
        """Who can answer citizens and is logged in now: subjects and names."""
        return [(row["agent"], row["name"]) for row in await self._pool().fetch(AGENTS)]

    async def speak(self, request: web.Request, language: str) -> None:
        """Show the pages in another language from now on."""
        await self._pool().execute(SPEAK, _digest(request.cookies.get(COOKIE, "")), language)

    async def expect(self, response: web.StreamResponse, pending: Pending, language: str) -> None:
        """A login has begun in this browser."""
        value = secrets.token_urlsafe(32)
        await self._prune()
        said = (pending.state, pending.nonce, pending.verifier, language)
        await self._pool().execute(EXPECT, _digest(value), *said, LOGIN_LASTS)
        self._set(response, LOGIN_COOKIE, value, LOGIN_LASTS)

    async def expected(self, request: web.Request) -> tuple[Pending, str] | None:
        """The login that this browser has begun, once, with its language."""
        row = await self._pool().fetchrow(EXPECTED, _digest(request.cookies.get(LOGIN_COOKIE, "")))
        if row is None or not row["fresh"]:
            return None
        return Pending(state=row["state"], nonce=row["nonce"], verifier=row["verifier"]), row["language"]

    def token(self, request: web.Request) -> str:
        """What a form of this session must bring: nobody else's page can know it."""
        return hashlib.sha256(b"form:" + request.cookies.get(COOKIE, "").encode()).hexdigest()

    def genuine(self, request: web.Request, given: str) -> bool:
        """Whether a form is this session's."""
        return hmac.compare_digest(self.token(request).encode(), given.encode("utf-8", "replace"))

    async def _prune(self) -> None:
        for statement in PRUNE:
            await self._pool().execute(statement)

    def _set(self, response: web.StreamResponse, name: str, value: str, lasts: timedelta) -> None:
        response.set_cookie(
            name,
            value,
            path="/console",
            httponly=True,
            samesite="Lax",
            secure=self._secure,
            max_age=int(lasts.total_seconds()),
        )


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()
