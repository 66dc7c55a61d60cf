"""Calls to addresses that others chose: never to a machine of ours, whatever a name resolves to (SSRF)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

TRANSLATED = tuple(
    map(ipaddress.ip_network, ("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "fec0::/10"))
)
"""Addresses in which any IPv4 address may be hidden, and the old ones of a site."""


class NotOutside(OSError):
    """An address that nothing of others is called at; the words name no address."""


def public(address: str) -> bool:
    """Whether an IP address is anybody's on the internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    plain = getattr(found, "ipv4_mapped", None) or found
    return plain.is_global and not plain.is_multicast and not any(found in network for network in TRANSLATED)


def check(url: str, *, loopback: bool = False) -> None:
    """Raise ``NotOutside`` for an address that is not ``https`` on the internet, as far as it says itself.

    ``loopback`` also allows ``http`` to this machine by its number, for development.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
        # As it will be called: a number in other letters, such as ①, is that number.
        host = URL(url).raw_host or ""
    except ValueError:
        raise NotOutside("write an address such as https://service.example.fi/hook") from None
    number = _number(host)
    if loopback and parts.scheme == "http" and number is not None and number.is_loopback:
        return
    if parts.scheme != "https" or not host:
        raise NotOutside("write an address that begins with https://")
    if parts.username is not None or parts.fragment:
        raise NotOutside("leave a user name and what follows # out of the address")
    if number is not None and not public(host):
        raise NotOutside("write an address on the internet")


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class Outside(AbstractResolver):
    """Finds names, and gives of their addresses those on the internet alone."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses. Raises ``NotOutside`` where none is left."""
        found = outside(await self._resolver.resolve(host, port, family))
        if not found:
            raise NotOutside("a name of no address on the internet")
        return found

    async def close(self) -> None:
        """Nothing is held."""
        await self._resolver.close()


def outside(found: Sequence[ResolveResult]) -> list[ResolveResult]:
    """Those on the internet."""
    return [one for one in found if public(one["host"])]


def session(seconds: float) -> aiohttp.ClientSession:
    """Calls that end after so many seconds, whatever trickles in, and that keep nothing between them."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(resolver=Outside(), limit=100, limit_per_host=10, use_dns_cache=False),
        timeout=aiohttp.ClientTimeout(total=seconds),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )
