"""The consent ledger, the texts that were agreed to, and signed checkpoints: rows are added, and never changed."""

from __future__ import annotations

import click
import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

ROLE = "neuvo_ledger"
TABLES = ("consent_ledger", "consent_texts", "consent_checkpoints")

MAKE_ROLE = f"""
DO $$BEGIN
    CREATE ROLE {ROLE} NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- roles are the server's: another database made it
END$$
"""
LET_US = f"""
DO $$BEGIN
    FOR attempt IN 1..10 LOOP
        BEGIN
            GRANT {ROLE} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE;
            EXIT;
        EXCEPTION WHEN internal_error THEN NULL;  -- "tuple concurrently updated": another database does the same
        END;
    END LOOP;
END$$
"""
MAY_ASSUME = f"SELECT pg_has_role(current_user, oid, 'SET') FROM pg_roles WHERE rolname = '{ROLE}'"


def upgrade() -> None:
    """Make the role and the tables, and let nobody change a row."""
    _role(op.get_bind())
    _tables()
    for table in TABLES:
        op.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM PUBLIC, CURRENT_USER")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO {ROLE}")
    op.execute("""
        CREATE FUNCTION consent_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
            RAISE EXCEPTION '% of % is refused: its rows are only ever added', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'insufficient_privilege';
        END$$
    """)
    for table in TABLES:
        op.execute(f"""
            CREATE TRIGGER {table}_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION consent_refuse_change()
        """)
        # Also where a session has turned off ordinary triggers.
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_refuse_change")
    # A checkpoint covers what is older than a minute, so an entry must not come with an old time.
    op.execute("""
        CREATE FUNCTION consent_refuse_old() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
            IF NEW.at < clock_timestamp() - interval '30 seconds' THEN
                RAISE EXCEPTION 'an entry of the past is refused' USING ERRCODE = 'check_violation';
            END IF;
            RETURN NEW;
        END$$
    """)
    op.execute("""
        CREATE TRIGGER consent_ledger_refuse_old BEFORE INSERT ON consent_ledger
        FOR EACH ROW EXECUTE FUNCTION consent_refuse_old()
    """)


def _role(connection: sa.Connection) -> None:
    """See that there is the role, and that we may assume it."""
    if connection.scalar(sa.text(MAY_ASSUME)):
        return
    us = connection.scalar(sa.text("SELECT quote_ident(current_user)"))
    try:
        with connection.begin_nested():
            connection.execute(sa.text(MAKE_ROLE))
            if not connection.scalar(sa.text(MAY_ASSUME)):
                connection.execute(sa.text(LET_US))
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != "42501":
            raise
    if not connection.scalar(sa.text(MAY_ASSUME)):
        raise click.ClickException(
            f"The consent ledger needs a role that {us} may assume and may not make. Nothing has been changed. "
            f"Have an administrator of the PostgreSQL server run this once, then migrate again:\n\n"
            f"    CREATE ROLE {ROLE} NOLOGIN;  -- unless it is there already\n    GRANT {ROLE} TO {us} WITH INHERIT FALSE, SET TRUE;\n"
        )


def _tables() -> None:
    op.create_table(
        "consent_ledger",
        sa.Column("pseudonym", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="from 1 within the chain of the pseudonym"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="never before the entry before"),
        sa.Column("purpose", sa.Text(), nullable=False, comment="of purposes.yaml"),
        sa.Column("version", sa.Integer(), nullable=False, comment="of the purpose's text"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="of consent_texts: what was asked"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False, comment="in which it was asked"),
        sa.Column("channel", sa.Text(), comment="that it is for; none: a withdrawal for every channel"),
        sa.Column("through", sa.Text(), nullable=False, comment="the channel that it was said on"),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("guardian", sa.LargeBinary(), comment="the pseudonym of the guardian who decided"),
        sa.Column("mac", sa.LargeBinary(), nullable=False, comment="HMAC-SHA256 over all of it and the mac before"),
        sa.PrimaryKeyConstraint("pseudonym", "seq", name="consent_ledger_pkey"),
        sa.CheckConstraint(
            "octet_length(pseudonym) = 32 AND octet_length(digest) = 32 AND octet_length(mac) = 32",
            name="consent_ledger_lengths_check",
        ),
        sa.CheckConstraint("seq >= 1", name="consent_ledger_seq_check"),
        sa.CheckConstraint("kind IN ('given', 'withdrawn')", name="consent_ledger_kind_check"),
        sa.CheckConstraint("kind = 'withdrawn' OR channel IS NOT NULL", name="consent_ledger_channel_check"),
        sa.CheckConstraint("decided_by IN ('self', 'guardian', 'staff')", name="consent_ledger_decided_by_check"),
        sa.CheckConstraint(
            "(decided_by = 'guardian') = (guardian IS NOT NULL)", name="consent_ledger_guardian_check"
        ),
    )
    op.create_index("consent_ledger_pseudonym_purpose_seq_idx", "consent_ledger", ["pseudonym", "purpose", "seq"])
    op.create_table(
        "consent_texts",
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the text"),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False, comment="canonical JSON: all that was told"),
        sa.PrimaryKeyConstraint("digest", name="consent_texts_pkey"),
    )
    op.create_table(
        "consent_checkpoints",
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="entries up to here are covered"),
        sa.Column("chains", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False, comment="SHA-256 over the heads of all chains in order"),
        sa.Column("previous", sa.LargeBinary(), nullable=False, comment="digest of the checkpoint before; zeros for the first"),
        sa.Column("signature", sa.LargeBinary(), nullable=False, comment="Ed25519"),
        sa.PrimaryKeyConstraint("number", name="consent_checkpoints_pkey"),
    )
