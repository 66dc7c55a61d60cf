"""That staff read a conversation, and what they did in it: for its citizen to see, and for the city's own control."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from bot.database import Database
from mydata import audit
from mydata.accesses import Actor, record
from mydata.audit import Event, Operation

OPERATIONS: dict[str, Operation] = {"note": "CREATE", "say": "CREATE"}
"""Of what is done in a conversation; the rest are updates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A member of staff: the subject of the login, the role that opens the page, and where they are."""

    agent: str
    role: str
    ip_address: str | None = None


class Trail:
    """Writes both. Methods raise one of ``DOWN``: then nothing may be shown either."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, conversation_id: UUID, reader: Reader) -> None:
        """A conversation is about to be read; a page that is opened again within minutes is one reading."""
        pool, actor = self._database.pool, Actor(kind="staff", name=reader.agent)
        if await record(pool, conversation_id, actor, purpose="desk"):
            await audit.write(pool, self._event(conversation_id, reader, "READ"))

    async def acted(self, conversation_id: UUID, reader: Reader, act: str, *, done: bool) -> None:
        """Something was done in a conversation, or was too late to be."""
        event = self._event(conversation_id, reader, OPERATIONS.get(act, "UPDATE"), act, done=done)
        await audit.write(self._database.pool, event)

    def _event(
        self, conversation_id: UUID, reader: Reader, operation: Operation, act: str = "", *, done: bool = True
    ) -> Event:
        return Event(
            role=reader.role,
            actor=reader.agent,
            ip_address=reader.ip_address,
            operation=operation,
            target_type="conversation",
            target_id=audit.of_person(conversation_id),
            status="SUCCESS" if done else "FAILED",
            information=act,
        )
