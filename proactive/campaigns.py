"""The store of campaigns: what they say to whom, and who has written and approved them.

Two people stand behind what is sent: whoever has written a campaign cannot approve it, and what is approved is not
changed. The database holds both as constraints.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson

from bot.messages import JSON
from proactive import campaigns_sql as sql
from proactive.campaign import FROM, NAME_LENGTH, Act, Campaign, Outcome, Sealer, Who
from proactive.claimed import Connection
from proactive.template import Templates, UnknownTemplate

Wake = Callable[[Connection], Awaitable[object]]
PATIENT = 120.0
"""Seconds for a statement over all rows of a campaign."""


class Campaigns:
    """The table ``campaigns``. Methods raise what asyncpg raises when the database is away."""

    def __init__(
        self, pool: Callable[[], asyncpg.Pool[Any]], sealer: Sealer, templates: Templates, *, wake: Wake
    ) -> None:
        """``wake`` is told, in the transaction of what has changed, that there is something to do for the workers."""
        self._pool = pool
        self._sealer = sealer
        self._templates = templates
        self._wake = wake

    async def new(self, name: str, template: str, by: Who) -> UUID:
        """Begin a draft with the newest version of a template. Raises ``UnknownTemplate``, also for reviewed ones."""
        found, campaign_id = self._templates.get(template), uuid4()
        if found.reviewed:
            raise UnknownTemplate(template)
        values = (await self._sealer.of(campaign_id, make=True)).json({})
        parts = (name.strip()[:NAME_LENGTH], found.id, found.version, values, by.agent, by.name)
        await self._pool().execute(sql.NEW, campaign_id, *parts)
        return campaign_id

    async def get(self, campaign_id: UUID) -> Campaign | None:
        """One of them."""
        row = await self._pool().fetchrow(sql.GET, campaign_id)
        if row is None:
            return None
        content = await self._sealer.of(campaign_id, make=True)
        audience = None if row["audience"] is None else orjson.loads(row["audience"])
        return Campaign.of(row, values=content.open_json(row["values"]), audience=audience)

    async def list(self, status: str | None = None, *, limit: int = 200) -> Sequence[Mapping[str, Any]]:
        """All of a state, the newest first, without what they say."""
        return [dict(row) for row in await self._pool().fetch(sql.LIST, status, limit)]

    async def change(
        self,
        campaign_id: UUID,
        by: Who,
        *,
        name: str,
        values: Mapping[str, JSON],
        channels: Sequence[str] | None,
        send_at: datetime | None,
    ) -> bool:
        """Write what it says, where and when. False where it is no draft (any more)."""
        sealed = (await self._sealer.of(campaign_id, make=True)).json(dict(values))
        parts = (name.strip()[:NAME_LENGTH], sealed, None if channels is None else list(channels), send_at)
        async with self._pool().acquire() as connection, connection.transaction():
            if await connection.fetchval(sql.CHANGE, campaign_id, by.agent, *parts) is None:
                return False
            await connection.execute(sql.UNLOOK, campaign_id, timeout=PATIENT)
            await self._told(connection, campaign_id)
        return True

    async def look_again(self, campaign_id: UUID) -> None:
        """Let the dry run look at everybody anew."""
        async with self._pool().acquire() as connection, connection.transaction():
            await connection.execute(sql.UNLOOK, campaign_id, timeout=PATIENT)
            await self._told(connection, campaign_id)

    async def act(self, campaign_id: UUID, act: Act, by: Who) -> Outcome:
        """Take it from one state to the next."""
        async with self._pool().acquire() as connection, connection.transaction():
            if await connection.fetchval(sql.ACTS[act], campaign_id, by.agent, by.name) is not None:
                await self._told(connection, campaign_id)
                return "done"
            row = await connection.fetchrow(sql.WHY, campaign_id, by.agent)
        return "late" if row is None or row["status"] not in FROM[act] or act not in sql.GUARDS else _why(row, act)

    async def _told(self, connection: Connection, campaign_id: UUID) -> None:
        await connection.execute(sql.NOTIFY, campaign_id)
        await self._wake(connection)


def _why(row: Mapping[str, Any], act: Act) -> Outcome:
    """Why an act was not done that could be done in this state."""
    if act == "approve" and row["own"]:
        return "own"
    if not row["ready"]:
        return "unlooked"
    return "late" if row["somebody"] else "empty"
