"""Whether answers helped, counted by day, channel, language and intent; and what events cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, which names no person, and the column."""
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
    op.add_column(
        "city_events",
        sa.Column(
            "prices", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"), comment="as the source says them"
        ),
    )
