"""The statements of effects. ``attempts`` rises with each claim of a row and is its fence."""

from __future__ import annotations

CLAIM = """
WITH e AS (
    UPDATE effects SET status = 'running', attempts = attempts + 1, due_at = now() + $2::interval
    WHERE id = $1 AND status IN ('waiting', 'running') AND due_at <= now()
    RETURNING id, conversation_id, person_id, effect_id, name, arguments, attempts
)
SELECT e.*, c.person_id AS owner, c.channel, c.address FROM e JOIN conversations c ON c.id = e.conversation_id
"""
"""id, lease."""

REMAINING = "SELECT due_at - now() FROM effects WHERE id = $1 AND status IN ('waiting', 'running')"
"""id. How long until it is due; no row when it has ended."""

RENEW = "UPDATE effects SET due_at = now() + $3::interval WHERE id = $1 AND attempts = $2 AND status = 'running'"
"""id, attempts, lease."""

LEAVE = """
UPDATE effects SET
    status = 'waiting', attempts = attempts - 1, due_at = now() + $3::interval, woken_at = now() + $3::interval,
    reason = 'NewerContent'
WHERE id = $1 AND attempts = $2 AND status = 'running'
"""
"""id, attempts, delay. Gives a claim back as if it had not been."""

OWNER = "SELECT person_id FROM conversations WHERE id = $1 FOR UPDATE"
"""conversation. Whose it is now, which then stays so until the transaction's end."""

END = """
UPDATE effects SET status = $3, reason = $4, arguments = NULL, ended_at = now()
WHERE id = $1 AND attempts = $2 AND status = 'running'
RETURNING id
"""
"""id, attempts, status, reason."""

AGAIN = """
UPDATE effects SET status = 'waiting', due_at = now() + $3::interval, woken_at = now() + $3::interval, reason = $4
WHERE id = $1 AND attempts = $2 AND status = 'running'
RETURNING id
"""
"""id, attempts, delay, reason."""

WAKE = """
UPDATE effects SET woken_at = now()
WHERE id IN (
    SELECT id FROM effects
    WHERE status IN ('waiting', 'running') AND due_at <= now() AND woken_at <= now() - $1::interval
    ORDER BY due_at LIMIT $2
    FOR UPDATE SKIP LOCKED
)
RETURNING id
"""
"""how long a job is trusted, limit."""

DEPTH = "SELECT status, count(*) AS effects FROM effects WHERE status IN ('waiting', 'running') GROUP BY status"
