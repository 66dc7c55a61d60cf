"""How citizens answer what the city wrote first: what can still be chosen, and the last choice that was taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid5

import asyncpg

from bot.messages import JSON
from proactive import answers_sql as sql
from proactive.claimed import Connection
from proactive.template import Template, Templates, UnknownTemplate

Changed = Callable[[Connection, Sequence[UUID]], Awaitable[object]]
OVER = frozenset(("cancelled", "expired"))
"""Statuses of a nudge that cannot be answered any more."""


class Content(Protocol):
    """What is sealed by one person's key."""

    def open_json(self, data: bytes) -> JSON:
        """The JSON value."""


class Sealer(Protocol):
    """The content of every person."""

    async def of(self, person: UUID) -> Content:
        """One person's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A nudge that can be answered, in the version of its template that was sent; ``answer`` is what was chosen."""

    id: UUID
    template: Template
    values: Mapping[str, JSON] = field(repr=False)
    answer: str | None


class Answers:
    """What is not of a conversation's person is nobody's. Methods raise what asyncpg raises when it is away."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        templates: Templates,
        *,
        lost: tuple[type[Exception], ...],
        changed: Changed,
        now: Callable[[], datetime],
    ) -> None:
        """``lost`` is what opening raises of who has no key any more; ``changed`` hears of nudges in a transaction."""
        self._pool = pool
        self._sealer = sealer
        self._templates = templates
        self._lost = lost
        self._changed = changed
        self._now = now

    async def asked(self, conversation: UUID, nudge: UUID) -> Asked | None:
        """A nudge, if it can still be answered. A check-in always can."""
        row = await self._pool().fetchrow(sql.FIND, nudge, conversation)
        template = None if row is None else self._open(row)
        if row is None or template is None:
            return None
        try:
            values = (await self._sealer.of(row["person_id"])).open_json(row["values"])
        except self._lost:
            return None
        return Asked(id=nudge, template=template, values=values, answer=row["answer"])

    async def record(self, key: str, conversation: UUID, nudge: UUID, choice: str) -> bool:
        """A choice was taken, once for each ``key``; false where there is no such choice any more."""
        async with self._pool().acquire() as connection, connection.transaction():
            row = await connection.fetchrow(sql.LOCK, nudge, conversation)
            template = None if row is None else self._open(row)
            if row is None or template is None or template.choice(choice) is None:
                return False
            await self._write(connection, uuid5(conversation, key), row, choice)
            if template.alarm is not None:
                await connection.execute(sql.HEARD, row["owner"], self._now())
        return True

    async def alarmed(self, key: str, conversation: UUID, nudge: UUID) -> Template | None:
        """Help was asked for, whatever has become of the nudge: nothing is asked again, nor is silence told."""
        async with self._pool().acquire() as connection, connection.transaction():
            row = await connection.fetchrow(sql.LOCK, nudge, conversation)
            if row is None:
                return None
            template = self._template(row)
            choice = "" if template is None or template.alarm is None else template.alarm
            await self._write(connection, uuid5(conversation, key), row, choice)
            await connection.execute(sql.HEARD, row["owner"], self._now())
        return template

    async def _write(self, connection: Connection, answer: UUID, row: asyncpg.Record, choice: str) -> None:
        now = self._now()
        if await connection.fetchval(sql.ANSWER, answer, row["id"], choice, now) is None:
            return  # this was recorded before, and something else may have been chosen since
        await connection.execute(sql.TAKE, row["id"], choice or None, now)
        await self._changed(connection, [row["id"]])

    def _open(self, row: asyncpg.Record) -> Template | None:
        """Its template, unless it is too late."""
        template = self._template(row)
        if template is None or template.alarm is not None:
            return template
        return None if row["status"] in OVER or row["expires_at"] <= self._now() else template

    def _template(self, row: asyncpg.Record) -> Template | None:
        try:
            return self._templates.get(row["template"], row["version"])
        except UnknownTemplate:
            return None
