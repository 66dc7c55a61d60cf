"""Pictures: kept once, fetched in the turn, and lost without losing the message."""

from __future__ import annotations

import asyncio
from collections import deque

from bot.messages import Photo
from channels.base import Refused, RetryAfter
from tests.unit.turn.house import Counting, House, Wire, house, until

PICTURE = b"\xff\xd8\xffnot text \x00"


class Album(Wire):
    """A channel that fetches; ``lacks`` meets the next calls."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []
        self.lacks: deque[Exception] = deque()
        self.there = asyncio.Event()
        self.there.set()

    async def fetch(self, photo: Photo) -> Photo:
        self.fetched.append(photo.source)
        await self.there.wait()
        if self.lacks:
            raise self.lacks.popleft()
        return Photo(content_type="image/jpeg", data=PICTURE)


async def load(one: House, photo: Photo) -> Photo | None:
    token = await one.engine.photos.share(photo.id)
    assert token is not None
    assert token == await one.engine.photos.share(photo.id)
    return await one.engine.photos.shared(token)


async def test_a_picture_that_came_with_the_message_is_kept_once(database_url: str) -> None:
    counting = Counting()
    async with house(database_url, counting) as one:
        for _ in range(2):
            photo = Photo(content_type="image/png", data=PICTURE)
            await one.say("kuoppa", message_id="m", photos=(photo,))
        await one.engine.idle()
        (turn,) = counting.turns
        (photo,) = turn.incoming.photos
        assert photo.data == b""
        assert await load(one, photo) == Photo(id=photo.id, content_type="image/png", data=PICTURE)
        assert await one.value("SELECT count(*) FROM attachments") == 1


async def test_a_picture_is_fetched_in_the_turn_and_the_next_message_waits_for_it(database_url: str) -> None:
    counting, album = Counting(), Album()
    album.there.clear()
    async with house(database_url, counting, wire=album) as one:
        await one.say("", photos=(Photo(source="file-1"),))  # returns although the picture is not there
        await one.say("tästä kuopasta")
        await until(lambda: album.fetched)
        assert not counting.turns
        album.there.set()
        await one.engine.idle()
        assert counting.texts == ["", "tästä kuopasta"]
        kept = await load(one, counting.turns[0].incoming.photos[0])
        assert kept is not None
        assert kept.data == PICTURE


async def test_a_picture_that_is_gone_leaves_the_message(database_url: str) -> None:
    counting, album = Counting(), Album()
    album.lacks.append(Refused())
    async with house(database_url, counting, wire=album) as one:
        await one.say("kuoppa", photos=(Photo(source="gone"), Photo(source="there")))
        await one.engine.idle()
        ids = [photo.id for photo in counting.turns[0].incoming.photos]
        assert ids[0] == ""
        assert ids[1] != ""


async def test_a_fetch_that_fails_for_now_is_tried_again(database_url: str) -> None:
    counting, album = Counting(), Album()
    album.lacks.append(RetryAfter())
    async with house(database_url, counting, wire=album) as one:
        await one.say("kuoppa", photos=(Photo(source="file-1"),))
        await one.engine.idle()
        assert counting.turns[0].incoming.photos[0].id
        assert album.fetched == ["file-1", "file-1"]
