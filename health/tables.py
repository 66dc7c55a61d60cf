"""The tables of health outreach, in a schema of their own. They name no person, address or identity code.

A pseudonym is made from a person's key. Whose it is stands beside the keys alone, where it is read at the moment of
contact and of erasure.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from bot.naming import NAMES

metadata = MetaData(schema="health", naming_convention=NAMES)


def _pseudonym() -> Column[object]:
    # No foreign key: a fact is stored of nobody but a patient, and five million look-ups are saved.
    return Column("pseudonym", LargeBinary, nullable=False)


def _now(name: str) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=False, server_default=text("now()"))


imports = Table(
    "imports",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    _now("at"),
    Column("source", Text, nullable=False, comment="files or a server, as the command named them"),
    Column("counts", JSONB, nullable=False, comment="resources by what became of them"),
)

import_faults = Table(
    "import_faults",
    metadata,
    Column("import_id", BigInteger, ForeignKey(imports.c.id, ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("file", Text, nullable=False),
    Column("line", Integer, nullable=False, comment="of a bundle: the place of the entry, from 1"),
    Column("resource", Text, nullable=False, comment="the type, where it could be read"),
    Column("digest", LargeBinary, nullable=False, comment="of the resource's id, for who has the source"),
    Column("code", Text, nullable=False),
    Column("path", Text, nullable=False, comment="the element that is at fault; never its value"),
    PrimaryKeyConstraint("import_id", "number"),
)

patients = Table(
    "patients",
    metadata,
    Column("pseudonym", LargeBinary, primary_key=True),
    Column("birth_date", Date, nullable=False),
    Column("sex", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("deceased_on", Date),
    Column("moved_on", Date),
    Column("opted_out_on", Date),
    Column("contacted_on", Date, comment="when a programme last wrote"),
    CheckConstraint("octet_length(pseudonym) = 32", name="length"),
    CheckConstraint("sex IN ('female', 'male', 'other', 'unknown')", name="sex"),
)

facts = Table(
    "facts",
    metadata,
    _pseudonym(),
    Column("source", LargeBinary, nullable=False, comment="keyed digest of the resource's type and id"),
    Column("part", SmallInteger, nullable=False, comment="of the resource, which may state several facts"),
    Column("kind", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("at", Date, nullable=False),
    Column("until", Date, comment="a condition is over from then on"),
    Column("value", Numeric),
    Column("unit", Text, comment="UCUM"),
    Column("days", SmallInteger, comment="how long what was handed out lasts"),
    PrimaryKeyConstraint("pseudonym", "source", "part"),
    CheckConstraint("kind IN ('condition', 'observation', 'request', 'dispense', 'allergy')", name="kind"),
    CheckConstraint("days > 0", name="days"),
)

grounds = Table(
    "grounds",
    metadata,
    _pseudonym(),
    Column("purpose", Text, nullable=False, comment="of purposes.yaml"),
    Column("kind", Text, nullable=False, comment="fhir_consent, or what the city recorded"),
    Column("at", Date, nullable=False),
    Column("until", Date, comment="the last day"),
    PrimaryKeyConstraint("pseudonym", "purpose"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("programme", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("as_of", Date, nullable=False),
    _now("at"),
    Column("counts", JSONB, nullable=False, comment="patients by standing and reason"),
)
