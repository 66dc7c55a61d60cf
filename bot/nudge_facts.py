"""What the gate decides by (``proactive/claimed.py``), read from every room's tables in the claim's transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

import asyncpg
import orjson

from bot import nudge_facts_sql as sql
from bot.codec import Content, Sealer
from bot.messages import JSON, Address
from bot.personal import Personal
from dialogs.errors import NewerState
from dialogs.state import State
from mydata.ledger_state import Standing
from proactive.claimed import Connection, Facts, Nudge, Place

LEVELS = ("claimed", "confirmed", "strong")
REASONS: Mapping[str, str] = {
    "never": "no_consent",
    "withdrawn": "withdrawn",
    "outdated": "consent_outdated",
    "expired": "consent_expired",
    "gone": "no_purpose",
}
"""Why there is no ground, by what the ledger says."""

COUNTED = timedelta(days=31)
"""How far back sendings are counted: the longest window that a cap can have."""

Warm = Callable[[Collection[str]], Awaitable[object]]


class NudgeFacts:
    """Reads them. ``longest`` is how far back sendings are counted."""

    def __init__(self, sealer: Sealer, personal: Personal, warm: Warm, lost: tuple[type[Exception], ...]) -> None:
        """``warm`` fetches many keys at once; ``lost`` is what opening raises of who has no key any more."""
        self._sealer = sealer
        self._personal = personal
        self._warm = warm
        self._lost = lost

    async def read(self, connection: Connection, nudges: Sequence[Nudge], now: datetime) -> Facts:
        """See ``proactive.claimed.Reads``."""
        owners = list({nudge.owner for nudge in nudges})
        merged: dict[UUID, list[UUID]] = {owner: [owner] for owner in owners}
        for row in await connection.fetch(sql.MERGED, owners):
            merged[row["merged_into"]].append(row["id"])
        persons = [person for mine in merged.values() for person in mine]
        await self._warm([str(person) for person in persons])
        contents = {person: await self._content(person) for person in persons}
        places = await self._places(connection, owners, contents, now)
        return Facts(
            places=places,
            standings=await self._standings(connection, nudges, places, merged),
            recent=await self._recent(connection, nudges, merged, now),
            contents=contents,
        )

    async def _content(self, person: UUID) -> Content | None:
        try:
            return await self._sealer.of(person)
        except self._lost:
            return None

    async def _places(
        self, connection: Connection, owners: Sequence[UUID], contents: Mapping[UUID, Content | None], now: datetime
    ) -> dict[UUID, list[Place]]:
        locked = [row["id"] for row in await connection.fetch(sql.LOCK, owners)]
        found: dict[UUID, list[Place]] = {owner: [] for owner in owners}
        for row in await connection.fetch(sql.PLACES, locked):
            content = contents.get(row["person_id"])
            if content is not None:
                found[row["person_id"]].append(self._place(row, content, now))
        return {owner: sorted(mine, key=attrgetter("used_at"), reverse=True) for owner, mine in found.items()}

    def _place(self, row: asyncpg.Record, content: Content, now: datetime) -> Place:
        state = None if row["state"] is None else content.open_json(row["state"])
        dialog_at, crisis_at = _occupied(state, now)
        known = [moment for moment in (crisis_at, row["crisis_at"]) if moment is not None]
        return Place(
            id=row["id"],
            person_id=row["person_id"],
            address=Address(row["channel"], content.open_text(row["address"])),
            language=row["language"],
            level=row["level"],
            content=content,
            beside=() if row["beside"] is None else content.open_json(row["beside"]),
            suppressed={} if row["suppressed"] is None else orjson.loads(row["suppressed"]),
            opted_out=row["opted_out"],
            reachable=row["reachable"],
            used_at=row["used_at"],
            owned=row["owned"],
            crisis_at=max(known, default=None),
            dialog_at=dialog_at,
            busy=row["busy"],
        )

    async def _standings(
        self,
        connection: Connection,
        nudges: Sequence[Nudge],
        places: Mapping[UUID, Sequence[Place]],
        merged: Mapping[UUID, Sequence[UUID]],
    ) -> dict[tuple[UUID, str, UUID], str]:
        """What was said last about each purpose on each channel, also by who became part of the person."""
        wanted = {
            (nudge.owner, nudge.purpose, place.id): place for nudge in nudges for place in places.get(nudge.owner, ())
        }
        asked, of = [], []
        for key, place in wanted.items():
            owner, purpose, _ = key
            for person in merged[owner]:
                asked.append((await self._personal.pseudonym(person), purpose, place.address.channel))
                of.append(key)
        last: dict[tuple[UUID, str, UUID], Standing] = {}
        for key, standing in zip(of, await self._personal.ledger.standing_of(connection, asked), strict=True):
            last[key] = _later(last[key], standing) if key in last else standing
        return {key: self._ground(key[1], standing, wanted[key]) for key, standing in last.items()}

    def _ground(self, purpose: str, standing: Standing, place: Place) -> str:
        """As ``proactive.gate.Route.standing`` has it."""
        if not standing.allowed:
            return REASONS.get(standing.state, standing.state)
        if LEVELS.index(place.level) < LEVELS.index(self._personal.purposes.purposes[purpose].level):
            return "level"
        return "given" if standing.state == "given" else "by_law"

    async def _recent(
        self,
        connection: Connection,
        nudges: Sequence[Nudge],
        merged: Mapping[UUID, Sequence[UUID]],
        now: datetime,
    ) -> dict[tuple[UUID, str], list[datetime]]:
        owner_of = {person: owner for owner, mine in merged.items() for person in mine}
        purposes = list({nudge.purpose for nudge in nudges})
        found: dict[tuple[UUID, str], list[datetime]] = {}
        for row in await connection.fetch(sql.RECENT, list(owner_of), purposes, now - COUNTED):
            found.setdefault((owner_of[row["person_id"]], row["purpose"]), []).append(row["sent_at"])
        return found


def _later(first: Standing, second: Standing) -> Standing:
    if first.entry is None or (second.entry is not None and second.entry.at > first.entry.at):
        return second
    return first


def _occupied(state: JSON, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When an open dialog last heard of the citizen, and when they were last in distress."""
    try:
        known = State.load(state)
    except NewerState:  # nobody here can tell: as if they had just written
        return now, None
    top = known.top
    return (
        None if top is None else datetime.fromisoformat(top.at),
        None if known.crisis is None else datetime.fromisoformat(known.crisis),
    )
