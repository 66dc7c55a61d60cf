"""Contact in health outreach, bound: from a pseudonym to the person, and a message behind strong login.

The one place that may say to the store of nudges that a person has decided: it is asked for accepted findings alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date
from uuid import UUID

import structlog

from bot.database import Database
from bot.health import Persons
from bot.health_records import ways_back
from bot.jobs import Chore
from bot.keys import KeyStore
from bot.personal import Personal
from health.contact import Contacts, Done, Message, NotWritten
from health.evaluation import Connection
from health.programme import Programme
from proactive.nudges import Nudges
from proactive.recipients import UNKNOWN
from proactive.wanted import ToPerson, Wanted

logger = structlog.stdlib.get_logger("health")

MAKER = b"health"
PAGE = "/my/health"
"""Where the message itself is read, behind strong login."""
_DECIDED = "SELECT status IN ('accepted', 'contacted') AND reviewer IS NOT NULL FROM health.findings WHERE id = $1"


class Letters:
    """``health.contact.Writer``: the nudge that says that there is a message, and where."""

    def __init__(self, nudges: Nudges, keys: KeyStore, link: str) -> None:
        """``link`` is the address of the page."""
        self._nudges = nudges
        self._ways = ways_back(keys)
        self._link = link

    async def write(self, connection: Connection, pseudonym: bytes, message: Message) -> UUID | None:
        """Look up whose it is, and have it made; nothing without a reviewer's decision that stands."""
        finding = UUID(message.name.partition(" ")[0])
        if not await connection.fetchval(_DECIDED, finding):
            return None
        person = (await self._ways.persons([pseudonym])).get(pseudonym)
        if person is None:
            return None
        wanted = Wanted(
            template=message.template,
            to=ToPerson(person),
            values={"link": self._link},
            dedupe=message.name,
        )
        (made,) = await self._nudges.create([wanted], maker=MAKER, decided=True)
        if made.fault is not None and made.fault.code != UNKNOWN.code:
            logger.error("health_message_not_made", reason=made.fault.code, field=made.fault.field)
            raise NotWritten
        return made.id


def contacting(contacts: Contacts) -> Chore:
    """What workers do for it: within a minute of a decision, and once a day for who is silent."""

    async def run() -> None:
        done = await contacts.sweep()
        if done != Done():
            logger.info("health_contacts", **asdict(done))

    return Chore(name="health_contacts", cron="* * * * *", run=run, first=True)


def contacts(
    database: Database,
    keys: KeyStore,
    personal: Personal,
    nudges: Nudges,
    programmes: Mapping[str, Programme],
    *,
    home: str,
    today: Callable[[], date],
) -> Contacts:
    """Bind it. ``home`` is our address as browsers see it."""

    def grounds(connection: Connection) -> Persons:
        return Persons(connection, personal, keys, "")

    return Contacts(
        lambda: database.pool,
        grounds,
        Letters(nudges, keys, f"{home}{PAGE}"),
        programmes,
        today=today,
    )
