"""The table of web chat: what was shown in each conversation, in order."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData()

activities = Table(
    "webchat_activities",
    metadata,
    Column("conversation", LargeBinary, nullable=False, comment="as conversations.address_lookup"),
    Column("number", BigInteger, nullable=False, comment="1, 2, 3 … without gaps: the watermark"),
    Column("key", Text, nullable=False, comment="the outbox's key or the citizen's message id"),
    Column("inbound", Boolean, nullable=False),
    Column("reply_to", BigInteger, comment="number of the message that it answers"),
    Column("body", LargeBinary, nullable=False, comment="sealed JSON of the activity"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("conversation", "number", name="webchat_activities_pkey"),
    UniqueConstraint("conversation", "key", name="webchat_activities_conversation_key_key"),
    CheckConstraint("number > 0", name="webchat_activities_number_check"),
)
