"""Requests that once ended in a 500, or held up everybody else."""

from __future__ import annotations

import asyncio
import gzip
import io
import time

import pytest

from channels.webchat.pace import Paces, Rate
from channels.webchat.parts import Manner
from tests.unit.webchat.files import ACTIVITY, drawn, form
from tests.unit.webchat.server import HURRIED, MUCH, Server, next_texts, serving


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


async def _held_up(work: asyncio.Task[object]) -> float:
    """Seconds that nobody else was served for."""
    longest = 0.0
    while not work.done():
        before = time.perf_counter()
        await asyncio.sleep(0.01)
        longest = max(longest, time.perf_counter() - before)
    return longest


_PART = f'--b\r\nContent-Type: {ACTIVITY}\r\n\r\n{{"type": "message"}}\r\n'.encode()


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (gzip.compress(b"\r\n" * 1_500_000), {"Content-Encoding": "gzip"}),
        (gzip.compress(_PART * 20_000), {"Content-Encoding": "gzip"}),
        (b"\r\n" * 1_500_000, {}),
        (_PART * 20_000, {}),
    ],
)
async def test_a_form_of_endless_lines_or_parts_holds_up_nobody(
    server: Server, body: bytes, more: dict[str, str]
) -> None:
    citizen = await server.begin()
    headers = {"Content-Type": "multipart/form-data; boundary=b", **more}
    posted = asyncio.create_task(citizen.upload(io.BytesIO(body), **headers))
    held_up = await _held_up(posted)
    assert (await posted)[0] == 400
    assert held_up < 1.5


async def test_nothing_is_decompressed_even_to_be_thrown_away(server: Server) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000)
    headers = {"Content-Encoding": "gzip"}

    async def post() -> int:
        async with server.http.post(f"{server.url}/nowhere", headers=headers, data=io.BytesIO(bomb)) as response:
            return response.status

    posted = asyncio.create_task(post())
    held_up = await _held_up(posted)
    assert await posted == 404
    assert held_up < 0.5


@pytest.mark.parametrize("much", [0, 6_000_000])
async def test_a_call_for_help_is_heard_whatever_its_picture_is(database_url: str, much: int) -> None:
    """A format that we do not take, and a file that is too large."""
    manner = Manner(paces=HURRIED, urgent=lambda text: "112" in text)
    async with serving(database_url, manner=manner) as server:
        citizen = await server.begin()
        for text, status in (("112 apua", 200), ("kuoppa", 413 if much else 415)):
            found, _ = await citizen.upload(form(b"%PDF" + b" " * much, type="message", text=text))
            assert found == status
        attached = {"contentType": "application/pdf", "contentUrl": "blob:https://example.org/x"}
        for text, status in (("112 hjälp", 200), ("grop", 415)):
            found, _ = await citizen.post({"type": "message", "text": text, "attachments": [attached]})
            assert found == status
        assert await citizen.texts() == ["112 apua", "Soita 112", "112 hjälp", "Soita 112"]


async def test_a_call_for_help_is_heard_though_there_were_too_many_pictures(database_url: str) -> None:
    paces = Paces(begin=MUCH, address=MUCH, talk=MUCH, look=MUCH, pictures=Rate(1, 0.001))
    manner = Manner(paces=paces, urgent=lambda text: "112" in text)
    async with serving(database_url, manner=manner) as server:
        citizen = await server.begin()
        found = [(await citizen.upload(form(drawn(), type="message", text=text)))[0] for text in ("1", "2", "112")]
        assert found == [200, 429, 200]
