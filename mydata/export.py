"""All that is held of a person, to take along: a JSON document (``export.schema.json``), or an archive with pictures.

Both are made while they are read, a page of rows and one picture in memory at a time, and hold no connection between.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from mydata import export_sql as sql
from mydata.export_rows import Opened, Row, Sealer, moment
from mydata.holdings import counted

FORMAT, VERSION = "neuvo-mydata", 1
PAGE = 200
FIRST = {"uuid": UUID(int=0), "number": 0, "bytes": b""}

Consents = Callable[[UUID], Awaitable[Sequence[Mapping[str, Any]]]]
"""What a person allowed and took back, in order, as JSON: at least ``at``, ``purpose`` and ``kind``."""

Apart = Callable[[UUID], AsyncIterator[Row]]
"""What is kept of a person by pseudonym, apart from all else, as JSON: each with its ``kind``."""


class Event(NamedTuple):
    """A step through an export: a list begins or ends, an item of it has more lists in it, or is whole."""

    what: Literal["begin", "end", "open", "close", "item"]
    name: str
    value: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A list of the document. ``key`` is the type of its rows' ids, by which pages follow one another."""

    name: str
    statement: str
    key: Literal["uuid", "number", "bytes"]
    shape: Callable[[Opened, asyncpg.Record], Awaitable[Row]] = Opened.plain


OF_CONVERSATION = (
    _Part(name="messages", statement=sql.MESSAGES, key="number", shape=Opened.message),
    _Part(name="arrivals", statement=sql.ARRIVALS, key="number", shape=Opened.arrival),
    _Part(name="pictures", statement=sql.PICTURES, key="uuid", shape=Opened.picture),
    _Part(name="effects", statement=sql.EFFECTS, key="number", shape=Opened.effect),
    _Part(name="handoffs", statement=sql.HANDOFFS, key="uuid"),
    _Part(name="notes", statement=sql.NOTES, key="number", shape=Opened.note),
)
OF_PERSON = (
    _Part(name="nudges", statement=sql.NUDGES, key="uuid", shape=Opened.nudge),
    _Part(name="subscriptions", statement=sql.SUBSCRIPTIONS, key="uuid", shape=Opened.subscription),
    _Part(name="logins", statement=sql.LOGINS, key="bytes"),
    _Part(name="guardians", statement=sql.GUARDIANS, key="uuid"),
    _Part(name="accesses", statement=sql.ACCESSES, key="number"),
    _Part(name="legal_holds", statement=sql.HOLDS, key="number"),
)


class Exports:
    """Makes exports. Methods raise what asyncpg raises when a database is away.

    Whoever asks for one writes that down before (``Accesses.note``), so that it is in it.
    """

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        *,
        unreadable: tuple[type[Exception], ...],
        consents: Consents | None = None,
        health: Apart | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """``unreadable`` are the errors of content that cannot be opened, here or ever."""
        self._pool = pool
        self._sealer = sealer
        self._unreadable = unreadable
        self._consents = consents
        self._health = health
        self._now = now

    async def document(self, person_id: UUID) -> AsyncIterator[bytes]:
        """The JSON document, in pieces; nothing at all for who is not there."""
        separate = False
        async for event in self.walk(person_id):
            piece = _piece(event, separate=separate)
            separate = event.what in {"item", "end", "close"}
            yield piece

    async def walk(self, person_id: UUID) -> AsyncIterator[Event]:
        """All of it in its order: the person, their conversations with what is in each, and the rest."""
        person = await self._pool().fetchrow(sql.PERSON, person_id)
        if person is None:
            return
        opened = Opened(self._sealer, self._unreadable)
        yield Event("open", "", await self._head(person))
        yield Event("begin", "conversations", {})
        async for row in self._rows(_Part(name="", statement=sql.CONVERSATIONS, key="uuid"), person_id):
            yield Event("open", "conversations", await opened.conversation(row))
            for part in OF_CONVERSATION:
                async for event in self._part(part, row["id"], opened):
                    yield event
            yield Event("close", "conversations", {})
        yield Event("end", "conversations", {})
        yield Event("begin", "consents", {})
        for consent in await self._consents(person_id) if self._consents is not None else ():
            yield Event("item", "consents", dict(consent))
        yield Event("end", "consents", {})
        yield Event("begin", "health", {})
        if self._health is not None:
            async for kept in self._health(person_id):
                yield Event("item", "health", kept)
        yield Event("end", "health", {})
        for part in OF_PERSON:
            async for event in self._part(part, person_id, opened):
                yield event
        yield Event("close", "", {})

    async def picture(self, picture_id: UUID) -> bytes | None:
        """The bytes of a picture; ``None`` where it is gone or cannot be opened."""
        row = await self._pool().fetchrow(sql.PICTURE, picture_id)
        if row is None:
            return None
        opened = Opened(self._sealer, self._unreadable)
        data: bytes | None = (await opened.read(row, lambda c: {"data": c.open_file(row["body"])})).get("data")
        return data

    async def _head(self, person: asyncpg.Record) -> Row:
        async with self._pool().acquire() as connection:
            rows = {table: count for table, count in (await counted(connection, person["id"])).items() if count}
        about = {"id": str(person["id"]), "since": moment(person["created_at"]), "loa": person["loa"]}
        return {"format": FORMAT, "version": VERSION, "made_at": moment(self._now()), "person": about, "rows": rows}

    async def _part(self, part: _Part, of: UUID, opened: Opened) -> AsyncIterator[Event]:
        yield Event("begin", part.name, {})
        async for row in self._rows(part, of):
            yield Event("item", part.name, await part.shape(opened, row))
        yield Event("end", part.name, {})

    async def _rows(self, part: _Part, of: UUID) -> AsyncIterator[asyncpg.Record]:
        after: object = FIRST[part.key]
        while rows := await self._pool().fetch(part.statement, of, after, PAGE):
            for row in rows:
                yield row
            after = rows[-1]["id"]


def _piece(event: Event, *, separate: bool) -> bytes:
    comma = b"," if separate else b""
    if event.what == "begin":
        return b"," + orjson.dumps(event.name) + b":["
    if event.what == "end":
        return b"]"
    if event.what == "close":
        return b"}"
    whole = orjson.dumps(event.value)
    return comma + (whole[:-1] if event.what == "open" else whole)


class _Drain(io.RawIOBase):
    """What is written and not yet taken; it cannot be gone back in, as the network cannot."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def write(self, data: Any, /) -> int:
        self._kept += data
        return len(data)

    def take(self) -> bytes:
        """All that was written since."""
        taken = bytes(self._kept)
        self._kept.clear()
        return taken


async def archive(
    exports: Exports, person_id: UUID, page: Callable[[AsyncIterator[Event]], AsyncIterator[bytes]]
) -> AsyncIterator[bytes]:
    """A ZIP archive in pieces: ``data.json``, ``page.html`` to read, and the pictures, each as it was sent."""
    drain, pictures = _Drain(), []

    async def noting() -> AsyncIterator[Event]:
        async for event in exports.walk(person_id):
            if event.what == "item" and event.name == "pictures":
                pictures.append((UUID(event.value["id"]), event.value["file"]))
            yield event

    with zipfile.ZipFile(drain, "w", zipfile.ZIP_DEFLATED) as made:
        for name, pieces in (("data.json", exports.document(person_id)), ("page.html", page(noting()))):
            with made.open(name, "w", force_zip64=True) as file:
                async for piece in pieces:
                    file.write(piece)
                    yield drain.take()
        for id_, name in pictures:
            data = await exports.picture(id_)
            if data is not None:
                made.writestr(zipfile.ZipInfo(name), data)  # pictures are compressed already
                yield drain.take()
    yield drain.take()
