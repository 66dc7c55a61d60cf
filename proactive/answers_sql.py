"""The statements of answers."""

from __future__ import annotations

FIND = """
SELECT n.id, n.person_id, c.person_id AS owner, n.template, n.version, n."values", n.status, n.expires_at, n.answer
FROM nudges n JOIN persons p ON p.id = n.person_id
JOIN conversations c ON c.person_id = COALESCE(p.merged_into, p.id) AND c.detached_at IS NULL
WHERE n.id = $1 AND c.id = $2
"""
LOCK = f"{FIND} FOR NO KEY UPDATE OF n"
"""nudge, conversation. No row where it is not of the conversation's person."""

ANSWER = """
INSERT INTO nudge_answers (id, nudge_id, choice, at) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO NOTHING RETURNING id
"""
"""id, nudge, choice, now."""

# Whoever answers has got it, whatever the provider said; and nothing is sent or asked again.
TAKE = """
WITH taken AS (
    UPDATE nudges SET
        answer = COALESCE($2, answer), answered_at = $3, watch_at = NULL, silent_at = NULL,
        status = CASE WHEN status IN ('sending', 'cancelled', 'expired') THEN status ELSE 'delivered' END,
        reason = CASE WHEN status IN ('sending', 'cancelled', 'expired') THEN reason END,
        ended_at = CASE WHEN status = 'sending' THEN NULL ELSE COALESCE(ended_at, $3) END
    WHERE id = $1 RETURNING id, status, channel
)
INSERT INTO nudge_events (nudge_id, at, status, reason, channel) SELECT id, $3, status, 'answered', channel FROM taken
"""
"""nudge, choice or none, now."""

HEARD = """
UPDATE nudges SET silent_at = NULL
WHERE silent_at IS NOT NULL AND sent_at <= $2
    AND person_id IN (SELECT id FROM persons WHERE id = $1 OR merged_into = $1)
"""
"""person, now. Who has answered one check-in is not silent about those before."""
