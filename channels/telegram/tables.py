"""The table of Telegram: what the buttons of each chat mean."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, PrimaryKeyConstraint, Table, Text, text

metadata = MetaData()

buttons = Table(
    "telegram_buttons",
    metadata,
    Column("chat", LargeBinary, nullable=False, comment="as conversations.address_lookup"),
    Column("key", Text, nullable=False, comment="what the button carries"),
    Column("payload", LargeBinary, nullable=False, comment="sealed payload of the choice"),
    Column("presses", Integer, nullable=False, server_default="0", comment="those in quick succession count as one"),
    Column("pressed_at", DateTime(timezone=True)),
    Column("query", Text, comment="Telegram's id of the last press"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("chat", "key", name="telegram_buttons_pkey"),
)
