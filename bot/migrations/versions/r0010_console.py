"""Who is logged in to the staff's pages, and what a citizen's question is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def _moment(name: str, default: str | None = None) -> sa.Column[object]:
    return sa.Column(
        name, sa.DateTime(timezone=True), nullable=False, server_default=sa.text(default) if default else None
    )


def upgrade() -> None:
    """Make the console's tables; what waits in the queue gets a skill."""
    op.add_column("handoffs", sa.Column("skill", sa.Text(), comment="of knowledge/desk.yaml; none: anybody answers"))
    op.create_table(
        "console_sessions",
        sa.Column("id", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie"),
        sa.Column("agent", sa.Text(), nullable=False, comment="the subject of the login"),
        sa.Column("name", sa.Text(), nullable=False, comment="as citizens are told"),
        sa.Column("roles", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("id_token", sa.Text(), comment="handed back to the provider at the logout"),
        _moment("created_at", "now()"),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("id", name="console_sessions_pkey"),
    )
    op.create_index("console_sessions_expires_at_idx", "console_sessions", ["expires_at"])
    op.create_table(
        "console_logins",
        sa.Column("id", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie of the browser that began it"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        _moment("expires_at"),
        sa.PrimaryKeyConstraint("id", name="console_logins_pkey"),
    )
    op.create_index("console_logins_expires_at_idx", "console_logins", ["expires_at"])
