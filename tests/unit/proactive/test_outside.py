"""Where nothing is called that others chose."""

from __future__ import annotations

import socket

import pytest
from aiohttp.abc import ResolveResult

from proactive.outside import NotOutside, Outside, check, outside

INSIDE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "fd00::1",
    "fe80::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "2002:a00:1::",
    "64:ff9b:1::a00:1",
    "::10.0.0.1",
    "::ffff:0:10.0.0.1",
    "fec0::1",
]
OUTSIDE = ["8.8.8.8", "193.166.3.2", "2001:708::1", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_no_machine_of_ours_is_called_by_its_number(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(NotOutside):
        check(f"https://{host}/hook")
    assert outside([_found(address)]) == []


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_on_the_internet_is_called(address: str) -> None:
    check(f"https://{f'[{address}]' if ':' in address else address}:8443/hook?a=b")
    assert outside([_found(address), _found("10.0.0.1")]) == [_found(address)]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://",
        "http://service.example/",
        "ftp://service.example/",
        "file:///etc/passwd",
        "https://user:secret@service.example/",
        "https://service.example/#part",
        "https://service.example:99999/",
        "https://[::1",
        "http://localhost/",
        "http://10.0.0.1/",
        "https://①②⑦.0.0.1/hook",
        "https://127。0。0。1/hook",
        "https://１６９.254.169.254/hook",
    ],
)
@pytest.mark.parametrize("loopback", [False, True])
def test_an_address_that_is_no_https_address_is_refused_and_not_repeated(url: str, loopback: bool) -> None:
    with pytest.raises(NotOutside) as refused:
        check(url, loopback=loopback)
    assert len(url) < 9 or url not in str(refused.value)


def test_this_machine_is_called_in_development_alone_and_by_its_number() -> None:
    check("http://127.0.0.1:8000/hook", loopback=True)
    with pytest.raises(NotOutside):
        check("http://127.0.0.1:8000/hook")


async def test_a_name_that_leads_to_this_machine_leads_nowhere() -> None:
    resolver = Outside()
    with pytest.raises(NotOutside):
        await resolver.resolve("localhost", 443)
    await resolver.close()


def _found(address: str) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return {"hostname": "a", "host": address, "port": 443, "family": family, "proto": 0, "flags": 0}
