"""Requests that make nudges: taken once for each name that the sender gave them, and answered the same again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Protocol

import asyncpg
from pydantic import BaseModel

from proactive import api_models as models
from proactive import keys_sql as sql
from proactive.api_problems import Kind, Refused
from proactive.api_read import read_body
from proactive.keys import ApiKey
from proactive.nudge import Created
from proactive.nudges import Nudges
from proactive.wanted import Fault, Wanted


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body of JSON; ``again``: it was given before."""

    status: int
    body: str
    again: bool = False


class Row(Protocol):
    """One message as it was sent."""

    def wanted(self) -> Wanted:
        """As the store takes it."""


class Intake:
    """The table ``api_requests`` over the store. Methods raise what asyncpg raises when the database is away."""

    def __init__(self, pool: Callable[[], asyncpg.Pool[Any]], nudges: Nudges) -> None:
        self._pool = pool
        self._nudges = nudges

    async def take(self, key: ApiKey, name: str | None, data: bytes) -> Answer:
        """Take the body of a request. ``name`` is the sender's own of it.

        A request whose answer was lost makes nothing twice, even where it was not remembered yet: its rows have names.
        Raises ``Refused`` and ``api_read.Unreadable``.
        """
        digest = hashlib.sha256(data).digest()
        before = None if name is None else await self._before(key, name, digest)
        if before is not None:
            return before
        body = read_body(data)
        answer = await (self._batch(key, name, body) if isinstance(body, Sequence) else self._one(key, name, body))
        if name is not None:
            said = json.dumps({"status": answer.status, "body": json.loads(answer.body)})
            if not await self._pool().fetchval(sql.ANSWER, key.id, name, digest, said):
                return await self._before(key, name, digest) or answer
        return answer

    async def _before(self, key: ApiKey, name: str, digest: bytes) -> Answer | None:
        row = await self._pool().fetchrow(sql.ANSWERED, key.id, name)
        if row is None:
            return None
        if row["digest"] != digest:
            raise Refused(Kind.REUSED)
        said = json.loads(row["response"])
        return Answer(said["status"], json.dumps(said["body"]), again=True)

    async def _one(self, key: ApiKey, name: str | None, row: Row) -> Answer:
        (created,) = await self._create(key, [_wanted(row, key, name, 0)])
        if created.fault is not None:
            raise Refused(Kind.INVALID, [created.fault])
        return _answer(models.Made(**_made(created)), 200 if created.duplicate else 201)

    async def _batch(self, key: ApiKey, name: str | None, rows: Sequence[Row | Fault]) -> Answer:
        wanted = {index: _wanted(row, key, name, index) for index, row in enumerate(rows) if not isinstance(row, Fault)}
        created = dict(zip(wanted, await self._create(key, list(wanted.values())), strict=True))
        faults = {index: row for index, row in enumerate(rows) if isinstance(row, Fault)}
        faults |= {index: one.fault for index, one in created.items() if one.fault is not None}
        if len(faults) == len(rows):
            raise Refused(Kind.INVALID, [_in_row(index, fault) for index, fault in sorted(faults.items())])
        given: list[models.MadeRow | models.RefusedRow] = [
            models.RefusedRow(index=index, error=models.Fault(**asdict(faults[index])))
            if index in faults
            else models.MadeRow(index=index, **_made(created[index]))
            for index in range(len(rows))
        ]
        duplicates = sum(one.duplicate for one in created.values())
        made = len(rows) - len(faults) - duplicates
        body = models.BatchMade(created=made, duplicates=duplicates, refused=len(faults), nudges=given)
        return _answer(body, 200)

    async def _create(self, key: ApiKey, wanted: Sequence[Wanted]) -> Sequence[Created]:
        only = (key.recipients or frozenset()) if key.mode == "team" else None
        return await self._nudges.create(wanted, maker=key.id.bytes, only=only)


def _wanted(row: Row, key: ApiKey, name: str | None, index: int) -> Wanted:
    """As the key wants it; what has no name of its own has the request's, where that has one."""
    wanted = row.wanted()
    own = f"own {wanted.dedupe}" if wanted.dedupe is not None else None
    place = f"request {index} {name}" if name is not None else None
    return replace(wanted, mode=key.mode, key_id=key.id, dedupe=own or place)


def _in_row(index: int, fault: Fault) -> Fault:
    return replace(fault, field=f"nudges.{index}.{fault.field}")


def _made(created: Created) -> dict[str, Any]:
    return {"id": created.id, "status": created.status, "duplicate": created.duplicate}


def _answer(body: BaseModel, status: int) -> Answer:
    return Answer(status, body.model_dump_json())
