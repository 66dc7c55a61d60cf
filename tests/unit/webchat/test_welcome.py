"""What is said before the first message: once, in the page's language, and seen by who comes late."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.messages import Reply
from channels.webchat.parts import Manner
from channels.webchat.welcome import PATIENCE, accepted
from tests.unit.webchat.server import HURRIED, Citizen, Server, next_texts, serving

MANNER = Manner(paces=HURRIED, welcome="c|help")


def _greeting(server: Server) -> None:
    server.neighbour.replies = lambda incoming: [
        Reply(text=f"{incoming.payload or incoming.text} {incoming.language}", language="fi")
    ]


async def _started(server: Server, body: Any = None, **headers: str) -> Citizen:
    citizen = await server.begin()
    async with server.http.post(
        f"{server.base}/conversations", headers={**citizen.headers, **headers}, json=body or {}
    ) as response:
        assert response.status == 201
    return citizen


async def test_the_welcome_is_there_before_the_socket_and_comes_once(database_url: str) -> None:
    """Field case WB-02."""
    async with serving(database_url, manner=MANNER) as server:
        _greeting(server)
        citizen = await server.begin()
        await server.neighbour.settled()
        socket = await citizen.socket()
        [welcome] = await next_texts(socket, 1)
        assert (welcome["text"], welcome["from"]["role"]) == ("c|help None", "bot")
        assert "replyToId" not in welcome
        for activity in ({"type": "conversationUpdate", "locale": "sv"}, {"type": "conversationUpdate"}):
            assert (await citizen.post(activity))[0] == 200
        await _started(server)  # somebody else
        await citizen.say("moi")
        assert [each["text"] for each in await next_texts(socket, 2)] == ["moi", "moi None"]
        assert await citizen.texts() == ["c|help None", "moi", "moi None"]
        await socket.close()


@pytest.mark.parametrize(
    ("body", "header", "language"),
    [
        ({"locale": "sv-FI"}, "en", "sv"),
        ({}, "de, en-GB;q=0.8, sv;q=0.9", "sv"),
        ({"locale": "de"}, "", None),
        ({"locale": "; DROP"}, "x" * 5000, None),
        (None, "en;q=nonsense, *, fi", "fi"),
    ],
)
async def test_it_is_said_in_the_language_of_the_page_or_else_of_the_browser(
    database_url: str, body: Any, header: str, language: str | None
) -> None:
    async with serving(database_url, manner=MANNER) as server:
        headers = {"Accept-Language": header}
        async with server.http.post(f"{server.base}/tokens/generate") as response:
            token = (await response.json())["token"]
        headers["Authorization"] = f"Bearer {token}"
        async with server.http.post(f"{server.base}/conversations", headers=headers, json=body) as response:
            assert response.status == 201
        [incoming] = server.neighbour.kept.values()
        assert (incoming.payload, incoming.text, incoming.language) == ("c|help", "", language)


async def test_a_start_that_is_wrong_is_refused_in_words(database_url: str) -> None:
    async with serving(database_url, manner=MANNER) as server:
        async with server.http.post(f"{server.base}/tokens/generate") as response:
            headers = {"Authorization": f"Bearer {(await response.json())['token']}"}
        async with server.http.post(f"{server.base}/conversations", headers=headers, json={"locale": 5}) as response:
            assert response.status == 400
        assert not server.neighbour.kept


async def test_a_server_that_cannot_keep_it_lets_the_chat_begin(database_url: str) -> None:
    async with serving(database_url, manner=MANNER) as server:
        _greeting(server)
        server.neighbour.unavailable = True
        citizen = await server.begin()
        server.neighbour.unavailable = False
        await citizen.post({"type": "conversationUpdate"})
        await server.neighbour.settled()
        assert await citizen.texts() == ["c|help None"]


async def test_a_database_that_hangs_does_not_keep_the_chat_from_beginning(database_url: str) -> None:
    async with serving(database_url, manner=MANNER) as server:
        server.neighbour.gate = asyncio.Event()
        async with asyncio.timeout(PATIENCE + 5):
            citizen = await server.begin()
        server.neighbour.gate.set()
        await asyncio.sleep(0)
        await server.neighbour.settled()
        assert len(await citizen.texts()) == 1


async def test_without_a_payload_nothing_is_said(server: Server) -> None:
    citizen = await server.begin()
    await citizen.post({"type": "conversationUpdate"})
    assert not server.neighbour.kept


def test_languages_are_read_in_the_order_of_their_weight() -> None:
    assert accepted("fi-FI, sv;q=0.3, en-US;q=0.7") == ["fi", "en", "sv"]
    assert accepted("") == []
    assert accepted("," * 5000) == []
