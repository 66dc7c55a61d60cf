"""The tables of what is done with people's data: who used it, what is held by law, what was erased, what ran out.

No foreign keys lead out of them: what they tell of a person is erased by ``mydata/holdings.py``, as every table is.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from bot.naming import NAMES

metadata = MetaData(naming_convention=NAMES)


def _number() -> Column[object]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _moment(name: str, *, now: bool = False, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=text("now()") if now else None)


accesses = Table(
    "accesses",
    metadata,
    _number(),
    Column("person_id", Uuid, nullable=False),
    Column("conversation_id", Uuid, comment="what was read, where it was a conversation"),
    Column("actor_kind", Text, nullable=False),
    Column("actor", Text, nullable=False, comment="subject of a login, or a name of ours; not shown to the citizen"),
    Column("purpose", Text, nullable=False),
    Column("what", Text, nullable=False),
    _moment("at", now=True),
    CheckConstraint("actor_kind IN ('staff', 'programme', 'interface', 'person')", name="actor_kind"),
    Index(None, "person_id", "at"),
    Index(None, "at"),
)

legal_holds = Table(
    "legal_holds",
    metadata,
    _number(),
    Column("person_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False, comment="of retention.yaml, which says whom to ask"),
    Column("placed_by", Text, nullable=False),
    _moment("placed_at", now=True),
    _moment("until", nullable=True),
    _moment("released_at", nullable=True),
    Index("legal_holds_open_idx", "person_id", postgresql_where=text("released_at IS NULL")),
)

STEPS = ("asked", "disabled", "said", "cleared", "unkeyed", "done")
"""What is behind an erasure, in this order."""

erasures = Table(
    "erasures",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("mark", LargeBinary, nullable=False, comment="digest of the person's id, by which a second wish is known"),
    Column("way", Text, nullable=False),
    Column("step", Text, nullable=False, server_default="asked"),
    _moment("asked_at", now=True),
    _moment("said_at", nullable=True),
    _moment("done_at", nullable=True),
    # What is still to be done needs these; nothing of them is left at the end.
    Column("person_id", Uuid),
    Column("owners", ARRAY(Uuid), comment="persons by whose keys content may be sealed"),
    Column("channels", ARRAY(Text), comment="with lookups and addresses: where the person was written to"),
    Column("lookups", ARRAY(LargeBinary)),
    Column("addresses", ARRAY(LargeBinary), comment="sealed by the person's key"),
    Column("farewell", Uuid, comment="the conversation that holds the confirmation alone"),
    UniqueConstraint("mark"),
    CheckConstraint("step IN ('asked', 'disabled', 'said', 'cleared', 'unkeyed', 'done')", name="step"),
    CheckConstraint("(step = 'done') = (done_at IS NOT NULL)", name="done"),
    CheckConstraint(
        "done_at IS NULL OR num_nonnulls(person_id, owners, channels, lookups, addresses, farewell) = 0",
        name="forgotten",
    ),
    Index("erasures_open_idx", "asked_at", postgresql_where=text("done_at IS NULL")),
)

audit_events = Table(
    "audit_events",
    metadata,
    _number(),
    _moment("at", now=True),
    Column("actor_role", Text, nullable=False),
    Column("actor_id", Text, nullable=False, comment="subject of a login; empty: the server itself"),
    Column("ip_address", Text),
    Column("operation", Text, nullable=False),
    Column("target_type", Text, nullable=False),
    Column("target_id", Text, nullable=False, comment="digest of an id, where it stands for a person"),
    Column("status", Text, nullable=False),
    Column("information", Text, nullable=False, server_default="", comment="what was done; never words of a person"),
    CheckConstraint("operation IN ('CREATE', 'READ', 'UPDATE', 'DELETE')", name="operation"),
    CheckConstraint("status IN ('SUCCESS', 'FORBIDDEN', 'FAILED')", name="status"),
    Index(None, "at"),
)

retention_runs = Table(
    "retention_runs",
    metadata,
    _number(),
    Column("category", Text, nullable=False),
    _moment("at", now=True),
    Column("until", DateTime(timezone=True), nullable=False, comment="what was older was removed"),
    Column("removed", BigInteger, nullable=False),
    Index(None, "at"),
)
