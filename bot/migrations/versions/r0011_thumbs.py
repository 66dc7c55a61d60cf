"""Whether answers helped, counted by day, channel, language and intent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; it names no person."""
    op.create_table(
        "thumbs",
        sa.Column("day", sa.Date(), nullable=False, comment="of the city"),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False, comment="of the answer"),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("up", sa.BigInteger(), nullable=False),
        sa.Column("down", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "channel", "language", "intent", name="thumbs_pkey"),
    )
