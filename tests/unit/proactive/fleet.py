"""Campaigns over a whole process that writes first, with two members of staff."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.campaigns import Campaigning, campaigning
from proactive.campaign import Campaign, Who
from proactive.campaign_audience import Filled
from proactive.placeholder import Placeholder
from proactive.rules import Price, Rules
from proactive.template import Template, Templates
from tests.unit.proactive.office import Office, office, said, unlearned

ANNA, BERT = Who("staff-1", "Anna"), Who("staff-2", "Bert")
FREE = "service_improvement"
"""A purpose of a public task, which text messages can be sent for without anybody having asked for them."""

NOTICE = Template(
    id="notice",
    version=1,
    purpose=FREE,
    urgency="timely",
    values={"name": Placeholder(kind="text", example="Aino", max=40)},
    text={"fi": "Hei {name}, **tervetuloa**.", "sv": "Hej {name}, välkommen.", "en": "Hello {name}, welcome."},
    short={"fi": "Hei {name}, tervetuloa.", "sv": "Hej {name}, välkommen.", "en": "Hello {name}, welcome."},
    title=said("Notice"),
    expires_after=timedelta(days=2),
)
REMINDER = Template(
    id="reminder",
    version=1,
    purpose="waste_reminders",
    urgency="timely",
    values={},
    text=said("Glass tomorrow."),
    title=said("Glass"),
    expires_after=timedelta(days=2),
)
TEMPLATES = (NOTICE, REMINDER)


@dataclass
class Fleet:
    """The process, and what is there for campaigns."""

    office: Office
    parts: Campaigning

    @property
    def pool(self) -> Any:
        return self.office.pool

    async def draft(self, template: str = "notice", rows: Sequence[str] = (), text: str | None = None) -> UUID:
        """A draft of Anna's, with a table of ``phone;name``."""
        campaign_id = await self.parts.campaigns.new("Spring", template, ANNA)
        if rows or text is not None:
            await self.file(campaign_id, text or "phone;name\n" + "\n".join(rows) + "\n")
        return campaign_id

    async def file(self, campaign_id: UUID, text: str) -> Filled:
        campaign = await self.get(campaign_id)
        return await self.parts.audiences.from_file(campaign, io.BytesIO(text.encode()), ANNA)

    async def get(self, campaign_id: UUID) -> Campaign:
        found = await self.parts.campaigns.get(campaign_id)
        assert found is not None
        return found

    async def status(self, campaign_id: UUID) -> str:
        return (await self.get(campaign_id)).status

    async def status_of(self, page: str) -> str:
        """Of the campaign that a page is of."""
        return await self.status(UUID(page.rpartition("/")[2]))

    async def started(self, rows: Sequence[str], template: str = "notice") -> UUID:
        """One that runs, of which no message has been made yet."""
        campaign_id = await self.draft(template, rows)
        await self.parts.work.run()
        for act, who in (("submit", ANNA), ("approve", BERT), ("start", BERT)):
            outcome = await self.parts.campaigns.act(campaign_id, act, who)  # type: ignore[arg-type]
            assert outcome == "done", (act, outcome)
        return campaign_id

    async def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await self.pool.fetch(statement, *values)]


def people(count: int, first: int = 0) -> list[str]:
    """Lines of a table, each of another person."""
    return [f"040{number:07};Person {number}" for number in range(first, first + count)]


def bind(here: Office, rules: Rules, **changes: Any) -> Campaigning:
    """What a process has for campaigns."""
    app, city = here.app, replace(unlearned(), nudges=Templates(TEMPLATES), proactive=rules)
    parts: dict[str, Any] = {"resume": app.engine.outbox.resume, "nudges": app.nudging.store, "now": here.clock}
    return campaigning(city, app.database, app.keys, app.keys, app.personal, **{**parts, **changes})


@asynccontextmanager
async def fleet(url: str, *, price: Price | None = None, **more: Any) -> AsyncIterator[Fleet]:
    """A process until the block ends."""
    rules = Rules(price=price or Price(part=0.05))
    async with office(url, templates=TEMPLATES, rules=rules, **more) as here:
        yield Fleet(here, bind(here, rules))
