"""Signed tokens without a memory, each bound to one conversation, one person in it, and the pages that may use it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import jwt

from channels.webchat.problems import Problem

LIFE = 30 * 60
"""Seconds that a token lives."""
GRACE = 12 * 3600
"""Seconds after its end in which a token still proves that its bearer may have a new one (a laptop that slept)."""
STREAM_LIFE = 120
"""Seconds in which the address of a stream, which holds a token of its own, must be opened."""

_REQUIRED = ["exp", "use", "conv", "user"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token says. ``origins`` are the pages' origins, ``None`` for all that the server allows."""

    conversation: str
    user: str
    origins: tuple[str, ...] | None = None


def new_grant(*, user: str | None = None, origins: tuple[str, ...] | None = None) -> Grant:
    """A new conversation, and a random person in it unless one is named."""
    return Grant(conversation=secrets.token_hex(12), user=user or f"dl_{secrets.token_hex(12)}", origins=origins)


class Tokens:
    """Makes and reads tokens with one secret (HS256)."""

    def __init__(self, secret: str, *, clock: Callable[[], float] = time.time) -> None:
        """``clock`` gives seconds since 1970."""
        self._secret = secret.encode()
        self._key = hmac.digest(self._secret, b"neuvo web chat tokens", hashlib.sha256)
        self._clock = clock

    def is_secret(self, given: str) -> bool:
        """Whether a server has shown the secret itself; takes the same time for every answer."""
        return hmac.compare_digest(given.encode(errors="surrogateescape"), self._secret)

    def make(self, grant: Grant, *, use: str = "chat", life: float = LIFE) -> str:
        """A token for one ``use``: ``chat`` in the header of a request, ``stream`` in the address of a socket."""
        claims = {"exp": int(self._clock() + life), "use": use, "conv": grant.conversation, "user": grant.user}
        if grant.origins is not None:
            claims["origins"] = list(grant.origins)
        return jwt.encode(claims, self._key, algorithm="HS256")

    def read(self, token: str, *, use: str = "chat", grace: float = 0) -> Grant:
        """What a token says. Raises ``Problem`` 403 when it is not ours, for another use, or ended."""
        try:
            options = {"require": _REQUIRED, "verify_exp": False}
            claims = jwt.decode(token, self._key, algorithms=["HS256"], options=options)  # type: ignore[arg-type]
        except (jwt.InvalidTokenError, ValueError) as error:
            raise Problem(403, "BadToken", "This token was not made here. Ask tokens/generate for one.") from error
        if claims["use"] != use:
            raise Problem(403, "BadToken", "This token is for another use. Ask tokens/generate for one.")
        if claims["exp"] + grace < self._clock():
            raise Problem(
                403, "TokenExpired", "The session has ended. Ask tokens/refresh, or tokens/generate, for more."
            )
        origins = claims.get("origins")
        return Grant(
            conversation=claims["conv"], user=claims["user"], origins=None if origins is None else tuple(origins)
        )
