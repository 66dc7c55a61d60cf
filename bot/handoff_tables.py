"""Wishes for a person, and what staff write beside a conversation. In the metadata of ``bot/tables.py``."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)

from bot.tables import metadata

OPEN = "status <> 'closed'"

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", Uuid, primary_key=True, comment="of the conversation and the effect that asked for it"),
    Column("conversation_id", Uuid, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("reason", Text, nullable=False, comment="why it was asked for: wish, crisis, checkin, complaint or failed"),
    Column("skill", Text, comment="of knowledge/desk.yaml; none: anybody answers"),
    Column("status", Text, nullable=False),
    Column("agent", Text, comment="who owns or owned it: the subject of the login"),
    Column("agent_name", Text, comment="as the citizen is told"),
    Column("requested_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("claimed_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
    Column("close_reason", Text),
    CheckConstraint("status IN ('waiting', 'callback', 'owned', 'closed')", name="status"),
    CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed"),
    CheckConstraint("status <> 'owned' OR agent IS NOT NULL", name="agent"),
    Index("handoffs_open_idx", "conversation_id", unique=True, postgresql_where=text(OPEN)),
    Index(None, "conversation_id"),
)

handoff_notes = Table(
    "handoff_notes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("conversation_id", Uuid, ForeignKey("conversations.id", ondelete="CASCADE"), nullable=False),
    Column("person_id", Uuid, ForeignKey("persons.id"), nullable=False),
    Column("author", Text, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="sealed text, never shown to the citizen in the chat"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Index(None, "conversation_id"),
)
