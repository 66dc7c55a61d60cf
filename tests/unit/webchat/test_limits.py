"""How much one conversation and one network may ask for, and what they are told."""

from __future__ import annotations

import ipaddress

import aiohttp
import pytest
from aiohttp.test_utils import make_mocked_request

from bot.http import peer_behind
from channels.webchat.pace import Pace, Paces, Rate, network
from channels.webchat.parts import Manner
from channels.webchat.problems import Problem
from channels.webchat.talk import MOST_STREAMS
from tests.unit.turn.house import until
from tests.unit.webchat.files import drawn, form
from tests.unit.webchat.server import MUCH, Citizen, Server, serving

FEW = Rate(3, 0.1)


def _paces(**few: Rate) -> Manner:
    rates = {**dict.fromkeys(("begin", "address", "talk", "look", "pictures"), MUCH), **few}
    return Manner(paces=Paces(**rates))  # type: ignore[arg-type]  # none of them is the clock


async def _refused(server: Server, method: str, url: str, **options: object) -> bool:
    async with server.http.request(method, url, **options) as response:  # type: ignore[arg-type]
        if response.status != 429:
            assert response.status < 300, await response.text()
            return False
        assert 1 <= int(response.headers["Retry-After"]) <= 60
        assert (await response.json())["error"]["code"] == "TooManyRequests"
        return True


async def _until_refused(server: Server, method: str, url: str, citizen: Citizen, **options: object) -> int:
    for number in range(10):
        if await _refused(server, method, url, headers=citizen.headers, **options):
            return number
    return 10


async def test_messages_of_one_conversation_are_limited_and_of_another_are_not(database_url: str) -> None:
    async with serving(database_url, manner=_paces(talk=FEW)) as server:
        citizen, other = await server.begin(), await server.begin()
        message = {"type": "message", "text": "moi"}
        assert await _until_refused(server, "POST", f"{citizen.url}/activities", citizen, json=message) == 3
        async with server.http.post(f"{server.base}/tokens/refresh", headers=citizen.headers) as response:
            citizen.opened["token"] = (await response.json())["token"]
        assert await _until_refused(server, "POST", f"{citizen.url}/activities", citizen, json=message) == 0
        assert len(server.neighbour.kept) == 3
        await other.say("moi")


async def test_pictures_are_limited_by_their_number(database_url: str) -> None:
    async with serving(database_url, manner=_paces(pictures=FEW)) as server:
        citizen = await server.begin()
        message = {"type": "message"}
        assert (await citizen.upload(form(drawn(), drawn(), **message)))[0] == 200
        assert (await citizen.upload(form(drawn(), drawn(), **message)))[0] == 429
        assert (await citizen.upload(form(drawn(), **message)))[0] == 200


@pytest.mark.parametrize(
    ("method", "tail"), [("GET", ""), ("GET", "/activities"), ("GET", "/stream"), ("DELETE", ""), ("POST", "refresh")]
)
async def test_what_says_nothing_is_limited_too(database_url: str, method: str, tail: str) -> None:
    async with serving(database_url, manner=_paces(look=Rate(5, 0.1))) as server:
        citizen = await server.begin()  # takes one
        url = f"{server.base}/tokens/refresh" if tail == "refresh" else citizen.url + tail
        if tail == "/stream":
            for _ in range(4):
                await (await server.http.ws_connect(citizen.opened["streamUrl"])).close()
            assert await _refused(server, "GET", citizen.opened["streamUrl"])
            return
        status = [await _refused_or_ended(server, method, url, citizen) for _ in range(5)]
        assert status == [False] * 4 + [True]


async def test_open_sockets_of_one_conversation_are_limited(server: Server) -> None:
    citizen, other = await server.begin(), await server.begin()
    sockets = [await citizen.socket() for _ in range(MOST_STREAMS)]
    assert not await _opens(citizen)
    await (await other.socket()).close()
    await sockets.pop().close()
    await until(lambda: _opens(citizen))
    for socket in sockets:
        await socket.close()


async def _opens(citizen: Citizen) -> bool:
    try:
        await (await citizen.socket()).close()
    except aiohttp.WSServerHandshakeError as error:
        assert error.status == 429
        return False
    return True


async def _refused_or_ended(server: Server, method: str, url: str, citizen: Citizen) -> bool:
    async with server.http.request(method, url, headers=citizen.headers) as response:
        return response.status == 429


async def test_an_address_is_limited_in_all_that_it_asks_even_with_forged_tokens(database_url: str) -> None:
    async with serving(database_url, manner=_paces(address=Rate(6, 0.1))) as server:
        citizen = await server.begin()  # two requests
        for _ in range(4):
            async with server.http.get(citizen.url, headers={"Authorization": "Bearer forged"}) as response:
                assert response.status == 403
        async with server.http.get(citizen.url, headers={"Authorization": "Bearer forged"}) as response:
            assert response.status == 429
        assert await _refused(server, "GET", citizen.url, headers=citizen.headers)


async def test_who_is_in_danger_may_have_written_much(database_url: str) -> None:
    manner = Manner(paces=Paces(talk=Rate(1, 0.001)), urgent=lambda text: text.startswith("112"))
    async with serving(database_url, manner=manner) as server:
        citizen = await server.begin()
        await citizen.say("yksi")
        assert (await citizen.post({"type": "message", "text": "kaksi"}))[0] == 429
        for _ in range(5):
            await citizen.say("112 apua")
        assert (await citizen.post({"type": "message", "text": "112 apua"}))[0] == 429


def test_a_bucket_fills_again_with_time() -> None:
    now = [0.0]
    pace = Pace(Rate(2, 0.5), clock=lambda: now[0])
    assert [pace.take("a") for _ in range(3)] == [0, 0, 2]
    now[0] += 1
    assert pace.take("a") == 1
    now[0] += 1
    assert pace.take("a") == 0
    assert pace.take("b", 2) == 0
    now[0] += 1000
    assert [pace.take("a") for _ in range(3)] == [0, 0, 2]


def test_the_memory_is_bounded() -> None:
    pace = Pace(Rate(1, 0.1), most=10)
    for number in range(1000):
        pace.take(str(number))
    assert len(pace._buckets) == 10
    assert pace.take("999") > 0
    assert pace.take("0") == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("10.0.0.1", "10.0.0.2", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("nonsense", "", False),
    ],
)
def test_a_household_is_one_network(one: str, other: str, same: bool) -> None:
    assert (network(one) == network(other)) is same


def test_what_is_said_to_a_network_names_no_address() -> None:
    paces = Paces(address=Rate(0, 1))
    with pytest.raises(Problem) as refused:
        paces.request("192.0.2.7")
    assert "192" not in refused.value.message


async def test_behind_a_listed_proxy_the_citizens_address_counts(database_url: str) -> None:
    proxies = [ipaddress.ip_network("127.0.0.0/8")]
    manner = Manner(paces=Paces(begin=Rate(1, 0.001)), peer=peer_behind(proxies))
    async with serving(database_url, manner=manner, public_url="https://chat.example.fi") as server:
        statuses = []
        for address in (
            *("192.0.2.1", "192.0.2.1", "192.0.2.2", "evil, 192.0.2.2"),
            *("192.0.2.3:50001", "192.0.2.3:50002", "::ffff:192.0.2.3"),
            *("[2001:db8::1]:443", "2001:db8::2", "[2001:db8::3]"),
        ):
            headers = {"Origin": "https://chat.example.fi", "X-Forwarded-For": address}
            async with server.http.post(f"{server.base}/tokens/generate", headers=headers) as response:
                statuses.append(response.status)
        assert statuses == [200, 429, 200, 429, 200, 429, 429, 200, 429, 429]


def test_a_proxy_of_ipv4_is_known_where_the_socket_hears_both_kinds() -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "192.0.2.1"})
    peer = peer_behind([ipaddress.ip_network("127.0.0.0/8")])
    assert peer(request.clone(remote="::ffff:127.0.0.1")) == "192.0.2.1"
    assert peer(request.clone(remote="::ffff:192.0.2.9")) == "192.0.2.9"
