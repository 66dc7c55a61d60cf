"""Who is logged in. The browser holds a random cookie; what it stands for is in the database, and ends there."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from aiohttp import web

from bot.oidc import Pending

if TYPE_CHECKING:
    import asyncpg

IDLE = timedelta(minutes=30)
"""How long a session lasts without a request."""
LONGEST = timedelta(hours=8)
"""How long it lasts at most."""
AT_PROVIDER = timedelta(minutes=15)
"""How long a person has to log in at the provider."""

BEGIN = "INSERT INTO portal_sessions (id, person_id, loa, expires_at) VALUES ($1, $2, $3, now() + $4::interval)"
READ = """
UPDATE portal_sessions SET expires_at = now() + $2::interval
WHERE id = $1 AND expires_at > now() AND begun_at > now() - $3::interval RETURNING person_id, loa
"""
END = "DELETE FROM portal_sessions WHERE id = $1"
END_ALL = "DELETE FROM portal_sessions WHERE person_id = $1"
EXPECT = """
INSERT INTO portal_logins (id, state, nonce, verifier, link, expires_at) VALUES ($1, $2, $3, $4, $5, now() + $6)
"""
EXPECTED = "DELETE FROM portal_logins WHERE id = $1 RETURNING state, nonce, verifier, link, expires_at > now() AS fresh"
PRUNE = (
    "DELETE FROM portal_sessions WHERE expires_at < now()",
    "DELETE FROM portal_logins WHERE expires_at < now()",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A citizen who is logged in; ``cookie`` is what the browser holds."""

    person_id: UUID
    loa: str
    cookie: str

    @property
    def token(self) -> str:
        """What a form of this session must bring: no other page can know it."""
        return hmac.digest(self.cookie.encode(), b"form", "sha256").hex()


class Sessions:
    """The sessions of all processes."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], *, secure: bool) -> None:
        """``secure``: the pages are reached over HTTPS, so that the cookies can be bound to this very host."""
        self._pool = pool
        self._secure = secure
        self.cookie, self.login_cookie = ("__Host-neuvo", "__Host-neuvo-login") if secure else ("neuvo", "neuvo-login")

    async def begin(self, response: web.StreamResponse, person_id: UUID, loa: str, cookie: str) -> None:
        """Log in, under a cookie of ``fresh()``."""
        await self._pool().execute(BEGIN, _digest(cookie), person_id, loa, IDLE)
        self._set(response, self.cookie, cookie, LONGEST)

    async def read(self, request: web.Request) -> Session | None:
        """Who is logged in, if anybody is; the session then lasts on."""
        cookie = request.cookies.get(self.cookie)
        row = await self._pool().fetchrow(READ, _digest(cookie), IDLE, LONGEST) if cookie else None
        if row is None or cookie is None:
            return None
        return Session(person_id=row["person_id"], loa=row["loa"], cookie=cookie)

    async def end(self, session: Session, response: web.StreamResponse) -> None:
        """Log out here."""
        await self._pool().execute(END, _digest(session.cookie))
        self._unset(response, self.cookie)

    async def end_all(self, session: Session, response: web.StreamResponse) -> None:
        """Log the person out everywhere."""
        await self._pool().execute(END_ALL, session.person_id)
        self._unset(response, self.cookie)

    async def expect(self, response: web.StreamResponse, pending: Pending, link: bytes | None) -> None:
        """A login has begun in this browser, by a link from a conversation or without."""
        value = fresh()
        for statement in PRUNE:
            await self._pool().execute(statement)
        said = (pending.state, pending.nonce, pending.verifier, link)
        await self._pool().execute(EXPECT, _digest(value), *said, AT_PROVIDER)
        self._set(response, self.login_cookie, value, AT_PROVIDER)

    async def expected(self, request: web.Request) -> tuple[Pending, bytes | None] | None:
        """The login that this browser has begun, once, with its link."""
        row = await self._pool().fetchrow(EXPECTED, _digest(request.cookies.get(self.login_cookie, "")))
        if row is None or not row["fresh"]:
            return None
        return Pending(state=row["state"], nonce=row["nonce"], verifier=row["verifier"]), row["link"]

    def forget_login(self, response: web.StreamResponse) -> None:
        """The login has come back."""
        self._unset(response, self.login_cookie)

    def _set(self, response: web.StreamResponse, name: str, value: str, lasts: timedelta) -> None:
        # Lax: the way back from the provider is a navigation from another site, and must find its login.
        age = int(lasts.total_seconds())
        response.set_cookie(name, value, path="/", httponly=True, samesite="Lax", secure=self._secure, max_age=age)

    def _unset(self, response: web.StreamResponse, name: str) -> None:
        response.del_cookie(name, path="/", httponly=True, samesite="Lax", secure=self._secure)


def fresh() -> str:
    """A cookie that nobody has had before."""
    return secrets.token_urlsafe(32)


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode("utf-8", "replace")).digest()
