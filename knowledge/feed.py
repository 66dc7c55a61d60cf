"""All rows of a source, from its address or from a file: one array, or pages that name the next one.

Bounded in bytes, pages and time. Redirects are not followed, and a next page is asked for at the same host alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
import stamina

from knowledge.http import SourceRefused, SourceUnavailable, check
from knowledge.items import Items, NotJSON

_CHUNK = 64 * 1024
_LISTS = ("results", "data")
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one import: bytes, pages, seconds in all, seconds of silence, and tries of each page."""

    size: int = 400 * 1024 * 1024
    pages: int = 5000
    seconds: float = 1800.0
    silence: float = 30.0
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """What a source said of its last answer, to be asked whether there is a newer one."""

    etag: str | None = None
    modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The headers of a conditional request."""
        wanted = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in wanted.items() if value}


class Feed:
    """The rows at ``address`` (http, https, or a path). ``name`` is its name in errors.

    After the rows have been read, ``seen`` and ``unchanged`` (nothing newer than ``since``) are known; ``expected`` is
    the number of rows as soon as a page has said it.
    """

    def __init__(
        self,
        name: str,
        address: str,
        params: Mapping[str, str] | None = None,
        *,
        since: Seen | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.seen = Seen()
        self.unchanged = False
        self.expected: int | None = None
        self._name = name
        self._address = address
        self._params = dict(params or {})
        self._since = since or Seen()
        self._limits = limits or Limits()
        self._read = 0
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def rows(self) -> AsyncGenerator[Any, None]:
        """Each row as it arrives. Raises ``SourceUnavailable`` at the first thing that makes the whole doubtful."""
        try:
            async with asyncio.timeout(self._limits.seconds):
                async for row in self._pages():
                    yield row
        except NotJSON as error:
            raise SourceUnavailable(f"{self._name}: {error}") from None
        except TimeoutError:
            raise SourceUnavailable(f"{self._name}: TimeoutError") from None

    async def _pages(self) -> AsyncGenerator[Any, None]:
        address: str | None = self._address
        visited: set[str] = set()
        while address is not None:
            if address in visited or len(visited) >= self._limits.pages:
                raise SourceUnavailable(f"{self._name}: pages without an end")
            visited.add(address)
            following = None
            async for item in self._page(address):
                listed = self._listed(item)
                if listed is None:
                    yield item
                    continue
                for row in listed:
                    yield row
                following = self._next(address, item)
            if following is not None:
                self.seen = Seen()  # what the first page says is not said of the others
            address = following

    def _listed(self, item: Any) -> list[Any] | None:
        """The rows of a page; ``None`` for a row. Pages are told from rows by their list."""
        found = [item[key] for key in _LISTS if isinstance(item, dict) and isinstance(item.get(key), list)]
        if not found:
            return None
        meta = item.get("meta")
        count = (meta if isinstance(meta, dict) else item).get("count")
        if isinstance(count, int) and 0 < count < 10**7:
            self.expected = count
        return list(found[0])

    def _next(self, address: str, page: dict[str, Any]) -> str | None:
        meta = page.get("meta")
        following = (meta if isinstance(meta, dict) else page).get("next")
        if not isinstance(following, str) or not following:
            return None
        here, there = urlsplit(address), urlsplit(urljoin(address, following))
        if not here.scheme.startswith("http") or there.hostname != here.hostname:
            raise SourceRefused(f"{self._name}: a next page at another host")
        # A server behind a proxy may name its own scheme and port: those that were set are the right ones.
        return there._replace(scheme=here.scheme, netloc=here.netloc).geturl()

    async def _page(self, address: str) -> AsyncGenerator[Any, None]:
        items = Items()
        async with self._bytes(address) as chunks:
            async for chunk in chunks:
                self._read += len(chunk)
                if self._read > self._limits.size:
                    raise SourceUnavailable(f"{self._name}: an answer over {self._limits.size >> 20} MB")
                for item in items.feed(chunk):
                    yield item
        for item in self._rest(items):
            yield item

    def _rest(self, items: Items) -> Iterator[Any]:
        if not self.unchanged:
            yield from items.end()

    @asynccontextmanager
    async def _bytes(self, address: str) -> AsyncIterator[AsyncIterator[bytes]]:
        if not address.startswith(("http://", "https://")):
            with await asyncio.to_thread(Path(address).open, "rb") as file:
                yield _of_file(file)
            return
        response = await self._opened(address)
        async with response:
            try:
                yield response.content.iter_chunked(_CHUNK)
            except (aiohttp.ClientError, OSError) as error:
                raise SourceUnavailable(f"{self._name}: {type(error).__name__}") from None

    async def _opened(self, address: str) -> aiohttp.ClientResponse:
        """The answer to a page with its body to come; only until here another try can help."""
        async for attempt in stamina.retry_context(
            on=_may_pass, attempts=self._limits.attempts, timeout=None, wait_initial=0.2, wait_max=5.0, wait_jitter=0.2
        ):
            with attempt:
                return await self._asked(address)
        raise AssertionError("unreachable")

    async def _asked(self, address: str) -> aiohttp.ClientResponse:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, connect=10.0, sock_read=self._limits.silence)
            self._session = aiohttp.ClientSession(timeout=timeout)
        first = address == self._address
        try:
            response = await self._session.get(
                address,
                params=self._params if first else None,
                headers=self._since.headers() if first else None,
                allow_redirects=False,
            )
        except (aiohttp.ClientError, OSError) as error:
            raise SourceUnavailable(f"{self._name}: {type(error).__name__}") from None
        if response.status == 304 and first:
            self.unchanged, self.seen = True, self._since
            return response
        if response.status != 200:
            response.close()
            check(self._name, response.status, response.headers.get("Retry-After"))
        if first:
            self.seen = Seen(response.headers.get("ETag"), response.headers.get("Last-Modified"))
        return response


async def _of_file(file: Any) -> AsyncIterator[bytes]:
    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk


def _may_pass(error: Exception) -> bool | float:
    if not isinstance(error, SourceUnavailable) or isinstance(error, SourceRefused):
        return False
    if error.retry_after is None:
        return True
    return error.retry_after if error.retry_after <= _PATIENCE else False
