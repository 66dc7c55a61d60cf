"""A row of the database as it stands in an export: plain JSON, with ``unreadable`` in place of what cannot be opened.

``unreadable`` is ``key`` where the key is gone, ``newer`` where a later release wrote it, else ``damaged``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import orjson

from bot.messages import JSON, Incoming, Reply

Row = dict[str, Any]
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}
_WHY = {"KeyDestroyed": "key", "NewerContent": "newer"}


class Arrived(Protocol):
    """What the inbox keeps."""

    @property
    def incoming(self) -> Incoming:
        """The message."""


class Content(Protocol):
    """What is sealed by one person's key. Each may raise ``unreadable``, or ``ValueError`` for what is damaged."""

    def open_text(self, data: bytes) -> str:
        """A short text."""

    def open_file(self, data: bytes) -> bytes:
        """A file."""

    def open_message(self, data: bytes) -> Arrived:
        """A message of the inbox."""

    def open_incoming(self, data: bytes) -> Incoming:
        """What a citizen wrote."""

    def open_reply(self, data: bytes) -> Reply:
        """A reply."""

    def open_json(self, data: bytes) -> JSON:
        """A JSON value."""


class Sealer(Protocol):
    """The content of every person."""

    async def of(self, person: UUID) -> Content:
        """One person's. May raise ``unreadable``."""


class Opened:
    """Opens content, the keys of one export kept at hand."""

    def __init__(self, sealer: Sealer, unreadable: tuple[type[Exception], ...]) -> None:
        self._sealer = sealer
        self._unreadable: tuple[type[Exception], ...] = (*unreadable, ValueError)
        self._contents: dict[UUID, Content] = {}

    async def read(self, row: asyncpg.Record, shape: Callable[[Content], Row]) -> Row:
        """What ``shape`` makes of the content, or why it cannot."""
        try:
            return shape(await self._content(row["person_id"]))
        except self._unreadable as error:
            return {"unreadable": _WHY.get(type(error).__name__, "damaged")}

    async def _content(self, person: UUID) -> Content:
        if person not in self._contents:
            self._contents[person] = await self._sealer.of(person)
        return self._contents[person]

    async def conversation(self, row: asyncpg.Record) -> Row:
        """Where a person wrote from, and where a dialog was left."""
        address = await self.read(row, lambda content: {"address": content.open_text(row["address"])})
        state: Row = {}
        if row["state"] is not None:
            state = await self.read(row, lambda content: {"value": content.open_json(row["state"])})
        return {
            "id": str(row["id"]),
            "channel": row["channel"],
            **address,
            "language": row["language"],
            "level": row["level"],
            "since": moment(row["created_at"]),
            "reachable": row["reachable"],
            "opted_out": bool(row["opted_out"]),
            "state": state or None,
        }

    async def message(self, row: asyncpg.Record) -> Row:
        """One message, whoever wrote it."""
        kind, body = row["kind"], row["body"]

        def shape(content: Content) -> Row:
            if kind in {"message", "result"}:
                return said(content.open_incoming(body))
            return replied(content.open_reply(body))

        by = {"message": "you", "result": "service", "agent": "staff"}.get(kind, "city")
        told = {"status": row["status"], "delivery": row["delivery"], "delivered_at": moment(row["delivered_at"])}
        return _bare(at=moment(row["created_at"]), by=by, kind=kind, name=row["name"], **told) | await self.read(
            row, shape
        )

    async def arrival(self, row: asyncpg.Record) -> Row:
        """A message as it was received; its text stands among the messages once it has been answered."""
        times = {"at": moment(row["accepted_at"]), "ended_at": moment(row["ended_at"])}
        plain = _bare(id=row["message_id"], status=row["status"], **times)
        if row["body"] is None:
            return plain
        return plain | await self.read(row, lambda content: said(content.open_message(row["body"]).incoming))

    async def picture(self, row: asyncpg.Record) -> Row:
        """A picture but for its bytes."""
        id_, type_ = str(row["id"]), row["content_type"]
        at, file = moment(row["created_at"]), file_name(row["id"], type_)
        return {"id": id_, "content_type": type_, "file": file, "at": at, "passed_on": row["shared"]}

    async def effect(self, row: asyncpg.Record) -> Row:
        """What was asked of another service. Its answer stands among the messages, under the same ``effect``."""
        plain = _bare(
            effect=row["effect_id"],
            name=row["name"],
            status=row["status"],
            reason=row["reason"],
            at=moment(row["created_at"]),
            ended_at=moment(row["ended_at"]),
        )
        if row["arguments"] is None:
            return plain
        return plain | await self.read(row, lambda content: {"arguments": content.open_json(row["arguments"])})

    async def note(self, row: asyncpg.Record) -> Row:
        """What staff wrote beside a conversation."""
        plain = {"at": moment(row["created_at"]), "name": row["name"]}
        return plain | await self.read(row, lambda content: {"text": content.open_text(row["body"])})

    async def nudge(self, row: asyncpg.Record) -> Row:
        """What the city wrote first: what it was filled with, how far it came, and what was answered."""
        plain = _bare(
            at=moment(row["scheduled_at"]),
            template=row["template"],
            purpose=row["purpose"],
            channel=row["channel"],
            status=row["status"],
            reason=row["reason"],
            sent_at=moment(row["sent_at"]),
            ended_at=moment(row["ended_at"]),
            answer=row["answer"],
            answered_at=moment(row["answered_at"]),
            events=None if row["events"] is None else orjson.loads(row["events"]),
        )
        return plain | await self.read(row, lambda content: {"values": content.open_json(row["values"])})

    async def subscription(self, row: asyncpg.Record) -> Row:
        """What the person has ordered."""
        plain = _bare(
            at=moment(row["created_at"]),
            kind=row["kind"],
            purpose=row["purpose"],
            channel=row["channel"],
            language=row["language"],
            status=row["status"],
            until=None if row["until"] is None else row["until"].isoformat(),
            ended_at=moment(row["ended_at"]),
        )
        return plain | await self.read(row, lambda content: {"details": content.open_json(row["details"])})

    async def plain(self, row: asyncpg.Record) -> Row:
        """A row in which nothing is sealed: all of it but its number."""
        values = {name: moment(value) if isinstance(value, datetime) else value for name, value in row.items()}
        return _bare(**{name: value for name, value in values.items() if name != "id"})


def said(incoming: Incoming) -> Row:
    """What a citizen wrote, or how an effect ended."""
    result, location = incoming.result, incoming.location
    return _bare(
        text=incoming.text if result is None else None,
        payload=incoming.payload,
        pictures=[photo.id for photo in incoming.photos] or None,
        location=[location.latitude, location.longitude] if location is not None else None,
        effect=result.effect_id if result is not None else None,
        value=result.value if result is not None else None,
        error=result.error if result is not None else None,
    )


def replied(reply: Reply) -> Row:
    """What was answered, with all that was shown."""
    shown: Mapping[str, Any] = asdict(reply)
    return {name: value for name, value in shown.items() if value not in (None, (), [])}


def file_name(id_: UUID, content_type: str) -> str:
    """Where a picture is in the archive."""
    ending = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}.get(
        content_type, "bin"
    )
    return f"pictures/{id_}.{ending}"


def moment(value: datetime | None) -> str | None:
    """A time in UTC, ISO 8601."""
    return None if value is None else value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _bare(**values: Any) -> Row:
    return {name: value for name, value in values.items() if value is not None}
