"""The outbox's statements. ``attempts`` rises with each claim of a row and is its fence."""

from __future__ import annotations

CLAIM = """
WITH head AS (
    SELECT id FROM outbox
    WHERE conversation_id = $1 AND status IN ('waiting', 'sending')
    ORDER BY id LIMIT 1
), o AS (
    UPDATE outbox SET status = 'sending', attempts = attempts + 1, due_at = now() + $2::interval
    FROM head WHERE outbox.id = head.id AND due_at <= now() AND channel = ANY($3)
    AND (status = 'waiting' OR status = 'sending' AND kind <> 'nudge')
    RETURNING outbox.id, conversation_id, kind, attempts, extract(epoch FROM now() - created_at)::float8 AS age
)
SELECT o.*, c.channel, c.address, c.person_id AS owner, t.person_id, t.body
FROM o JOIN conversations c ON c.id = o.conversation_id JOIN transcript t ON t.id = o.id
"""
"""conversation, lease, channels. Takes the conversation's oldest message if it is due; none while that one waits.

A nudge whose sender was lost is not taken: it may have gone out (``DOUBTFUL``).
"""

SETTLE = """
WITH settled AS (
    UPDATE outbox SET
        status = s.status, reason = s.reason, provider_id = s.provider_id,
        due_at = now() + s.after, settled_at = CASE WHEN s.status <> 'waiting' THEN now() END
    FROM unnest($1::bigint[], $2::smallint[], $3::text[], $4::text[], $5::text[], $6::interval[])
        AS s (id, attempts, status, reason, provider_id, after)
    WHERE outbox.id = s.id AND outbox.attempts = s.attempts AND outbox.status = 'sending'
    RETURNING outbox.conversation_id, outbox.status
)
INSERT INTO reach (channel, address_lookup, reachable, opted_out)
SELECT c.channel, c.address_lookup, bool_and(s.status <> 'unreachable'), bool_or(s.status = 'opted_out')
FROM settled s JOIN conversations c ON c.id = s.conversation_id
WHERE s.status IN ('unreachable', 'opted_out')
GROUP BY c.channel, c.address_lookup
ON CONFLICT (channel, address_lookup) DO UPDATE SET
    reachable = reach.reachable AND EXCLUDED.reachable, opted_out = reach.opted_out OR EXCLUDED.opted_out,
    changed_at = now()
"""
"""ids, attempts, statuses, reasons, the providers' ids, delays. Notes whom the provider will not reach any more."""

RENEW = """
UPDATE outbox SET due_at = now() + $3::interval
FROM unnest($1::bigint[], $2::smallint[]) AS s (id, attempts)
WHERE outbox.id = s.id AND outbox.attempts = s.attempts AND outbox.status = 'sending'
RETURNING outbox.id
"""
"""ids, attempts, lease."""

FOLLOWING = """
SELECT DISTINCT conversation_id FROM outbox
WHERE conversation_id = ANY($1::uuid[]) AND status IN ('waiting', 'sending') AND due_at <= now()
"""
"""conversations. Those with a message that waited for the one just settled, or that its lost sender left as well."""

DOUBTFUL = """
UPDATE outbox SET status = 'in_doubt', reason = 'sender lost', settled_at = now()
WHERE status = 'sending' AND kind = 'nudge' AND due_at <= now()
"""
"""A nudge whose sender was lost in the middle of sending may have gone out, and is not sent twice."""

DUE = """
SELECT DISTINCT o.conversation_id FROM outbox o
WHERE o.status IN ('waiting', 'sending') AND o.due_at <= now() AND o.channel = ANY($1) AND NOT EXISTS (
    SELECT FROM outbox e
    WHERE e.conversation_id = o.conversation_id AND e.id < o.id AND e.status IN ('waiting', 'sending')
)
LIMIT $2
"""
"""channels, limit. Conversations whose oldest message is due."""

DEPTH = "SELECT status, count(*) AS messages FROM outbox WHERE status IN ('waiting', 'sending') GROUP BY status"
