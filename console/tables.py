"""The console's tables: who is logged in, and logins that have begun. Of a cookie only a digest is kept."""

from __future__ import annotations

from sqlalchemy import ARRAY, Column, DateTime, Index, LargeBinary, MetaData, Table, Text, text

from bot.naming import NAMES

metadata = MetaData(naming_convention=NAMES)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("id", LargeBinary, primary_key=True, comment="SHA-256 of the cookie"),
    Column("agent", Text, nullable=False, comment="the subject of the login"),
    Column("name", Text, nullable=False, comment="as citizens are told"),
    Column("roles", ARRAY(Text), nullable=False),
    Column("language", Text, nullable=False),
    Column("id_token", Text, comment="handed back to the provider at the logout"),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index(None, "expires_at"),
)

console_logins = Table(
    "console_logins",
    metadata,
    Column("id", LargeBinary, primary_key=True, comment="SHA-256 of the cookie of the browser that began it"),
    Column("state", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index(None, "expires_at"),
)
