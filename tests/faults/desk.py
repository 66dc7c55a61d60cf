"""A server process with the staff's pages beside the web chat: ``python -m tests.faults.desk PORT``.

Who writes ``help`` gets a person's attention; while a person owns the conversation nothing is answered by itself.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping

from aiohttp import web

from bot import logs
from bot.database import Database
from bot.engine import Engine
from bot.messages import Effect, Outcome, Turn
from tests.faults.counting import serve
from tests.unit.console.staff import pages_of
from tests.unit.turn.test_handoff import handoffs


async def respond(turn: Turn) -> Outcome:
    """Ask for a person where one is wished for, and say nothing."""
    if turn.incoming.text != "help" or turn.owned:
        return Outcome(state=turn.state, language="en")
    arguments = (turn.conversation_id, "wish", "en")
    effect = Effect(id=f"{turn.conversation_id}:help", name="handoff.request", arguments=arguments)
    return Outcome(state=turn.state, language="en", effects=(effect,))


def with_pages(database: Database, engine: Engine, site: web.Application) -> Mapping[str, object]:
    """The staff's pages, and the service that puts conversations into their queue."""
    pages = pages_of(database, engine, os.environ["DATABASE_URL"])
    site.add_routes(pages.routes())
    site.on_shutdown.append(pages.stop)
    pages.start()
    return {"handoff": handoffs(database, engine)}


if __name__ == "__main__":
    logs.configure(level="error", form="json")
    asyncio.run(serve(os.environ["DATABASE_URL"], os.environ["SECRET"], int(sys.argv[1]), respond, with_pages))
