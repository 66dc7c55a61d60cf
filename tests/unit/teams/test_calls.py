"""Who may post: every bad token is turned away alike, nothing is stored, and nobody else hears of it."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from channels.kind import SetUpFailed
from tests.contract.teams_stand import APP_ID, Stand
from tests.unit.teams.server import house_for, process, serving, settings_for

Bad = dict[str, Any]

BAD: dict[str, Bad] = {
    "wrong signer": {"signed_by": "other", "kid": "first"},
    "unknown key": {"signed_by": "other"},
    "no algorithm": {"algorithm": "none"},
    "symmetric": {"algorithm": "HS256", "kid": "first"},
    "expired": {"exp": 1_600_000_000},
    "not yet": {"nbf": 4_000_000_000},
    "another bot": {"aud": "00000000-0000-0000-0000-000000000000"},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.test"},
    "no issuer": {"iss": None},
    "the emulator's issuer": {
        "iss": "https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/",
        "appid": APP_ID,
        "ver": "1.0",
    },
    "a skill's": {"iss": "https://sts.windows.net/x/", "ver": "2.0", "azp": "22222222-0000-0000-0000-000000000000"},
    "another service": {"serviceurl": "https://evil.test/"},
    "no service": {"serviceurl": None},
    "a service that is no text": {"serviceurl": ["x"]},
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_token_is_401_and_nothing_is_stored(database_url: str, name: str) -> None:
    async with serving(database_url) as server:
        status, body = await server.post(server.stand.activity(), server.stand.token(**BAD[name]))
        assert (status, body) == (401, {"error": {"code": "Unauthorized"}})
        assert server.neighbour.calls == 0
        assert await server.rows() == 0


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer garbage", "Bearer a.b.c", "Basic eDp5", "ä"])
async def test_no_token_at_all_is_401_whatever_the_body(database_url: str, header: str | None) -> None:
    async with serving(database_url) as server:
        headers = {} if header is None else {"Authorization": header}
        for data in (b"{}", b"nonsense", b""):
            async with server.http.post(server.url, data=data, headers=headers) as response:
                assert response.status == 401
        assert server.neighbour.calls == 0
        assert server.stand.key_requests == 0


async def test_forged_unauthenticated_service_url_is_stored_nowhere_and_called_never(database_url: str) -> None:
    # TM-06
    async with serving(database_url) as server:
        for token in (None, server.stand.token(serviceurl="https://evil.test/x")):
            status, _ = await server.post(server.stand.activity(serviceUrl="https://evil.test/"), token)
            assert status == 401
        assert await server.rows() == 0


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/",
        "https://smba.trafficmanager.net.evil.test/",
        "http://smba.trafficmanager.net/emea/",
        "https://user@smba.trafficmanager.net/emea/",
        "https://smba.trafficmanager.net:8443/",
        "https://botframework.com.evil.test/",
        "https://smba.trafficmanager.net\\@evil.test/",
        "https://smba.trafficmanager.net/?x=1",
        "ftp://smba.trafficmanager.net/",
        "nonsense",
    ],
)
async def test_a_signed_service_url_of_an_unknown_host_is_turned_away(database_url: str, url: str) -> None:
    async with serving(database_url, service_hosts=("smba.trafficmanager.net", "*.botframework.com")) as server:
        status, _ = await server.post(server.stand.activity(serviceUrl=url), server.stand.token(serviceurl=url))
        assert status == 403
        assert await server.rows() == 0
        assert server.neighbour.calls == 0


async def test_a_service_without_tls_is_for_development_alone(database_url: str) -> None:
    async with serving(database_url, house={"development": False}) as server:
        status, _ = await server.post(server.stand.activity())
        assert status == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 50_000, 400),
        (b'{"type": 7}', 400),
        (b'"message"', 400),
        (b"x" * (1024 * 1024 + 1), 413),
    ],
)
async def test_a_malformed_body_of_a_genuine_caller_is_400(database_url: str, body: bytes, status: int) -> None:
    async with serving(database_url) as server:
        assert (await server.post(body))[0] == status
        assert server.neighbour.calls == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"type": None},
        {"id": None},
        {"serviceUrl": None},
        {"channelId": "webchat"},
        {"conversation": None},
        {"conversation": "x"},
        {"conversation": {"id": "a|b", "tenantId": "t"}},
        {"recipient": {}},
        {"text": 7},
        {"value": "v" * 4_001},
        {"attachments": {}},
        {"entities": "x"},
        {"from": ["x"]},
        {"locale": {}},
    ],
)
async def test_a_malformed_activity_is_400(database_url: str, changes: dict[str, Any]) -> None:
    async with serving(database_url) as server:
        assert (await server.post(server.stand.activity(**changes)))[0] == 400
        assert server.neighbour.calls == 0
        assert await server.rows() == 0


async def test_keys_are_fetched_once_for_all_who_wait_and_hold_up_nobody(database_url: str) -> None:
    async with serving(database_url) as server:
        server.stand.keys_delay = 0.3
        longest = asyncio.create_task(_longest_pause(0.25))
        answers = await asyncio.gather(*(server.post(server.stand.activity()) for _ in range(20)))
        assert [status for status, _ in answers] == [200] * 20
        assert server.stand.key_requests == 1
        assert await longest < 0.2


async def test_a_new_key_is_found_and_unknown_ones_ask_for_nothing(database_url: str, monkeypatch: Any) -> None:
    async with serving(database_url) as server:
        assert (await server.post(server.stand.activity()))[0] == 200
        for number in range(5):
            forged = server.stand.token(signed_by="other", kid=f"made-up-{number}")
            assert (await server.post(server.stand.activity(), forged))[0] == 401
        assert server.stand.key_requests == 1
        server.stand.keys = ["second"]
        monkeypatch.setattr("channels.teams.keys.UNKNOWN", 0.0)
        assert (await server.post(server.stand.activity(), server.stand.token(signed_by="second")))[0] == 200
        assert server.stand.key_requests == 2


async def test_without_keys_nothing_is_known_and_teams_tries_again(database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setattr("channels.teams.keys.PAUSE", 0.0)
    async with serving(database_url) as server:
        server.stand.keys_status = 500
        assert (await server.post(server.stand.activity()))[0] == 503
        server.stand.keys_status = 200
        assert (await server.post(server.stand.activity()))[0] == 200
        server.stand.keys_status = 500
        monkeypatch.setattr("channels.teams.keys.FRESH", 0.0)
        assert (await server.post(server.stand.activity()))[0] == 200, "the last keys serve on"


async def test_a_busy_database_is_503_and_nothing_else(database_url: str) -> None:
    async with serving(database_url) as server:
        server.neighbour.unavailable = True
        status, _ = await server.post(server.stand.activity())
        assert status == 503


async def test_a_playground_of_this_machine_is_let_in_only_when_asked_for(database_url: str) -> None:
    async with serving(database_url, anonymous=True) as server:
        assert (await server.post(server.stand.activity(), None))[0] == 200
        assert (await server.post(server.stand.activity(), "garbage"))[0] == 401
        async with server.http.post(
            server.url, json=server.stand.activity(), headers={"X-Forwarded-For": "127.0.0.1"}
        ) as response:
            assert response.status == 401, "a proxy of this machine is not this machine"
    async with serving(database_url) as server:
        assert (await server.post(server.stand.activity(), None))[0] == 401


async def test_a_playground_elsewhere_is_not_let_in(database_url: str) -> None:
    async with serving(database_url, anonymous=True, house={"peer": lambda _: "192.0.2.1"}) as server:
        assert (await server.post(server.stand.activity(), None))[0] == 401


def test_serving_refuses_to_be_open_to_all() -> None:
    pool: Any = None
    settings = settings_for(Stand(url="http://127.0.0.1:1"), anonymous=True)
    with pytest.raises(SetUpFailed, match="NEUVO_TEAMS_ANONYMOUS"):
        make_it(settings, house_for(pool, development=False))


def make_it(settings: Any, house: Any) -> Any:
    from channels.teams.kind import make  # noqa: PLC0415

    return make(settings, house)


async def test_two_bots_of_one_machine_have_their_own_keys(database_url: str) -> None:
    async with serving(database_url) as one, serving(database_url) as other:
        for server in (one, other):
            assert (await server.post(server.stand.activity()))[0] == 200
        async with process(database_url, one.stand) as again:
            assert (await again.post(one.stand.activity()))[0] == 200


async def _longest_pause(seconds: float) -> float:
    """The longest time for which the event loop did nothing else, over some seconds."""
    end, longest = time.monotonic() + seconds, 0.0
    while (before := time.monotonic()) < end:
        await asyncio.sleep(0.005)
        longest = max(longest, time.monotonic() - before)
    return longest
