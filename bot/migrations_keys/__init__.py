"""Migrations of the keys' store, which may be a database of its own."""
