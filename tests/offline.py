"""No test talks to another machine: an audit hook sees every connection and look-up of the test process.

Processes that a test starts (a browser, a server) are not seen; they are started with their own means of staying home.
"""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

EVENTS = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0}
"""Audit events, and where in their arguments the address or the name is."""
attempts: list[str] = []
"""What was tried since the list was cleared, so that a test fails even if its code swallows the error."""


class OffMachineError(OSError):
    """A test tried to reach another machine."""


def is_local(address: Any) -> bool:
    """Whether an address of ``connect`` or a name of ``getaddrinfo`` is this machine's."""
    host = address[0] if isinstance(address, tuple) and address else address
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost") or (isinstance(address, str) and address.startswith("/")):
        return True
    if not isinstance(host, str):
        return isinstance(address, bytes | int)
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.endswith(".localhost") or host == socket.gethostname()
    return found.is_loopback or found.is_unspecified


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    place = EVENTS.get(event)
    if place is None:
        return
    if place and getattr(arguments[0], "family", None) not in (socket.AF_INET, socket.AF_INET6):
        return
    address = arguments[place]
    if address is not None and not is_local(address):
        attempts.append(f"{event} {address!r}")
        raise OffMachineError(f"tests stay on this machine: {event} {address!r}")


def install() -> None:
    """Watch from now on; a hook cannot be taken away."""
    sys.addaudithook(_audit)
