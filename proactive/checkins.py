"""What follows a check-in that nobody answers: it is asked once more, then people are told, as its ladder says.

Counted from its sending. What could not be sent is told to people at once: the person may rely on being asked.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import asyncpg
import structlog

from proactive.answers import Sealer
from proactive.nudge import Created
from proactive.template import Ladder, Template, Templates, UnknownTemplate
from proactive.wanted import ToPerson, Wanted

MAKER = b"checkins"
LOOK_AGAIN = timedelta(minutes=1)
"""After this long a check-in that still waits to be sent is looked at again."""
_OUT = frozenset(("sent", "delivered", "technical-failure"))
"""Statuses of what has arrived, or may have."""
_NOBODYS_WISH = frozenset(("too_many", "stale_address", "no_route", "level"))
"""Why the gate ends one although nobody has asked for that: people have to ask instead."""
_WAITS = frozenset(("created", "held", "sending"))

SILENT = """
SELECT n.id, n.person_id, COALESCE(p.merged_into, p.id) AS owner, n.template, n.version, n."values", n.language,
    n.channel, n.status, n.reason, n.due_at, n.sent_at, n.silent_at, c.id AS conversation_id, c.language AS spoken
FROM nudges n JOIN persons p ON p.id = n.person_id
LEFT JOIN LATERAL (
    SELECT id, language FROM conversations c
    WHERE c.id IN (n.sent_to, n.conversation_id)
        OR c.person_id = COALESCE(p.merged_into, p.id) AND c.detached_at IS NULL
    ORDER BY array_position(ARRAY[n.sent_to, n.conversation_id], c.id), c.created_at DESC LIMIT 1
) c ON true
WHERE n.silent_at <= $1 ORDER BY n.silent_at LIMIT 100
"""
"""now. With the conversation that people are asked into."""

LOOK = """
WITH looked AS (
    UPDATE nudges SET silent_at = $3 WHERE id = $1 AND silent_at = $2 RETURNING id, status, channel
)
INSERT INTO nudge_events (nudge_id, status, reason, channel)
SELECT id, status, $4, channel FROM looked WHERE $4::text IS NOT NULL
"""
"""nudge, when it was to be looked at, when next, the event if it is one."""

logger = structlog.stdlib.get_logger("checkins")


class Create(Protocol):
    """Stores what is to be written."""

    async def __call__(self, wanted: Sequence[Wanted], *, maker: bytes) -> Sequence[Created]:
        """Each once for its name."""


Tell = Callable[[str, UUID, str, str], Awaitable[object]]
"""Puts a conversation into the queue of people: a key, the conversation, its language, who should answer."""


class Step(NamedTuple):
    """What is to be done: ``again``, ``people`` or nothing; and when to look next."""

    act: str | None
    at: datetime | None


def step(
    *, status: str, reason: str | None, sent_at: datetime | None, due_at: datetime, ladder: Ladder, now: datetime
) -> Step:
    """The step of a check-in without an answer."""
    if status == "cancelled":
        return Step("people" if reason in _NOBODYS_WISH else None, None)
    if status in _WAITS:
        return Step(None, max(due_at, now + LOOK_AGAIN))
    if status not in _OUT or sent_at is None or now >= sent_at + ladder.handoff_after:
        return Step("people", None)
    if now < sent_at + ladder.again_after:
        return Step(None, sent_at + ladder.again_after)
    return Step("again", sent_at + ladder.handoff_after)


def skill_of(templates: Templates, template: Template) -> str | None:
    """Who should answer a check-in: as its ladder says, or the ladder in which it is asked again."""
    ladders = (one.ladder for one in (template, *templates) if one.ladder is not None)
    own = template.ladder
    return next((ladder.skill for ladder in ladders if ladder is own or ladder.again == template.id), None)


class Checkins:
    """Methods raise what asyncpg raises when the database is away. Done twice, a step is done once."""

    def __init__(
        self,
        pool: Callable[[], asyncpg.Pool[Any]],
        sealer: Sealer,
        templates: Templates,
        create: Create,
        tell: Tell,
        *,
        language: str,
        lost: tuple[type[Exception], ...],
        now: Callable[[], datetime],
    ) -> None:
        """``language`` is that of who has none; ``lost`` is what opening raises of who has no key any more."""
        self._pool = pool
        self._sealer = sealer
        self._templates = templates
        self._create = create
        self._tell = tell
        self._language = language
        self._lost = lost
        self._now = now

    async def sweep(self) -> int:
        """Take the next step of each that is due; how many there were."""
        done = 0
        while rows := await self._pool().fetch(SILENT, self._now()):
            for row in rows:
                await self._look(row)
            done += len(rows)
        return done

    async def _look(self, row: asyncpg.Record) -> None:
        ladder = self._ladder(row)
        next_step = Step(None, None)
        if ladder is not None:
            next_step = step(
                status=row["status"],
                reason=row["reason"],
                sent_at=row["sent_at"],
                due_at=row["due_at"],
                ladder=ladder,
                now=self._now(),
            )
        reason = None
        if next_step.act == "again" and ladder is not None:
            reason = await self._again(row, ladder)
        elif next_step.act == "people" and ladder is not None:
            reason = await self._people(row, ladder)
        # Last: a step that was broken off is taken again, and both of them are done once for their key.
        await self._pool().execute(LOOK, row["id"], row["silent_at"], next_step.at, reason)

    async def _again(self, row: asyncpg.Record, ladder: Ladder) -> str | None:
        try:
            values = (await self._sealer.of(row["person_id"])).open_json(row["values"])
        except self._lost:
            return None
        wanted = Wanted(
            template=ladder.again,
            to=ToPerson(row["owner"]),
            values=values,
            language=row["language"],
            channels=None if row["channel"] is None else (row["channel"],),
            dedupe=str(row["id"]),
        )
        (created,) = await self._create([wanted], maker=MAKER)
        if created.fault is not None:
            logger.error("not_asked_again", nudge_id=str(row["id"]), reason=created.fault.code)
            return None
        return "asked_again"

    async def _people(self, row: asyncpg.Record, ladder: Ladder) -> str | None:
        if row["conversation_id"] is None:
            logger.error("nobody_told", nudge_id=str(row["id"]))
            return None
        language = row["language"] or row["spoken"] or self._language
        await self._tell(f"checkin:{row['id'].hex}", row["conversation_id"], language, ladder.skill)
        return "handed_over"

    def _ladder(self, row: asyncpg.Record) -> Ladder | None:
        for version in (row["version"], None):  # a version that the city has dropped must not end in silence
            with contextlib.suppress(UnknownTemplate):
                return self._templates.get(row["template"], version).ladder
        logger.error("unknown_ladder", nudge_id=str(row["id"]))
        return None
