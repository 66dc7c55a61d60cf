"""The table of Teams: what it takes to write to each conversation first."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, LargeBinary, MetaData, PrimaryKeyConstraint, Table, text

metadata = MetaData()

references = Table(
    "teams_references",
    metadata,
    Column("lookup", LargeBinary, nullable=False, comment="Codec.lookup of the address's key"),
    Column("reference", LargeBinary, nullable=False, comment="sealed JSON: service URL, conversation, bot"),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    PrimaryKeyConstraint("lookup", name="teams_references_pkey"),
)
