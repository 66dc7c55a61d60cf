"""What Alembic runs. The connection, and its transaction, come from ``bot.database.migrate``."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], target_metadata=None)
context.run_migrations()
