"""The tables of what the city writes first.

What a nudge says is in ``values``, sealed by its person's key; no text, address or name is in any other column.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from bot.naming import NAMES

metadata = MetaData(naming_convention=NAMES)


def _moment(name: str, *, now: bool = False, nullable: bool = False, comment: str | None = None) -> Column[object]:
    default = text("now()") if now else None
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default, comment=comment)


PENDING = "status IN ('created', 'held')"
ENDED = "status IN ('delivered', 'permanent-failure', 'temporary-failure', 'technical-failure', 'cancelled', 'expired')"

nudges = Table(
    "nudges",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False, comment="whose it is, and by whose key its values are sealed"),
    Column("conversation_id", Uuid, comment="where it goes, if it was written to one address"),
    Column("template", Text, nullable=False),
    Column("version", Integer, nullable=False, comment="of the template, pinned"),
    Column("purpose", Text, nullable=False),
    Column("urgency", Text, nullable=False),
    Column("language", Text, comment="that it was asked in; else that of the conversation"),
    Column("values", LargeBinary, nullable=False, comment="sealed JSON, by placeholder"),
    Column("channels", ARRAY(Text), comment="that were asked for, in this order; else the person's own order"),
    Column("mode", Text, nullable=False, server_default="live", comment="test never reaches a provider"),
    Column("ends_as", Text, comment="the status that a test asked for"),
    Column("key_id", Uuid, comment="of api_keys, where one made it"),
    Column("campaign_id", Uuid, comment="of campaigns, where one made it"),
    Column("dedupe", LargeBinary, unique=True, comment="digest of who made it and the key that they gave it"),
    _moment("scheduled_at", comment="when it was asked for"),
    _moment("due_at", comment="when to look at it next"),
    _moment("expires_at"),
    Column("paced", Boolean, nullable=False, server_default="false", comment="its turn at the channel's pace has come"),
    Column("tried", ARRAY(Text), nullable=False, server_default="{}", comment="channels that could not reach"),
    Column("attempts", SmallInteger, nullable=False, server_default="0", comment="sendings"),
    Column("status", Text, nullable=False, server_default="created"),
    Column("reason", Text, comment="a code, never words of a person"),
    Column("channel", Text, comment="that it went out on"),
    Column("sent_to", Uuid, comment="the conversation that it went out in"),
    Column("outbox_id", BigInteger, comment="of its last sending; one message may carry several nudges"),
    Column("provider_id", Text),
    Column("answer", Text, comment="the id of the choice that was taken"),
    _moment("answered_at", nullable=True),
    _moment("created_at", now=True),
    _moment("sent_at", nullable=True, comment="when it was handed over; counted by the caps from then on"),
    _moment("watch_at", nullable=True, comment="without a receipt by then the next channel is tried"),
    _moment("silent_at", nullable=True, comment="of a check-in: when it is looked at whether it was answered"),
    _moment("ended_at", nullable=True),
    CheckConstraint(f"{PENDING} OR status IN ('sending', 'sent') OR {ENDED}", name="status"),
    CheckConstraint(f"({ENDED}) = (ended_at IS NOT NULL)", name="ended"),
    CheckConstraint("urgency IN ('routine', 'timely', 'urgent')", name="urgency"),
    CheckConstraint("mode IN ('live', 'team', 'test')", name="mode"),
    Index("nudges_pending_idx", "due_at", postgresql_where=text(f"{PENDING} AND mode <> 'test'")),
    Index("nudges_trials_idx", "due_at", postgresql_where=text(f"{PENDING} AND mode = 'test'")),
    Index("nudges_waiting_idx", "person_id", "due_at", postgresql_where=text(PENDING)),
    Index("nudges_sending_idx", "outbox_id", postgresql_where=text("status = 'sending'")),
    Index("nudges_doubt_idx", "outbox_id", postgresql_where=text("reason = 'in_doubt'")),
    Index("nudges_sent_idx", "channel", "provider_id", postgresql_where=text("status = 'sent'")),
    Index(None, "person_id", "purpose", "sent_at"),
    Index(None, "sent_to", "sent_at"),
    Index("nudges_watch_idx", "watch_at", postgresql_where=text("watch_at IS NOT NULL")),
    Index("nudges_silent_idx", "silent_at", postgresql_where=text("silent_at IS NOT NULL")),
    Index("nudges_campaign_idx", "campaign_id", "status", postgresql_where=text("campaign_id IS NOT NULL")),
    Index("nudges_key_idx", "key_id", "created_at", postgresql_where=text("key_id IS NOT NULL")),
)

nudge_events = Table(
    "nudge_events",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("nudge_id", Uuid, ForeignKey("nudges.id", ondelete="CASCADE"), nullable=False),
    _moment("at", now=True),
    Column("status", Text, nullable=False),
    Column("reason", Text),
    Column("channel", Text),
    _moment("until", nullable=True, comment="when it is looked at again, where it is held"),
    Column("skipped", JSONB, comment="why not on which channel"),
    Index(None, "nudge_id", "id"),
)

nudge_answers = Table(
    "nudge_answers",
    metadata,
    Column("id", Uuid, primary_key=True, comment="of the conversation and the effect: once for each"),
    Column("nudge_id", Uuid, ForeignKey("nudges.id", ondelete="CASCADE"), nullable=False),
    Column("choice", Text, nullable=False, comment="its id; empty where people were asked for in other words"),
    _moment("at", now=True),
    Index(None, "nudge_id", "at"),
)

pace = Table(
    "pace",
    metadata,
    Column("channel", Text, nullable=False),
    Column("lane", Text, nullable=False),
    _moment("next_at", comment="the first moment that is not given away"),
    PrimaryKeyConstraint("channel", "lane"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("channel", Text, nullable=False),
    Column("address_lookup", LargeBinary, nullable=False, comment="as conversations.address_lookup"),
    Column("purpose", Text, nullable=False, server_default="", comment="empty: all"),
    Column("reason", Text, nullable=False),
    _moment("at", now=True),
    PrimaryKeyConstraint("channel", "address_lookup", "purpose"),
    CheckConstraint("reason IN ('opted_out', 'wrong_number', 'complaint')", name="reason"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the key"),
    Column("recipients", ARRAY(LargeBinary), comment="of a team's key: lookups of the addresses that it may write to"),
    Column("per_minute", Integer, nullable=False, comment="requests"),
    _moment("spent_until", now=True, comment="as far as its requests of now have used the time to come"),
    Column("webhook_url", Text),
    Column("webhook_secret", LargeBinary, comment="sealed by the key store, for signing"),
    _moment("webhook_rests_until", now=True, comment="it did not answer, and is left alone until then"),
    _moment("created_at", now=True),
    _moment("used_at", nullable=True),
    _moment("revoked_at", nullable=True),
    CheckConstraint("mode IN ('live', 'team', 'test')", name="mode"),
    CheckConstraint("per_minute > 0", name="per_minute"),
)

api_requests = Table(
    "api_requests",
    metadata,
    Column("key_id", Uuid, ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="of the body: the same key with another body is refused"),
    Column("response", JSONB, nullable=False, comment="ids and statuses"),
    _moment("at", now=True),
    PrimaryKeyConstraint("key_id", "idempotency_key"),
    Index(None, "at"),
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("key_id", Uuid, ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=False),
    Column("nudge_id", Uuid, nullable=False),
    Column("body", JSONB, nullable=False, comment="id, status, reason, channel and times"),
    Column("status", Text, nullable=False, server_default="waiting"),
    Column("attempts", SmallInteger, nullable=False, server_default="0", comment="and the fence of the call"),
    _moment("due_at", now=True),
    _moment("created_at", now=True),
    _moment("ended_at", nullable=True),
    CheckConstraint("status IN ('waiting', 'done', 'failed')", name="status"),
    CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ended"),
    Index("callbacks_due_idx", "key_id", "due_at", postgresql_where=text("status = 'waiting'")),
    Index(None, "nudge_id"),
)
