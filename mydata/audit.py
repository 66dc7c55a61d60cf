"""What staff did, in the shape of the City of Helsinki's audit logs: rows that are only ever added.

The shape is that of its open services (``audit_event`` with actor, operation, target, status, origin, date_time and
date_time_epoch in milliseconds). A target that stands for a person is a digest of its id: who has the id finds the
events, and after an erasure nobody has it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

import asyncpg
import orjson

from mydata.holdings import Connection

Operation = Literal["CREATE", "READ", "UPDATE", "DELETE"]
Status = Literal["SUCCESS", "FORBIDDEN", "FAILED"]
ORIGIN = "NEUVO"
PAGE = 500

WRITE = """
INSERT INTO audit_events (actor_role, actor_id, ip_address, operation, target_type, target_id, status, information)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
"""role, actor, address, operation, type and id of the target, status, information."""

AFTER = "SELECT * FROM audit_events WHERE id > $1 AND ($2::timestamptz IS NULL OR at >= $2) ORDER BY id LIMIT $3"
"""id, since or none, limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that was done. ``actor`` is the subject of a login; ``information`` never has words of a person.

    ``target_id`` is as it is; for a person or a conversation use ``of_person``.
    """

    role: str
    actor: str
    operation: Operation
    target_type: str
    target_id: str = ""
    status: Status = "SUCCESS"
    information: str = ""
    ip_address: str | None = None


def of_person(id_: UUID) -> str:
    """What stands in the log for the id of a person or a conversation: 32 hexadecimal digits of its SHA-256."""
    return hashlib.sha256(b"audit " + id_.bytes).hexdigest()[:32]


async def write(connection: Connection | asyncpg.Pool[Any], event: Event) -> None:
    """Write an event, with the action where the connection is in its transaction."""
    await connection.execute(
        WRITE,
        event.role,
        event.actor,
        event.ip_address,
        event.operation,
        event.target_type,
        event.target_id,
        event.status,
        event.information,
    )


async def exported(
    pool: Callable[[], asyncpg.Pool[Any]], *, since: datetime | None = None, after: int = 0
) -> AsyncIterator[tuple[int, bytes]]:
    """Events in their order: the number of each, to go on ``after`` it another time, and its line of JSON."""
    while rows := await pool().fetch(AFTER, after, since, PAGE):
        for row in rows:
            yield row["id"], line(row)
        after = rows[-1]["id"]


def line(row: asyncpg.Record) -> bytes:
    """One event as JSON, without the end of the line."""
    at: datetime = row["at"].astimezone(UTC)
    event = {
        "origin": ORIGIN,
        "status": row["status"],
        "date_time_epoch": int(at.timestamp() * 1000),
        "date_time": f"{at.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z",
        "actor": {"role": row["actor_role"], "user_id": row["actor_id"], "ip_address": row["ip_address"] or ""},
        "operation": row["operation"],
        "target": {"type": row["target_type"], "id": row["target_id"]},
        "additional_information": row["information"],
    }
    return orjson.dumps({"audit_event": event})
