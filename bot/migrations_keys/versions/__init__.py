"""Alembic's folder: one chain of revisions for the tables of all rooms."""
