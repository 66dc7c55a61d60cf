"""Persons, conversations, inbox, transcript, outbox, effects, and PgQueuer's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _conversations()
    _inbox()
    _transcript()
    _outbox()
    _effects()
    # Several statements at once, which a prepared statement cannot be: on asyncpg's own connection, in our transaction.
    connection = op.get_bind().connection.driver_connection
    raw = op.get_bind().connection.dbapi_connection
    assert connection is not None and raw is not None and connection.is_in_transaction()  # noqa: S101
    raw.run_async(lambda driver: driver.execute(QueryBuilderEnvironment().build_install_query()))


def _moment(name: str, *, now: bool = False, nullable: bool = False) -> sa.Column[object]:
    default = sa.text("now()") if now else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def _conversation(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=f"{table}_conversation_id_fkey", ondelete="CASCADE"
        ),
    ]


def _person(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=f"{table}_person_id_fkey"),
    ]


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"{table}_{name}_check"))


def _text(name: str, *, nullable: bool = False, comment: str | None = None) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable, comment=comment)


def _count(name: str, kind: type[sa.BigInteger] | type[sa.SmallInteger], comment: str | None = None) -> sa.Column[int]:
    return sa.Column(name, kind(), nullable=False, server_default="0", comment=comment)


def _conversations() -> None:
    op.create_table(
        "persons",
        sa.Column("id", sa.Uuid(), nullable=False),
        _moment("created_at", now=True),
        sa.PrimaryKeyConstraint("id", name="persons_pkey"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_person("conversations"),
        _text("channel"),
        sa.Column(
            "address_lookup", sa.LargeBinary(), nullable=False, comment="Codec.lookup of the channel's own key"
        ),
        sa.Column("address", sa.LargeBinary(), nullable=False, comment="the channel's own key, sealed"),
        _text("language", nullable=True),
        sa.Column("state", sa.LargeBinary(), comment="what the responder returned last, sealed JSON"),
        _count("arrived", sa.BigInteger),
        _count("done", sa.BigInteger),
        _count("fence", sa.BigInteger),
        _count("attempts", sa.SmallInteger, "of message done + 1"),
        _moment("lease_until", nullable=True),
        _moment("created_at", now=True),
        sa.PrimaryKeyConstraint("id", name="conversations_pkey"),
        sa.UniqueConstraint("channel", "address_lookup", name="conversations_channel_address_lookup_key"),
        _check("conversations", "done", "done >= 0 AND done <= arrived"),
        _check("conversations", "attempts", "attempts >= 0"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_index("conversations_person_id_idx", "conversations", ["person_id"])


def _inbox() -> None:
    op.create_table(
        "inbox",
        *_conversation("inbox"),
        sa.Column("number", sa.BigInteger(), nullable=False),
        *_person("inbox"),
        _text("channel"),
        _text("message_id", comment="the provider's, unique within the channel"),
        sa.Column("status", sa.Text(), nullable=False, server_default="waiting"),
        sa.Column("body", sa.LargeBinary(), comment="sealed Message; moves to the transcript at the end"),
        _moment("accepted_at", now=True),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="inbox_pkey"),
        sa.UniqueConstraint("channel", "message_id", name="inbox_channel_message_id_key"),
        _check("inbox", "status", "status IN ('waiting', 'done', 'parked', 'late')"),
        _check("inbox", "ended", "(status = 'waiting') = (ended_at IS NULL)"),
        _check("inbox", "body", "(status = 'waiting') = (body IS NOT NULL)"),
    )
    waiting = sa.text("status = 'waiting'")
    op.create_index("inbox_waiting_idx", "inbox", ["conversation_id"], postgresql_where=waiting)


def _transcript() -> None:
    op.create_table(
        "transcript",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *_conversation("transcript"),
        *_person("transcript"),
        _text("kind"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="sealed Incoming or Reply"),
        _moment("created_at", now=True),
        sa.PrimaryKeyConstraint("id", name="transcript_pkey"),
        _check("transcript", "kind", "kind IN ('message', 'result', 'reply', 'safety', 'nudge')"),
    )
    op.create_index("transcript_conversation_id_id_idx", "transcript", ["conversation_id", "id"])


def _outbox() -> None:
    unsettled = "status IN ('waiting', 'sending')"
    statuses = "'waiting', 'sending', 'sent', 'failed', 'unreachable', 'opted_out', 'refused', 'in_doubt'"
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["id"], ["transcript.id"], name="outbox_id_fkey", ondelete="CASCADE"),
        *_conversation("outbox"),
        _text("channel"),
        _text("kind"),
        _text("status"),
        _text("reason", nullable=True, comment="why it is not sent; never words of a person"),
        _count("attempts", sa.SmallInteger, "and the fence of the sending"),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="waiting: not before; sending: the lease's end",
        ),
        _text("provider_id", nullable=True),
        _moment("created_at", now=True),
        _moment("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="outbox_pkey"),
        _check("outbox", "kind", "kind IN ('reply', 'safety', 'nudge')"),
        _check("outbox", "status", f"status IN ({statuses})"),
        _check("outbox", "settled", f"({unsettled}) = (settled_at IS NULL)"),
        _check("outbox", "attempts", "attempts >= 0"),
    )
    op.create_index("outbox_unsettled_idx", "outbox", ["conversation_id", "id"], postgresql_where=sa.text(unsettled))


def _effects() -> None:
    unfinished = "status IN ('waiting', 'running')"
    op.create_table(
        "effects",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        *_conversation("effects"),
        *_person("effects"),
        _text("effect_id", comment="the dialog's id: the key that the service is called with"),
        _text("name", comment="service.method"),
        sa.Column("arguments", sa.LargeBinary(), comment="sealed JSON list; dropped at the end"),
        sa.Column("status", sa.Text(), nullable=False, server_default="waiting"),
        _text("reason", nullable=True, comment="the class of the last error"),
        _count("attempts", sa.SmallInteger, "and the fence of the run"),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="waiting: not before; running: the lease's end",
        ),
        sa.Column(
            "woken_at", sa.DateTime(timezone=True), nullable=False, comment="when a job was last made for it"
        ),
        _moment("created_at", now=True),
        _moment("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="effects_pkey"),
        sa.UniqueConstraint("conversation_id", "effect_id", name="effects_conversation_id_effect_id_key"),
        _check("effects", "status", "status IN ('waiting', 'running', 'done', 'failed')"),
        _check("effects", "ended", f"({unfinished}) = (ended_at IS NULL)"),
        _check("effects", "arguments", f"({unfinished}) = (arguments IS NOT NULL)"),
        _check("effects", "attempts", "attempts >= 0"),
    )
    op.create_index("effects_due_idx", "effects", ["due_at"], postgresql_where=sa.text(unfinished))
