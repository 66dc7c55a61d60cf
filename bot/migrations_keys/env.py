"""What Alembic runs. The connection, and its transaction, come from ``bot.database.migrate``."""

from __future__ import annotations

from alembic import context
from sqlalchemy import text

connection = context.config.attributes["connection"]
connection.execute(text("CREATE SCHEMA IF NOT EXISTS keys"))
context.configure(connection=connection, target_metadata=None, version_table_schema="keys")
context.run_migrations()
