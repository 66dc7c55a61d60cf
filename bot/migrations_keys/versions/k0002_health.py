"""Whose the pseudonyms of health outreach are: read at the moment of contact and of erasure alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "k0002"
down_revision = "k0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "health",
        sa.Column("pseudonym", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name="health_pkey"),
        schema="keys",
    )
    op.create_index("health_person_idx", "health", ["person"], schema="keys")
