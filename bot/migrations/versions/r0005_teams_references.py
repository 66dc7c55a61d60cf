"""What it takes to write to each conversation of Teams first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "teams_references",
        sa.Column("lookup", sa.LargeBinary(), nullable=False, comment="Codec.lookup of the address's key"),
        sa.Column("reference", sa.LargeBinary(), nullable=False, comment="sealed JSON: service URL, conversation, bot"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("lookup", name="teams_references_pkey"),
    )
