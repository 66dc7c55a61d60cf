"""The keys of persons, and who was erased: kept where backups of the database do not reach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "k0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "keys",
        sa.Column("owner", sa.Uuid(), nullable=False, comment="keyed hash of a person's id or of a channel's key"),
        sa.Column("master", sa.Text(), nullable=False, comment="id of the master key that wraps it"),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("owner", name="keys_pkey"),
        schema="keys",
    )
    op.create_table(
        "erasures",
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("person", name="erasures_pkey"),
        schema="keys",
    )
