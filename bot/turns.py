"""What is decided about a claimed message, and its commit: the middle of a turn, between the claim and the delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.claims import Claim, Committed, Ending, Sealed
from bot.codec import Message
from bot.database import DOWN
from bot.inbox import Inbox
from bot.messages import JSON, Incoming, Outcome, Reply, Turn
from bot.photos import Photos

Respond = Callable[[Turn], Awaitable[Outcome]]
Heard = Callable[[Incoming, Outcome], None]
"""Is told of each message of a citizen whose turn has been committed, and what was decided."""

Masked = Callable[[str, bool], str]
"""A message's text as it is kept when its turn has ended; told whether a person reads it."""

COMMIT_TRIES = (0.1, 0.5, 2.0, None)
"""Seconds to wait before a commit is tried again when the database is away; the fence keeps it single."""

logger = structlog.stdlib.get_logger("turns")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Times in seconds. A claim's ``lease`` must be longer than a ``turn`` and its commit."""

    accept: float = 5.0
    safety: float = 5.0
    turn: float = 20.0
    lease: float = 45.0
    attempts: int = 3
    """After this many the message is parked."""
    retry: float = 0.5
    """Before the second attempt; four times that before the third."""
    newer_wait: float = 30.0
    """Before a message that only a later release understands is looked at again."""
    late_after: float = 12 * 3600.0
    keep_later: tuple[float, ...] = (1, 2, 5, 10, 30, 60, 120, 300)
    """Waits between tries to record a safety answer that was given without a database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """How a turn went: ``done``, ``parked``, ``late``, ``failed`` (again after ``wait``), ``newer`` or ``lost``."""

    outcome: str
    intent: str | None = None
    replies: tuple[Reply, ...] = ()
    committed: Committed | None = None
    wait: float = 0.0

    @property
    def again(self) -> bool:
        """Whether the conversation may have something to do for this process."""
        return self.committed.more if self.committed else self.outcome in ("failed", "lost")


class Turns:
    """Holds single turns."""

    def __init__(
        self,
        inbox: Inbox,
        photos: Photos,
        respond: Respond,
        *,
        apologies: Mapping[str, Reply],
        late: Mapping[str, Reply] | None,
        always: Callable[[Incoming], bool] | None,
        newer: tuple[type[Exception], ...],
        now: Callable[[], datetime],
        timing: Timing,
        heard: Heard | None = None,
        masked: Masked | None = None,
    ) -> None:
        """``Engine`` says what these are."""
        self._inbox = inbox
        self._photos = photos
        self._respond = respond
        self._apologies = apologies
        self._late = late
        self._always = always or (lambda _: False)
        self._newer = newer
        self._now = now
        self._timing = timing
        self._heard = heard
        self._masked = masked or (lambda text, _: text)

    async def hold(self, claim: Claim) -> Held:
        """Decide and commit. Raises one of ``DOWN`` when the database stays away."""
        conversation_id = str(claim.conversation.id)
        if claim.attempts > self._timing.attempts:  # each of them took its process along
            return await self._park(claim)
        try:
            message, state, beside = self._inbox.open(claim)
            settled = await self._photos.settle(claim.conversation, claim.content, claim.number, message.incoming)
            message = replace(message, incoming=settled)
            outcome, ending = await self._decide(claim, message, state, beside)
            shown = claim.owned or (outcome is not None and outcome.shown)
            sealed = self._inbox.seal(claim, self._kept(message, shown=shown), ending)
        except self._newer as error:
            logger.info("left_for_later_release", conversation_id=conversation_id, reason=type(error).__name__)
            await self._inbox.release(claim, after=timedelta(seconds=self._timing.newer_wait))
            return Held(outcome="newer")
        except DOWN:
            raise
        except Exception as error:  # the one catch-all of deciding: nothing changes but the count of attempts
            logger.exception("turn_failed", conversation_id=conversation_id, attempt=claim.attempts, exc_info=error)
            return await self._failed(claim)
        committed = await self._commit(sealed)
        if committed is None:
            logger.warning("fence_lost", conversation_id=conversation_id, turn_id=claim.number)
            return Held(outcome="lost")
        if outcome is not None and self._heard is not None and message.incoming.result is None:
            self._heard(message.incoming, outcome)
        intent = outcome.intent if outcome is not None else None
        return Held(outcome=ending.status, intent=intent, replies=ending.replies, committed=committed)

    async def _decide(self, claim: Claim, message: Message, state: JSON, beside: JSON) -> tuple[Outcome | None, Ending]:
        incoming = message.incoming
        now = self._now()
        if self._late and not claim.owned and self._is_late(incoming, now):
            quiet = await self._inbox.was_late(claim)
            return None, Ending(status="late", replies=() if quiet else (_in(self._late, claim, incoming),))
        turn = Turn(
            conversation_id=str(claim.conversation.id),
            person_id=str(claim.conversation.person_id),
            channel=incoming.address.channel,
            incoming=incoming,
            now=now,
            state=state,
            beside=beside,
            safety_answered=message.safety is not None,
            owned=claim.owned,
        )
        outcome = await self._answer(turn)
        return outcome, Ending(
            status="done",
            state=outcome.state,
            language=outcome.language,
            replies=outcome.replies,
            effects=outcome.effects,
            release=outcome.release,
        )

    async def _answer(self, turn: Turn) -> Outcome:
        try:
            async with asyncio.timeout(self._timing.turn):
                return await self._respond(turn)
        except self._newer:
            raise
        except DOWN as error:
            # Too slow, or a look-up's trouble, and not our database's: it counts as the responder's.
            raise ResponderFailed(type(error).__name__) from error

    def _is_late(self, incoming: Incoming, now: datetime) -> bool:
        age = (now - incoming.received_at).total_seconds()
        return incoming.result is None and age > self._timing.late_after and not self._always(incoming)

    async def _failed(self, claim: Claim) -> Held:
        if claim.attempts >= self._timing.attempts:
            return await self._park(claim)
        wait = self._timing.retry * 4.0 ** (claim.attempts - 1)
        await self._inbox.release(claim, after=timedelta(seconds=wait), counted=True)
        return Held(outcome="failed", wait=wait)

    async def _park(self, claim: Claim) -> Held:
        """End a message that could not be answered with an apology, so that the next one goes on."""
        try:
            message = self._inbox.open_message(claim)
        except Exception:  # not even readable: the record then says that there was one
            incoming = Incoming(
                address=claim.conversation.address, message_id=f"unreadable:{claim.number}", received_at=self._now()
            )
            message = Message(incoming=incoming)
        said = () if claim.owned else (_in(self._apologies, claim, message.incoming),)
        ending = Ending(status="parked", replies=said)
        committed = await self._commit(self._inbox.seal(claim, self._kept(message, shown=claim.owned), ending))
        logger.error("parked", conversation_id=str(claim.conversation.id), turn_id=claim.number)
        return Held(outcome="parked" if committed else "lost", replies=ending.replies, committed=committed)

    def _kept(self, message: Message, *, shown: bool) -> Message:
        """The message without what nobody needs once it has been answered."""
        incoming = message.incoming
        return replace(message, incoming=replace(incoming, text=self._masked(incoming.text, shown)))

    async def _commit(self, sealed: Sealed) -> Committed | None:
        for wait in COMMIT_TRIES:
            try:
                return await self._inbox.commit(sealed)
            except DOWN as error:
                if wait is None:
                    raise
                logger.warning("commit_failed", reason=type(error).__name__)
                await asyncio.sleep(wait)
        raise AssertionError("the last try returns or raises")


class ResponderFailed(Exception):
    """The responder raised an error that would otherwise be taken for the database's; its class is named."""


def _in(replies: Mapping[str, Reply], claim: Claim, incoming: Incoming) -> Reply:
    for language in (claim.language, incoming.language):
        if language is not None and language in replies:
            return replies[language]
    return next(iter(replies.values()))
