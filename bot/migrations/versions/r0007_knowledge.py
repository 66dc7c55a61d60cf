"""Copies of what the city's sources say: units, hours, events, and the documents that are searched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _by_language(name: str) -> sa.Column[object]:
    return sa.Column(name, JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"), comment="by language")


def _moment(name: str, comment: str | None = None, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "city_sources",
        sa.Column("name", sa.Text(), nullable=False, comment="units, hours, events, topics"),
        sa.Column(
            "version", sa.BigInteger(), nullable=False, server_default="0", comment="counts the changes of the copy"
        ),
        sa.Column("rows", sa.Integer(), nullable=False, server_default="0"),
        _moment("fetched_at", "when it was last asked"),
        _moment("ok_at", "when it last answered well: the age of the copy"),
        sa.Column("error", sa.Text(), comment="the class of the last error; null after a good answer"),
        sa.Column("etag", sa.Text()),
        sa.Column("modified", sa.Text(), comment="Last-Modified, as the server wrote it"),
        sa.PrimaryKeyConstraint("name", name="city_sources_pkey"),
    )
    op.create_table(
        "city_units",
        sa.Column("id", sa.Text(), nullable=False, comment="of the unit register (TPREK)"),
        sa.Column(
            "services",
            ARRAY(sa.Text()),
            nullable=False,
            comment="our ids; empty where its ontology words are not ours",
        ),
        _by_language("names"),
        _by_language("addresses"),
        sa.Column("postal_code", sa.Text()),
        sa.Column("phone", sa.Text()),
        _by_language("urls"),
        sa.Column(
            "accessibility",
            JSONB(),
            nullable=False,
            server_default=sa.text("'{}'::jsonb"),
            comment="viewpoint to red, green, unknown",
        ),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="city_units_pkey"),
    )
    op.create_table(
        "city_connections",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("place", sa.SmallInteger(), nullable=False, comment="in the source's order"),
        sa.Column("section", sa.Text(), nullable=False, comment="section_type of the register"),
        _by_language("names"),
        _by_language("urls"),
        sa.Column("phone", sa.Text()),
        sa.PrimaryKeyConstraint("unit_id", "place", name="city_connections_pkey"),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["city_units.id"], name="city_connections_unit_id_fkey", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "city_hours",
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("periods", JSONB(), comment="null where the source says nothing of the day"),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("unit_id", "day", name="city_hours_pkey"),
    )
    _events()
    _documents()


def _events() -> None:
    op.create_table(
        "city_events",
        sa.Column("id", sa.Text(), nullable=False),
        _by_language("names"),
        _by_language("summaries"),
        _by_language("urls"),
        _moment("starts_at", nullable=False),
        _moment("ends_at", nullable=False),
        sa.Column("has_time", sa.Boolean(), nullable=False, comment="false where the source gives days alone"),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("free", sa.Boolean(), comment="null where the source says nothing"),
        sa.Column("children", sa.Boolean(), nullable=False),
        sa.Column(
            "languages", ARRAY(sa.Text()), nullable=False, comment="in which it is held, where that is said"
        ),
        sa.Column("unit_id", sa.Text(), comment="of the unit register; need not be in city_units"),
        _by_language("place_names"),
        sa.Column("latitude", sa.Float()),
        sa.Column("longitude", sa.Float()),
        sa.PrimaryKeyConstraint("id", name="city_events_pkey"),
        sa.CheckConstraint(
            "status IN ('scheduled', 'rescheduled', 'postponed', 'cancelled')",
            name=op.f("city_events_status_check"),
        ),
        sa.CheckConstraint("starts_at <= ends_at", name=op.f("city_events_order_check")),
    )
    op.create_index("city_events_ends_at_idx", "city_events", ["ends_at"])


def _documents() -> None:
    op.create_table(
        "city_documents",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False, comment="the intent, unit or event"),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("snippet", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), comment="when its content was reviewed or fetched"),
        _moment("expires_at", "the end of an event"),
        sa.Column("words", TSVECTOR(), nullable=False, comment="title A, other words of ours B, text D"),
        sa.PrimaryKeyConstraint("kind", "id", "language", name="city_documents_pkey"),
        sa.CheckConstraint("kind IN ('topic', 'unit', 'event')", name=op.f("city_documents_kind_check")),
    )
    op.create_index("city_documents_words_idx", "city_documents", ["words"], postgresql_using="gin")
