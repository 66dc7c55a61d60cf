"""Whatever a client sends: a clear 4xx or a polite answer, never a 5xx, and the server goes on."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.webchat.problems import Problem
from channels.webchat.tokens import GRACE, LIFE, STREAM_LIFE, Tokens, new_grant
from tests.unit.webchat.server import SECRET, Citizen, Server, serving

MESSAGE = {"type": "message", "text": "moi"}
DEEP = b'{"type":"message","text":"moi","value":' + b"[" * 5000 + b"]" * 5000 + b"}"
SOME_DEEP = b'{"type":"message","text":"moi","value":' + b"[" * 90 + b"]" * 90 + b"}"


async def _raw(citizen: Citizen, data: bytes, **headers: str) -> tuple[int, Any]:
    async with citizen.server.http.post(
        f"{citizen.url}/activities", headers={**citizen.headers, **headers}, data=data
    ) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"{}", 400),
        (b"[]", 400),
        (b"null", 400),
        (b'"message"', 400),
        (b"{", 400),
        (b'{"type":"message","text":"\xff\xfe"}', 400),
        (b'{"type":"message","text":"\\ud800"}', 400),
        (DEEP, 400),
        (SOME_DEEP, 200),
        (b'{"type":"message","text":5}', 400),
        (b'{"type":"message","text":["moi"]}', 400),
        (b'{"type":5}', 400),
        (b'{"type":"message","channelData":[1]}', 400),
        (b'{"type":"message","channelData":{"clientActivityID":{}}}', 400),
        (b'{"type":"message","channelData":{"clientActivityID":"' + b"x" * 201 + b'"}}', 400),
        (b'{"type":"message","value":"' + b"x" * 4001 + b'"}', 400),
        (b'{"type":"message","text":NaN}', 400),
        (b'{"type":"message","text":"a\\u0000b","locale":"\\u0000"}', 200),
        (b'{"type":"message","text":"moi","locale":"fi-FI; DROP"}', 200),
        (b'{"type":"message","text":""}', 200),
        (b'{"type":"message","text":null,"value":null,"channelData":null}', 200),
        (b'{"type":"message"}', 200),
        (b'{"type":"invoke","name":"x"}', 200),
        (b'{"type":"no such type"}', 200),
        (b" " * (1024 * 1024), 413),
    ],
)
async def test_a_body_that_is_wrong_is_refused_in_words(server: Server, data: bytes, status: int) -> None:
    citizen = await server.begin()
    found, body = await _raw(citizen, data)
    assert found == status
    assert body["error"]["message"] if status != 200 else body["id"]
    await citizen.say("elossa")


async def test_a_body_without_a_length_ends_at_a_mebibyte(server: Server) -> None:
    citizen = await server.begin()

    async def chunks() -> Any:
        for _ in range(17):
            yield b" " * 65536

    async with server.http.post(f"{citizen.url}/activities", headers=citizen.headers, data=chunks()) as response:
        assert response.status == 413


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/json; charset=latin-1", "nonsense", ""])
async def test_json_under_another_name_is_still_json(server: Server, kind: str) -> None:
    citizen = await server.begin()
    status, _ = await _raw(citizen, json.dumps(MESSAGE).encode(), **{"Content-Type": kind})
    assert status == 200


async def test_a_form_is_refused(server: Server) -> None:
    citizen = await server.begin()
    async with server.http.post(f"{citizen.url}/activities", headers=citizen.headers, data={"a": "b"}) as response:
        assert response.status == 400
    async with server.http.post(f"{citizen.url}/upload", headers=citizen.headers, data={"a": "b"}) as response:
        assert response.status == 415


async def test_a_hundred_thousand_characters_are_kept_and_more_are_cut(server: Server) -> None:
    citizen = await server.begin()
    await citizen.say("ä" * 100_001)
    await server.neighbour.settled()
    [incoming] = server.neighbour.kept.values()
    assert incoming.text == "ä" * 100_000


async def test_the_same_message_twice_at_once_is_one_turn(server: Server) -> None:
    citizen = await server.begin()
    again = {"channelData": {"clientActivityID": "abc"}}
    ids = await asyncio.gather(*(citizen.say("moi", **again) for _ in range(10)))
    await server.neighbour.settled()
    assert len(set(ids)) == len(server.neighbour.kept) == 1
    assert await citizen.texts() == ["moi", "Kuulin: moi"]


async def test_the_same_words_without_an_id_are_two_turns(server: Server) -> None:
    citizen = await server.begin()
    assert await citizen.say("joo") != await citizen.say("joo")
    await server.neighbour.settled()
    assert len(server.neighbour.kept) == 2


async def test_who_speaks_is_what_the_token_says(server: Server) -> None:
    citizen = await server.begin()
    await citizen.say("moi", **{"from": {"id": "somebody-else", "role": "bot"}})
    [echo, *_] = (await citizen.read())["activities"]
    assert echo["from"]["role"] == "user"
    assert echo["from"]["id"].startswith("dl_")


async def test_a_token_opens_its_own_conversation_only(server: Server) -> None:
    citizen, other = await server.begin(), await server.begin()
    await citizen.say("salaisuus")
    await server.neighbour.settled()
    rows = await server.rows()
    for path in (citizen.id, "unknown", "%00", "%F0%9F", "a" * 3000):
        url = f"{server.base}/conversations/{path}"
        for method, tail in (("GET", ""), ("GET", "/activities"), ("POST", "/activities"), ("POST", "/upload")):
            async with server.http.request(method, url + tail, headers=other.headers, json=MESSAGE) as response:
                assert response.status == 403
                assert (await response.json())["error"]["code"] == "BadConversation"
    ticket = other.opened["streamUrl"].partition("t=")[2]
    stream = f"{citizen.url}/stream"
    for query, status in (({"t": ticket}, 403), ({"t": other.opened["token"]}, 403), ({"t": "x"}, 403), ({}, 401)):
        async with server.http.get(stream, params=query) as response:
            assert response.status == status
    async with server.http.get(f"{citizen.url}/activities", headers={"Authorization": f"Bearer {ticket}"}) as response:
        assert response.status == 403
    async with server.http.get(other.opened["streamUrl"]) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, "NotASocket")
    assert await server.rows() == rows


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer  ", "Basic YTpi", "Bearer å", "Bearer " + "x" * 4000])
async def test_no_token_or_no_token_of_ours(server: Server, given: str) -> None:
    citizen = await server.begin()
    for method, path in (
        ("GET", citizen.url),
        ("POST", f"{server.base}/tokens/refresh"),
        ("POST", citizen.url + "/activities"),
    ):
        async with server.http.request(method, path, headers={"Authorization": given}) as response:
            assert response.status in (401, 403)


async def test_an_ended_token_is_renewed_within_its_grace_and_then_no_more(database_url: str) -> None:
    now = [1_800_000_000.0]
    async with serving(database_url, tokens=Tokens(SECRET, clock=lambda: now[0])) as server:
        citizen = await server.begin()
        now[0] += STREAM_LIFE + 1
        async with server.http.get(citizen.opened["streamUrl"]) as response:
            assert (response.status, (await response.json())["error"]["code"]) == (403, "TokenExpired")
        await citizen.say("vielä")
        now[0] += LIFE
        status, body = await citizen.post(MESSAGE)
        assert (status, body["error"]["code"]) == (403, "TokenExpired")
        async with server.http.post(f"{server.base}/tokens/refresh", headers=citizen.headers) as response:
            renewed = await response.json()
        assert (response.status, renewed["conversationId"], renewed["expires_in"]) == (200, citizen.id, LIFE)
        citizen.opened["token"] = renewed["token"]
        assert (await citizen.texts())[0] == "vielä"
        now[0] += LIFE + GRACE + 1
        async with server.http.post(f"{server.base}/tokens/refresh", headers=citizen.headers) as response:
            assert response.status == 403


_tokens = Tokens(SECRET)
_REAL = _tokens.make(new_grant())


def _spoilt(place: int, letter: str) -> str:
    place %= len(_REAL)
    return _REAL[:place] + letter + _REAL[place + 1 :]


@given(
    st.one_of(
        st.text(),
        st.text(alphabet="abcXYZ019-_.=", max_size=300),
        st.builds(_spoilt, st.integers(0, 10_000), st.sampled_from("Aab.-_=\x00å")),
        st.lists(st.sampled_from(_REAL.split(".")), max_size=5).map(".".join),
    )
)
def test_no_forged_token_is_read(token: str) -> None:
    # The last letter of a signature has bits that say nothing, so another letter there may be the same token.
    if token[:-1] == _REAL[:-1] and len(token) == len(_REAL):
        return
    with pytest.raises(Problem) as refused:
        _tokens.read(token)
    assert refused.value.status == 403


def test_a_token_of_another_secret_or_of_no_algorithm_is_not_read() -> None:
    none = "eyJhbGciOiJub25lIn0." + _REAL.split(".")[1] + "."
    for forged in (Tokens("t" * 32).make(new_grant()), none):
        with pytest.raises(Problem):
            _tokens.read(forged)
