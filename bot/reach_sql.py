"""The statements of what providers tell afterwards."""

from __future__ import annotations

DELIVERED = """
INSERT INTO deliveries (channel, provider_id, state, reason) VALUES ($1, $2, $3, $4)
ON CONFLICT (channel, provider_id) DO UPDATE SET
    state = EXCLUDED.state, reason = COALESCE(EXCLUDED.reason, deliveries.reason), changed_at = now()
WHERE deliveries.state = 'sent' AND EXCLUDED.state <> 'sent'
    OR deliveries.state = EXCLUDED.state AND deliveries.reason IS NULL AND EXCLUDED.reason IS NOT NULL
"""
"""channel, provider's id, state, reason. Of the two ends the first to be told stays; a reason is never lost."""

REACHED = """
INSERT INTO reach (channel, address_lookup, reachable, opted_out)
VALUES ($1, $2, COALESCE($3, true), COALESCE($4, false))
ON CONFLICT (channel, address_lookup) DO UPDATE SET
    reachable = COALESCE($3, reach.reachable), opted_out = COALESCE($4, reach.opted_out), changed_at = now()
"""
"""channel, lookup, reachable or null, opted out or null."""

OWNER = "SELECT person_id FROM conversations WHERE channel = $1 AND address_lookup = $2 FOR UPDATE"
"""channel, lookup."""

MOVE = """
UPDATE conversations SET address_lookup = $3, address = $4
WHERE channel = $1 AND address_lookup = $2
    AND NOT EXISTS (SELECT FROM conversations WHERE channel = $1 AND address_lookup = $3)
"""
"""channel, lookup, new lookup, new address. A conversation that began at the new address stays what it is."""

MOVE_REACH = """
WITH old AS (
    INSERT INTO reach (channel, address_lookup, reachable) VALUES ($1, $2, false)
    ON CONFLICT (channel, address_lookup) DO UPDATE SET reachable = false, changed_at = now()
    RETURNING channel, opted_out
)
INSERT INTO reach (channel, address_lookup, opted_out) SELECT channel, $3, opted_out FROM old
ON CONFLICT (channel, address_lookup) DO UPDATE SET opted_out = reach.opted_out OR EXCLUDED.opted_out
"""
"""channel, lookup, new lookup. A wish for no messages moves along."""

LEFT = "DELETE FROM telegram_buttons WHERE chat = $1"
"""lookup. What the buttons of a chat meant that is now another: nobody can press them, and nobody would find them."""
