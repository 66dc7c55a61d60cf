"""The Helsinki Profile GDPR API: a person's data and its erasure, asked for by the city's profile service.

``GET`` gives a tree of nodes, ``DELETE`` erases or, with ``dry_run=true``, says whether it would. A token of the city's
issuer must allow it: RS256, its audience ours, its ``sub`` the person of the path, the scope of the operation. Which
person that is, what is held and what stands against an erasure is told by others, by protocols.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol
from uuid import UUID

import structlog
from aiohttp import web

from bot.id_token import LoginRefused, loa_of, reaches, signed
from bot.issuer import Issuer, ProviderDown

logger = structlog.stdlib.get_logger("gdpr_api")

ALGORITHMS = ("RS256",)
HEADERS = {"Cache-Control": "no-store"}
TOO_LOW = "Insufficient authentication level to read data"
"""In the place of a node's value, as the description of the interface words it."""
Operation = Literal["query", "delete"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A piece of data: a ``value``, or ``children``. ``key`` is in UPPER_SNAKE_CASE.

    ``needs`` is the level of assurance without which it is withheld, with all under it: ``low``, ``substantial`` or
    ``high``; empty where any token will do.
    """

    key: str
    value: str | None = None
    children: tuple[Node, ...] = ()
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Why data cannot be erased now: a code of ours, and its words by language."""

    code: str
    message: Mapping[str, str]


class Subjects(Protocol):
    """Whom the city's login knows."""

    async def person(self, issuer: str, subject: str) -> UUID | None:
        """Our person of a login's subject; ``None`` where there is none."""


class Records(Protocol):
    """What is held on a person."""

    async def tree(self, person_id: UUID) -> Node | None:
        """All of it; ``None`` where there is nothing."""

    async def obstacles(self, person_id: UUID) -> Sequence[Obstacle]:
        """What stands against erasing it, if anything."""

    async def erase(self, person_id: UUID) -> None:
        """Erase all of it. Asked for again, it does no more; what is interrupted is completed later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a token must say. ``needed`` is the level of assurance to erase; ``too_low`` says so, by language."""

    audience: str
    query_scope: str
    delete_scope: str
    needed: str
    too_low: Mapping[str, str]


class GdprApi:
    """The interface at ``/gdpr-api/v1/{uuid}``."""

    def __init__(self, issuer: Issuer, terms: Terms, subjects: Subjects, records: Records) -> None:
        self._issuer = issuer
        self._terms = terms
        self._subjects = subjects
        self._records = records

    def routes(self) -> list[web.AbstractRouteDef]:
        """Both operations."""
        path = "/gdpr-api/v1/{uuid}"
        return [web.get(path, self._query, allow_head=False), web.delete(path, self._delete)]

    async def _query(self, request: web.Request) -> web.Response:
        person, loa = await self._allowed(request, "query")
        found = await self._records.tree(person) if person is not None else None
        if found is None:
            return web.Response(status=204, headers=HEADERS)
        return web.json_response(shown(found, loa), headers=HEADERS)

    async def _delete(self, request: web.Request) -> web.Response:
        dry = _dry(request)
        person, loa = await self._allowed(request, "delete")
        if person is not None:
            against = await self._against(person, loa)
            if against:
                return _refusal(403, against)
            if not dry:
                await self._records.erase(person)
                logger.info("erased_by_profile")
        return web.Response(status=204, headers=HEADERS)

    async def _against(self, person: UUID, loa: str) -> list[Obstacle]:
        if not reaches(loa, self._terms.needed):
            return [Obstacle(code="INSUFFICIENT_LOA", message=self._terms.too_low)]
        return list(await self._records.obstacles(person))

    async def _allowed(self, request: web.Request, operation: Operation) -> tuple[UUID | None, str]:
        """The person that a request may ask about and the token's level, else the answer is raised.

        ``None`` in the place of a person whom we do not know.
        """
        try:
            claims = await self._claims(request.headers.getall("Authorization", []))
            _scoped(claims, self._terms.query_scope if operation == "query" else self._terms.delete_scope)
            subject = _subject(request.match_info["uuid"], claims)
        except LoginRefused as error:
            logger.warning("gdpr_api_refused", reason=str(error))
            raise web.HTTPUnauthorized(headers={**HEADERS, "WWW-Authenticate": "Bearer"}) from None
        except ProviderDown as error:
            logger.warning("gdpr_api_without_issuer", reason=str(error))
            raise web.HTTPInternalServerError(headers=HEADERS) from None  # the description has no 503
        return await self._subjects.person(str(claims["iss"]), subject), loa_of(claims)

    async def _claims(self, headers: Sequence[str]) -> Mapping[str, Any]:
        kind, _, token = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
        if kind.lower() != "bearer" or not token.strip():
            raise LoginRefused("no token")
        token = token.strip()
        key = await self._issuer.key(token)
        return signed(token, key, await self._issuer.name(), self._terms.audience, ALGORITHMS)


def shown(node: Node, loa: str) -> dict[str, Any]:
    """A node as the interface has it, for who was known at a level of assurance."""
    if node.needs and not reaches(loa, node.needs):
        return {"key": node.key, "error": TOO_LOW}
    if node.value is not None:
        return {"key": node.key, "value": node.value}
    return {"key": node.key, "children": [shown(child, loa) for child in node.children]}


def scopes(claims: Mapping[str, Any]) -> Iterator[str]:
    """The scopes of a token: ``authorization.permissions[].scopes[]``, which Keycloak also writes in lists of lists."""
    authorization = claims.get("authorization")
    permissions = authorization.get("permissions") if isinstance(authorization, Mapping) else None
    for permission in permissions if isinstance(permissions, list) else ():
        yield from _flat(permission.get("scopes") if isinstance(permission, Mapping) else None)


def _flat(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value if isinstance(value, list) else ():
        yield from _flat(item)


def _scoped(claims: Mapping[str, Any], needed: str) -> None:
    if needed not in scopes(claims):
        raise LoginRefused("scope")


def _subject(asked: str, claims: Mapping[str, Any]) -> str:
    """Whom both the path and the token name: nobody asks about another."""
    try:
        named = UUID(asked)
    except ValueError:
        raise web.HTTPBadRequest(headers=HEADERS, text="The path has no UUID.") from None
    try:
        own = UUID(str(claims["sub"]))
    except ValueError:
        raise LoginRefused("sub") from None
    if named != own:
        raise LoginRefused("sub")
    return str(claims["sub"])


def _dry(request: web.Request) -> bool:
    said = request.query.getall("dry_run", [])
    if said and (len(said) > 1 or said[0].lower() not in ("true", "false")):
        # Of what is not understood the safe reading would differ from the wanted one: data must not go by mistake.
        raise web.HTTPBadRequest(headers=HEADERS, text="dry_run is true or false.")
    return bool(said) and said[0].lower() == "true"


def _refusal(status: int, errors: Sequence[Obstacle]) -> web.Response:
    body = {"errors": [{"code": error.code, "message": dict(error.message)} for error in errors]}
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(status=status, text=text, content_type="application/json", headers=HEADERS)
