"""The statements of delivery. ``status IN ('created', 'held')`` is what waits to be sent."""

from __future__ import annotations

CLAIM = """
WITH head AS MATERIALIZED (
    SELECT n.person_id FROM nudges n JOIN persons p ON p.id = n.person_id
    WHERE n.status IN ('created', 'held') AND n.mode <> 'test' AND n.due_at <= $1
    ORDER BY n.due_at LIMIT $2
    FOR NO KEY UPDATE OF n, p SKIP LOCKED
)
SELECT
    n.id, n.person_id, COALESCE(p.merged_into, p.id) AS owner, n.conversation_id, n.template, n.version, n.purpose,
    n.urgency, n.language, n.values, n.channels, n.mode, n.expires_at, n.paced, n.tried, n.attempts, n.status,
    n.reason, (SELECT c.status FROM campaigns c WHERE c.id = n.campaign_id) AS campaign
FROM (SELECT DISTINCT person_id FROM head) AS whose
JOIN persons p ON p.id = whose.person_id
CROSS JOIN LATERAL (
    SELECT * FROM nudges n
    WHERE n.person_id = whose.person_id AND n.status IN ('created', 'held') AND n.mode <> 'test' AND n.due_at <= $1
    ORDER BY n.due_at LIMIT 20
    FOR NO KEY UPDATE SKIP LOCKED
) AS n
ORDER BY n.due_at, n.created_at, n.id
"""
"""now, how many. With the persons locked, so that two processes never decide about one of them at a time; and with
the same persons' other nudges that are due, which may go out in one message.
"""

TRIALS = """
SELECT id, ends_as FROM nudges
WHERE status IN ('created', 'held') AND due_at <= $1 AND mode = 'test' ORDER BY due_at LIMIT $2
FOR NO KEY UPDATE SKIP LOCKED
"""
"""now, how many. What test keys have made: nobody's, and it never reaches a provider."""

SPEAK = """
WITH m AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::bytea[]) AS m (id, person_id, body, beside)
), said AS (
    INSERT INTO transcript (conversation_id, person_id, kind, body)
    SELECT m.id, m.person_id, 'nudge', m.body FROM m
    RETURNING id, conversation_id
), beside AS (
    UPDATE conversations c SET beside = m.beside FROM m WHERE c.id = m.id
)
INSERT INTO outbox (id, conversation_id, channel, kind, status, attempts, due_at)
SELECT said.id, c.id, c.channel, 'nudge', 'sending', 1, now() + $5::interval
FROM said JOIN conversations c ON c.id = said.conversation_id
RETURNING id, conversation_id
"""
"""conversations, persons, bodies, what was written first since the last turn, the lease of the sending."""

CHANGE = """
WITH c AS (
    SELECT * FROM unnest(
        $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::uuid[], $8::bigint[], $9::text[],
        $10::text[], $11::timestamptz[], $12::boolean[], $13::boolean[], $14::boolean[], $15::text[]
    ) AS c (
        id, status, reason, due_at, channel, sent_to, outbox_id, provider_id,
        tried, watch_at, paced, ended, noted, skipped
    )
), changed AS (
    UPDATE nudges n SET
        status = c.status, reason = c.reason, due_at = COALESCE(c.due_at, n.due_at),
        channel = COALESCE(c.channel, n.channel), sent_to = COALESCE(c.sent_to, n.sent_to),
        outbox_id = COALESCE(c.outbox_id, n.outbox_id), provider_id = COALESCE(c.provider_id, n.provider_id),
        tried = CASE WHEN c.tried IS NULL THEN n.tried ELSE array_append(n.tried, c.tried) END,
        attempts = n.attempts + CASE WHEN c.status = 'sending' THEN 1 ELSE 0 END,
        sent_at = CASE
            WHEN c.status = 'sending' THEN $1
            WHEN c.status IN ('held', 'temporary-failure', 'cancelled', 'expired') THEN NULL
            ELSE n.sent_at
        END,
        watch_at = c.watch_at, paced = c.paced, ended_at = CASE WHEN c.ended THEN $1 END
    FROM c WHERE n.id = c.id
    RETURNING n.id
)
INSERT INTO nudge_events (nudge_id, at, status, reason, channel, until, skipped)
SELECT c.id, $1, c.status, c.reason, c.channel, CASE WHEN c.status = 'held' THEN c.due_at END, c.skipped::jsonb
FROM c JOIN changed ON changed.id = c.id WHERE c.noted
"""
"""now, then by change: id, status, reason, due, channel, conversation, outbox id, provider's id, channel that could not
reach, watch, paced, whether it ended, whether it is noted, channels that were passed over as JSON."""

ENDED = """
SELECT
    n.id, n.template, n.version, n.attempts, n.status AS was, n.reason AS because,
    o.status, o.reason, o.channel, o.provider_id, o.due_at,
    d.state AS receipt
FROM nudges n JOIN outbox o ON o.id = n.outbox_id
LEFT JOIN deliveries d ON d.channel = o.channel AND d.provider_id = o.provider_id
WHERE n.status = 'sending' AND o.status NOT IN ('waiting', 'sending') AND {which}
ORDER BY n.id LIMIT 1000
FOR NO KEY UPDATE OF n SKIP LOCKED
"""
ENDED_OF = ENDED.format(which="n.outbox_id = ANY($1::bigint[])")
"""outbox ids. Sendings that have ended, with the receipt where it was quicker than we are."""
ENDED_ANY = ENDED.format(which="$1::bigint IS NULL")
"""null. All that nobody has taken over."""

REPORTED = """
SELECT id, template, version, attempts, status AS was, reason AS because, channel FROM nudges
WHERE channel = $1 AND provider_id = $2 AND status = 'sent'
FOR NO KEY UPDATE
"""
"""channel, provider's id."""

REFERRED = """
SELECT id, status AS was FROM nudges
WHERE outbox_id = $1 AND (status = 'sending' OR status = 'technical-failure' AND reason = 'in_doubt')
FOR NO KEY UPDATE
"""
"""outbox id. Whose sending got no answer, or none yet."""

UNHEARD = """
SELECT id, template, version, attempts, status AS was, reason AS because, channel FROM nudges
WHERE watch_at <= $1 AND status = 'sent' AND answered_at IS NULL ORDER BY watch_at LIMIT 500
FOR NO KEY UPDATE SKIP LOCKED
"""
"""now. Sent, and neither a receipt nor an answer in time."""

DUE = """
SELECT (
    EXISTS (SELECT FROM nudges WHERE status IN ('created', 'held') AND mode <> 'test' AND due_at <= $1)
    OR EXISTS (SELECT FROM nudges WHERE status IN ('created', 'held') AND mode = 'test' AND due_at <= $1)
) AND NOT EXISTS (
    SELECT FROM pgqueuer WHERE entrypoint = $2 AND status = 'queued' AND execute_after <= now()
) AS due
"""
"""now, the entrypoint. Whether there is something to send, and no job for it."""

LATE = """
SELECT extract(epoch FROM $1 - due_at)::float8 FROM nudges
WHERE status IN ('created', 'held') AND mode <> 'test' ORDER BY due_at LIMIT 1
"""
"""now. For how many seconds the first of those that wait has been due."""

TAKE_TURNS = """
INSERT INTO pace (channel, lane, next_at) VALUES ($1, $2, $3::timestamptz + $4::interval)
ON CONFLICT (channel, lane) DO UPDATE SET next_at = greatest(pace.next_at, $3) + $4::interval
RETURNING next_at - $4::interval AS first
"""
"""channel, lane, now, how long that many take. Gives the first one's moment."""
