"""What every request passes: its pace, its token, the page it comes from; and what browsers ask before it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.messages import Address
from channels.webchat.parts import Parts
from channels.webchat.problems import Problem, refusal
from channels.webchat.store import DOWN
from channels.webchat.tokens import Grant
from channels.webchat.waiting import Leaving

PATIENCE = 0.5
"""Seconds in which the database says whether a conversation was ended. Without its word a message is let in: a safety
answer needs no database, and what was removed cannot be read from one that does not answer."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Door:
    """Lets requests in."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._leaving = Leaving()

    def guarded(self, handler: Handler) -> Handler:
        """The handler, with refusals as Direct Line's error object and the headers that let other pages read it."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                self._parts.manner.paces.request(self._parts.manner.peer(request))
                response = await handler(request)
            except Problem as problem:
                response = refusal(problem)
            if not response.prepared:
                response.headers.update(self._cors(request))
            return response

        return handle

    async def preflight(self, request: web.Request) -> web.Response:
        """What a browser asks before another page's request."""
        headers = {
            "Access-Control-Allow-Methods": "GET, POST, DELETE",
            "Access-Control-Allow-Headers": "authorization, content-type, x-ms-bot-agent, x-requested-with",
            "Access-Control-Max-Age": "7200",
        }
        return web.Response(status=204, headers={**headers, **self._cors(request)})

    def _cors(self, request: web.Request) -> dict[str, str]:
        origin = request.headers.get("Origin")
        if origin is None or not self._parts.origins.allowed(origin):
            return {"Vary": "Origin"}
        return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": "Retry-After", "Vary": "Origin"}

    def grant(self, request: web.Request, *, grace: float = 0) -> Grant:
        """What the request's token allows. Raises ``Problem`` 401 or 403."""
        token = bearer(request)
        if token is None:
            raise Problem(401, "MissingToken", "Send Authorization: Bearer with a token of tokens/generate.")
        return self._checked(request, self._parts.tokens.read(token, grace=grace))

    async def stream(self, request: web.Request) -> Grant:
        """What the token in a socket's address allows. Raises ``Problem`` 401, 403 or 429."""
        token = request.query.get("t")
        if not token:
            raise Problem(401, "MissingToken", "Use the streamUrl of the conversation as it is.")
        return await self._looking(self._checked(request, self._parts.tokens.read(token, use="stream")))

    async def looker(self, request: web.Request, *, grace: float = 0) -> Grant:
        """The grant of a request that says nothing new. Raises ``Problem`` 401, 403 or 429."""
        return await self._looking(self.grant(request, grace=grace))

    async def living(self, grant: Grant) -> Grant:
        """Raise ``Problem`` 403 when the citizen has ended the conversation, in whichever process."""
        try:
            ended = await self._leaving.within(PATIENCE, self._parts.store.ended(grant.conversation))
        except DOWN:
            return grant
        if ended:
            raise has_ended()
        return grant

    async def erased(self, address: Address) -> None:
        """Erase what the server keeps of a conversation. Raises ``Problem`` 503: then it is to be asked again."""
        try:
            await self._parts.manner.erase(address)
        except DOWN as error:
            raise not_now() from error

    async def _looking(self, grant: Grant) -> Grant:
        self._parts.manner.paces.look(grant.conversation)
        return await self.living(grant)

    def _checked(self, request: web.Request, grant: Grant) -> Grant:
        self._parts.origins.check(request.headers.get("Origin"), grant.origins)
        if request.match_info.get("id", grant.conversation) != grant.conversation:
            raise Problem(403, "BadConversation", "This token is for another conversation. Use its conversationId.")
        return grant


def not_now() -> Problem:
    """The database does not answer."""
    return Problem(503, "Unavailable", "Not now; ask again soon.", retry_after=5)


def has_ended() -> Problem:
    """The citizen has ended the conversation."""
    return Problem(403, "ConversationEnded", "This conversation was removed. Ask tokens/generate for another.")


def bearer(request: web.Request) -> str | None:
    """The token of a request's header."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" and given.strip() else None
