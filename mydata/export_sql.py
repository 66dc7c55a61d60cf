"""What an export reads, page by page: each statement takes whose, the key of the last row before, and a limit."""

from __future__ import annotations

PERSON = "SELECT id, created_at, to_jsonb(p) ->> 'loa' AS loa FROM persons p WHERE id = $1"
"""person."""

CONVERSATIONS = """
SELECT c.id, c.person_id, c.channel, c.address, c.language, c.state, c.created_at,
    to_jsonb(c) ->> 'level' AS level, r.reachable, r.opted_out
FROM conversations c LEFT JOIN reach r ON r.channel = c.channel AND r.address_lookup = c.address_lookup
WHERE c.person_id = $1 AND c.id > $2::uuid ORDER BY c.id LIMIT $3
"""
"""person."""

MESSAGES = """
SELECT t.id, t.person_id, t.kind, t.body, t.created_at, o.status, d.state AS delivery, d.changed_at AS delivered_at, (
    SELECT h.agent_name FROM handoffs h WHERE h.conversation_id = t.conversation_id AND h.agent = t.author
    ORDER BY h.requested_at DESC LIMIT 1
) AS name
FROM transcript t LEFT JOIN outbox o ON o.id = t.id
LEFT JOIN deliveries d ON d.channel = o.channel AND d.provider_id = o.provider_id
WHERE t.conversation_id = $1 AND t.id > $2::bigint ORDER BY t.id LIMIT $3
"""
"""conversation."""

ARRIVALS = """
SELECT number AS id, person_id, status, message_id, body, accepted_at, ended_at FROM inbox
WHERE conversation_id = $1 AND number > $2::bigint ORDER BY number LIMIT $3
"""
"""conversation."""

PICTURES = """
SELECT id, person_id, content_type, created_at, token IS NOT NULL AS shared FROM attachments
WHERE conversation_id = $1 AND id > $2::uuid ORDER BY id LIMIT $3
"""
"""conversation."""

PICTURE = "SELECT person_id, body FROM attachments WHERE id = $1"
"""picture."""

EFFECTS = """
SELECT id, person_id, effect_id, name, status, reason, arguments, created_at, ended_at FROM effects
WHERE conversation_id = $1 AND id > $2::bigint ORDER BY id LIMIT $3
"""
"""conversation."""

HANDOFFS = """
SELECT id, language, reason, skill, status, agent_name AS name, requested_at, claimed_at, closed_at, close_reason
FROM handoffs WHERE conversation_id = $1 AND id > $2::uuid ORDER BY id LIMIT $3
"""
"""conversation."""

NOTES = """
SELECT id, person_id, author AS name, body, created_at FROM handoff_notes
WHERE conversation_id = $1 AND id > $2::bigint ORDER BY id LIMIT $3
"""
"""conversation."""

_SELVES = "(SELECT id FROM persons WHERE id = $1 OR merged_into = $1)"
NUDGES = f"""
SELECT n.id, n.person_id, n.template, n.purpose, n.channel, n.status, n.reason, n."values", n.scheduled_at, n.sent_at,
    n.ended_at, n.answer, n.answered_at, (
        SELECT json_agg(
            json_strip_nulls(json_build_object('at', e.at, 'status', e.status, 'reason', e.reason)) ORDER BY e.id
        )::text FROM nudge_events e WHERE e.nudge_id = n.id
    ) AS events
FROM nudges n WHERE n.person_id IN {_SELVES} AND n.id > $2::uuid ORDER BY n.id LIMIT $3
"""  # noqa: S608
"""person."""

SUBSCRIPTIONS = f"""
SELECT id, person_id, kind, purpose, channel, language, status, until, details, created_at, ended_at
FROM subscriptions WHERE person_id IN {_SELVES} AND id > $2::uuid ORDER BY id LIMIT $3
"""  # noqa: S608
"""person."""

LOGINS = """
SELECT id, loa, begun_at, expires_at FROM portal_sessions WHERE person_id = $1 AND id > $2::bytea ORDER BY id LIMIT $3
"""
"""person."""

GUARDIANS = """
SELECT guardian_id AS id, child_id = $1 AS as_child, created_at, ends_at FROM guardians
WHERE (child_id = $1 OR guardian_id = $1) AND guardian_id > $2::uuid ORDER BY guardian_id LIMIT $3
"""
"""person."""

ACCESSES = """
SELECT id, actor_kind, purpose, what, at FROM accesses WHERE person_id = $1 AND id > $2::bigint ORDER BY id LIMIT $3
"""
"""person."""

HOLDS = """
SELECT id, reason, placed_at, until, released_at FROM legal_holds
WHERE person_id = $1 AND id > $2::bigint ORDER BY id LIMIT $3
"""
"""person."""
