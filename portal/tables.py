"""The portal's tables: who is logged in, logins that have begun, and links that were given in a conversation.

Of each secret (cookie, link, code) only a digest is kept.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

from bot.naming import NAMES

metadata = MetaData(naming_convention=NAMES)


def _ends() -> Column[object]:
    return Column("expires_at", DateTime(timezone=True), nullable=False)


portal_sessions = Table(
    "portal_sessions",
    metadata,
    Column("id", LargeBinary, primary_key=True, comment="SHA-256 of the cookie"),
    Column("person_id", Uuid, nullable=False),
    Column("loa", Text, nullable=False, comment="how surely the person was known at the login"),
    Column("begun_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    _ends(),
    Index(None, "expires_at"),
    Index(None, "person_id"),
)

portal_logins = Table(
    "portal_logins",
    metadata,
    Column("id", LargeBinary, primary_key=True, comment="SHA-256 of the cookie of the browser that began it"),
    Column("state", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("link", LargeBinary, comment="of portal_links, where it began with one"),
    _ends(),
    Index(None, "expires_at"),
)

portal_links = Table(
    "portal_links",
    metadata,
    Column("id", LargeBinary, primary_key=True, comment="SHA-256 of the secret in the link"),
    Column("conversation_id", Uuid, nullable=False),
    Column("person_id", Uuid, comment="who has logged in by it; set once"),
    Column("loa", Text),
    Column("code", LargeBinary, comment="SHA-256 of the link and the code that the person was shown"),
    Column("tries", SmallInteger, nullable=False, server_default="0", comment="codes that were said"),
    Column("linked_at", DateTime(timezone=True), comment="when the right one was"),
    _ends(),
    UniqueConstraint("conversation_id"),
    CheckConstraint("(person_id IS NULL) = (code IS NULL) AND (person_id IS NULL) = (loa IS NULL)", name="used"),
    CheckConstraint("tries >= 0", name="tries"),
    Index(None, "expires_at"),
    Index(None, "person_id"),
)
