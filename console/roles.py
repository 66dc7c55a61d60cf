"""What a member of staff may do, and where a provider's token says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

AGENT, EDITOR, OUTREACH, REVIEWER, HEALTH, ADMIN = ROLES = (
    "agent",
    "editor",
    "outreach",
    "reviewer",
    "health",
    "admin",
)
"""Agents answer citizens; editors mend content; the outreach team and reviewers look after messages that the city
begins; those trained for it decide on findings of health outreach; an admin may do everything but that."""


def may(roles: Collection[str], *wanted: str) -> bool:
    """Whether one of the wanted roles is among these, or an admin's, which stands for all but health data."""
    return any(role in roles for role in wanted) or (ADMIN in roles and set(wanted) != {HEALTH})


def roles_of(claims: Mapping[str, Any], client_id: str, named: Mapping[str, str]) -> frozenset[str]:
    """Our roles in the claims of a token; ``named`` has the provider's name of each of ours.

    Keycloak writes roles into ``realm_access`` and ``resource_access``, and groups as paths (``/neuvo-agents``).
    """
    held = set(_held(claims, client_id))
    return frozenset(role for role in ROLES if named.get(role, role) in held)


def _held(claims: Mapping[str, Any], client_id: str) -> Iterator[str]:
    resources = claims.get("resource_access")
    resource = resources.get(client_id) if isinstance(resources, Mapping) else None
    for place in (claims.get("realm_access"), resource):
        if isinstance(place, Mapping):
            yield from _texts(place.get("roles"))
    yield from (group.removeprefix("/") for group in _texts(claims.get("groups")))


def _texts(value: Any) -> Iterator[str]:
    yield from (item for item in value if isinstance(item, str)) if isinstance(value, list) else ()
