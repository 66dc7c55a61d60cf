"""The statements that tell the city's systems what has become of their nudges."""

from __future__ import annotations

CHANGED = """
INSERT INTO callbacks (id, key_id, nudge_id, body)
SELECT gen_random_uuid(), n.key_id, n.id, jsonb_build_object(
    'type', 'nudge.status', 'timestamp', now(), 'data', jsonb_build_object(
        'id', n.id, 'status', n.status, 'reason', n.reason, 'channel', n.channel, 'template', n.template,
        'answer', n.answer, 'answered_at', n.answered_at
    )
)
FROM nudges n JOIN api_keys k ON k.id = n.key_id
WHERE n.id = ANY($1::uuid[]) AND k.webhook_url IS NOT NULL AND k.revoked_at IS NULL
"""
"""nudges. In the transaction that changed them; those of keys that want to be told."""

DUE = """
SELECT id FROM api_keys k
WHERE webhook_url IS NOT NULL AND revoked_at IS NULL AND webhook_rests_until <= now() AND EXISTS (
    SELECT FROM callbacks c WHERE c.key_id = k.id AND c.status = 'waiting' AND c.due_at <= now()
)
"""
"""The keys that are to be told something now."""

CLAIM = """
WITH due AS (
    SELECT id FROM callbacks WHERE key_id = $1 AND status = 'waiting' AND due_at <= now()
    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
)
UPDATE callbacks c SET attempts = attempts + 1, due_at = now() + $3::interval
FROM due, api_keys k
WHERE c.id = due.id AND k.id = $1 AND k.revoked_at IS NULL AND k.webhook_rests_until <= now()
RETURNING c.id, c.key_id, c.body, c.attempts, k.webhook_url, k.webhook_secret
"""
"""key, how many, the lease: for so long nobody else calls."""

DONE = """
WITH told AS (
    UPDATE callbacks SET status = 'done', ended_at = now()
    WHERE id = $1 AND attempts = $2 AND status = 'waiting' RETURNING key_id
)
UPDATE api_keys k SET webhook_rests_until = now() FROM told WHERE k.id = told.key_id AND k.webhook_rests_until > now()
"""
"""callback, attempt. Who has heard is there again."""

AGAIN = """
WITH untold AS (
    UPDATE callbacks SET due_at = now() + $3::interval
    WHERE id = $1 AND attempts = $2 AND status = 'waiting' RETURNING key_id
)
UPDATE api_keys SET webhook_rests_until = greatest(webhook_rests_until, now() + $4::interval)
FROM untold WHERE api_keys.id = untold.key_id
"""
"""callback, attempt, how long until the next one, how long the receiver is left alone."""

FAILED = """
UPDATE callbacks SET status = 'failed', ended_at = now() WHERE id = $1 AND attempts = $2 AND status = 'waiting'
"""
"""callback, attempt."""
