"""Who may take a token without a secret, and use it: pages of allowed origins."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from channels.webchat.problems import Problem


def origin_of(url: str) -> str:
    """Scheme, host and port of an address as browsers write them in ``Origin``."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


def is_loopback(host: str | None) -> bool:
    """Whether an address or host name is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def is_here(host: str | None) -> bool:
    """Whether it is this machine, or all of its addresses (``0.0.0.0``): an address to listen on, not to reach."""
    return is_loopback(host) or host in ("0.0.0.0", "::")  # noqa: S104  compared, not bound


ANY = "*"
"""Among the origins: pages of every origin."""


class Origins:
    """The pages that may talk to this server. Our own page's origin is always one of them."""

    def __init__(self, public_url: str, others: Sequence[str], *, development: bool) -> None:
        """In ``development`` every page and program of this machine is allowed too. ``*`` in ``others`` is any page."""
        self._public_url = public_url.rstrip("/")
        self.own = origin_of(public_url)
        self._at_home = is_here(urlsplit(public_url).hostname)
        self.all = tuple(
            dict.fromkeys((*self._names(), *(each if each == ANY else origin_of(each) for each in others)))
        )
        self._development = development

    def allowed(self, origin: str) -> bool:
        """Whether a page of this origin may talk to us."""
        return origin in self.all or ANY in self.all or (self._development and self._is_ours(origin))

    def may_begin(self, origin: str | None, peer: str | None) -> bool:
        """Whether a request without a secret may have a token: browsers send ``Origin`` with every POST."""
        if origin is not None:
            return self.allowed(origin)
        return self._development and is_loopback(peer)

    def check(self, origin: str | None, bound: tuple[str, ...] | None) -> None:
        """Raise ``Problem`` 403 when a token is shown by a page that it was not made for.

        Browsers leave ``Origin`` out of a page's GET to its own server, so its absence proves nothing.
        """
        if origin is None or (origin in bound if bound is not None else self.allowed(origin)):
            return
        raise Problem(403, "BadOrigin", "This token was made for another page. Ask tokens/generate for one.")

    def reached_at(self, host: str | None) -> str:
        """The address under which the client that sent this ``Host`` reaches us, without a closing slash.

        It is the public address, whatever a proxy makes of ``Host``, unless that address is this machine's own, which
        has several names: then it is the one that the browser used, since pages may connect to their own origin.
        """
        if not self._at_home or not host:
            return self._public_url
        try:
            found = origin_of(f"{urlsplit(self._public_url).scheme}://{host}")
        except ValueError:
            return self._public_url
        known = found in self.all or (self._development and self._is_ours(found))
        return found if known else self._public_url

    def _names(self) -> Sequence[str]:
        """Our own origin, and the other names of this machine when it is one of them."""
        if not self._at_home:
            return (self.own,)
        parts = urlsplit(self.own)
        port = "" if parts.port is None else f":{parts.port}"
        return (self.own, *(f"{parts.scheme}://{name}{port}" for name in ("127.0.0.1", "localhost", "[::1]")))

    def _is_ours(self, origin: str) -> bool:
        try:
            parts = urlsplit(origin)
            return parts.scheme in ("http", "https") and is_loopback(parts.hostname)
        except ValueError:
            return False
