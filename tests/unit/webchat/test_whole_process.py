"""The whole process over HTTP: what it says and does when its database goes, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO

import aiohttp
import asyncpg
from aiohttp import WSCloseCode, WSMsgType
from aiohttp.test_utils import unused_port
from PIL import Image
from yarl import URL

from bot.app import App
from bot.city import City
from bot.database import Database
from bot.http import Health, application, listen
from bot.services import Addresses
from channels.webchat.channel import WebChat
from tests.databases import Databases
from tests.keys import keys_over
from tests.sentences import LOOK
from tests.unit.webchat.files import drawn, form
from tests.unit.webchat.server import SECRET, Citizen, Neighbour, Server, next_texts


@asynccontextmanager
async def _process(city: City, database_url: str) -> AsyncIterator[Server]:
    database, keys = Database(database_url), keys_over(database_url)
    port = unused_port()
    url = f"http://127.0.0.1:{port}"
    chat = WebChat(
        lambda: database.pool, keys, SECRET, public_url=url, look=LOOK, development=True, listen_url=database_url
    )
    async with App(city, database, [chat], Addresses(), keys) as app:
        _, close = await listen(application(app, Health(app)), "127.0.0.1", port)
        async with aiohttp.ClientSession() as http:
            try:
                yield Server(chat, Neighbour(), url, http, database.pool)
            finally:
                await close()


async def _ready(server: Server) -> tuple[int, str]:
    async with server.http.get(f"{server.url}/readyz") as response:
        return response.status, (await response.json()).get("reason", "")


async def _take_away(databases: Databases, database_url: str) -> None:
    """Nobody gets into the database any more, and who is in it is thrown out."""
    name = database_url.partition("@/")[2].partition("?")[0]
    connection = await asyncpg.connect(databases.url_of("postgres"))
    try:
        await connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name)
    finally:
        await connection.close()


async def _kind(citizen: Citizen, text: str) -> tuple[int, str]:
    status, body = await citizen.post({"type": "message", "text": text})
    return status, body.get("error", {}).get("code", "")


async def test_without_its_database_it_says_so_and_still_answers_an_emergency(
    city: City, databases: Databases, database_url: str
) -> None:
    async with _process(city, database_url) as server:
        assert (await _ready(server))[0] == 200
        citizen = await server.begin()
        socket = await citizen.socket()
        await _take_away(databases, database_url)
        status, reason = await _ready(server)
        assert status == 503
        assert "database" in reason
        assert await _kind(citizen, "missä on kirjasto") == (503, "Unavailable")
        assert await _kind(citizen, "apua, täällä on tulipalo") == (200, "")
        shown = await next_texts(socket, 2)
        assert shown[0]["text"] == "apua, täällä on tulipalo"
        assert "112" in shown[1]["text"]
        assert shown[1]["replyToId"] == shown[0]["id"]
        await socket.close()


async def test_the_address_of_a_picture(city: City, databases: Databases, database_url: str) -> None:
    """It is seen by who was given it, as a picture and nothing else, as long as there is the conversation."""
    async with _process(city, database_url) as server:

        async def status(token: str) -> int:
            async with server.http.get(URL(f"{server.url}/photos/{token}", encoded=True)) as response:
                return response.status

        citizen = await server.begin()
        assert (await citizen.upload(form(drawn(), type="message", text="kuoppa")))[0] == 200
        token = "t" * 32
        await server.pool.execute("UPDATE attachments SET token = $1", token)
        async with server.http.get(f"{server.url}/photos/{token}") as response:
            assert (response.status, response.content_type) == (200, "image/jpeg")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert response.headers["Cache-Control"] == "private, no-store"
            assert "sandbox" in response.headers["Content-Security-Policy"]
            assert Image.open(BytesIO(await response.read())).size == (640, 480)
        for wrong in (token[:-1], f"{token}t", "%00", f"{token}%00", "%ff", "%27", "x" * 7000):
            assert await status(wrong) == 404
        await server.pool.execute("DELETE FROM conversations")
        await _take_away(databases, database_url)
        assert await status(token) == 503


async def test_an_open_socket_is_told_when_the_server_ends(city: City, database_url: str) -> None:
    async with _process(city, database_url) as server:
        socket = await (await server.begin()).socket()
        told = asyncio.create_task(socket.receive())
        await asyncio.sleep(0)  # so that it waits before the server ends
    message = await told
    assert (message.type, message.data) == (WSMsgType.CLOSE, WSCloseCode.GOING_AWAY)
