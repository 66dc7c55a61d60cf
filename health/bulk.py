"""A FHIR server's bulk export (FHIR Bulk Data Access 2.0, ``$export``): asked for, waited for, and fetched to files."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
import orjson
import stamina

from bot.over_http import TooLong, read_body, seconds_of
from health.fhir_schema import NEEDED

CHUNK = 1 << 18
MANIFEST = 16 << 20
"""Bytes of the longest list of files."""
ATTEMPTS = 5
Progress = Callable[[int], object]
"""Told how many bytes more were fetched."""
_PASSING = (429, 500, 502, 503, 504)


class ExportFailed(Exception):
    """The server did not give its records; the words say at which step, and never what it wrote."""


class _Passing(Exception):
    """The server asks to come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A FHIR R4 server. ``patience`` is how many seconds its export may take, ``pause`` the first wait."""

    base: str
    token: str | None = None
    patience: float = 6 * 3600.0
    pause: float = 1.0


class BulkExport:
    """Fetches one export."""

    def __init__(self, session: aiohttp.ClientSession, server: Server, progress: Progress) -> None:
        self._session = session
        self._server = server
        self._progress = progress

    async def fetch(self, folder: Path) -> list[Path]:
        """The files of the types that we read, in a folder. Raises ``ExportFailed``."""
        try:
            status = await self._start()
            files = await self._wait(status)
            paths = [await self._download(number, folder, one, files) for number, one in enumerate(_wanted(files))]
            await self._session.delete(status, headers=self._headers())  # the server need not keep them any longer
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ExportFailed(f"the FHIR server does not answer ({type(error).__name__})") from None
        return paths

    async def _start(self) -> str:
        url = f"{self._server.base.rstrip('/')}/$export"
        headers = self._headers() | {"Accept": "application/fhir+json", "Prefer": "respond-async"}
        async for attempt in self._tries(_Passing):
            with attempt:
                query = {"_type": ",".join(NEEDED), "_outputFormat": "application/fhir+ndjson"}
                async with self._session.get(url, params=query, headers=headers) as answer:
                    if answer.status in _PASSING and attempt.num < ATTEMPTS:
                        raise _Passing
                    where = answer.headers.get("Content-Location")
                    if answer.status != 202 or where is None:
                        raise ExportFailed(f"the FHIR server began no export (HTTP {answer.status})")
                    return _web(urljoin(url, where))
        raise ExportFailed("the FHIR server began no export")

    async def _wait(self, status: str) -> Mapping[str, Any]:
        """The list of files, once there is one."""
        until, pause = time.monotonic() + self._server.patience, self._server.pause
        while time.monotonic() < until:
            async with self._session.get(status, headers=self._headers() | {"Accept": "application/json"}) as answer:
                if answer.status == 200:
                    return await _manifest(answer)
                if answer.status != 202 and answer.status not in _PASSING:
                    raise ExportFailed(f"the export failed at the FHIR server (HTTP {answer.status})")
                wait = seconds_of(answer.headers.get("Retry-After"))
            await asyncio.sleep(pause if wait is None else wait)
            pause = min(pause * 2, 60.0)
        raise ExportFailed("the export was not ready in time")

    async def _download(self, number: int, folder: Path, one: Mapping[str, Any], files: Mapping[str, Any]) -> Path:
        """One file, again from its start where the connection broke."""
        path = folder / f"{number:04}-{one['type']}.ndjson"
        headers = {"Accept": "application/fhir+ndjson"}
        if files.get("requiresAccessToken"):  # where it is not asked for, the address may be of somebody else
            headers |= self._headers()
        passing = (aiohttp.ClientError, TimeoutError, _Passing)
        async for attempt in self._tries(passing):
            with attempt:
                async with self._session.get(_web(one["url"]), headers=headers) as answer:
                    if answer.status in _PASSING and attempt.num < ATTEMPTS:
                        raise _Passing
                    if answer.status != 200:
                        raise ExportFailed(f"a file of {one['type']} cannot be fetched (HTTP {answer.status})")
                    await self._write(answer, path)
        return path

    async def _write(self, answer: aiohttp.ClientResponse, path: Path) -> None:
        with path.open("wb") as file:
            async for chunk in answer.content.iter_chunked(CHUNK):
                file.write(chunk)
                self._progress(len(chunk))

    def _tries(self, on: type[Exception] | tuple[type[Exception], ...]) -> Any:
        pause = self._server.pause
        return stamina.retry_context(on=on, attempts=ATTEMPTS, wait_initial=pause, wait_jitter=pause)

    def _headers(self) -> dict[str, str]:
        return {} if self._server.token is None else {"Authorization": f"Bearer {self._server.token}"}


async def _manifest(answer: aiohttp.ClientResponse) -> Mapping[str, Any]:
    try:
        files = orjson.loads(await read_body(answer.content.iter_chunked(CHUNK), MANIFEST))
        known = [(one["type"], one["url"]) for one in files["output"]]
    except (TooLong, orjson.JSONDecodeError, KeyError, TypeError):
        raise ExportFailed("the FHIR server's list of files cannot be read") from None
    if not all(isinstance(part, str) for one in known for part in one):
        raise ExportFailed("the FHIR server's list of files cannot be read")
    found: Mapping[str, Any] = files
    return found


def _wanted(files: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in files["output"] if one["type"] in NEEDED]


def _web(url: str) -> str:
    if urlsplit(url).scheme not in ("http", "https"):
        raise ExportFailed("the FHIR server named an address that is not of the web")
    return url
