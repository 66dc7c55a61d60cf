"""Pictures of citizens, fetched after the acknowledgement."""

from __future__ import annotations

import io
import os
import random

import pytest
from PIL import Image

from bot.messages import Photo
from channels.base import Fetching, Refused, RetryAfter
from channels.images import LONGEST_FILE
from channels.telegram import channel
from tests.contract.telegram_stand import Fault
from tests.unit.telegram.house import Server, house_and_stand


def drawn(side: int = 40) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), "teal").save(file, "PNG")
    return file.getvalue()


async def test_a_picture_is_fetched_and_made_ours(server: Server) -> None:
    assert isinstance(server.channel, Fetching)
    server.stand.files["kuoppa"] = drawn()
    found = await server.channel.fetch(Photo(source="kuoppa"))
    assert found.content_type == "image/jpeg"
    assert found.data.startswith(b"\xff\xd8")


@pytest.mark.parametrize(
    "data", [b"", b"MZ" * 100, drawn()[:50], os.urandom(LONGEST_FILE + 1), b"x" * (21 * 1024 * 1024)]
)
async def test_what_is_no_picture_of_ours_is_refused(server: Server, data: bytes) -> None:
    server.stand.files["f"] = data
    with pytest.raises(Refused):
        await server.channel.fetch(Photo(source="f"))


async def test_a_large_file_is_not_even_downloaded(server: Server) -> None:
    server.stand.files["f"] = b"x" * (LONGEST_FILE + 1)
    server.stand.faults["file"].append(Fault(hang=30))
    with pytest.raises(Refused):
        await server.channel.fetch(Photo(source="f"))


async def test_a_picture_that_is_gone_is_refused(server: Server) -> None:
    with pytest.raises(Refused):
        await server.channel.fetch(Photo(source=f"gone-{random.random()}"))


async def test_a_slow_or_failing_download_is_tried_again(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "FETCH_WITHIN", 0.2)
    async with house_and_stand(database_url) as server:
        server.stand.files["f"] = drawn()
        server.stand.faults["file"].append(Fault(hang=1))
        server.stand.faults["getFile"] += [
            Fault(),
            Fault.of(500, "x"),
            Fault.of(429, "x", retry_after=7),
            Fault(body="[]"),
        ]
        for _ in range(4):
            with pytest.raises(RetryAfter):
                await server.channel.fetch(Photo(source="f"))
        assert (await server.channel.fetch(Photo(source="f"))).data


async def test_a_wrong_token_loses_no_picture(database_url: str) -> None:
    async with house_and_stand(database_url, token="4242:wrong") as server:
        with pytest.raises(RetryAfter):
            await server.channel.fetch(Photo(source="f"))
