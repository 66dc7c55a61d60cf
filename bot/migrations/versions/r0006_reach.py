"""Pictures of citizens, how far messages have come, and whom a provider reaches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "attachments",
        sa.Column(
            "id", sa.Uuid(), nullable=False, comment="of the conversation, the message's number and the place in it"
        ),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="sealed picture, without its metadata"),
        sa.Column("token", sa.Text(), comment="the secret end of its address, once it has been passed on"),
        _now("created_at"),
        sa.PrimaryKeyConstraint("id", name="attachments_pkey"),
        sa.UniqueConstraint("token", name="attachments_token_key"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="attachments_conversation_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="attachments_person_id_fkey"),
    )
    op.create_index("attachments_conversation_id_idx", "attachments", ["conversation_id"])
    op.create_table(
        "deliveries",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "provider_id",
            sa.Text(),
            nullable=False,
            comment="as outbox.provider_id; may be told before that is written",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), comment="the provider's code"),
        _now("changed_at"),
        sa.PrimaryKeyConstraint("channel", "provider_id", name="deliveries_pkey"),
        sa.CheckConstraint("state IN ('sent', 'delivered', 'failed')", name=op.f("deliveries_state_check")),
    )
    op.create_table(
        "reach",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address_lookup", sa.LargeBinary(), nullable=False, comment="as conversations.address_lookup"),
        sa.Column("reachable", sa.Boolean(), nullable=False, server_default="true"),
        sa.Column("opted_out", sa.Boolean(), nullable=False, server_default="false", comment="at the provider"),
        _now("changed_at"),
        sa.PrimaryKeyConstraint("channel", "address_lookup", name="reach_pkey"),
    )
