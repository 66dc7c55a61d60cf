"""The HTTP API by which the city's own systems have people written to: ``/api/v1``, described by OpenAPI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from bot.over_http import TooLong, read_body
from proactive import api_models as models
from proactive.api_problems import HEADERS, Kind, Refused
from proactive.api_read import Unreadable, cursor_of, read_cursor, read_name, read_query
from proactive.intake import Intake
from proactive.keys import ApiKey, ApiKeys, Scope, TooOften
from proactive.nudge import Nudge
from proactive.nudges import Nudges
from proactive.openapi import BASE, document
from proactive.template import Templates

BODY = 8 * 1024 * 1024
"""The most bytes of a body: 10,000 messages of 800 bytes."""
RETRY = {"Retry-After": "5"}
Handler = Callable[[web.Request, ApiKey], Awaitable[web.StreamResponse]]
Explain = Callable[[str], Mapping[str, str] | None]


class NudgeApi:
    """The API over the store, for who has a key."""

    def __init__(
        self,
        nudges: Nudges,
        keys: ApiKeys,
        intake: Intake,
        templates: Templates,
        *,
        explain: Explain,
        down: tuple[type[Exception], ...],
    ) -> None:
        """``explain`` gives a reason's words by language; ``down`` is what is raised while the database is away."""
        self._nudges = nudges
        self._keys = keys
        self._intake = intake
        self._templates = templates
        self._explain = explain
        self._down = down
        self._document = document(templates)

    def routes(self) -> list[web.AbstractRouteDef]:
        """All operations."""
        one = f"{BASE}/nudges/{{id}}"
        return [
            web.post(f"{BASE}/nudges", self._for("nudges:write", self._create)),
            web.get(f"{BASE}/nudges", self._for("nudges:read", self._list), allow_head=False),
            web.get(one, self._for("nudges:read", self._get), allow_head=False),
            web.post(f"{one}/cancel", self._for("nudges:write", self._cancel)),
            web.get(f"{BASE}/templates", self._for("templates:read", self._list_templates), allow_head=False),
            web.get(f"{BASE}/openapi.json", self._described, allow_head=False),
        ]

    def _for(self, scope: Scope, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        return partial(self._answer, scope, handler)

    async def _answer(self, scope: Scope, handler: Handler, request: web.Request) -> web.StreamResponse:
        """Let a key's request in, and turn what is wrong with it into a problem."""
        try:
            return await handler(request, await self._key(request, scope))
        except Refused as refused:
            return refused.response()
        except Unreadable as unreadable:
            return Refused(Kind.INVALID, unreadable.faults).response()
        except self._down:
            return Refused(Kind.DOWN, headers=RETRY).response()

    async def _key(self, request: web.Request, scope: Scope) -> ApiKey:
        said = request.headers.getall("Authorization", [])
        kind, _, secret = said[0].partition(" ") if len(said) == 1 else ("", "", "")
        key = await self._keys.use(secret.strip()) if kind.lower() == "bearer" else None
        if key is None:
            raise Refused(Kind.NO_KEY, headers={"WWW-Authenticate": "Bearer"})
        if isinstance(key, TooOften):
            raise Refused(Kind.TOO_OFTEN, headers={"Retry-After": str(key.seconds)})
        if scope not in key.scopes:
            raise Refused(Kind.SCOPE)
        return key

    async def _create(self, request: web.Request, key: ApiKey) -> web.StreamResponse:
        if request.content_type != "application/json" or "Content-Encoding" in request.headers:
            raise Refused(Kind.MEDIA)
        name = read_name(request.headers.get("Idempotency-Key"))
        try:
            data = await read_body(request.content.iter_any(), BODY)
        except TooLong:
            raise Refused(Kind.TOO_LONG) from None
        answer = await self._intake.take(key, name, data)
        headers = {**HEADERS, "Idempotent-Replayed": "true"} if answer.again else HEADERS
        return web.Response(status=answer.status, text=answer.body, content_type="application/json", headers=headers)

    async def _list(self, request: web.Request, key: ApiKey) -> web.StreamResponse:
        query = read_query(list(request.query.items()))
        after = None if query.cursor is None else read_cursor(query.cursor)
        found = await self._nudges.list(
            key.id, status=query.status, template=query.template, after=after, limit=query.limit
        )
        more = cursor_of(found[-1].created_at, found[-1].id) if len(found) == query.limit else None
        return _json(models.Page(nudges=[self._shown(nudge) for nudge in found], next=more))

    async def _get(self, request: web.Request, key: ApiKey) -> web.StreamResponse:
        nudge = await self._theirs(request, key)
        events = [models.EventGiven.of(event) for event in await self._nudges.events(nudge.id)]
        return _json(models.NudgeWithEvents(**dict(self._shown(nudge)), events=events))

    async def _cancel(self, request: web.Request, key: ApiKey) -> web.StreamResponse:
        nudge = await self._theirs(request, key)
        if not await self._nudges.cancel(nudge.id, key_id=key.id):
            raise Refused(Kind.TOO_LATE)
        return _json(self._shown(await self._theirs(request, key)))

    async def _list_templates(self, _request: web.Request, _key: ApiKey) -> web.StreamResponse:
        offered = [models.TemplateGiven.of(one) for one in self._templates if not one.reviewed]
        return _json(models.TemplatesGiven(templates=offered))

    async def _described(self, _request: web.Request) -> web.StreamResponse:
        return web.json_response(self._document)

    async def _theirs(self, request: web.Request, key: ApiKey) -> Nudge:
        """The nudge of the path; another key's is none."""
        try:
            nudge = await self._nudges.get(UUID(request.match_info["id"]))
        except ValueError:
            nudge = None
        if nudge is None or nudge.key_id != key.id:
            raise Refused(Kind.UNKNOWN)
        return nudge

    def _shown(self, nudge: Nudge) -> models.NudgeGiven:
        said = None if nudge.reason is None else self._explain(nudge.reason)
        return models.NudgeGiven.of(nudge, None if said is None else dict(said))


def _json(body: BaseModel) -> web.Response:
    return web.Response(text=body.model_dump_json(), content_type="application/json", headers=HEADERS)
