"""Who used a person's data, legal holds, erasures, what staff did, and what ran out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEEP = """
CREATE FUNCTION audit_events_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.at < now() - interval '1 year' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'audit_events is append-only for a year' USING ERRCODE = 'insufficient_privilege';
END $$
"""


def _number() -> sa.Column[object]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False)


def _moment(name: str, *, now: bool = False, nullable: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))


def upgrade() -> None:
    """Make the tables. What staff did cannot be changed, and not be removed for a year."""
    op.create_table(
        "accesses",
        _number(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), comment="what was read, where it was a conversation"),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column(
            "actor", sa.Text(), nullable=False, comment="subject of a login, or a name of ours; not shown to the citizen"
        ),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        _moment("at", now=True),
        sa.PrimaryKeyConstraint("id", name="accesses_pkey"),
        _check("accesses", "actor_kind", "actor_kind IN ('staff', 'programme', 'interface', 'person')"),
    )
    op.create_index("accesses_person_id_at_idx", "accesses", ["person_id", "at"])
    op.create_index("accesses_at_idx", "accesses", ["at"])
    op.create_table(
        "legal_holds",
        _number(),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="of retention.yaml, which says whom to ask"),
        sa.Column("placed_by", sa.Text(), nullable=False),
        _moment("placed_at", now=True),
        _moment("until", nullable=True),
        _moment("released_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="legal_holds_pkey"),
    )
    op.create_index(
        "legal_holds_open_idx", "legal_holds", ["person_id"], postgresql_where=sa.text("released_at IS NULL")
    )
    _erasures()
    op.create_table(
        "audit_events",
        _number(),
        _moment("at", now=True),
        sa.Column("actor_role", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False, comment="subject of a login; empty: the server itself"),
        sa.Column("ip_address", sa.Text()),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("target_type", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False, comment="digest of an id, where it stands for a person"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column(
            "information",
            sa.Text(),
            nullable=False,
            server_default="",
            comment="what was done; never words of a person",
        ),
        sa.PrimaryKeyConstraint("id", name="audit_events_pkey"),
        _check("audit_events", "operation", "operation IN ('CREATE', 'READ', 'UPDATE', 'DELETE')"),
        _check("audit_events", "status", "status IN ('SUCCESS', 'FORBIDDEN', 'FAILED')"),
    )
    op.create_index("audit_events_at_idx", "audit_events", ["at"])
    op.execute(KEEP)
    op.execute(
        "CREATE TRIGGER audit_events_keep BEFORE UPDATE OR DELETE ON audit_events "
        "FOR EACH ROW EXECUTE FUNCTION audit_events_keep()"
    )
    op.execute(
        "CREATE TRIGGER audit_events_keep_all BEFORE TRUNCATE ON audit_events "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_events_keep()"
    )
    op.create_table(
        "retention_runs",
        _number(),
        sa.Column("category", sa.Text(), nullable=False),
        _moment("at", now=True),
        sa.Column(
            "until", sa.DateTime(timezone=True), nullable=False, comment="what was older was removed"
        ),
        sa.Column("removed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="retention_runs_pkey"),
    )
    op.create_index("retention_runs_at_idx", "retention_runs", ["at"])


def _erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "mark",
            sa.LargeBinary(),
            nullable=False,
            comment="digest of the person's id, by which a second wish is known",
        ),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False, server_default="asked"),
        _moment("asked_at", now=True),
        _moment("said_at", nullable=True),
        _moment("done_at", nullable=True),
        sa.Column("person_id", sa.Uuid()),
        sa.Column("owners", ARRAY(sa.Uuid()), comment="persons by whose keys content may be sealed"),
        sa.Column(
            "channels", ARRAY(sa.Text()), comment="with lookups and addresses: where the person was written to"
        ),
        sa.Column("lookups", ARRAY(sa.LargeBinary())),
        sa.Column("addresses", ARRAY(sa.LargeBinary()), comment="sealed by the person's key"),
        sa.Column("farewell", sa.Uuid(), comment="the conversation that holds the confirmation alone"),
        sa.PrimaryKeyConstraint("id", name="erasures_pkey"),
        sa.UniqueConstraint("mark", name="erasures_mark_key"),
        _check("erasures", "step", "step IN ('asked', 'disabled', 'said', 'cleared', 'unkeyed', 'done')"),
        _check("erasures", "done", "(step = 'done') = (done_at IS NOT NULL)"),
        _check(
            "erasures",
            "forgotten",
            "done_at IS NULL OR num_nonnulls(person_id, owners, channels, lookups, addresses, farewell) = 0",
        ),
    )
    op.create_index("erasures_open_idx", "erasures", ["asked_at"], postgresql_where=sa.text("done_at IS NULL"))
