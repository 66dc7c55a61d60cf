"""What turns were about, counted, and what was not understood, masked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables; neither names a person."""
    op.create_table(
        "misses",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="masked; of nobody that could be told"),
        sa.Column("intent", sa.Text(), comment="the best guess, which was not good enough"),
        sa.Column("confidence", sa.REAL(), comment="of the guess, 0 to 1"),
        sa.PrimaryKeyConstraint("id", name="misses_pkey"),
    )
    op.create_index("misses_at_idx", "misses", ["at"])
    op.create_table(
        "turn_counts",
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False, comment="its beginning, UTC"),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False, comment="empty: an answer inside a dialog"),
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hour", "channel", "language", "intent", name="turn_counts_pkey"),
    )
