"""Pages of a site, by its sitemap: for drafts of topics. Read politely, and from that site alone.

Redirects are followed within the host, ``robots.txt`` is kept to, and one page is asked for after another.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Self
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

import aiohttp

from bot.over_http import TooLong, read_body
from knowledge.html_text import Page
from knowledge.http import SourceRefused, SourceUnavailable, check, text

_AGENT = "neuvo"
_LOCATION = re.compile(r"<loc>\s*(?:<!\[CDATA\[)?\s*([^<\]\s]+)", re.IGNORECASE)
_INDEX = re.compile(r"<sitemapindex\b", re.IGNORECASE)
_REDIRECTS = 3
_SITEMAPS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a site is read: bytes and seconds of a page, seconds between two, and how many pages at most."""

    size: int = 4 * 1024 * 1024
    timeout: float = 15.0
    pause: float = 0.5
    pages: int = 50


class Site:
    """The site of a sitemap's address, or of one page's."""

    def __init__(self, address: str, manners: Manners | None = None) -> None:
        self._address = address
        self._host = urlsplit(address).netloc
        self._manners = manners or Manners()
        self._robots = RobotFileParser()
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._manners.timeout), headers={"User-Agent": _AGENT}
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def pages(self) -> AsyncIterator[tuple[str, Page | None]]:
        """Each page with its address; ``None`` for one that cannot be read. Raises ``SourceUnavailable`` for the first.

        The first is the sitemap, or the page itself.
        """
        await self._learn_manners()
        first = await self._read(self._address)
        if "<loc>" not in first.lower():
            yield self._address, Page(first)
            return
        for place, address in enumerate((await self._listed(first))[: self._manners.pages]):
            await asyncio.sleep(self._manners.pause if place else 0)
            try:
                yield address, Page(await self._read(address))
            except SourceUnavailable:
                yield address, None

    async def _listed(self, sitemap: str) -> list[str]:
        """The addresses of a sitemap, or of the sitemaps of an index, that are this site's."""
        found = self._ours(sitemap)
        if _INDEX.search(sitemap) is None:
            return found
        inner: list[str] = []
        for address in found[:_SITEMAPS]:
            inner += self._ours(await self._read(address))
        return list(dict.fromkeys(inner))

    def _ours(self, sitemap: str) -> list[str]:
        found = (html.unescape(address) for address in _LOCATION.findall(sitemap))
        return list(dict.fromkeys(address for address in found if urlsplit(address).netloc == self._host))

    async def _learn_manners(self) -> None:
        try:
            rules = await self._read(urljoin(self._address, "/robots.txt"), known=False)
        except SourceUnavailable:
            rules = ""
        self._robots.parse(rules.splitlines())

    async def _read(self, address: str, *, known: bool = True) -> str:
        """A page's text. Raises ``SourceUnavailable``."""
        for _ in range(_REDIRECTS + 1):
            if known and not self._robots.can_fetch(_AGENT, address):
                raise SourceRefused("pages: robots.txt keeps it to itself")
            found = await self._once(address)
            if isinstance(found, str):
                return found
            address = urljoin(address, found[0])
            if urlsplit(address).netloc != self._host:
                raise SourceRefused("pages: a redirect to another host")
        raise SourceUnavailable("pages: redirects without an end")

    async def _once(self, address: str) -> str | tuple[str]:
        """The text, or where it is instead."""
        try:
            async with self._session.get(address, allow_redirects=False) as response:
                target = response.headers.get("Location")
                if response.status in {301, 302, 303, 307, 308} and target:
                    return (target,)
                check("pages", response.status, response.headers.get("Retry-After"))
                raw = await read_body(response.content.iter_any(), self._manners.size)
        except TooLong:
            raise SourceUnavailable(f"pages: a page over {self._manners.size >> 20} MB") from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise SourceUnavailable(f"pages: {type(error).__name__}") from None
        return text(raw)
