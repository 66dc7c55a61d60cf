"""The tables of the consent ledger: entries, the texts that were agreed to, and signed checkpoints over all chains.

They name no person. A pseudonym is made from a person's key, and nobody can tell whose it is once that is destroyed.
The database refuses every change of a row (``bot/migrations``): a trigger of each table, and rights that its owner has
given up, so that rows are added in the role ``neuvo_ledger`` alone.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

metadata = MetaData(naming_convention={"ix": "%(table_name)s_%(column_0_N_name)s_idx"})

consent_ledger = Table(
    "consent_ledger",
    metadata,
    Column("pseudonym", LargeBinary, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="from 1 within the chain of the pseudonym"),
    Column("at", DateTime(timezone=True), nullable=False, comment="never before the entry before"),
    Column("purpose", Text, nullable=False, comment="of purposes.yaml"),
    Column("version", Integer, nullable=False, comment="of the purpose's text"),
    Column("digest", LargeBinary, nullable=False, comment="of consent_texts: what was asked"),
    Column("kind", Text, nullable=False),
    Column("language", Text, nullable=False, comment="in which it was asked"),
    Column("channel", Text, comment="that it is for; none: a withdrawal for every channel"),
    Column("through", Text, nullable=False, comment="the channel that it was said on"),
    Column("decided_by", Text, nullable=False),
    Column("guardian", LargeBinary, comment="the pseudonym of the guardian who decided"),
    Column("mac", LargeBinary, nullable=False, comment="HMAC-SHA256 over all of it and the mac before"),
    PrimaryKeyConstraint("pseudonym", "seq", name="consent_ledger_pkey"),
    CheckConstraint(
        "octet_length(pseudonym) = 32 AND octet_length(digest) = 32 AND octet_length(mac) = 32",
        name="consent_ledger_lengths_check",
    ),
    CheckConstraint("seq >= 1", name="consent_ledger_seq_check"),
    CheckConstraint("kind IN ('given', 'withdrawn')", name="consent_ledger_kind_check"),
    CheckConstraint("kind = 'withdrawn' OR channel IS NOT NULL", name="consent_ledger_channel_check"),
    CheckConstraint("decided_by IN ('self', 'guardian', 'staff')", name="consent_ledger_decided_by_check"),
    CheckConstraint("(decided_by = 'guardian') = (guardian IS NOT NULL)", name="consent_ledger_guardian_check"),
    Index(None, "pseudonym", "purpose", "seq"),
)

consent_texts = Table(
    "consent_texts",
    metadata,
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the text"),
    Column("purpose", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("text", Text, nullable=False, comment="canonical JSON: all that was told"),
    PrimaryKeyConstraint("digest", name="consent_texts_pkey"),
)

consent_checkpoints = Table(
    "consent_checkpoints",
    metadata,
    Column("number", BigInteger, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, comment="entries up to here are covered"),
    Column("chains", BigInteger, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False, comment="SHA-256 over the heads of all chains in order"),
    Column("previous", LargeBinary, nullable=False, comment="digest of the checkpoint before; zeros for the first"),
    Column("signature", LargeBinary, nullable=False, comment="Ed25519"),
    PrimaryKeyConstraint("number", name="consent_checkpoints_pkey"),
)
