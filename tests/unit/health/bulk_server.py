"""A FHIR server that exports: it lets wait, is busy once, and breaks a download off when it is told to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bot.http import listen

TOKEN = "token of a test"


@dataclass
class Exporting:
    """What it serves, and what it was asked."""

    files: Mapping[str, bytes]
    statuses: list[int] = field(default_factory=lambda: [202, 429, 202])
    """What it answers to who waits, before the files are ready."""
    broken: int = 0
    """How many downloads it breaks off."""
    refused: int = 0
    """With what it refuses to begin, if it does."""
    guarded: bool = True
    asked: list[web.Request] = field(default_factory=list)
    deleted: bool = False
    base: str = ""

    async def begin(self, request: web.Request) -> web.Response:
        """``$export``."""
        self.asked.append(request)
        if request.headers.get("Authorization") != f"Bearer {TOKEN}" or request.headers["Prefer"] != "respond-async":
            return web.Response(status=401)
        if self.refused:
            return web.Response(status=self.refused)
        return web.Response(status=202, headers={"Content-Location": "/jobs/1"})

    async def status(self, request: web.Request) -> web.Response:
        """How far it is."""
        self.asked.append(request)
        if self.statuses:
            return web.Response(status=self.statuses.pop(0), headers={"Retry-After": "0", "X-Progress": "half"})
        output = [{"type": name.partition("-")[0], "url": f"{self.base}/files/{name}"} for name in self.files]
        return web.json_response({"requiresAccessToken": self.guarded, "output": output, "error": []})

    async def end(self, _request: web.Request) -> web.Response:
        """The files are not needed any more."""
        self.deleted = True
        return web.Response(status=202)

    async def file(self, request: web.Request) -> web.StreamResponse:
        """One file."""
        self.asked.append(request)
        data = self.files[request.match_info["name"]]
        answer = web.StreamResponse(headers={"Content-Length": str(len(data))})
        await answer.prepare(request)
        if self.broken:
            self.broken -= 1
            await answer.write(data[: len(data) // 2])
            if request.transport is not None:
                request.transport.close()
            return answer
        await answer.write(data)
        return answer


@asynccontextmanager
async def serving(server: Exporting) -> AsyncIterator[str]:
    """Its base address."""
    app = web.Application()
    app.add_routes(
        [
            web.get("/fhir/$export", server.begin),
            web.get("/jobs/1", server.status),
            web.delete("/jobs/1", server.end),
            web.get("/files/{name}", server.file),
        ]
    )
    port, close = await listen(app, "127.0.0.1", 0, wait=0.1)
    server.base = f"http://127.0.0.1:{port}"
    try:
        yield f"{server.base}/fhir"
    finally:
        await close()
