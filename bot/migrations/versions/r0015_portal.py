"""Citizens who are logged in, logins that have begun, and links that were given in a conversation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _ends() -> sa.Column[object]:
    return sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    """Make the portal's tables."""
    op.create_table(
        "portal_sessions",
        sa.Column("id", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie"),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("loa", sa.Text(), nullable=False, comment="how surely the person was known at the login"),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        _ends(),
        sa.PrimaryKeyConstraint("id", name="portal_sessions_pkey"),
    )
    op.create_index("portal_sessions_expires_at_idx", "portal_sessions", ["expires_at"])
    op.create_index("portal_sessions_person_id_idx", "portal_sessions", ["person_id"])
    op.create_table(
        "portal_logins",
        sa.Column("id", sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie of the browser that began it"),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("link", sa.LargeBinary(), comment="of portal_links, where it began with one"),
        _ends(),
        sa.PrimaryKeyConstraint("id", name="portal_logins_pkey"),
    )
    op.create_index("portal_logins_expires_at_idx", "portal_logins", ["expires_at"])
    op.create_table(
        "portal_links",
        sa.Column("id", sa.LargeBinary(), nullable=False, comment="SHA-256 of the secret in the link"),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), comment="who has logged in by it; set once"),
        sa.Column("loa", sa.Text()),
        sa.Column("code", sa.LargeBinary(), comment="SHA-256 of the link and the code that the person was shown"),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0", comment="codes that were said"),
        sa.Column("linked_at", sa.DateTime(timezone=True), comment="when the right one was"),
        _ends(),
        sa.PrimaryKeyConstraint("id", name="portal_links_pkey"),
        sa.UniqueConstraint("conversation_id", name="portal_links_conversation_id_key"),
        sa.CheckConstraint(
            "(person_id IS NULL) = (code IS NULL) AND (person_id IS NULL) = (loa IS NULL)",
            name="portal_links_used_check",
        ),
        sa.CheckConstraint("tries >= 0", name="portal_links_tries_check"),
    )
    op.create_index("portal_links_expires_at_idx", "portal_links", ["expires_at"])
    op.create_index("portal_links_person_id_idx", "portal_links", ["person_id"])
