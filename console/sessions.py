"""Who is logged in: a signed cookie, and with it the token that each form must bring."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from aiohttp import web

COOKIE = "neuvo_console"
LASTS = timedelta(hours=8)
_FOR = "neuvo-console"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A member of staff: ``agent`` is the subject of the login, ``name`` what citizens are told."""

    agent: str
    name: str
    roles: frozenset[str]
    language: str


class Sessions:
    """Signs and reads sessions with one secret (32 bytes or more)."""

    def __init__(self, secret: bytes, *, secure: bool) -> None:
        """``secure``: the cookie travels over HTTPS alone."""
        self._secret = secret
        self._secure = secure

    def begin(self, response: web.StreamResponse, session: Session) -> None:
        """Log in."""
        now = datetime.now(UTC)
        claims = {
            "sub": session.agent,
            "name": session.name,
            "roles": sorted(session.roles),
            "lang": session.language,
            "aud": _FOR,
            "iat": now,
            "exp": now + LASTS,
        }
        value = jwt.encode(claims, self._secret, algorithm="HS256")
        response.set_cookie(
            COOKIE,
            value,
            path="/console",
            httponly=True,
            samesite="Lax",
            secure=self._secure,
            max_age=int(LASTS.total_seconds()),
        )

    def end(self, response: web.StreamResponse) -> None:
        """Log out."""
        response.del_cookie(COOKIE, path="/console")

    def read(self, request: web.Request) -> Session | None:
        """Who is logged in, if anybody is."""
        try:
            claims = jwt.decode(
                request.cookies.get(COOKIE, ""),
                self._secret,
                algorithms=["HS256"],
                audience=_FOR,
                options={"require": ["exp", "sub", "aud"]},
            )
        except jwt.InvalidTokenError:
            return None
        return Session(
            agent=claims["sub"], name=claims["name"], roles=frozenset(claims["roles"]), language=claims["lang"]
        )

    def token(self, request: web.Request) -> str:
        """What a form of this session must bring: nobody else's page can know it."""
        cookie = request.cookies.get(COOKIE, "")
        return hmac.new(self._secret, b"form:" + cookie.encode(), "sha256").hexdigest()

    def genuine(self, request: web.Request, given: str) -> bool:
        """Whether a form is this session's."""
        return hmac.compare_digest(self.token(request).encode(), given.encode("utf-8", "replace"))
