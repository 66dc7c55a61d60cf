"""The tables of people: one-time codes, and who acts for whom. ``bot/tables.py`` has persons and their addresses."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Uuid,
    text,
)

metadata = MetaData()


def _moment(name: str, *, now: bool = False, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=text("now()") if now else None)


def _conversation(name: str, comment: str) -> Column[object]:
    key = ForeignKey("conversations.id", ondelete="CASCADE", name=f"confirmations_{name}_fkey")
    return Column(name, Uuid, key, nullable=False, comment=comment)


def _person(name: str) -> Column[object]:
    return Column(
        name, Uuid, ForeignKey("persons.id", ondelete="CASCADE", name=f"guardians_{name}_fkey"), nullable=False
    )


confirmations = Table(
    "confirmations",
    metadata,
    Column("id", Uuid, nullable=False),
    _conversation("conversation_id", "where it was asked for"),
    _conversation("target_id", "the conversation at the address that the code was sent to"),
    Column("digest", LargeBinary, nullable=False, comment="keyed hash of the code and the id"),
    Column("tries", SmallInteger, nullable=False, server_default="0"),
    _moment("created_at", now=True),
    _moment("expires_at"),
    _moment("used_at", nullable=True),
    PrimaryKeyConstraint("id", name="confirmations_pkey"),
    CheckConstraint("tries >= 0", name="confirmations_tries_check"),
    Index("confirmations_conversation_id_idx", "conversation_id"),
    Index("confirmations_target_id_idx", "target_id"),
)

guardians = Table(
    "guardians",
    metadata,
    _person("child_id"),
    _person("guardian_id"),
    Column("ends_at", DateTime(timezone=True), nullable=False, comment="at the latest when the child is of age"),
    _moment("created_at", now=True),
    PrimaryKeyConstraint("child_id", "guardian_id", name="guardians_pkey"),
    CheckConstraint("child_id <> guardian_id", name="guardians_two_check"),
    Index("guardians_guardian_id_idx", "guardian_id"),
)
