"""Who may tell us anything, and what of it we believe."""

from __future__ import annotations

import copy
import io
import json
import logging
import random
from collections.abc import Iterator
from typing import Any

import pytest

from bot import logs
from bot.messages import Incoming
from tests.contract import telegram_stand as tg
from tests.contract.telegram_stand import HEADER, SECRET
from tests.unit.telegram.house import Server

PHONE = "+358 40 123 4567"
NAME = "Meikäläinen"


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[list[str]]:
    """What the process has logged, at the end of the test."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    found: list[str] = []
    logs.configure(level="debug", form="json")
    yield found
    logging.captureWarnings(False)
    root.handlers[:], root.level = handlers, level


async def test_without_the_secret_nothing_is_read(server: Server) -> None:
    for secret in (None, "", "wrong", SECRET + "x", SECRET[:-1], SECRET.upper(), "\xe4" * 20):
        assert await server.deliver(tg.said("hei"), secret) == 403
        async with server.http.post(server.url, data=b"{", headers={HEADER: secret} if secret else {}) as response:
            assert response.status == 403
    assert server.taken == []
    assert server.stand.calls == []


async def test_what_is_no_update_is_a_bad_request(server: Server) -> None:
    bodies = (b"", b"{", b"[]", b"null", b"7", b'"x"', b"{}", b'{"update_id": "7"}', b"\xff", b'{"message": {}}')
    for body in (*bodies, b"[" * 5000):
        async with server.http.post(server.url, data=body, headers={HEADER: SECRET}) as response:
            assert response.status == 400
    assert server.taken == []


async def test_a_body_that_is_not_encoded_as_it_says_is_a_bad_request(server: Server) -> None:
    headers = {HEADER: SECRET, "Content-Encoding": "gzip"}
    async with server.http.post(server.url, data=b"{}", headers=headers) as response:
        assert response.status == 400


async def test_an_update_that_can_never_be_read_does_not_block_the_next(server: Server) -> None:
    # Telegram repeats what is answered with an error, for a day, and brings nothing else meanwhile.
    assert await server.hears({"update_id": 1, "message": {"text": 5}}) is None
    assert await server.hears({"update_id": 2, "of_the_future": {}}) is None
    assert await server.hears({"update_id": True}) is None
    assert (await server.message(tg.said("hei"))).text == "hei"


async def test_a_body_too_large_is_refused(server: Server) -> None:
    body = io.BytesIO(json.dumps(tg.said("x" * 2_000_000)).encode())
    async with server.http.post(server.url, data=body, headers={HEADER: SECRET}) as response:
        assert response.status == 413
    assert server.taken == []


async def test_a_thousand_forged_or_broken_requests(
    server: Server, lines: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(11)
    for number in range(1000):
        update = _personal(copy.deepcopy(chance.choice(tg.genuine())))
        if number % 2:
            body, secret = json.dumps(update).encode(), _forged(chance)
        else:
            body, secret = _broken(update, chance), SECRET
        headers = {HEADER: secret, "Content-Type": "application/json"}
        async with server.http.post(server.url, data=body, headers=headers) as response:
            assert response.status in (200, 400, 403), body
            assert (response.status == 403) == bool(number % 2)
            assert await response.read() == b""
    assert server.taken == []
    said = capsys.readouterr().err
    assert "telegram_update_unreadable" in said
    for private in (PHONE, "123 4567", NAME, SECRET, str(tg.CITIZEN), tg.TOKEN, "AAHdq"):
        assert private not in said


def _personal(update: dict[str, Any]) -> dict[str, Any]:
    """With what must never be in a log."""
    if "text" in update.get("message", {}):
        update["message"]["text"] = f"{NAME}, {PHONE}"
    return update


def _forged(chance: random.Random) -> str:
    return chance.choice(["", SECRET[:-1], SECRET + "a", SECRET.swapcase(), "null", "x" * 300, "secret"])


def _broken(update: dict[str, Any], chance: random.Random) -> bytes:
    """The update with what cannot be anywhere in it, so that there is nothing to read; or no JSON."""
    data = json.dumps(update).encode()
    kind = next(key for key in update if key != "update_id")
    match chance.randrange(4):
        case 0:
            return data[: chance.randrange(len(data))]
        case 1:
            del update["update_id"]
        case 2:
            update[kind] = chance.choice([5, "x", [1], {"a": 1}, {"chat": 1}, {"from": [], "chat": {}}, {"id": {}}])
        case _:
            content = update[kind]
            for name in ("chat", "from", "id", "new_chat_member"):
                content[name] = chance.choice([5, "x", [1], {"id": "x"}, {"type": 3}, 1e400])
    return json.dumps(update).encode()


async def test_the_token_is_in_no_line_of_a_log(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    # httpx writes the whole address of each call, and the token is in it; other handlers than ours may print it.
    with caplog.at_level(logging.INFO):
        await server.say("hei")
    assert server.stand.texts() == ["hei"]
    assert tg.TOKEN not in caplog.text


@pytest.mark.parametrize("number", range(5))
async def test_wrong_types_anywhere_in_an_update_are_never_an_error_of_ours(server: Server, number: int) -> None:
    chance = random.Random(number)
    for _ in range(300):
        update = copy.deepcopy(chance.choice(tg.genuine()))
        _spoil(update, chance)
        assert await server.deliver(update) in (200, 400)
    for event in server.taken:
        if isinstance(event, Incoming):
            assert isinstance(event.text, str) and isinstance(event.address.key, str)
            assert event.payload is None or isinstance(event.payload, str)
            assert all(isinstance(photo.source, str) for photo in event.photos)
            assert event.received_at.tzinfo is not None


def _spoil(value: Any, chance: random.Random) -> None:
    """Change one value, however deep."""
    while True:
        place = chance.choice(list(value) if isinstance(value, dict) else list(range(len(value))))
        if isinstance(value[place], dict | list) and value[place] and chance.random() < 0.8:
            value = value[place]
            continue
        value[place] = chance.choice([None, 5, -(10**30), "x", "", [], {}, True, 1.5, [[]], {"a": {}}])
        return
