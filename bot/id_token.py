"""Tokens of a provider: who may have signed them, whether they are for us, and how surely the person was known.

An ID token is checked as OpenID Connect Core 1.0, 3.1.3.7 has it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jwt

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Of signatures by a key pair: a shared secret or none would let others sign."""
LEEWAY = 30
"""Seconds by which the provider's clock may differ."""


LEVELS = ("low", "substantial", "high")
"""Levels of assurance, the lowest first (eIDAS, article 8)."""
UNKNOWN = "unknown"


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
    """The claims of an ID token that this key signed, for us, now. Raises ``LoginRefused``."""
    claims = signed(id_token, key, issuer, client_id)
    meant_for = claims.get("azp", client_id if isinstance(claims["aud"], str) or len(claims["aud"]) == 1 else None)
    if meant_for != client_id:
        raise LoginRefused("azp")
    return claims


def signed(
    token: str, key: jwt.PyJWK, issuer: str, audience: str, algorithms: Sequence[str] = ALGORITHMS
) -> Mapping[str, Any]:
    """The claims of a token that this key signed, of this issuer, for this audience, now. Raises ``LoginRefused``."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=algorithms,
            audience=audience,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.PyJWTError as error:
        raise LoginRefused(type(error).__name__) from None
    return claims


def loa_of(claims: Mapping[str, Any]) -> str:
    """The level of assurance (eIDAS) that a token tells, as Keycloak writes it: ``loa``, else ``acr``.

    ``unknown`` where it tells none that we know.
    """
    for name in ("loa", "acr"):
        if claims.get(name) in LEVELS:
            return str(claims[name])
    return UNKNOWN


def reaches(loa: str, needed: str) -> bool:
    """Whether a level is as high as the one that is needed."""
    return loa in LEVELS and LEVELS.index(loa) >= LEVELS.index(needed)
