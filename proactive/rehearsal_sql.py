"""The statements of the dry run."""

from __future__ import annotations

AT = """
SELECT id, person_id, address_lookup, language FROM conversations WHERE channel = 'sms' AND address_lookup = ANY ($1)
"""
"""lookups."""

STOPPED = """
SELECT address_lookup, reason FROM suppressions
WHERE channel = 'sms' AND address_lookup = ANY ($1) AND purpose IN ('', $2)
UNION ALL
SELECT address_lookup, 'opted_out' FROM reach WHERE channel = 'sms' AND address_lookup = ANY ($1) AND opted_out
"""
"""lookups, purpose. Of addresses at which nobody is known (any more)."""
