"""Close and erase: nothing of the conversation is left, on no process, and nothing comes after it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from aiohttp import WSCloseCode, WSMsgType

from bot.messages import Address, Reply
from channels.base import Unreachable
from channels.webchat.parts import Manner
from tests.unit.webchat.files import drawn, form
from tests.unit.webchat.server import HURRIED, Citizen, Server, next_texts, serving


async def _bodies(server: Server) -> list[bytes]:
    return [row["body"] for row in await server.pool.fetch("SELECT body FROM webchat_activities")]


async def _refusal(citizen: Citizen, method: str, url: str, **options: object) -> str:
    async with citizen.server.http.request(method, url, headers=citizen.headers, **options) as response:  # type: ignore[arg-type]
        assert response.status == 403, (method, url, response.status)
        return str((await response.json())["error"]["code"])


@pytest.fixture
async def two(database_url: str) -> AsyncIterator[tuple[Server, Server]]:
    """Two processes' worth over one database."""
    async with serving(database_url) as one, serving(database_url) as other:
        yield one, other


async def test_all_of_it_is_gone_and_its_token_is_refused_everywhere(two: tuple[Server, Server]) -> None:
    here, there = two
    citizen = await here.begin()
    await citizen.say("salaisuus")
    await citizen.upload(form(drawn(), type="message", text="kuva"))
    await here.neighbour.settled()
    stream = citizen.opened["streamUrl"].replace(here.url.replace("http", "ws"), there.url.replace("http", "ws"))
    assert await citizen.end() == 204
    assert await _bodies(here) == [b""]
    for server in two:
        elsewhere = Citizen(server, citizen.opened)
        codes = [
            await _refusal(elsewhere, method, url, **options)
            for method, url, options in (
                ("GET", elsewhere.url, {}),
                ("GET", f"{elsewhere.url}/activities", {}),
                ("GET", f"{elsewhere.url}/activities?watermark=1", {}),
                ("POST", f"{elsewhere.url}/activities", {"json": {"type": "message", "text": "moi"}}),
                ("POST", f"{elsewhere.url}/activities", {"json": {"type": "conversationUpdate"}}),
                ("POST", f"{elsewhere.url}/upload", {"data": form(drawn(), type="message")}),
                ("POST", f"{server.base}/tokens/refresh", {}),
                ("POST", f"{server.base}/conversations", {}),
                ("GET", f"{server.base}/session/getsessionid", {}),
                ("GET", stream.replace(there.url.replace("http", "ws"), server.url), {}),
            )
        ]
        assert set(codes) == {"ConversationEnded"}
    assert await _bodies(here) == [b""]
    assert len(here.neighbour.kept) == 2
    assert not there.neighbour.kept
    new = await there.begin()
    await new.say("uusi")
    assert new.id != citizen.id


async def test_open_sockets_are_closed_on_every_process_and_find_the_end(two: tuple[Server, Server]) -> None:
    here, there = two
    citizen = await here.begin()
    await citizen.say("moi")
    await here.neighbour.settled()
    sockets = []
    for server in two:
        async with server.http.get(Citizen(server, citizen.opened).url, headers=citizen.headers) as response:
            sockets.append(await server.http.ws_connect((await response.json())["streamUrl"]))
    for socket in sockets:
        await next_texts(socket, 2)
    assert await Citizen(there, citizen.opened).end() == 204
    for socket in sockets:
        async with asyncio.timeout(10):
            message = await socket.receive()
        assert (message.type, message.data) == (WSMsgType.CLOSE, WSCloseCode.POLICY_VIOLATION)
        await socket.close()


async def test_a_reply_that_comes_after_the_end_is_not_kept(server: Server) -> None:
    citizen = await server.begin()
    await citizen.say("moi")
    await server.neighbour.settled()
    await citizen.end()
    for key in ("late", "safety-late"):
        with pytest.raises(Unreachable):
            await server.chat.send(Address("webchat", citizen.id), Reply(text="myöhässä", language="fi"), key=key)
    assert await _bodies(server) == [b""]


async def test_writers_at_the_same_moment_leave_nothing(server: Server) -> None:
    for _ in range(10):
        citizen = await server.begin()
        address = Address("webchat", citizen.id)
        sends = [
            server.chat.send(address, Reply(text="moi", language="fi"), key=f"{citizen.id}-{number}")
            for number in range(8)
        ]
        results = await asyncio.gather(*sends[:4], citizen.end(), *sends[4:], return_exceptions=True)
        assert 204 in results
        assert all(isinstance(each, (str, int, Unreachable)) for each in results)
    assert set(await _bodies(server)) == {b""}
    assert await server.rows() == 10


async def test_a_second_end_is_as_good_as_the_first_and_the_rest_is_erased(database_url: str) -> None:
    erased: list[str] = []

    async def erase(address: Address) -> None:
        erased.append(address.key)
        if len(erased) == 1:
            raise asyncpg.CannotConnectNowError

    async with serving(database_url, manner=Manner(paces=HURRIED, erase=erase)) as server:
        citizen = await server.begin()
        await citizen.say("moi")
        await server.neighbour.settled()
        assert [await citizen.end() for _ in range(3)] == [503, 204, 204]
        assert erased == [citizen.id] * 3
        assert await server.rows() == 1


async def test_a_message_that_the_server_takes_while_its_citizen_ends_is_erased_too(database_url: str) -> None:
    happened: list[str] = []

    async def erase(_address: Address) -> None:
        happened.append(f"erased with {len(server.neighbour.kept)} kept")

    async with serving(database_url, manner=Manner(paces=HURRIED, erase=erase)) as server:
        citizen = await server.begin()
        server.neighbour.gate = asyncio.Event()
        server.neighbour.replies = lambda _incoming: []
        posted = asyncio.create_task(citizen.post({"type": "message", "text": "salaisuus"}))
        await asyncio.sleep(0.5)  # it is past the door
        assert await citizen.end() == 204
        server.neighbour.gate.set()
        status, body = await posted
        assert (status, body["error"]["code"]) == (403, "ConversationEnded")
        assert happened == ["erased with 0 kept", "erased with 1 kept"]


async def test_without_its_database_it_says_so(server: Server) -> None:
    citizen = await server.begin()
    await server.pool.close()
    async with server.http.delete(citizen.url, headers=citizen.headers) as response:
        assert (response.status, response.headers["Retry-After"]) == (503, "5")


async def test_nobody_else_ends_it(server: Server) -> None:
    citizen, other = await server.begin(), await server.begin()
    await citizen.say("moi")
    await server.neighbour.settled()
    async with server.http.delete(citizen.url, headers=other.headers) as response:
        assert response.status == 403
    async with server.http.delete(citizen.url) as response:
        assert response.status == 401
    foreign = {**citizen.headers, "Origin": "https://evil.example"}
    async with server.http.delete(citizen.url, headers=foreign) as response:
        assert response.status == 403
    assert await citizen.texts() == ["moi", "Kuulin: moi"]
