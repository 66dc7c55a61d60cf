"""What was shown in each web-chat conversation, in order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "webchat_activities",
        sa.Column("conversation", sa.LargeBinary(), nullable=False, comment="as conversations.address_lookup"),
        sa.Column("number", sa.BigInteger(), nullable=False, comment="1, 2, 3 … without gaps: the watermark"),
        sa.Column("key", sa.Text(), nullable=False, comment="the outbox's key or the citizen's message id"),
        sa.Column("inbound", sa.Boolean(), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), comment="number of the message that it answers"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="sealed JSON of the activity"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("conversation", "number", name="webchat_activities_pkey"),
        sa.UniqueConstraint("conversation", "key", name="webchat_activities_conversation_key_key"),
        sa.CheckConstraint("number > 0", name=op.f("webchat_activities_number_check")),
    )
