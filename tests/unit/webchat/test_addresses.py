"""The names under which the server is reached: localhost and 127.0.0.1, and a proxy with TLS in front."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import pytest

from channels.webchat.gate import Origins
from tests.unit.webchat.server import Server, next_texts, serving

SITE = "https://chat.example.fi"


async def _stream_of(server: Server, headers: Mapping[str, str]) -> str:
    """The socket's address that a page with these headers gets, of a new chat and after a reconnect alike."""
    citizen = await server.begin(**headers)
    async with server.http.get(citizen.url, headers={**headers, **citizen.headers}) as response:
        again = urlsplit((await response.json())["streamUrl"])
    first = urlsplit(citizen.opened["streamUrl"])
    assert (again.scheme, again.netloc, again.path) == (first.scheme, first.netloc, first.path)
    return f"{first.scheme}://{first.netloc}"


async def _policy(server: Server, headers: Mapping[str, str]) -> dict[str, str]:
    async with server.http.get(f"{server.url}/", headers=headers) as response:
        assert response.status == 200
        rules = response.headers["Content-Security-Policy"].split("; ")
    return dict(rule.split(" ", 1) for rule in rules)


@pytest.mark.parametrize("development", [True, False])
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "LocalHost"])
async def test_a_page_of_this_machine_works_under_each_of_its_names(
    database_url: str, name: str, development: bool
) -> None:
    async with serving(database_url, development=development) as server:
        port = urlsplit(server.url).port
        page = f"http://{name.lower()}:{port}"
        headers = {"Host": f"{name}:{port}", "Origin": page}
        stream = await _stream_of(server, headers)
        assert stream == page.replace("http", "ws", 1)
        assert stream in (await _policy(server, headers))["connect-src"].split()
        citizen = await server.begin(**headers)
        async with server.http.ws_connect(citizen.opened["streamUrl"], headers={"Origin": page}) as socket:
            async with server.http.post(
                f"{citizen.url}/activities",
                headers={**headers, **citizen.headers},
                json={"type": "message", "text": "moi"},
            ) as response:
                assert response.status == 200
            assert [one["text"] for one in await next_texts(socket, 2)] == ["moi", "Kuulin: moi"]


@pytest.mark.parametrize("host", ["chat.example.fi", "127.0.0.1:8080", "localhost", "evil.example", "a b", "[::1", ""])
async def test_behind_a_proxy_with_tls_the_public_address_counts_alone(database_url: str, host: str) -> None:
    async with serving(database_url, public_url=SITE, development=False) as server:
        headers = {"Host": host, "Origin": SITE}
        assert await _stream_of(server, headers) == "wss://chat.example.fi"
        policy = await _policy(server, headers)
        assert policy["connect-src"] == f"'self' {SITE} wss://chat.example.fi"
        assert policy["frame-ancestors"] == f"'self' {SITE}"
        for foreign in ("http://localhost", "http://chat.example.fi", "https://evil.example", "null"):
            async with server.http.post(f"{server.base}/tokens/generate", headers={"Origin": foreign}) as response:
                assert response.status == 403
                assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    ("public_url", "host", "expected"),
    [
        ("http://127.0.0.1:8080", "localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080", "[::1]:8080", "http://[::1]:8080"),
        ("http://127.0.0.1:0", "127.0.0.1:41234", "http://127.0.0.1:41234"),
        ("http://0.0.0.0:8080", "localhost:8080", "http://localhost:8080"),
        ("http://0.0.0.0:8080", "192.168.1.5:8080", "http://192.168.1.5:8080"),
        ("http://127.0.0.1:8080", "evil.example", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080", "localhost:99999", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080", "localhost; script-src *", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080", "evil.example@localhost:8080", "http://localhost:8080"),
        ("https://chat.example.fi/neuvo/", "localhost:8080", "https://chat.example.fi/neuvo"),
    ],
)
def test_a_host_that_is_not_ours_is_never_repeated(public_url: str, host: str, expected: str) -> None:
    origins = Origins(public_url, ["http://192.168.1.5:8080"], development=True)
    assert origins.reached_at(host) == expected
    assert origins.reached_at(None) == public_url.rstrip("/")


def test_pages_of_every_origin_only_when_it_is_said() -> None:
    assert Origins(SITE, ["*"], development=False).allowed("https://news.example")
    assert not Origins(SITE, [], development=False).allowed("https://news.example")
