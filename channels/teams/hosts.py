"""The hosts that we talk to: Microsoft's, or those that the operator names. Nobody else is called or gets a token."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

SERVICE_HOSTS = ("smba.trafficmanager.net", "*.botframework.com")
"""Where Teams' connector is in the public cloud."""
FILE_HOSTS = ("*.sharepoint.com",)
"""Where files lie that people send in a chat; they are fetched without a token."""
LONGEST = 8_000
"""Characters of an address: those of files carry a token of their own, and are long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """``service`` and ``files`` are host names, ``*.`` in front for all below one.

    In ``development`` this machine may be called without TLS. With ``anonymous`` a connector on this machine is one of
    the service hosts, and is sent no token.
    """

    service: Sequence[str] = SERVICE_HOSTS
    files: Sequence[str] = FILE_HOSTS
    development: bool = False
    anonymous: bool = False

    def service_url(self, url: str) -> str | None:
        """The address of a connector with its closing slash; ``None`` when it is not one that we call."""
        parts = self._parts(url)
        if parts is None or parts.query or parts.fragment or not self.is_service(url):
            return None
        return url if url.endswith("/") else f"{url}/"

    def is_service(self, url: str) -> bool:
        """Whether it is at a service host."""
        parts = self._parts(url)
        return parts is not None and (_among(parts, self.service) or (self.anonymous and _loopback(parts)))

    def takes_token(self, url: str) -> bool:
        """Whether our token may go there."""
        parts = self._parts(url)
        return parts is not None and _among(parts, self.service)

    def has_files(self, url: str) -> bool:
        """Whether it is at a host of files."""
        parts = self._parts(url)
        return parts is not None and _among(parts, self.files)

    def _parts(self, url: str) -> SplitResult | None:
        """The parts of an address that is whole and safe on the way."""
        if len(url) > LONGEST or not url.isascii() or not url.isprintable() or "\\" in url or " " in url:
            return None
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return None
        if not parts.hostname or "@" in parts.netloc:
            return None
        if parts.scheme == "https" and port in (None, 443):
            return parts
        return parts if self.development and parts.scheme in ("http", "https") and _loopback(parts) else None


def _among(parts: SplitResult, hosts: Sequence[str]) -> bool:
    name = (parts.hostname or "").lower()
    return any(name.endswith(host[1:].lower()) if host.startswith("*.") else name == host.lower() for host in hosts)


def _loopback(parts: SplitResult) -> bool:
    return is_loopback(parts.hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
