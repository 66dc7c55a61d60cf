"""The table of what citizens order."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Index, LargeBinary, MetaData, Table, Text, Uuid, text

from bot.naming import NAMES

metadata = MetaData(naming_convention=NAMES)


def _moment(name: str, *, now: bool = False, comment: str | None = None) -> Column[object]:
    default = text("now()") if now else None
    return Column(name, DateTime(timezone=True), nullable=not now, server_default=default, comment=comment)


LIVE = "status IN ('active', 'paused')"

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Uuid, primary_key=True, comment="of the conversation and the effect that ordered it"),
    Column("person_id", Uuid, nullable=False, comment="whose it is, and by whose key it is sealed"),
    Column("conversation_id", Uuid, nullable=False, comment="where it was ordered"),
    Column("channel", Text, nullable=False, comment="that it comes on"),
    Column("kind", Text, nullable=False, comment="of reminders.yaml"),
    Column("purpose", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("details", LargeBinary, nullable=False, comment="sealed JSON: place, day and time, as they were asked"),
    Column("ahead", LargeBinary, comment="sealed JSON: what its feed told last"),
    _moment("asked_at", comment="when the feed told it"),
    Column("status", Text, nullable=False, server_default="active"),
    Column("until", Date, comment="paused: until the morning of this day"),
    _moment("done_until", now=True, comment="all that was to be sent up to then has been made"),
    _moment("next_at", comment="when to look at it next"),
    _moment("created_at", now=True),
    _moment("ended_at"),
    CheckConstraint(f"{LIVE} OR status = 'ended'", name="status"),
    CheckConstraint("(status = 'ended') = (ended_at IS NOT NULL)", name="ended"),
    CheckConstraint("until IS NULL OR status = 'paused'", name="until"),
    Index("subscriptions_due_idx", "next_at", postgresql_where=text(LIVE)),
    Index(None, "person_id"),
    Index(None, "conversation_id"),
)
