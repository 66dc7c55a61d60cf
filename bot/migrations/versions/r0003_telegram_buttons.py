"""What the buttons of each Telegram chat mean."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "telegram_buttons",
        sa.Column("chat", sa.LargeBinary(), nullable=False, comment="as conversations.address_lookup"),
        sa.Column("key", sa.Text(), nullable=False, comment="what the button carries"),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="sealed payload of the choice"),
        sa.Column(
            "presses",
            sa.Integer(),
            nullable=False,
            server_default="0",
            comment="those in quick succession count as one",
        ),
        sa.Column("pressed_at", sa.DateTime(timezone=True)),
        sa.Column("query", sa.Text(), comment="Telegram's id of the last press"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("chat", "key", name="telegram_buttons_pkey"),
    )
