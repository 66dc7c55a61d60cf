"""What the dialogs about one's own data ask and do: of the person of a conversation, and of nobody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from bot.codec import Sealer
from bot.database import DOWN
from bot.last_nudge import LastNudge
from bot.personal import Personal
from bot.service_mydata_consents import ConsentDesk
from bot.service_mydata_login import LoginDesk
from channels.teams.places import is_shared
from dialogs.services import ServiceUnavailable
from dialogs.services_mydata import Held, Linked, Nudge, Use
from mydata.people import Place
from portal.links import Links
from proactive.suppressions import Suppressions

FRESH = timedelta(minutes=30)
"""How long after a login what cannot be undone may be done."""
GROUPS: Mapping[str, Callable[[str], bool]] = {"teams": is_shared}
"""Channels in which others may read along, and how an address tells it. Telegram's groups never come here."""

AT = "SELECT person_id, channel, address FROM conversations WHERE id = $1"
"""conversation."""

COUNTS = """
SELECT c.channel, c.level, c.created_at,
    p.subject_lookup IS NOT NULL AND c.level = 'strong' AND c.level_at > now() - $2::interval AS fresh,
    p.subject_lookup IS NOT NULL OR EXISTS (
        SELECT FROM conversations o WHERE o.person_id = c.person_id AND o.id <> c.id AND o.detached_at IS NULL
    ) AS linked,
    (SELECT count(*) FROM transcript t WHERE t.conversation_id = c.id AND t.kind = 'message') AS messages,
    (SELECT count(*) FROM transcript t WHERE t.conversation_id = c.id AND t.kind IN ('reply', 'agent', 'safety'))
        AS answers,
    (SELECT count(*) FROM attachments a WHERE a.conversation_id = c.id) AS pictures,
    (SELECT count(*) FROM effects e WHERE e.conversation_id = c.id AND split_part(e.name, '.', 1) <> ALL ($3))
        AS services,
    (SELECT count(*) FROM handoff_notes n WHERE n.conversation_id = c.id) AS notes
FROM conversations c JOIN persons p ON p.id = c.person_id WHERE c.id = $1
"""
"""conversation, how long a login is fresh, services that are our own."""
OURS = ("consents", "handoff", "login", "mydata")

Pool: TypeAlias = "asyncpg.Pool[Any]"


class MyDataDesk:
    """``dialogs.services_mydata.MyData``."""

    def __init__(
        self,
        pool: Callable[[], Pool],
        sealer: Sealer,
        personal: Personal,
        *,
        home: str | None,
        consents: ConsentDesk,
        nudges: LastNudge,
    ) -> None:
        """``home`` is where the citizen's pages are."""
        self._consents = consents
        self._pool = pool
        self._sealer = sealer
        self._personal = personal
        self._home = home
        self._nudges = nudges

    async def private(self, conversation: str) -> bool:
        """Whether nobody else reads what is said here. Raises ``ServiceUnavailable``, as all look-ups do."""
        row = await self._row(AT, UUID(conversation))
        shared = GROUPS.get(row["channel"])
        if shared is None:
            return True
        return not shared((await self._sealer.of(row["person_id"])).open_text(row["address"]))

    async def held(self, conversation: str) -> Held:
        """Counts of this conversation."""
        row = await self._row(COUNTS, UUID(conversation), FRESH, list(OURS))
        return Held(
            channel=row["channel"],
            level=row["level"],
            fresh=row["fresh"],
            linked=row["linked"],
            since=row["created_at"].isoformat(),
            messages=row["messages"],
            answers=row["answers"],
            pictures=row["pictures"],
            services=row["services"],
            notes=row["notes"],
            pages="" if self._home is None else f"{self._home}/my/data",
        )

    async def uses(self, conversation: str, language: str, limit: int) -> list[Use]:
        """Who read data: of this conversation; of the whole person right after their login."""
        held, place = await self.held(conversation), await self._place(conversation)
        here = None if held["fresh"] else place.id
        try:
            found = await self._personal.data.accesses.of(place.person_id, limit, here)
        except DOWN as error:
            raise ServiceUnavailable(type(error).__name__) from error
        return [
            Use(
                at=use.at.isoformat(),
                actor=use.actor[language],
                purpose=use.purpose[language],
                what=use.what[language],
            )
            for use in found
        ]

    async def last_nudge(self, conversation: str, language: str) -> Nudge | None:
        """The last message here that the city wrote first."""
        try:
            written = await self._nudges.last(UUID(conversation))
            if written is None or written.purpose not in self._personal.purposes.purposes:
                return None
            stands = await self._consents.standing(UUID(conversation), written.purpose)
        except DOWN as error:
            raise ServiceUnavailable(type(error).__name__) from error
        entry = None if stands is None or stands.state != "given" else stands.entry
        asked = self._personal.purposes.asked(written.purpose)
        return Nudge(
            given=None if entry is None else entry.at.isoformat(),
            here=written.here,
            purpose=written.purpose,
            title=asked.title[language],
            at=written.at.isoformat(),
            data=", ".join(data.title[language] for data in asked.data),
            basis=asked.basis,
            words=list(asked.withdraw.get(language, ())),
        )

    async def obstacles(self, conversation: str, language: str) -> list[str]:
        """Why the person cannot be erased now."""
        place = await self._place(conversation)
        try:
            refusals = await self._personal.data.erasures.may_erase(place.person_id)
        except DOWN as error:
            raise ServiceUnavailable(type(error).__name__) from error
        return [refusal.message[language] for refusal in refusals]

    async def erase(self, _key: str, conversation: str, language: str) -> list[str]:
        """Erase the person; run again, or without a login where one is needed, it does nothing more.

        Raises ``PermissionError`` where the login is not fresh any more.
        """
        place = await self._personal.people.conversation(UUID(conversation))
        if place is None:
            return []
        held = await self.held(conversation)
        if held["linked"] and not held["fresh"]:
            raise PermissionError
        refusals = await self._personal.data.erasures.ask(place.person_id, "dialog", conversation_id=place.id)
        return [refusal.message[language] for refusal in refusals]

    async def links(self, conversation: str) -> list[Linked]:
        """The person's channels, this one first."""
        here = await self._place(conversation)
        try:
            places = await self._personal.people.places(here.person_id)
        except DOWN as error:
            raise ServiceUnavailable(type(error).__name__) from error
        return [
            Linked(
                id=str(place.id),
                channel=place.channel,
                ending=place.ending,
                level=place.level,
                since=place.since.isoformat(),
                here=place.id == here.id,
            )
            for place in sorted(places, key=lambda place: place.id != here.id)
        ]

    async def unlink(self, _key: str, conversation: str, link: str) -> bool:
        """Part a channel: this one, or right after a login another one of the same person."""
        here = await self._personal.people.conversation(UUID(conversation))
        if here is None:
            return True  # it was this one, and an earlier attempt has done it
        if here.id != UUID(link) and not (await self.held(conversation))["fresh"]:
            return False
        return await self._personal.people.unlink(here.person_id, UUID(link))

    async def _place(self, conversation: str) -> Place:
        try:
            place = await self._personal.people.conversation(UUID(conversation))
        except DOWN as error:
            raise ServiceUnavailable(type(error).__name__) from error
        if place is None:
            raise ServiceUnavailable("no such conversation")
        return place

    async def _row(self, statement: str, *values: object) -> asyncpg.Record:
        try:
            row: asyncpg.Record | None = await self._pool().fetchrow(statement, *values)
        except DOWN as error:
            raise ServiceUnavailable(type(error).__name__) from error
        if row is None:
            raise ServiceUnavailable("no such conversation")
        return row


def services(
    pool: Callable[[], Pool], sealer: Sealer, personal: Personal, *, home: str | None, texting: bool
) -> Mapping[str, object]:
    """The three services by name. ``home``: where citizens log in, if anywhere; ``texting``: SMS can be sent."""
    links = None if home is None else Links(pool, personal.people, home)
    consents = ConsentDesk(personal, Suppressions(pool))
    return {
        "mydata": MyDataDesk(pool, sealer, personal, home=home, consents=consents, nudges=LastNudge(pool)),
        "consents": consents,
        "login": LoginDesk(personal, links, pool, sealer, texting=texting),
    }
