"""The tables of review: what a programme found of whom, what a person decided, and who let a programme begin."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from health.tables import metadata, runs

findings = Table(
    "findings",
    metadata,
    Column("id", Uuid, primary_key=True, server_default=text("gen_random_uuid()")),
    Column("programme", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("run_id", BigInteger, ForeignKey(runs.c.id), nullable=False),
    Column("pseudonym", LargeBinary, nullable=False),
    Column("selected", Boolean, nullable=False, comment="false: of the sample of those whom the rule left out"),
    Column("standing", Text, nullable=False),
    Column("reason", Text, nullable=False, comment="a code: why the rule selected or left out"),
    Column("facts", JSONB, nullable=False),
    Column("steps", JSONB, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'waiting'")),
    Column("reviewer", Text, comment="the subject of the login"),
    Column("reviewer_name", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("decision_reason", Text, comment="a code: why it was rejected"),
    Column("postponed_until", Date),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("nudge_id", Uuid, comment="the message that said there is one"),
    Column("answered_at", DateTime(timezone=True)),
    Column("booked_at", DateTime(timezone=True)),
    Column("filled_on", Date, comment="later data show that the gap is closed"),
    Column("outcome", Text),
    UniqueConstraint("programme", "version", "pseudonym", "run_id"),
    CheckConstraint(
        "status IN ('waiting', 'postponed', 'accepted', 'rejected', 'contacted', 'ended')",
        name="status",
    ),
    CheckConstraint(
        "status = 'waiting' OR (reviewer IS NOT NULL AND reviewer_name IS NOT NULL AND decided_at IS NOT NULL)",
        name="decided",
    ),
    CheckConstraint("(status = 'postponed') = (postponed_until IS NOT NULL)", name="postponed"),
    CheckConstraint("status <> 'rejected' OR decision_reason IS NOT NULL", name="rejected"),
    CheckConstraint("nudge_id IS NULL OR status IN ('accepted', 'contacted', 'ended')", name="sent"),
    Index(None, "programme", "status"),
    Index(None, "pseudonym"),
)

programme_approvals = Table(
    "programme_approvals",
    metadata,
    Column("programme", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="of the rule and its codes as they were read"),
    Column("author", Text, nullable=False, comment="who proposed it"),
    Column("author_name", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("approver", Text),
    Column("approver_name", Text),
    Column("at", DateTime(timezone=True), comment="when the second person approved it"),
    PrimaryKeyConstraint("programme", "version", "digest"),
    CheckConstraint("approver <> author", name="two_people"),
    CheckConstraint("(approver IS NULL) = (at IS NULL)", name="approved"),
)
