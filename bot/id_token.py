"""The ID token: which keys may have signed it, and whether it is a login for us (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Of signatures by a key pair: a shared secret or none would let others sign."""
LEEWAY = 30
"""Seconds by which the provider's clock may differ."""


class LoginRefused(Exception):
    """What came back is no login for us; the words name the check that failed, and nothing of a person."""


def keys(said: Mapping[str, Any]) -> dict[str, jwt.PyJWK]:
    """The keys for signatures that we can use, by their names."""
    found: dict[str, jwt.PyJWK] = {}
    listed = said.get("keys")
    for item in listed if isinstance(listed, list) else ():
        try:
            if item.get("use", "sig") == "sig" and item.get("kty") != "oct":
                found[str(item.get("kid", ""))] = jwt.PyJWK(item)
        except (jwt.PyJWTError, AttributeError, TypeError, ValueError):
            continue
    return found


def checked(id_token: str, key: jwt.PyJWK, issuer: str, client_id: str) -> Mapping[str, Any]:
    """The claims of a token that this key signed, for us, now. Raises ``LoginRefused``."""
    try:
        claims: dict[str, Any] = jwt.decode(
            id_token,
            key,
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        raise LoginRefused(type(error).__name__) from None
    meant_for = claims.get("azp", client_id if isinstance(claims["aud"], str) or len(claims["aud"]) == 1 else None)
    if meant_for != client_id:
        raise LoginRefused("azp")
    return claims
