"""JSON from another's server: bounded in time and size, decoded leniently, and silent about what was asked.

Errors and logs name the source and what went wrong, never an address with its parameters or a text that was sent.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Mapping
from typing import Any

import aiohttp
import stamina

_MEGABYTE = 1024 * 1024


class SourceUnavailable(Exception):
    """A source does not answer, or not with what it should; it may do so later."""


class SourceRefused(SourceUnavailable):
    """A source understood and said no: the same request will be refused again."""


class InDoubt(SourceUnavailable):
    """A request went out and no answer came back: what it asked for may have been done."""


class JsonSource:
    """One server that speaks JSON. ``name`` is its name in errors; redirects are not followed."""

    def __init__(self, name: str, base_url: str, *, timeout: float = 4.0, attempts: int = 2) -> None:
        self._name = name
        self._base = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._attempts = attempts
        self._session: aiohttp.ClientSession | None = None

    async def get(self, path: str, params: Mapping[str, str]) -> Any:
        """The decoded JSON, or ``None`` for 404. Raises ``SourceUnavailable``, after another try where one may help."""
        # A context, not a decorator: stamina logs the arguments of what it decorates.
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=self._attempts, timeout=None, wait_initial=0.1, wait_max=1.0, wait_jitter=0.1
        ):
            with attempt:
                return await self._call("GET", path, params=params)
        raise AssertionError("unreachable")

    async def post(self, path: str, form: Mapping[str, str]) -> Any:
        """The decoded JSON of one form post, never repeated here.

        Raises ``InDoubt`` when it may have been done, ``SourceRefused`` when it was turned down.
        """
        return await self._call("POST", path, data=form)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(self, method: str, path: str, **options: Any) -> Any:
        lost = InDoubt if method == "POST" else SourceUnavailable
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            async with self._session.request(
                method, f"{self._base}{path}", allow_redirects=False, **options
            ) as response:
                raw = await self._read(response, lost)
                status = response.status
        except aiohttp.ClientConnectorError as error:
            raise SourceUnavailable(f"{self._name}: {type(error).__name__}") from None  # nothing was sent
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise lost(f"{self._name}: {type(error).__name__}") from None
        if status == 404 and method == "GET":
            return None
        self._check(status, lost)
        return self._decode(raw, lost)

    async def _read(self, response: aiohttp.ClientResponse, lost: type[SourceUnavailable]) -> bytes:
        raw = bytearray()
        async for chunk in response.content.iter_chunked(64 * 1024):
            raw += chunk
            if len(raw) > _MEGABYTE:
                raise lost(f"{self._name}: an answer over 1 MB")
        return bytes(raw)

    def _check(self, status: int, lost: type[SourceUnavailable]) -> None:
        if status in {408, 429} or status >= 500:
            raise lost(f"{self._name}: status {status}")
        if not 200 <= status < 300:
            raise SourceRefused(f"{self._name}: status {status}")

    def _decode(self, raw: bytes, lost: type[SourceUnavailable]) -> Any:
        try:
            return json.loads(text(raw))
        except (ValueError, RecursionError):
            raise lost(f"{self._name}: an answer that is not JSON") from None


def text(raw: bytes) -> str:
    """Bytes as text: UTF-8 with or without a byte order mark, else Latin-1 (a Swedish list of the city's was)."""
    try:
        return raw.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _may_pass(error: Exception) -> bool:
    return isinstance(error, SourceUnavailable) and not isinstance(error, SourceRefused)
