"""The statements of API keys and of the requests that were made with them."""

from __future__ import annotations

COLUMNS = "id, name, team, mode, scopes, recipients, per_minute, webhook_url, created_at, used_at, revoked_at"

MAKE = """
INSERT INTO api_keys (
    id, name, team, mode, scopes, digest, recipients, per_minute, webhook_url, webhook_secret
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
"""id and the columns."""

# The generic cell rate algorithm: each request takes a step of time, and a minute may be taken ahead.
USE = f"""
WITH k AS (
    SELECT *, interval '1 minute' / per_minute AS step,
        greatest(spent_until, clock_timestamp()) + interval '1 minute' / per_minute
            - interval '1 minute' - clock_timestamp() AS wait
    FROM api_keys WHERE digest = $1 AND revoked_at IS NULL FOR NO KEY UPDATE
), used AS (
    UPDATE api_keys SET used_at = now(), spent_until = greatest(k.spent_until, clock_timestamp()) + k.step
    FROM k WHERE api_keys.id = k.id AND k.wait <= interval '0'
)
SELECT {COLUMNS}, extract(epoch FROM wait)::float8 AS wait FROM k
"""  # noqa: S608  names of ours
"""digest. The key, and the seconds that it has to wait, of which none are left where it was counted."""

LIST = f"SELECT {COLUMNS} FROM api_keys ORDER BY created_at, id"  # noqa: S608

REVOKE = """
WITH revoked AS (
    UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING id
), untold AS (
    UPDATE callbacks SET status = 'failed', ended_at = now()
    FROM revoked WHERE callbacks.key_id = revoked.id AND callbacks.status = 'waiting'
)
SELECT id FROM revoked
"""
"""key."""

ANSWERED = "SELECT digest, response FROM api_requests WHERE key_id = $1 AND idempotency_key = $2"
"""key, its name of the request."""

ANSWER = """
WITH mine AS (
    INSERT INTO api_requests (key_id, idempotency_key, digest, response) VALUES ($1, $2, $3, $4)
    ON CONFLICT (key_id, idempotency_key) DO NOTHING RETURNING true
)
SELECT EXISTS (SELECT FROM mine)
"""
"""key, its name of the request, digest of the body, response. False where another process was quicker."""
