"""The HTTP side of a process: the channels' routes, health, metrics, and errors in plain words."""

from __future__ import annotations

import contextlib
import ipaddress
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot import metrics
from bot.app import App
from bot.database import DOWN, check_schema
from bot.logs import AccessLogger, route_of
from bot.settings_fields import Network
from channels.base import Holding

BODY = 1024 * 1024
"""The most bytes of a request's body."""

logger = structlog.stdlib.get_logger("http")


class Health:
    """Whether this process should be sent requests."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.stopping = False

    async def alive(self, _request: web.Request) -> web.Response:
        """200 as long as the event loop turns."""
        return web.json_response({"status": "ok"})

    async def ready(self, _request: web.Request) -> web.Response:
        """200 when messages can be kept; 503 with the reason otherwise."""
        reason = await self._reason()
        if reason is None:
            return web.json_response({"status": "ready"})
        return web.json_response({"status": "not ready", "reason": reason}, status=503)

    async def _reason(self) -> str | None:
        if self.stopping:
            return "stopping"
        try:
            current = await check_schema(self._app.database)
        except DOWN:
            return "the database does not answer; safety answers are still given"
        try:
            await self._app.keys.check()
        except DOWN:
            return "the keys of persons cannot be read; safety answers are still given"
        return None if current else "the database has older tables; run `neuvo db migrate`"


async def _metrics(_request: web.Request) -> web.Response:
    return web.Response(body=metrics.exposition(), headers={"Content-Type": metrics.CONTENT_TYPE})


async def _picture(app: App, request: web.Request) -> web.Response:
    """A citizen's picture, for the desk that was given its address."""
    try:
        photo = await app.engine.photos.shared(request.match_info["token"])
    except DOWN as error:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "5"}) from error
    if photo is None:
        raise web.HTTPNotFound
    headers = {
        "Cache-Control": "private, no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "X-Robots-Tag": "noindex",
    }
    return web.Response(body=photo.data, content_type=photo.content_type, headers=headers)


GONE = 499
"""How a request is counted whose client left before the answer."""


@web.middleware
async def _guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Count the request; an error of ours becomes a plain 500 without its words."""
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    except ConnectionError:  # the client has left: nobody is there to be answered
        status = GONE
        raise
    except Exception as error:  # the one catch-all of a request
        logger.exception("request_failed", route=route_of(request), method=request.method, exc_info=error)
        return web.json_response({"error": {"code": "ServerError", "message": "Try again."}}, status=500)
    else:
        return response
    finally:
        metrics.requests.labels(request.method, route_of(request), status).inc()


async def _hang_up(app: App, _site: web.Application) -> None:
    """Open sockets end at once; else the server waits for them until its patience ends."""
    for channel in app.channels.values():
        if isinstance(channel, Holding):
            await channel.hang_up()


def application(app: App, health: Health, more: Sequence[web.AbstractRouteDef] = ()) -> web.Application:
    """All routes of a serving process; ``more`` are those that not every process has."""
    site = web.Application(client_max_size=BODY, middlewares=[_guarded])
    site.add_routes(
        [web.get("/healthz", health.alive), web.get("/readyz", health.ready), web.get("/metrics", _metrics)]
    )
    site.add_routes([web.get("/photos/{token}", partial(_picture, app))])
    site.add_routes(app.routes)
    site.add_routes(more)
    site.on_shutdown.append(partial(_hang_up, app))
    return site


_WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<four>[0-9.]+))(?::[0-9]+)?")


def _address(said: str) -> str:
    """An address as it is compared and counted; what is none stays what it is."""
    parts = _WITH_PORT.fullmatch(said)
    bare = said if parts is None else parts["six"] or parts["four"] or said
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return said
    return str(getattr(found, "ipv4_mapped", None) or found)


def peer_behind(proxies: Sequence[Network]) -> Callable[[web.Request], str]:
    """Who sent a request: the last address that a listed proxy did not add itself, else the connection's own.

    It is without a port, which some proxies write behind it and which differs with every connection, and an IPv4
    address is written as such where the socket hears both kinds.
    """

    def trusted(address: str) -> bool:
        with contextlib.suppress(ValueError):
            return any(ipaddress.ip_address(address) in network for network in proxies)
        return False

    def peer(request: web.Request) -> str:
        said = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")
        hops = [_address(hop.strip()) for hop in said if hop.strip()]
        found = _address(request.remote or "")
        while hops and trusted(found):
            found = hops.pop()
        return found

    return peer


async def listen(
    site: web.Application, host: str, port: int, *, wait: float = 5.0
) -> tuple[int, Callable[[], Awaitable[None]]]:
    """Serve until the returned function is called; gives the port as well (any free one for 0).

    ``wait`` is how many seconds open requests have to end when it stops.
    """
    # No body is decompressed: nobody who calls us compresses, and a hundred kilobytes can unfold to as many megabytes,
    # which holds up every conversation, even of a request that is refused.
    runner = web.AppRunner(
        site, access_log_class=AccessLogger, shutdown_timeout=wait, handle_signals=False, auto_decompress=False
    )
    await runner.setup()
    tcp = web.TCPSite(runner, host, port)
    try:
        await tcp.start()
    except OSError:
        await runner.cleanup()
        raise
    return runner.addresses[0][1], runner.cleanup
