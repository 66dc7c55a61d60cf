"""What staff see of the queue and of a conversation. Only those that a person was asked for can be seen."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict
from uuid import UUID

import asyncpg

from bot.codec import UNREADABLE, Sealer
from bot.database import Database
from bot.handoff_sql import FIRST
from bot.trail import Reader, Trail

QUEUE = f"""
SELECT conversation_id, channel, language, skill, reason, status, agent, agent_name, requested_at FROM handoffs
WHERE status <> 'closed' AND ($1::text IS NULL OR language = $1) AND ($2::text IS NULL OR skill = $2)
ORDER BY array_position(ARRAY['waiting', 'callback', 'owned'], status), {FIRST}, requested_at, id
LIMIT 200
"""  # noqa: S608  names of ours
"""language or none, skill or none."""

HANDOFF = """
SELECT conversation_id, channel, language, skill, reason, status, agent, agent_name, requested_at FROM handoffs
WHERE conversation_id = $1 ORDER BY requested_at DESC LIMIT 1
"""
"""conversation. Its last handoff."""

SAID = """
SELECT t.id, t.kind, t.body, t.author, t.created_at, t.person_id, o.status
FROM transcript t LEFT JOIN outbox o ON o.id = t.id
WHERE t.conversation_id = $1 AND t.kind <> 'result'
ORDER BY t.id DESC LIMIT 200
"""
"""conversation."""

NOTES = (
    "SELECT person_id, author, body, created_at FROM handoff_notes WHERE conversation_id = $1 ORDER BY id DESC LIMIT 50"
)
"""conversation."""


class Waiting(TypedDict):
    """A conversation in the queue. ``agent`` is the subject of who owns it."""

    conversation_id: UUID
    channel: str
    language: str
    skill: str | None
    reason: str
    status: str
    agent: str | None
    agent_name: str | None
    requested_at: datetime


class Said(TypedDict):
    """One message. ``kind`` is as in the transcript, ``status`` how far an outgoing one has come."""

    id: int
    kind: str
    text: str
    author: str | None
    at: datetime
    status: str | None


class Note(TypedDict):
    """What staff wrote beside a conversation."""

    author: str
    text: str
    at: datetime


class Views:
    """Reads for staff."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer
        self._trail = Trail(database)

    async def read_by(self, conversation_id: UUID, agent: str, role: str, ip_address: str | None) -> None:
        """Write down that a member of staff reads a conversation, before they do. Raises one of ``DOWN``."""
        await self._trail.read(conversation_id, Reader(agent=agent, role=role, ip_address=ip_address))

    async def acted_by(
        self, conversation_id: UUID, act: str, agent: str, role: str, ip_address: str | None, *, done: bool
    ) -> None:
        """Write down what a member of staff did, or was too late to do. Raises one of ``DOWN``."""
        reader = Reader(agent=agent, role=role, ip_address=ip_address)
        await self._trail.acted(conversation_id, reader, act, done=done)

    async def queue(self, language: str | None = None, skill: str | None = None) -> list[Waiting]:
        """Who waits (the first one first), who is owed a call back, and who is answered. Raises one of ``DOWN``."""
        return [_waiting(row) for row in await self._database.pool.fetch(QUEUE, language, skill)]

    async def handoff(self, conversation_id: UUID) -> Waiting | None:
        """The last handoff of a conversation; ``None`` where no person was ever asked for."""
        row = await self._database.pool.fetchrow(HANDOFF, conversation_id)
        return None if row is None else _waiting(row)

    async def said(self, conversation_id: UUID) -> list[Said]:
        """The last 200 messages, the oldest first."""
        return [await self._said(row) for row in reversed(await self._database.pool.fetch(SAID, conversation_id))]

    async def notes(self, conversation_id: UUID) -> list[Note]:
        """The last 50 notes, the newest first."""
        rows = await self._database.pool.fetch(NOTES, conversation_id)
        return [Note(author=row["author"], text=await self._note(row), at=row["created_at"]) for row in rows]

    async def _note(self, row: asyncpg.Record) -> str:
        try:
            return (await self._sealer.of(row["person_id"])).open_text(row["body"])
        except UNREADABLE:
            return "…"

    async def _said(self, row: asyncpg.Record) -> Said:
        return Said(
            id=row["id"],
            kind=row["kind"],
            text=await self._text(row),
            author=row["author"],
            at=row["created_at"],
            status=row["status"],
        )

    async def _text(self, row: asyncpg.Record) -> str:
        try:
            content = await self._sealer.of(row["person_id"])
            if row["kind"] != "message":
                return content.open_reply(row["body"]).text
            incoming = content.open_incoming(row["body"])
        except UNREADABLE:
            return "…"
        return " ".join([incoming.text, *("🖼" for _ in incoming.photos), *(["📍"] if incoming.location else [])])


def _waiting(row: asyncpg.Record) -> Waiting:
    return Waiting(
        conversation_id=row["conversation_id"],
        channel=row["channel"],
        language=row["language"],
        skill=row["skill"],
        reason=row["reason"],
        status=row["status"],
        agent=row["agent"],
        agent_name=row["agent_name"],
        requested_at=row["requested_at"],
    )
