"""What has arrived: kept once, numbered in order of arrival, claimed oldest first, ended in one guarded commit."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg

from bot import inbox_sql as sql
from bot.claims import Accepted, Claim, Committed, Conversation, Ending, Sealed
from bot.codec import Content, KeyDestroyed, Message, Sealer
from bot.database import Database
from bot.messages import JSON, Address
from bot.photos import Photos, bare
from bot.queue import EFFECT, Connection, enqueue

REMEMBERED = 10_000
"""Conversations whose ids a process remembers; ids never change, so that forgetting one costs a look-up."""


class Inbox:
    """The inbox of all channels."""

    def __init__(
        self, database: Database, sealer: Sealer, photos: Photos, *, lease: timedelta, sending_lease: timedelta
    ) -> None:
        """``lease``: how long a claim lasts; ``sending_lease``: how long the sender of a commit's replies has."""
        self._database = database
        self._sealer = sealer
        self._photos = photos
        self._lease = lease
        self._sending_lease = sending_lease
        self._known: OrderedDict[Address, Conversation] = OrderedDict()

    async def accept(self, message: Message, *, ready: Callable[[UUID | None], bool]) -> Accepted | None:
        """Keep a message, beginning its conversation if need be; ``None`` when it is kept already.

        ``ready`` says whether to claim it at once, where nothing older is unfinished. Raises one of ``DOWN``, and
        ``KeyDestroyed``.
        """
        address = message.incoming.address
        tried: Conversation | None = None
        for _ in range(4):
            conversation = self._known.get(address) or await self._find(address)
            try:
                if conversation is None:
                    return await self._begin(message, claim=ready(None))
                content = await self._sealer.of(conversation.person_id)
                claim = ready(conversation.id)
                async with self._database.pool.acquire() as connection:
                    accepted = await self.accept_in(connection, conversation, content, message, claim=claim)
            except asyncpg.UniqueViolationError as error:
                if error.constraint_name == "inbox_channel_message_id_key":
                    return None
                continue  # another process began this conversation in the same moment
            except KeyDestroyed:
                if self._known.pop(address, None) is None:
                    raise  # its rows are there without it: an older copy of the database, before erasures are replayed
                continue  # erased in this moment: it is begun anew
            if accepted is not None or conversation == tried:
                self._remember(conversation)
                return accepted
            # It is kept already, or the conversation is gone or another person's by now: the next look tells.
            self._known.pop(address, None)
            tried = conversation
        raise TimeoutError("the conversation changed at each look")

    async def accept_in(
        self, connection: Connection, conversation: Conversation, content: Content, message: Message, *, claim: bool
    ) -> Accepted | None:
        """Keep a message of a known conversation, in the connection's transaction if it has one."""
        incoming = message.incoming
        body = content.message(replace(message, incoming=bare(incoming)))
        values = (
            conversation.id,
            conversation.person_id,
            conversation.address.channel,
            self._name(incoming.message_id),
            body,
            claim,
            self._lease,
            incoming.result is None,
        )
        if any(photo.data for photo in incoming.photos):
            async with connection.transaction():
                row = await connection.fetchrow(sql.ACCEPT, *values)
                if row is not None:
                    await self._photos.keep(connection, conversation, content, row["number"], incoming.photos)
        else:
            row = await connection.fetchrow(sql.ACCEPT, *values)
        if row is None:
            return None
        claimed = _claim(conversation, content, row, body, attempts=1) if row["claimed"] else None
        return Accepted(conversation=conversation, claim=claimed)

    async def _find(self, address: Address) -> Conversation | None:
        row = await self._database.pool.fetchrow(sql.FIND, address.channel, self._sealer.lookup(address.key))
        return Conversation(id=row["id"], person_id=row["person_id"], address=address) if row else None

    async def _begin(self, message: Message, *, claim: bool) -> Accepted | None:
        address = message.incoming.address
        conversation = Conversation(id=uuid4(), person_id=uuid4(), address=address)
        content = await self._sealer.of(conversation.person_id, make=True)
        values = (self._sealer.lookup(address.key), content.text(address.key))
        async with self._database.pool.acquire() as connection, connection.transaction():
            await connection.execute(sql.BEGIN, conversation.id, conversation.person_id, address.channel, *values)
            # A message that came under another address before must not leave an empty conversation behind: it raises.
            accepted = await self.accept_in(connection, conversation, content, message, claim=claim)
            if accepted is None:
                raise _kept_already()
        self._remember(conversation)
        return accepted

    def _name(self, message_id: str) -> str:
        """40 characters that stand for a provider's id of a message: it may hold an address, and any length or byte."""
        return self._sealer.lookup(f"message {message_id}").hex()[:40]

    def _remember(self, conversation: Conversation) -> None:
        self._known[conversation.address] = conversation
        self._known.move_to_end(conversation.address)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def claim(self, conversation_id: UUID) -> Claim | None:
        """Claim the oldest unfinished message, counting the attempt; ``None`` when none is free. Raises ``DOWN``."""
        async with self._database.pool.acquire() as connection:
            row = await connection.fetchrow(sql.CLAIM, conversation_id, self._lease)
            if row is None:
                return None
            # A message that was kept while the statement waited for the lock is not in its view of the inbox.
            kept = row if row["body"] else await connection.fetchrow(sql.BODY, conversation_id, row["number"])
        if kept is None:  # forgotten in this moment
            return None
        content = await self._sealer.of(row["person_id"])
        address = Address(row["channel"], content.open_text(row["address"]))
        conversation = Conversation(id=row["id"], person_id=row["person_id"], address=address)
        # The conversation may have become another person's since the message was kept.
        author = content if kept["author"] == row["person_id"] else await self._sealer.of(kept["author"])
        return replace(_claim(conversation, content, row, kept["body"], attempts=row["attempts"]), author=author)

    def open(self, claim: Claim) -> tuple[Message, JSON, JSON]:
        """The message, the state, and what was written first since. Raises ``NewerContent``."""
        state = None if claim.state is None else claim.content.open_json(claim.state)
        beside = [] if claim.beside is None else claim.content.open_json(claim.beside)
        return self.open_message(claim), state, beside

    def open_message(self, claim: Claim) -> Message:
        """The message alone. Raises ``NewerContent``."""
        return claim.author.open_message(claim.body)

    async def release(self, claim: Claim, *, after: timedelta = timedelta(0), counted: bool = False) -> None:
        """Give a claim back, not to be taken again before ``after``; the attempt counts or does not."""
        identity = (claim.conversation.id, claim.fence, claim.number)
        await self._database.pool.execute(sql.RELEASE, *identity, after, 0 if counted else 1)

    def seal(self, claim: Claim, message: Message, ending: Ending) -> Sealed:
        """All that a commit writes. Raises what sealing raises: ``NotJSON`` and errors of texts that are not UTF-8."""
        content = claim.content
        kinds = ["message" if message.incoming.result is None else "result"]
        bodies = [content.incoming(message.incoming)]
        for kind, replies in (("safety", (message.safety,) if message.safety else ()), ("reply", ending.replies)):
            kinds += [kind] * len(replies)
            bodies += [content.reply(reply) for reply in replies]
        state = None if ending.status != "done" else content.json(ending.state)
        identity = (claim.conversation.id, claim.fence, claim.number)
        said = (kinds, bodies, message.safety_id, self._sending_lease, ending.release)
        ids, names = [effect.id for effect in ending.effects], [effect.name for effect in ending.effects]
        arguments = [content.json(list(effect.arguments)) for effect in ending.effects]
        return Sealed(
            values=(*identity, state, ending.language, ending.status, *said),
            effects=(ids, names, arguments) if ids else None,
        )

    async def commit(self, sealed: Sealed) -> Committed | None:
        """End the claimed message: all of it or, when the fence is lost (``None``), nothing. Raises ``DOWN``."""
        async with self._database.pool.acquire() as connection:
            if sealed.effects is None:
                row = await connection.fetchrow(sql.COMMIT, *sealed.values)
            else:
                async with connection.transaction():
                    row = await connection.fetchrow(sql.COMMIT_WITH_EFFECTS, *sealed.values, *sealed.effects)
                    if row is not None and row["effects"]:
                        await enqueue(connection, EFFECT, row["effects"])
        if row is None:
            return None
        return Committed(sending=tuple(row["sending"] or ()), waiting=row["waiting"], more=row["more"])

    async def was_late(self, claim: Claim) -> bool:
        """Whether the message before this one has just been ended as too old to answer."""
        return bool(await self._database.pool.fetchval(sql.WAS_LATE, claim.conversation.id, claim.number - 1))

    async def due(self, limit: int) -> list[UUID]:
        """Conversations with messages that nobody works on. Raises one of ``DOWN``."""
        return [row["conversation_id"] for row in await self._database.pool.fetch(sql.DUE, limit)]

    async def depth(self) -> tuple[int, float]:
        """How many messages wait, and for how many seconds the oldest has."""
        row = await self._database.pool.fetchrow(sql.DEPTH)
        return (row["messages"], row["oldest"]) if row else (0, 0.0)


def _claim(conversation: Conversation, content: Content, row: asyncpg.Record, body: bytes, *, attempts: int) -> Claim:
    return Claim(
        conversation=conversation,
        content=content,
        author=content,
        number=row["number"],
        fence=row["fence"],
        attempts=attempts,
        body=body,
        state=row["state"],
        beside=row["beside"],
        language=row["language"],
        owned=row["owned"],
    )


def _kept_already() -> asyncpg.UniqueViolationError:
    error = asyncpg.UniqueViolationError()
    error.constraint_name = "inbox_channel_message_id_key"
    return error
