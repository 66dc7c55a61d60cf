"""A nudge as it stands, and what became of one that was wanted. What it says and whose it is are in neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from proactive.wanted import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """What became of one that was wanted: an ``id``, or a ``fault``. A ``duplicate`` was there before."""

    id: UUID | None = None
    status: str | None = None
    fault: Fault | None = None
    duplicate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """One as it stands, without what it says and whose it is."""

    id: UUID
    template: str
    version: int
    purpose: str
    urgency: str
    language: str | None
    channels: Sequence[str] | None
    mode: str
    key_id: UUID | None
    campaign_id: UUID | None
    scheduled_at: datetime
    due_at: datetime
    expires_at: datetime
    status: str
    reason: str | None
    channel: str | None
    answer: str | None
    answered_at: datetime | None
    created_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change of one's status. ``until`` is when it is looked at again; ``skipped`` are channels, each with why."""

    at: datetime
    status: str
    reason: str | None
    channel: str | None
    until: datetime | None
    skipped: Sequence[tuple[str, str]]
