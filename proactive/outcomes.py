"""What becomes of a nudge after its sending: pure.

A nudge that did not go out is not sent again from here: it is held, and the gate decides anew, on another channel where
this one cannot reach.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from proactive.changes import Change
from proactive.rules import Retry

UNREACHED = frozenset(("unreachable", "opted_out"))
"""Ends of a sending at which another channel is looked for."""


def after_sending(
    nudge_id: UUID,
    *,
    status: str,
    channel: str,
    provider_id: str | None,
    not_before: datetime,
    receipt: str | None,
    attempts: int,
    fallback_after: timedelta | None,
    retry: Retry,
    now: datetime,
) -> Change:
    """From the outbox's end of it; ``not_before`` is what the provider asked for, ``receipt`` what it told already."""
    if status == "sent":
        if receipt in {"delivered", "failed"}:
            return after_receipt(nudge_id, state=receipt, channel=channel, now=now, provider_id=provider_id)
        watch = None if fallback_after is None else now + fallback_after
        return Change(id=nudge_id, status="sent", provider_id=provider_id, channel=channel, watch_at=watch)
    if status in UNREACHED:
        return _elsewhere(nudge_id, channel, status, now)
    if status == "failed":
        if attempts >= retry.attempts:
            return Change(id=nudge_id, status="temporary-failure", reason="provider_unavailable", channel=channel)
        due = max(not_before, now + retry.wait(attempts))
        return Change(id=nudge_id, status="held", reason="provider_unavailable", channel=channel, due_at=due)
    reason = "in_doubt" if status == "in_doubt" else "refused"
    return Change(id=nudge_id, status="technical-failure", reason=reason, channel=channel)


def after_receipt(nudge_id: UUID, *, state: str, channel: str, now: datetime, provider_id: str | None = None) -> Change:
    """From what the provider tells later: ``delivered``, or ``failed``, and then another channel is looked for."""
    if state == "delivered":
        return Change(id=nudge_id, status="delivered", channel=channel, provider_id=provider_id)
    return _elsewhere(nudge_id, channel, "undelivered", now)


def unheard(nudge_id: UUID, *, channel: str, now: datetime) -> Change:
    """No receipt came in time."""
    return _elsewhere(nudge_id, channel, "no_receipt", now)


def _elsewhere(nudge_id: UUID, channel: str, reason: str, now: datetime) -> Change:
    return Change(id=nudge_id, status="held", reason=reason, channel=channel, tried=channel, due_at=now)
