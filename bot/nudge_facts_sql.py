"""What the gate decides by, read for many persons at once. The conversations are locked by a statement of its own: one
that waited for a lock would see every other table as it was before the wait (``bot/tables.py``).
"""

from __future__ import annotations

LOCK = """
SELECT id FROM conversations WHERE person_id = ANY($1::uuid[]) AND detached_at IS NULL ORDER BY id FOR NO KEY UPDATE
"""
"""persons."""

MERGED = "SELECT id, merged_into FROM persons WHERE merged_into = ANY($1::uuid[])"
"""persons. Those who became part of them."""

PLACES = """
SELECT
    c.id, c.person_id, c.channel, c.address, c.language, c.state, c.beside, c.level,
    COALESCE(r.opted_out, false) AS opted_out, COALESCE(r.reachable, true) AS reachable,
    c.done < c.arrived OR EXISTS (
        SELECT FROM outbox o WHERE o.conversation_id = c.id AND o.status IN ('waiting', 'sending')
    ) AS busy,
    c.owner IS NOT NULL OR EXISTS (
        SELECT FROM handoffs h WHERE h.conversation_id = c.id AND h.status IN ('waiting', 'owned')
    ) AS owned,
    greatest(c.created_at, c.level_at, (
        SELECT accepted_at FROM inbox i WHERE i.conversation_id = c.id ORDER BY number DESC LIMIT 1
    )) AS used_at,
    (
        SELECT max(requested_at) FROM handoffs h WHERE h.conversation_id = c.id AND h.reason = 'crisis'
    ) AS crisis_at,
    (
        SELECT jsonb_object_agg(s.purpose, s.reason) FROM suppressions s
        WHERE s.channel = c.channel AND s.address_lookup = c.address_lookup
    ) AS suppressed
FROM conversations c
LEFT JOIN reach r ON r.channel = c.channel AND r.address_lookup = c.address_lookup
WHERE c.id = ANY($1::uuid[])
"""
"""conversations."""

RECENT = """
SELECT person_id, purpose, sent_at FROM nudges
WHERE person_id = ANY($1::uuid[]) AND purpose = ANY($2::text[]) AND sent_at > $3
"""
"""persons, purposes, since when."""
