"""What a provider calls a message is kept as a keyed hash; what was sent in a conversation is found by an index."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Say so of the column, and make the index: a conversation that is forgotten takes its messages along."""
    op.alter_column(
        "inbox",
        "message_id",
        comment="stands for the provider's, unique within the channel",
        existing_comment="the provider's, unique within the channel",
    )
    op.create_index("outbox_conversation_id_idx", "outbox", ["conversation_id"])
