"""The tables of what the city's sources say: copies that are made anew from the sources, and never of a person.

A person's name, phone or email in a source is left out at the import (``knowledge/units_read.py``).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

metadata = MetaData()

_EMPTY = text("'{}'::jsonb")


def _by_language(name: str) -> Column[object]:
    return Column(name, JSONB, nullable=False, server_default=_EMPTY, comment="by language")


sources = Table(
    "city_sources",
    metadata,
    Column("name", Text, nullable=False, comment="units, hours, events, topics"),
    Column("version", BigInteger, nullable=False, server_default="0", comment="counts the changes of the copy"),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("fetched_at", DateTime(timezone=True), comment="when it was last asked"),
    Column("ok_at", DateTime(timezone=True), comment="when it last answered well: the age of the copy"),
    Column("error", Text, comment="the class of the last error; null after a good answer"),
    Column("etag", Text),
    Column("modified", Text, comment="Last-Modified, as the server wrote it"),
    PrimaryKeyConstraint("name", name="city_sources_pkey"),
)

units = Table(
    "city_units",
    metadata,
    Column("id", Text, nullable=False, comment="of the unit register (TPREK)"),
    Column("services", ARRAY(Text), nullable=False, comment="our ids; empty where its ontology words are not ours"),
    _by_language("names"),
    _by_language("addresses"),
    Column("postal_code", Text),
    Column("phone", Text),
    _by_language("urls"),
    Column("accessibility", JSONB, nullable=False, server_default=_EMPTY, comment="viewpoint to red, green, unknown"),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    PrimaryKeyConstraint("id", name="city_units_pkey"),
)

connections = Table(
    "city_connections",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("place", SmallInteger, nullable=False, comment="in the source's order"),
    Column("section", Text, nullable=False, comment="section_type of the register"),
    _by_language("names"),
    _by_language("urls"),
    Column("phone", Text),
    PrimaryKeyConstraint("unit_id", "place", name="city_connections_pkey"),
    ForeignKeyConstraint(["unit_id"], ["city_units.id"], name="city_connections_unit_id_fkey", ondelete="CASCADE"),
)

hours = Table(
    "city_hours",
    metadata,
    Column("unit_id", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("periods", JSONB, comment="null where the source says nothing of the day"),
    Column("fetched_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("unit_id", "day", name="city_hours_pkey"),
)

events = Table(
    "city_events",
    metadata,
    Column("id", Text, nullable=False),
    _by_language("names"),
    _by_language("summaries"),
    _by_language("urls"),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("has_time", Boolean, nullable=False, comment="false where the source gives days alone"),
    Column("status", Text, nullable=False),
    Column("free", Boolean, comment="null where the source says nothing"),
    Column("children", Boolean, nullable=False),
    Column("languages", ARRAY(Text), nullable=False, comment="in which it is held, where that is said"),
    Column("unit_id", Text, comment="of the unit register; need not be in city_units"),
    _by_language("place_names"),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("prices", JSONB, nullable=False, server_default=_EMPTY, comment="as the source says them"),
    PrimaryKeyConstraint("id", name="city_events_pkey"),
    CheckConstraint(
        "status IN ('scheduled', 'rescheduled', 'postponed', 'cancelled')", name="city_events_status_check"
    ),
    CheckConstraint("starts_at <= ends_at", name="city_events_order_check"),
    Index("city_events_ends_at_idx", "ends_at"),
)

documents = Table(
    "city_documents",
    metadata,
    Column("kind", Text, nullable=False),
    Column("id", Text, nullable=False, comment="the intent, unit or event"),
    Column("language", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("snippet", Text, nullable=False),
    Column("url", Text),
    Column("source", Text, nullable=False),
    Column("as_of", Date, comment="when its content was reviewed or fetched"),
    Column("expires_at", DateTime(timezone=True), comment="the end of an event"),
    Column("words", TSVECTOR, nullable=False, comment="title A, other words of ours B, text D"),
    PrimaryKeyConstraint("kind", "id", "language", name="city_documents_pkey"),
    CheckConstraint("kind IN ('topic', 'unit', 'event')", name="city_documents_kind_check"),
    Index("city_documents_words_idx", "words", postgresql_using="gin"),
)
