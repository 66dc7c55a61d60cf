"""The server: one turn, one outbox, one database."""
