"""The dry run of a campaign: the gate is asked about everybody in it, and nothing is written to anybody.

What only holds a message for a while (the night, a holiday, an open dialog) does not count as skipped: it goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from bot.gsm import count
from bot.messages import JSON, Reply
from proactive import recipients_sql
from proactive import rehearsal_sql as sql
from proactive.campaign import Campaign
from proactive.claimed import Facts, Nudge, Reads
from proactive.deciding import Decider, places_of
from proactive.gate import GROUNDS
from proactive.recipients import TEXTING
from proactive.render import Unfit, render
from proactive.template import Template

if TYPE_CHECKING:
    import asyncpg


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One of a campaign's audience: a number, or a person. ``values`` are all that the template is filled with."""

    line: int
    number: str | None = field(default=None, repr=False)
    address_lookup: bytes | None = None
    person_id: UUID | None = None
    language: str | None = None
    values: Mapping[str, JSON] = field(repr=False, default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What would become of it: where it goes and in which language, or why it is skipped; ``fault``: cannot be made."""

    line: int
    channel: str | None = None
    spoken: str | None = None
    skipped: str | None = None
    parts: int | None = None
    fault: str | None = None


Ground = Callable[[str, str], str]
"""The standing of a purpose on a channel for somebody of whom nothing is known, as ``gate.Route.standing`` has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """Asks. ``texted`` gives the bodies of a reply as text messages."""

    pool: Callable[[], asyncpg.Pool[Any]]
    reads: Reads
    decider: Decider
    ground: Ground
    texted: Callable[[Reply], Sequence[str]]
    zone: ZoneInfo
    languages: Sequence[str]
    now: Callable[[], datetime]

    async def look(self, campaign: Campaign, template: Template, rows: Sequence[Row]) -> list[Looked]:
        """What would become of each, in order. Raises what asyncpg raises when the database is away."""
        async with self.pool().acquire() as connection, connection.transaction():
            nudges = await self._nudges(connection, campaign, template, rows)
            now = self.now()
            facts = await self.reads.read(connection, list(nudges.values()), now)
            unknown = [row.address_lookup for row in rows if row.line not in nudges and row.address_lookup]
            stopped = {
                row["address_lookup"]: row["reason"]
                for row in (await connection.fetch(sql.STOPPED, unknown, template.purpose) if unknown else ())
            }
        known = self._asked(nudges, facts, now)
        found = [known.get(row.line) or self._new(row, template, stopped) for row in rows]
        return [self._rendered(one, row, template) for one, row in zip(found, rows, strict=True)]

    async def _nudges(
        self, connection: Any, campaign: Campaign, template: Template, rows: Sequence[Row]
    ) -> dict[int, Nudge]:
        """One for everybody who is known, by line, as delivery would claim it."""
        lookups = [row.address_lookup for row in rows if row.address_lookup is not None]
        at = {row["address_lookup"]: row for row in await connection.fetch(sql.AT, lookups)} if lookups else {}
        persons = [row.person_id for row in rows if row.person_id is not None]
        owners = {row["id"]: row["person_id"] for row in await connection.fetch(recipients_sql.PERSONS, persons)}
        nudges = {}
        for row in rows:
            place = at.get(row.address_lookup)
            owner = owners.get(row.person_id) if place is None else place["person_id"]
            if owner is not None:
                conversation = None if place is None else place["id"]
                nudges[row.line] = self._nudge(campaign, template, row, (owner, conversation))
        return nudges

    def _asked(self, nudges: Mapping[int, Nudge], facts: Facts, now: datetime) -> dict[int, Looked]:
        decided = self.decider.decide(list(nudges.values()), facts, now)
        places = {one.nudge.id: one.place for one in decided.passed}
        changes = {change.id: change for change in decided.changes}
        found = {}
        for line, nudge in nudges.items():
            place, change = places.get(nudge.id), changes.get(nudge.id)
            if change is not None and change.status == "held":
                closed = {channel for channel, _ in change.skipped or ()}
                place = next(one for one in places_of(nudge, facts) if one.address.channel not in closed)
            if place is None:
                found[line] = Looked(line=line, skipped=change.reason if change is not None else "no_route")
            else:
                spoken = self._spoken(nudge.language, place.language)
                found[line] = Looked(line=line, channel=place.address.channel, spoken=spoken)
        return found

    def _new(self, row: Row, template: Template, stopped: Mapping[bytes, str]) -> Looked:
        """Somebody who never wrote: a number, or a person who is gone."""
        if row.address_lookup is None:
            return Looked(line=row.line, skipped="no_route")
        standing = self.ground(template.purpose, TEXTING)
        skipped = stopped.get(row.address_lookup) or (None if standing in GROUNDS else standing)
        if skipped is not None:
            return Looked(line=row.line, skipped=skipped)
        return Looked(line=row.line, channel=TEXTING, spoken=self._spoken(row.language))

    def _spoken(self, *wanted: str | None) -> str:
        return next((language for language in wanted if language in self.languages and language), self.languages[0])

    def _rendered(self, one: Looked, row: Row, template: Template) -> Looked:
        if one.channel is None or one.spoken is None:
            return one
        try:
            reply = self.shown(template, row.values, channel=one.channel, language=one.spoken)
        except Unfit:
            return Looked(line=row.line, fault="values")
        return replace(one, parts=self.parts(reply)) if one.channel == TEXTING else one

    def shown(self, template: Template, values: Mapping[str, JSON], *, channel: str, language: str) -> Reply:
        """The message as it will be. Raises ``Unfit``."""
        return render(
            template, values, language=language, channel=channel, zone=self.zone, payload=lambda choice: choice.id
        )

    def parts(self, reply: Reply) -> int:
        """What a message takes as a text message."""
        return sum(count(body).parts for body in self.texted(reply))

    def _nudge(self, campaign: Campaign, template: Template, row: Row, whose: tuple[UUID, UUID | None]) -> Nudge:
        (owner, conversation), now = whose, self.now()
        return Nudge(
            id=uuid4(),
            person_id=owner,
            owner=owner,
            conversation_id=conversation,
            template=template.id,
            version=template.version,
            purpose=template.purpose,
            urgency=template.urgency,
            language=row.language,
            values=b"",
            channels=campaign.channels if conversation is None else None,
            mode="live",
            expires_at=max(campaign.send_at or now, now) + template.expires_after,
            paced=False,
            tried=(),
            attempts=0,
            status="created",
            reason=None,
            campaign=None,
        )
