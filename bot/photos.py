"""Pictures that citizens send: fetched in the turn, so that no acknowledgement waits for them, and kept once."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID, uuid5

import structlog

from bot.claims import Conversation
from bot.codec import Content, Sealer
from bot.database import DOWN, Database
from bot.messages import Incoming, Photo
from bot.queue import Connection
from channels.base import Channel, Fetching, Refused, SendError

MOST = 10
"""Pictures of one message that are kept."""
TRIES = (0.5, None)
"""Seconds before a picture that could not be fetched is tried again."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What ``share`` makes."""

KEEP = """
INSERT INTO attachments (id, conversation_id, person_id, content_type, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (id) DO NOTHING
"""
SHARE = "UPDATE attachments SET token = COALESCE(token, $2) WHERE id = $1 RETURNING token"
LOAD = "SELECT id, person_id, content_type, body FROM attachments WHERE token = $1"
KNOWN = "SELECT id FROM attachments WHERE id = ANY($1::uuid[])"

logger = structlog.stdlib.get_logger("photos")


def bare(incoming: Incoming) -> Incoming:
    """The message as the inbox keeps it: its pictures without their data, and no more of them than are kept."""
    return replace(incoming, photos=tuple(replace(photo, data=b"") for photo in incoming.photos[:MOST]))


class Photos:
    """The table ``attachments``."""

    def __init__(
        self, database: Database, sealer: Sealer, channels: Mapping[str, Channel], *, within: float = 8.0
    ) -> None:
        """``within`` is how many seconds a turn waits for its pictures."""
        self._database = database
        self._sealer = sealer
        self._channels = channels
        self._within = within

    async def settle(self, conversation: Conversation, content: Content, number: int, incoming: Incoming) -> Incoming:
        """The message with ids for its pictures; one that could not be had is left without. Raises one of ``DOWN``."""
        if not incoming.photos:
            return incoming
        ids = [photo_id(conversation, number, place) for place in range(len(incoming.photos))]
        known = {row["id"] for row in await self._database.pool.fetch(KNOWN, ids)}
        wanted = [(id_, photo) for id_, photo in zip(ids, incoming.photos, strict=True) if id_ not in known]
        fetched = await asyncio.gather(*(self._fetch(incoming.address.channel, photo) for _, photo in wanted))
        for (id_, _), photo in zip(wanted, fetched, strict=True):
            if photo is not None:
                await self._database.pool.execute(KEEP, *_row(conversation, content, id_, photo))
                known.add(id_)
        return replace(incoming, photos=tuple(Photo(id=str(id_) if id_ in known else "") for id_ in ids))

    async def share(self, photo_id: str) -> str | None:
        """The token by which whoever has it can see the picture; ``None`` when it is gone. Raises one of ``DOWN``."""
        token: str | None = await self._database.pool.fetchval(SHARE, UUID(photo_id), secrets.token_urlsafe(24))
        return token

    async def shared(self, token: str) -> Photo | None:
        """The picture behind a token, with its data; ``None`` when it is no longer there. Raises one of ``DOWN``."""
        if not _TOKEN.fullmatch(token):  # PostgreSQL takes no NUL, and none of ours has one
            return None
        row = await self._database.pool.fetchrow(LOAD, token)
        if row is None:
            return None
        data = (await self._sealer.of(row["person_id"])).open_file(row["body"])
        return Photo(id=str(row["id"]), content_type=row["content_type"], data=data)

    async def keep(
        self,
        connection: Connection,
        conversation: Conversation,
        content: Content,
        number: int,
        photos: Sequence[Photo],
    ) -> None:
        """Keep the pictures that came with their data, in the connection's transaction."""
        rows = [
            _row(conversation, content, photo_id(conversation, number, place), photo)
            for place, photo in enumerate(photos[:MOST])
            if photo.data
        ]
        if rows:
            await connection.executemany(KEEP, rows)

    async def _fetch(self, channel_name: str, photo: Photo) -> Photo | None:
        channel = self._channels[channel_name]
        if not (photo.source and isinstance(channel, Fetching)):
            return None
        try:
            async with asyncio.timeout(self._within):
                return await _patiently(channel, photo)
        except Exception as error:  # whatever it is, the turn goes on, and the dialog says what did not come through
            expected = isinstance(error, (SendError, *DOWN))
            logger.warning("photo_not_fetched", channel=channel_name, exc_info=None if expected else error)
            return None


def _row(conversation: Conversation, content: Content, id_: UUID, photo: Photo) -> tuple[object, ...]:
    return (id_, conversation.id, conversation.person_id, photo.content_type, content.file(photo.data))


async def _patiently(channel: Fetching, photo: Photo) -> Photo:
    for wait in TRIES:
        try:
            return await channel.fetch(photo)
        except Refused:
            raise
        except SendError:
            if wait is None:
                raise
            await asyncio.sleep(wait)
    raise AssertionError("the last try returns or raises")


def photo_id(conversation: Conversation, number: int, place: int) -> UUID:
    """The same for the same picture of the same message, so that a repeated turn keeps it once."""
    return uuid5(conversation.id, f"{number}:{place}")
