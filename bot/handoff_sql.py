"""The statements of handoff. All that belongs together locks the conversation's row first, as a turn's commit does.

Who owns a conversation stands in its row. A change of owner raises the fence: a turn that was being held writes
nothing, and its message is taken up anew under the new owner.
"""

from __future__ import annotations

CHANNEL = "neuvo_console"
"""Where staff hear of a conversation; the payload is its id alone."""

NOTIFY = "SELECT pg_notify('neuvo_console', $1::uuid::text)"
"""conversation."""

REQUEST = """
INSERT INTO handoffs (id, conversation_id, person_id, channel, language, reason, status, skill)
SELECT $1, id, person_id, channel, $3, $4, $5, $6 FROM conversations WHERE id = $2
ON CONFLICT DO NOTHING
"""
"""id, conversation, language, reason, status, skill. Once for each id, and one open for each conversation."""

FIRST = "array_position(ARRAY['crisis', 'checkin'], reason)"
"""The order of reasons in the queue: these, then all others by when they came."""

RAISE = f"""
UPDATE handoffs SET
    reason = $2, skill = COALESCE($4, skill),
    status = CASE WHEN status = 'callback' THEN $3 ELSE status END, requested_at = now()
WHERE conversation_id = $1 AND status IN ('waiting', 'callback')
    AND COALESCE(array_position(ARRAY['crisis', 'checkin'], $2::text), 9) < COALESCE({FIRST}, 9)
"""  # noqa: S608  names of ours
"""conversation, reason, status, skill. Who waits for something less urgent waits for this from now on."""

PLACE = f"""
SELECT status, place FROM (
    SELECT
        conversation_id, status,
        row_number() OVER (PARTITION BY status ORDER BY {FIRST}, requested_at, id) AS place
    FROM handoffs WHERE status <> 'closed'
) AS queue WHERE conversation_id = $1
"""  # noqa: S608
"""conversation. Its open handoff's status and place among those of the same status, from 1."""

TAKE = """
WITH c AS (
    UPDATE conversations SET
        owner = $2,
        fence = fence + 1, attempts = greatest(attempts - 1, 0), lease_until = NULL
    WHERE id = $1 AND owner IS NULL
    RETURNING id, person_id, language
)
UPDATE handoffs SET status = 'owned', agent = $2, agent_name = $3, claimed_at = now()
FROM c WHERE conversation_id = c.id AND status IN ('waiting', 'callback')
RETURNING c.person_id, COALESCE(c.language, handoffs.language) AS language
"""
"""conversation, agent, name. No row when somebody else was quicker; then nothing may be kept of it."""

OWNED = "SELECT person_id, language FROM conversations WHERE id = $1 AND owner = $2 FOR UPDATE"
"""conversation, agent."""

CLOSE = """
WITH c AS (
    UPDATE conversations SET
        owner = NULL,
        fence = fence + 1, attempts = greatest(attempts - 1, 0), lease_until = NULL
    WHERE id = $1 AND owner = $2
    RETURNING id, person_id, language
)
UPDATE handoffs SET status = 'closed', closed_at = now(), close_reason = $3
FROM c WHERE conversation_id = c.id AND status = 'owned'
RETURNING c.person_id, COALESCE(c.language, handoffs.language) AS language, agent_name
"""
"""conversation, agent, reason."""

TRANSFER = """
WITH c AS (
    UPDATE conversations SET
        owner = NULL,
        fence = fence + 1, attempts = greatest(attempts - 1, 0), lease_until = NULL
    WHERE id = $1 AND owner = $2
    RETURNING id, person_id, language
)
UPDATE handoffs SET
    status = 'waiting', agent = NULL, agent_name = NULL, claimed_at = NULL,
    language = COALESCE($3, handoffs.language), skill = COALESCE($4, skill)
FROM c WHERE conversation_id = c.id AND status = 'owned'
RETURNING c.person_id, COALESCE(c.language, handoffs.language) AS language
"""
"""conversation, agent, the language and the skill whose queue it goes to, none for its own. It keeps its time."""

HAND_OVER = """
WITH c AS (
    UPDATE conversations SET
        owner = $3,
        fence = fence + 1, attempts = greatest(attempts - 1, 0), lease_until = NULL
    WHERE id = $1 AND owner = $2
    RETURNING id, person_id, language
)
UPDATE handoffs SET agent = $3, agent_name = $4, claimed_at = now()
FROM c WHERE conversation_id = c.id AND status = 'owned'
RETURNING c.person_id, COALESCE(c.language, handoffs.language) AS language
"""
"""conversation, agent, who owns it from now on, and their name."""

LAST_SAID = """
SELECT person_id, body FROM transcript WHERE conversation_id = $1 AND kind = 'message' ORDER BY id DESC LIMIT 5
"""
"""conversation."""

PERSON = """
SELECT person_id FROM conversations c WHERE id = $1 AND EXISTS (SELECT FROM handoffs WHERE conversation_id = c.id)
"""
"""conversation. No row where no person was ever asked for."""

NOTE = "INSERT INTO handoff_notes (conversation_id, person_id, author, body) VALUES ($1, $2, $3, $4)"
"""conversation, person, the name of who writes, body."""

SPEAK = """
WITH said AS (
    INSERT INTO transcript (conversation_id, person_id, kind, body, author, key)
    SELECT id, person_id, $2, $3, $4, $5 FROM conversations WHERE id = $1
    ON CONFLICT (key) WHERE key IS NOT NULL DO NOTHING
    RETURNING id, kind
)
INSERT INTO outbox (id, conversation_id, channel, kind, status, due_at)
SELECT said.id, c.id, c.channel, said.kind, 'waiting', now() FROM said, conversations c WHERE c.id = $1
"""
"""conversation, kind, body, author, key. Behind what is in the outbox already; a key is said once."""

IMPATIENT = """
SELECT conversation_id FROM handoffs WHERE status = 'waiting' AND requested_at < now() - $1::interval
ORDER BY requested_at LIMIT 50
"""
"""how long a citizen waits."""

CALL_BACK = """
WITH c AS (SELECT id, person_id, language FROM conversations WHERE id = $1 FOR UPDATE)
UPDATE handoffs SET status = 'callback' FROM c
WHERE conversation_id = c.id AND status = 'waiting' AND requested_at < now() - $2::interval
RETURNING c.person_id, COALESCE(c.language, handoffs.language) AS language
"""
"""conversation, how long a citizen waits."""

_SILENT = """
EXISTS (
    SELECT FROM transcript t
    WHERE t.conversation_id = handoffs.conversation_id AND t.kind = 'message' AND t.created_at < now() - {0}::interval
    AND NOT EXISTS (
        SELECT FROM transcript a
        WHERE a.conversation_id = handoffs.conversation_id AND a.kind = 'agent' AND a.id > t.id
    )
) AND status = 'owned' AND claimed_at < now() - {0}::interval
"""

_FORSAKEN = "SELECT conversation_id FROM handoffs WHERE {0} LIMIT 50"
FORSAKEN = _FORSAKEN.format(_SILENT.format("$1"))
"""how long a citizen waits for an answer."""

_TAKE_BACK = """
WITH kept AS (SELECT id FROM conversations WHERE id = $1 FOR UPDATE),
h AS (
    UPDATE handoffs SET status = 'callback', agent = NULL, agent_name = NULL, claimed_at = NULL
    FROM kept WHERE conversation_id = kept.id AND {0}
    RETURNING conversation_id, handoffs.language
)
UPDATE conversations SET
    owner = NULL,
    fence = fence + 1, attempts = greatest(attempts - 1, 0), lease_until = NULL
FROM h WHERE id = h.conversation_id
RETURNING person_id, COALESCE(conversations.language, h.language) AS language
"""
TAKE_BACK = _TAKE_BACK.format(_SILENT.format("$2"))
"""conversation, how long a citizen waits for an answer. The bot answers again, and a call back is owed."""
