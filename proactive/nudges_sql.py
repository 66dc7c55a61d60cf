"""The statements of the store of nudges."""

from __future__ import annotations

from proactive.tables import PENDING

# Their erasure waits for us, or is done: nothing is left behind that nobody would erase.
KEEP = "SELECT id FROM persons WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE"
"""persons."""

INSERT = """
WITH made AS (
    INSERT INTO nudges (
        id, person_id, conversation_id, template, version, purpose, urgency, language, "values", channels, mode,
        ends_as, key_id, campaign_id, dedupe, scheduled_at, due_at, expires_at, silent_at
    )
    SELECT id, person_id, conversation_id, template, version, purpose, urgency, language, "values",
        string_to_array(channels, ' '), mode, ends_as, key_id, campaign_id, dedupe, due_at, due_at, expires_at,
        silent_at
    FROM unnest(
        $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::bytea[],
        $10::text[], $11::text[], $12::text[], $13::uuid[], $14::uuid[], $15::bytea[], $16::timestamptz[],
        $17::timestamptz[], $18::timestamptz[]
    ) AS row (
        id, person_id, conversation_id, template, version, purpose, urgency, language, "values", channels, mode,
        ends_as, key_id, campaign_id, dedupe, due_at, expires_at, silent_at
    )
    ON CONFLICT (dedupe) DO NOTHING RETURNING id
), noted AS (
    INSERT INTO nudge_events (nudge_id, status) SELECT id, 'created' FROM made
)
SELECT id FROM made
"""
"""The columns, each as an array; ``channels`` are names with spaces between. Gives the ids of those that are new."""

DUPLICATES = "SELECT dedupe, id, status FROM nudges WHERE dedupe = ANY($1::bytea[])"
"""digests."""

COLUMNS = """
id, template, version, purpose, urgency, language, channels, mode, key_id, campaign_id, scheduled_at, due_at,
expires_at, status, reason, channel, answer, answered_at, created_at, sent_at, ended_at
"""

GET = f"SELECT {COLUMNS} FROM nudges WHERE id = $1"  # noqa: S608  names of ours
"""nudge."""

LIST = f"""
SELECT {COLUMNS} FROM nudges
WHERE key_id = $1 AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR template = $3)
    AND ($4::timestamptz IS NULL OR (created_at, id) < ($4, $5::uuid))
ORDER BY created_at DESC, id DESC LIMIT $6
"""  # noqa: S608
"""key, status, template, the last one's time and id, limit. The newest first."""

CANCEL = f"""
WITH ended AS (
    UPDATE nudges SET status = 'cancelled', reason = 'cancelled', ended_at = now()
    WHERE id = $1 AND ($2::uuid IS NULL OR key_id = $2) AND {PENDING} RETURNING id
)
INSERT INTO nudge_events (nudge_id, status, reason) SELECT id, 'cancelled', 'cancelled' FROM ended RETURNING nudge_id
"""  # noqa: S608
"""nudge, key or none."""

EVENTS = 'SELECT at, status, reason, channel, "until", skipped FROM nudge_events WHERE nudge_id = $1 ORDER BY id'
"""nudge."""
