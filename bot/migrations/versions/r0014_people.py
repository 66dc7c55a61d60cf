"""Who a person is, and how surely an address is theirs.

What was kept before was in plain form and found by hashes without a key: it is removed, as no release had been made.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PLAIN = (
    *("webchat_activities", "telegram_buttons", "teams_references", "reach", "deliveries"),
    *("conversations", "accesses", "legal_holds", "persons"),
)
"""Children of conversations go with them."""


def _moment(name: str, *, now: bool = False, nullable: bool = True) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))


def upgrade() -> None:
    """Remove what was plain; add the levels, one-time codes and guardians."""
    for table in PLAIN:
        op.execute(f"DELETE FROM {table}")
    op.add_column(
        "persons", sa.Column("subject_lookup", sa.LargeBinary(), comment="keyed hash of a strong login's subject")
    )
    op.add_column("persons", sa.Column("loa", sa.Text(), comment="low, substantial or high, of the last strong login"))
    merged = sa.ForeignKey("persons.id", name="persons_merged_into_fkey")
    op.add_column("persons", sa.Column("merged_into", sa.Uuid(), merged, comment="of whom this one became part"))
    op.create_index("persons_merged_into_idx", "persons", ["merged_into"])
    op.create_unique_constraint("persons_subject_lookup_key", "persons", ["subject_lookup"])
    op.add_column("conversations", sa.Column(
            "level",
            sa.Text(),
            nullable=False,
            server_default="claimed",
            comment="how surely the address is the person's",
        ))
    op.add_column("conversations", _moment("level_at"))
    op.add_column("conversations", _moment("detached_at"))
    op.create_check_constraint(
        op.f("conversations_level_check"), "conversations", "level IN ('claimed', 'confirmed', 'strong')"
    )
    op.create_check_constraint(
        op.f("conversations_level_at_check"), "conversations", "level = 'claimed' OR level_at IS NOT NULL"
    )
    op.create_table(
        "confirmations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "conversation_id",
            sa.Uuid(),
            sa.ForeignKey("conversations.id", ondelete="CASCADE", name="confirmations_conversation_id_fkey"),
            nullable=False,
            comment="where it was asked for",
        ),
        sa.Column(
            "target_id",
            sa.Uuid(),
            sa.ForeignKey("conversations.id", ondelete="CASCADE", name="confirmations_target_id_fkey"),
            nullable=False,
            comment="the conversation at the address that the code was sent to",
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="keyed hash of the code and the id"),
        sa.Column("tries", sa.SmallInteger(), nullable=False, server_default="0"),
        _moment("created_at", now=True, nullable=False),
        _moment("expires_at", nullable=False),
        _moment("used_at"),
        sa.PrimaryKeyConstraint("id", name="confirmations_pkey"),
        _check("confirmations", "tries", "tries >= 0"),
    )
    op.create_index("confirmations_conversation_id_idx", "confirmations", ["conversation_id"])
    op.create_index("confirmations_target_id_idx", "confirmations", ["target_id"])
    op.create_table(
        "guardians",
        sa.Column(
            "child_id",
            sa.Uuid(),
            sa.ForeignKey("persons.id", ondelete="CASCADE", name="guardians_child_id_fkey"),
            nullable=False,
        ),
        sa.Column(
            "guardian_id",
            sa.Uuid(),
            sa.ForeignKey("persons.id", ondelete="CASCADE", name="guardians_guardian_id_fkey"),
            nullable=False,
        ),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False, comment="at the latest when the child is of age"),
        _moment("created_at", now=True, nullable=False),
        sa.PrimaryKeyConstraint("child_id", "guardian_id", name="guardians_pkey"),
        _check("guardians", "two", "child_id <> guardian_id"),
    )
    op.create_index("guardians_guardian_id_idx", "guardians", ["guardian_id"])
