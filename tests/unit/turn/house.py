"""One process of the turn over a real database: a channel that records, and a responder of each test's own."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.codec import Message
from bot.database import Database
from bot.effects import EffectPolicy, Effects
from bot.engine import Engine
from bot.messages import Address, Incoming, Outcome, Reply, Turn
from bot.outbox import SendPolicy
from bot.turns import Respond, Timing
from channels.base import Limits, Receive

APOLOGIES = {language: Reply(text=f"apology {language}", language=language) for language in ("fi", "en")}
LATE = {language: Reply(text=f"late {language}", language=language) for language in ("fi", "en")}
_ids = itertools.count(1)


class Wire:
    """The channel: what it was asked to send and what it did send; ``trouble`` meets the next calls."""

    name = "wire"
    limits = Limits()

    def __init__(self) -> None:
        self.tried: list[tuple[str, str]] = []
        self.sent: list[str] = []
        self.addresses: list[str] = []
        self.trouble: deque[Exception | None] = deque()
        self.open = asyncio.Event()
        self.open.set()
        self.called = asyncio.Event()

    def routes(self, _receive: Receive) -> Iterator[web.AbstractRouteDef]:
        return iter(())

    async def send(self, address: Address, reply: Reply, *, key: str) -> str | None:
        self.tried.append((key, reply.text))
        self.called.set()
        await self.open.wait()
        error = self.trouble.popleft() if self.trouble else None
        if error is not None:
            raise error
        self.sent.append(reply.text)
        self.addresses.append(address.key)
        return f"sent-{key}"

    async def start(self) -> None: ...

    async def close(self) -> None: ...


@dataclass
class Counting:
    """Answers with the text and the count of the conversation's messages; remembers the turns that it was asked."""

    turns: list[Turn] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [turn.incoming.text for turn in self.turns]

    async def __call__(self, turn: Turn) -> Outcome:
        self.turns.append(turn)
        count = 1 + (turn.state["count"] if turn.state else 0)
        return answer(f"{turn.incoming.text} {count}", state={"count": count})


def answer(*texts: str, state: Any = None, **more: Any) -> Outcome:
    """An outcome that says these."""
    return Outcome(state=state, language="en", replies=tuple(Reply(text=text, language="en") for text in texts), **more)


@dataclass
class House:
    """One process."""

    database: Database
    engine: Engine
    wire: Wire
    effects: Effects

    async def say(self, text: str, *, by: str = "citizen", message_id: str | None = None, **more: Any) -> None:
        """Hand a message in and return when it is kept."""
        await self.engine.handle(incoming(text, by=by, message_id=message_id, **more))

    async def keep(self, text: str) -> None:
        """Keep a message and do no more, as a process that is killed then."""
        await self.engine.inbox.accept(Message(incoming=incoming(text)), ready=lambda _: False)

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.database.pool.fetch(statement, *values)]

    async def value(self, statement: str, *values: Any) -> Any:
        return await self.database.pool.fetchval(statement, *values)

    async def state(self) -> Any:
        """The state of the only conversation."""
        row = await self.database.pool.fetchrow("SELECT person_id, state FROM conversations")
        assert row is not None
        return None if row["state"] is None else (await self.engine.sealer.of(row["person_id"])).open_json(row["state"])

    async def swept(self) -> int:
        """One sweep, and all that it takes up."""
        found = await self.engine.sweep()
        await self.engine.idle()
        return found

    async def run_effects(self) -> None:
        """Run what is due, as jobs would, and the turns of the results."""
        due = "SELECT id FROM effects WHERE status IN ('waiting', 'running') AND due_at <= now() ORDER BY id"
        for (number,) in await self.rows(due):
            await self.effects.run(number)
        await self.engine.idle()


def incoming(text: str, *, by: str = "citizen", message_id: str | None = None, **more: Any) -> Incoming:
    """A message under an id of its own."""
    return Incoming(
        address=Address(Wire.name, by),
        message_id=message_id or f"m{next(_ids)}",
        received_at=more.pop("received_at", datetime.now(UTC)),
        text=text,
        **more,
    )


@asynccontextmanager
async def house(
    url: str,
    respond: Respond,
    *,
    wire: Wire | None = None,
    guard: Callable[[Incoming], Reply | None] = lambda _: None,
    timing: Timing | None = None,
    sending: SendPolicy | None = None,
    services: Mapping[str, object] | None = None,
    effects: EffectPolicy | None = None,
    final: tuple[type[Exception], ...] = (),
    **more: Any,
) -> AsyncIterator[House]:
    """A process until the block ends. It sweeps when it is told to."""
    wire = wire or Wire()
    async with Database(url) as database:
        engine = Engine(
            database,
            {wire.name: wire},
            respond,
            guard,
            apologies=APOLOGIES,
            late=LATE,
            timing=timing or Timing(retry=0.001),
            sending=sending,
            **more,
        )
        worker = Effects(database, engine, services or {}, policy=effects, final=final, chance=lambda: 0.0)
        try:
            yield House(database, engine, wire, worker)
        finally:
            wire.open.set()
            await engine.stop(within=1.0)


async def until(look: Callable[[], Any], *, every: float = 0.005) -> None:
    """Wait for something that another task or process does; look every so many seconds."""
    async with asyncio.timeout(20):
        while True:
            found = look()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(every)
