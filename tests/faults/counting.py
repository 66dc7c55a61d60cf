"""A server process for the kill test: the real engine, outbox, web chat and jobs around a responder that counts.

``python -m tests.faults.counting PORT`` with ``DATABASE_URL`` and ``SECRET`` in the environment. It ends on SIGTERM and
when its standard input closes, so that nothing is left running when whoever started it is gone.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Callable, Mapping

from aiohttp import web

from bot import logs
from bot.database import Database
from bot.effects import Effects
from bot.engine import Engine
from bot.http import listen
from bot.jobs import Sweep, Worker
from bot.messages import Effect, Outcome, Reply, Turn
from bot.outbox import SendPolicy
from bot.turns import Respond, Timing
from channels.webchat.channel import WebChat
from channels.webchat.pace import Paces, Rate
from channels.webchat.parts import Manner
from tests.keys import opened_keys
from tests.sentences import LOOK

More = Callable[[Database, Engine, web.Application], Mapping[str, object]]
EVERY = 5
"""Each so many messages of a conversation ask for an effect."""
SLOWEST = 0.03
"""Seconds that the slowest turn thinks: more moments at which a kill meets an open turn."""
# Short, so that a run does not wait a minute for each thing that a killed process held.
TIMING = Timing(accept=5.0, turn=2.0, lease=4.0)
SENDING = SendPolicy(timeout=2.0, lease=8.0)
MUCH = Rate(100_000, 100_000)
HURRIED = Manner(paces=Paces(address=MUCH, talk=MUCH, look=MUCH))
"""The citizens of the kill test write faster than people."""


class Ledger:
    """The service of the effects: writes down each call with its key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, key: str, number: int) -> int:
        await self._database.pool.execute("INSERT INTO faults_calls (key) VALUES ($1)", key)
        await asyncio.sleep(random.uniform(0, SLOWEST))
        return number


async def count(turn: Turn) -> Outcome:
    """Answer the n-th message of a conversation with its text and n, in two parts."""
    await asyncio.sleep(random.uniform(0, SLOWEST))
    counted = 0 if turn.state is None else int(turn.state["count"])
    if turn.incoming.result is not None:
        said = Reply(text=f"noted {turn.incoming.result.value}", language="en")
        return Outcome(state={"count": counted}, language="en", replies=(said,))
    counted += 1
    effects: tuple[Effect, ...] = ()
    if counted % EVERY == 0:
        effects = (
            Effect(id=f"{turn.conversation_id}:{counted}", name=f"ledger.{Ledger.note.__name__}", arguments=(counted,)),
        )
    parts = tuple(Reply(text=f"{turn.incoming.text} {counted} {part}", language="en") for part in ("first", "second"))
    return Outcome(state={"count": counted}, language="en", replies=parts, effects=effects)


async def serve(
    url: str, secret: str, port: int, respond: Respond = count, more: More = lambda _database, _engine, _site: {}
) -> None:
    """Everything in one process, until it is told to stop. ``more`` adds routes to its site, and gives services."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_reader(sys.stdin.fileno(), stop.set)
    async with Database(url) as database, opened_keys(url) as keys:
        public = f"http://127.0.0.1:{port}"
        chat = WebChat(
            lambda: database.pool, keys, secret, public_url=public, look=LOOK, listen_url=url, manner=HURRIED
        )
        apology = Reply(text="apology", language="en")
        engine = Engine(
            database,
            {chat.name: chat},
            respond,
            lambda _: None,
            keys,
            apologies={"en": apology},
            timing=TIMING,
            sending=SENDING,
        )
        site = web.Application()
        services = {"ledger": Ledger(database), **more(database, engine, site)}
        effects = Effects(database, engine, services)
        sweep = Sweep(engine, effects, every=0.5)
        worker = Worker(database, effects, sweep)
        site.add_routes(chat.routes(engine.handle))
        await chat.start()
        running = [asyncio.create_task(sweep.run()), asyncio.create_task(worker.run())]
        _, close = await listen(site, "127.0.0.1", port, wait=0.1)
        await stop.wait()
        loop.remove_reader(sys.stdin.fileno())
        await close()
        worker.stop()
        await engine.stop()
        await asyncio.wait(running[1:], timeout=5)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await chat.close()


if __name__ == "__main__":
    logs.configure(level="error", form="json")
    asyncio.run(serve(os.environ["DATABASE_URL"], os.environ["SECRET"], int(sys.argv[1])))
