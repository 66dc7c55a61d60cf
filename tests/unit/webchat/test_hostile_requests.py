"""Requests that once ended in a 500."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.webchat.server import Server, next_texts


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_body_that_is_not_encoded_as_it_says(server: Server, encoding: str) -> None:
    citizen = await server.begin()
    headers = {**citizen.headers, "Content-Encoding": encoding, "Content-Type": "application/json"}
    body = b'{"type": "message", "text": "moi"}'
    async with server.http.post(f"{citizen.url}/activities", headers=headers, data=body) as response:
        assert response.status == 400


@pytest.mark.parametrize("path", ["a" * 5000, "a%00b", "..%2f..%2fapi.py", "texts.js/x"])
async def test_a_file_that_cannot_be_there(server: Server, path: str) -> None:
    async with server.http.get(f"{server.url}/static/{path}") as response:
        assert response.status == 404


async def test_a_safety_answer_does_not_wait_for_a_database_that_hangs(server: Server) -> None:
    citizen = await server.begin()
    socket = await citizen.socket()
    async with server.pool.acquire() as connection, connection.transaction():
        await connection.execute("LOCK TABLE webchat_activities IN ACCESS EXCLUSIVE MODE")
        posted = asyncio.create_task(citizen.say("112 apua"))
        echo, answer = await next_texts(socket, 2)
        assert (echo["text"], answer["text"]) == ("112 apua", "Soita 112")
        await posted
    await socket.close()
