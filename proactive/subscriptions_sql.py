"""The statements of subscriptions."""

from __future__ import annotations

HERE = "SELECT id, person_id, channel FROM conversations WHERE id = $1 AND detached_at IS NULL"
"""conversation."""

COLUMNS = """
s.id, s.person_id, s.conversation_id, s.channel, s.kind, s.purpose, s.language, s.details, s.ahead, s.asked_at,
s.status, s.until, s.done_until, s.next_at, s.created_at
"""

ORDER = """
INSERT INTO subscriptions (
    id, person_id, conversation_id, channel, kind, purpose, language, details, ahead, asked_at, done_until, next_at,
    created_at
)
SELECT $1, p.id, $3, $4, $5, $6, $7, $8, $10, $11, $9, $9, $9 FROM persons p WHERE p.id = $2
ON CONFLICT (id) DO NOTHING
"""
"""id, person, conversation, channel, kind, purpose, language, details, now, what its feed told and when. Once for each
id."""

ONE = f"SELECT {COLUMNS} FROM subscriptions s WHERE s.id = $1"  # noqa: S608  names of ours
"""subscription."""

LIST = f"""
SELECT {COLUMNS} FROM subscriptions s
JOIN persons p ON p.id = s.person_id
JOIN conversations c ON c.id = $1 AND c.person_id = COALESCE(p.merged_into, p.id) AND c.channel = s.channel
WHERE s.status <> 'ended' ORDER BY s.created_at, s.id
"""  # noqa: S608
"""conversation. Those of its person on its channel."""

_CHANGE = """
UPDATE subscriptions s SET {change}
FROM persons p, conversations c
WHERE s.id = $2 AND s.status <> 'ended' AND p.id = s.person_id
    AND c.id = $1 AND c.person_id = COALESCE(p.merged_into, p.id)
RETURNING s.id
"""
PAUSE = _CHANGE.format(change="status = 'paused', until = $3, next_at = $4")
"""conversation, subscription, until when (a day and its first moment; none for as long as nobody resumes it)."""
RESUME = _CHANGE.format(
    change="status = 'active', until = NULL, next_at = $3, "
    "done_until = CASE WHEN s.status = 'paused' THEN $3 ELSE s.done_until END"
)
"""conversation, subscription, now. What was to come in between is not made up for."""
END = _CHANGE.format(change="status = 'ended', until = NULL, ended_at = $3")
"""conversation, subscription, now."""

DUE = f"""
SELECT {COLUMNS}, COALESCE(p.merged_into, p.id) AS owner, COALESCE(c.language, s.language) AS spoken,
    c.id IS NULL OR c.detached_at IS NOT NULL AS gone
FROM subscriptions s JOIN persons p ON p.id = s.person_id LEFT JOIN conversations c ON c.id = s.conversation_id
WHERE s.status IN ('active', 'paused') AND s.next_at <= $1 ORDER BY s.next_at LIMIT $2
"""  # noqa: S608
"""now, how many."""

DONE = """
UPDATE subscriptions SET
    status = 'active', until = NULL, done_until = $3, next_at = $4,
    ahead = COALESCE($5, ahead), asked_at = COALESCE($6, asked_at)
WHERE id = $1 AND next_at = $2 AND status <> 'ended'
"""
"""subscription, when it was to be looked at, until when it is done, when next, what its feed told and when."""

OVER = "UPDATE subscriptions SET status = 'ended', until = NULL, ended_at = $2 WHERE id = $1 AND status <> 'ended'"
"""subscription, now."""
