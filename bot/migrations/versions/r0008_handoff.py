"""People behind the bot: wishes for one, who owns a conversation, what staff said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def _conversation() -> sa.Column[object]:
    return sa.Column("conversation_id", sa.Uuid(), nullable=False)


def _foreign_keys(table: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=f"{table}_conversation_id_fkey", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=f"{table}_person_id_fkey"),
    ]


def upgrade() -> None:
    """Make the tables, and let the transcript and the outbox hold what a person said."""
    op.add_column("conversations", sa.Column("owner", sa.Text(), comment="the member of staff who answers, if one does"))
    op.add_column("transcript", sa.Column("author", sa.Text(), comment="the member of staff who wrote it"))
    op.add_column("transcript", sa.Column("key", sa.Uuid(), comment="of the form it was written in: once for each"))
    op.create_index(
        "transcript_key_idx", "transcript", ["key"], unique=True, postgresql_where=sa.text("key IS NOT NULL")
    )
    for table, kinds in (
        ("transcript", "'message', 'result', 'reply', 'safety', 'nudge', 'agent'"),
        ("outbox", "'reply', 'safety', 'nudge', 'agent'"),
    ):
        op.drop_constraint(op.f(f"{table}_kind_check"), table, type_="check")
        op.create_check_constraint(op.f(f"{table}_kind_check"), table, f"kind IN ({kinds})")
    op.create_table(
        "handoffs",
        sa.Column("id", sa.Uuid(), nullable=False, comment="of the conversation and the effect that asked for it"),
        _conversation(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="why it was asked for: wish, crisis, checkin, complaint or failed"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), comment="who owns or owned it: the subject of the login"),
        sa.Column("agent_name", sa.Text(), comment="as the citizen is told"),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("claimed_at", sa.DateTime(timezone=True)),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("close_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="handoffs_pkey"),
        *_foreign_keys("handoffs"),
        sa.CheckConstraint(
            "status IN ('waiting', 'callback', 'owned', 'closed')", name=op.f("handoffs_status_check")
        ),
        sa.CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name=op.f("handoffs_closed_check")),
        sa.CheckConstraint("status <> 'owned' OR agent IS NOT NULL", name=op.f("handoffs_agent_check")),
    )
    op.create_index(
        "handoffs_open_idx",
        "handoffs",
        ["conversation_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'closed'"),
    )
    op.create_index("handoffs_conversation_id_idx", "handoffs", ["conversation_id"])
    op.create_table(
        "handoff_notes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _conversation(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="sealed text, never shown to the citizen in the chat"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("id", name="handoff_notes_pkey"),
        *_foreign_keys("handoff_notes"),
    )
    op.create_index("handoff_notes_conversation_id_idx", "handoff_notes", ["conversation_id"])
