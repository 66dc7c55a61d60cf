"""People behind the bot: a wish waits in a queue, one member of staff owns the conversation, and gives it back.

What staff say goes into the transcript and the outbox in one transaction, and out by the same sender as everything
else, so that it survives a restart of either side and keeps its place in the order.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid5

from bot import handoff_sql as sql
from bot.codec import UNREADABLE
from bot.database import Database
from bot.engine import Engine
from bot.messages import JSON, Reply
from bot.queue import Connection

LONGEST = 4000
"""Characters of one message of staff."""


class Texts(Protocol):
    """The city's sentences."""

    def __call__(self, key: str, language: str, **values: object) -> str:
        """The sentence under a dotted key."""


class Hours(Protocol):
    """When people answer."""

    def open(self, language: str, now: datetime) -> bool:
        """Whether somebody answers in a language at a moment."""

    def words(self, language: str) -> str:
        """The hours, as they are said in that language."""


class _NothingToKeep(Exception):
    """Rolls a transaction back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a citizen waits: in the queue, and for an answer of who owns the conversation."""

    queue: timedelta = timedelta(minutes=10)
    answer: timedelta = timedelta(minutes=10)


class Handoffs:
    """The queue, and who owns what. Agents are named by the subject of their login."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        texts: Texts,
        hours: Hours,
        *,
        patience: Patience | None = None,
        skill_of: Callable[[str, str], str | None] = lambda _text, _language: None,
    ) -> None:
        """``skill_of`` tells from a text and its language which of the city's people should answer, if it can."""
        self._skill_of = skill_of
        self._database = database
        self._engine = engine
        self._texts = texts
        self._hours = hours
        self._patience = patience or Patience()

    async def request(
        self, key: str, conversation_id: str, reason: str, language: str, skill: str | None = None
    ) -> JSON:
        """Put a conversation into the queue, once for each ``key``; an effect's method. Raises one of ``DOWN``.

        ``skill`` says who should answer, where what was written last does not tell it. One who waits already waits
        for the more urgent reason from then on.

        Gives ``status`` (``waiting``, ``callback`` outside hours, ``owned``, ``closed``), ``position`` in the queue
        from 1, the ``hours`` in words, and the ``reason``.
        """
        conversation = UUID(conversation_id)
        status = "waiting" if self._hours.open(language, self._engine.now()) else "callback"
        skill = skill or await self._skill(conversation, language)
        async with self._database.pool.acquire() as connection, connection.transaction():
            values = (uuid5(conversation, key), conversation, language, reason, status, skill)
            await connection.execute(sql.REQUEST, *values)
            await connection.execute(sql.RAISE, conversation, reason, status, skill)
            row = await connection.fetchrow(sql.PLACE, conversation)
            await connection.execute(sql.NOTIFY, conversation)
        found: Mapping[str, object] = row or {"status": "closed", "place": 0}
        hours = self._hours.words(language)
        return {"status": found["status"], "position": found["place"], "hours": hours, "reason": reason}

    async def claim(self, conversation_id: UUID, agent: str, name: str) -> bool:
        """Own a conversation that waits; false when somebody else was quicker. The citizen is told who has come."""
        return await self._change(conversation_id, sql.TAKE, (agent, name), "human.joined", {"name": name})

    async def close(self, conversation_id: UUID, agent: str, name: str, reason: str) -> bool:
        """Give a conversation back to the bot; false when it is not the agent's. The citizen is told."""
        return await self._change(conversation_id, sql.CLOSE, (agent, reason), "human.left", {"name": name})

    async def transfer(
        self, conversation_id: UUID, agent: str, name: str, *, language: str | None = None, skill: str | None = None
    ) -> bool:
        """Put a conversation back into a queue, in its old place; false when it is not the agent's."""
        values = (agent, language, skill)
        return await self._change(conversation_id, sql.TRANSFER, values, "human.transferred", {"name": name})

    async def hand_over(self, conversation_id: UUID, agent: str, to: str, to_name: str) -> bool:
        """Give a conversation to another member of staff; false when it is not the agent's. The citizen is told."""
        values = (agent, to, to_name)
        return await self._change(conversation_id, sql.HAND_OVER, values, "human.joined", {"name": to_name})

    async def note(self, conversation_id: UUID, name: str, text: str) -> bool:
        """Write something beside a conversation, for staff alone; false where no person was ever asked for."""
        async with self._database.pool.acquire() as connection, connection.transaction():
            person = await connection.fetchval(sql.PERSON, conversation_id)
            if person is None:
                return False
            body = (await self._engine.sealer.of(person)).text(text[:LONGEST])
            await connection.execute(sql.NOTE, conversation_id, person, name, body)
            await connection.execute(sql.NOTIFY, conversation_id)
        return True

    async def say(self, conversation_id: UUID, agent: str, text: str, key: UUID) -> bool:
        """Say something as a person, once for each ``key``; false when the conversation is not the agent's."""
        async with self._database.pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(sql.OWNED, conversation_id, agent)
            if row is None:
                return False
            reply = Reply(text=text[:LONGEST], language=row["language"] or "fi")
            await self._speak(connection, conversation_id, row["person_id"], reply, author=agent, key=key)
        await self._engine.outbox.resume(conversation_id)
        return True

    async def sweep(self) -> int:
        """Tell those who have waited too long, and take back what its owner forgot; how many. Raises ``DOWN``."""
        pool, told = self._database.pool, 0
        for row in await pool.fetch(sql.IMPATIENT, self._patience.queue):
            values = (self._patience.queue,)
            told += await self._change(row["conversation_id"], sql.CALL_BACK, values, "human.nobody", {})
        for row in await pool.fetch(sql.FORSAKEN, self._patience.answer):
            values = (self._patience.answer,)
            told += await self._change(row["conversation_id"], sql.TAKE_BACK, values, "human.silent", {})
        return told

    async def _skill(self, conversation: UUID, language: str) -> str | None:
        """What the newest message that tells it is about."""
        for row in await self._database.pool.fetch(sql.LAST_SAID, conversation):
            with contextlib.suppress(*UNREADABLE):
                said = (await self._engine.sealer.of(row["person_id"])).open_incoming(row["body"])
                skill = self._skill_of(said.text, language)
                if skill is not None:
                    return skill
        return None

    async def _change(
        self,
        conversation_id: UUID,
        statement: str,
        values: tuple[object, ...],
        said: str,
        words: Mapping[str, object],
    ) -> bool:
        """Change who owns a conversation and tell its citizen, or do neither."""
        try:
            async with self._database.pool.acquire() as connection, connection.transaction():
                row = await connection.fetchrow(statement, conversation_id, *values)
                if row is None:
                    raise _NothingToKeep  # noqa: TRY301  it is what rolls back
                language = row["language"]
                hours = self._hours.words(language)
                reply = Reply(text=self._texts(said, language, **words, hours=hours), language=language)
                await self._speak(connection, conversation_id, row["person_id"], reply)
        except _NothingToKeep:
            return False
        await self._engine.outbox.resume(conversation_id)
        return True

    async def _speak(
        self,
        connection: Connection,
        conversation_id: UUID,
        person_id: UUID,
        reply: Reply,
        *,
        author: str | None = None,
        key: UUID | None = None,
    ) -> None:
        """Into the transcript and the outbox; without an author it is the server that speaks of its people."""
        body = (await self._engine.sealer.of(person_id)).reply(reply)
        kind = "agent" if author is not None else "reply"
        await connection.execute(sql.SPEAK, conversation_id, kind, body, author, key)
        await connection.execute(sql.NOTIFY, conversation_id)
