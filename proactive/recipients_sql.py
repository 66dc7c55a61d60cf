"""The statements that find whom to write to."""

from __future__ import annotations

PERSONS = "SELECT id, coalesce(merged_into, id) AS person_id FROM persons WHERE id = ANY($1::uuid[])"
"""persons. Who became part of another is that one now."""

LISTED = """
SELECT DISTINCT person_id FROM conversations WHERE person_id = ANY($1::uuid[]) AND address_lookup = ANY($2::bytea[])
"""
"""persons, lookups. Those of them who have one of the addresses."""

AT = "SELECT id, person_id, channel, address_lookup FROM conversations WHERE address_lookup = ANY($1::bytea[])"
"""lookups."""
